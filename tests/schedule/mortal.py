"""A swarm in a process of its own that dies at a named point: `python -m … FOLDER POINT`."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from swarm_core.kernel.crash import arm
from swarm_core.testing import START, FakeClock, ScriptedModel, swarm

DUE = START + timedelta(hours=1, seconds=5)


async def main(folder: Path) -> None:
    async with swarm(folder, ScriptedModel(), clock=FakeClock(DUE), automation={"mode": "auto"}):
        await asyncio.Event().wait()


if __name__ == "__main__":
    arm(sys.argv[2])
    asyncio.run(main(Path(sys.argv[1])))
