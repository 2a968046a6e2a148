"""`python -m tests.terminal.small_swarm <folder>`: a chat with a swarm of one scripted worker.

`wait <name>` takes until a file of that name is in the folder, and leaves `<name>.seen` there;
`make <name>` makes one. Everything else takes no time.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path

from bot.reply import Reply, Text
from bot.terminal import chat
from swarm_core import MicroUSD, World, open_swarm
from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Answer
from swarm_core.testing import ScriptedModel, settings
from tests.terminal.doors import SwarmDoor


async def play(folder: Path, assignment: Assignment, n: int) -> Answer:
    match assignment.text.split():
        case ["wait", name]:
            while not (folder / name).exists():  # noqa: ASYNC110 another process makes it
                await asyncio.sleep(0.02)
            (folder / f"{name}.seen").touch()
        case ["make", name]:
            (folder / name).touch()
    return Answer(text=f"done with: {assignment.text}", cost=MicroUSD(40))


async def main(folder: Path) -> None:
    model = ScriptedModel(play=partial(play, folder))
    async with open_swarm(settings(folder), World(extra=(model.extra,), drain=0.0)) as opened:
        await chat(
            SwarmDoor(opened),
            history=folder / "history",
            styled=sys.stdout.isatty(),
            greeting=Reply((Text("Ready."),)),
        )


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
