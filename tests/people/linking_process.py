"""Links two accounts in a process that dies at a named point: `linking_process FOLDER POINT`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from swarm_core.kernel.crash import arm
from tests.people.several import at, code_for, member
from tests.people.test_company import company, say


async def main(folder: Path, point: str) -> None:
    async with company(folder) as here:
        await member(here, "telegram/70")
        code = await code_for(await member(here, "discord/7"))
        anna = await at(here, "telegram/70")
        arm(point)
        await say(anna, f"/link {code.code}")
        print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
