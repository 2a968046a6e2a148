"""A swarm in a process of its own that hears one voice note and is killed on its way there.

`python -m tests.hearing.life FOLDER URL POINT` ends by SIGKILL at the crash point.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from swarm_core.build import World, open_swarm
from swarm_core.kernel.crash import arm
from swarm_core.testing import settings
from tests.hearing.worlds import Said, sections
from tests.worlds import Noon


async def main(folder: Path, url: str, point: str) -> None:
    arm(point)
    async with open_swarm(settings(folder, **sections(url)), World(clock=Noon())) as swarm:
        await Said("killed on the way").heard(swarm)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
