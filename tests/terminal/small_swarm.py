"""`python -m tests.terminal.small_swarm <folder>`: a chat with a swarm of one scripted worker.

`wait <seconds>` takes that long, everything else no time.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bot.reply import Reply, Text
from bot.terminal import chat
from swarm_core import MicroUSD, World, open_swarm
from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Answer
from swarm_core.testing import ScriptedModel, settings
from tests.terminal.doors import SwarmDoor


async def play(assignment: Assignment, n: int) -> Answer:
    words = assignment.text.split()
    await asyncio.sleep(float(words[1]) if words[0] == "wait" else 0)
    return Answer(text=f"done with: {assignment.text}", cost=MicroUSD(40))


async def main(folder: Path) -> None:
    model = ScriptedModel(play=play)
    async with open_swarm(settings(folder), World(extra=(model.extra,), drain=0.0)) as opened:
        await chat(
            SwarmDoor(opened),
            history=folder / "history",
            styled=sys.stdout.isatty(),
            greeting=Reply((Text("Ready."),)),
        )


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
