"""A swarm on a Discord, as a process that may be killed: it answers so many questions in one
channel, says `settled` when every answer's fate is known, and ends."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path

from bot.commands.desk import Desk
from bot.discord.service import Surface
from bot.messages import Messages
from swarm_core.build import World, open_swarm
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.actor import Place
from swarm_core.notices.events import NoticesEnded
from swarm_core.people import TERMINAL
from swarm_core.steps.model import Conclusion, Run
from swarm_core.store import Fact, Rows
from swarm_core.tasks.model import Request
from swarm_core.testing import OWNER, settings
from tests.worlds import Custom


async def reply(assignment: Assignment, run: Run) -> Conclusion:
    return Conclusion(state="done", text=f"answer to {assignment.text}.")


async def main(given: argparse.Namespace) -> None:
    chosen = settings(
        given.folder,
        discord={"api_url": given.url},
        tasks={"link_similar": False},
        budget={"ask": None},
    )
    world = World(extra=(Custom(reply).extra,), drain=0.0)
    async with open_swarm(chosen, world) as swarm:
        desk = Desk(swarm=swarm, actor=OWNER, place=TERMINAL, messages=Messages.load())
        surface = asyncio.create_task(Surface(desk, given.token, lambda _: None).serve())
        print("up", flush=True)
        place = Place(surface="discord", space=given.guild, thread=given.channel)
        for n in range(given.count):
            request = Request(text=f"q{n}", kind="ask", place=place, key=f"q{n}")
            receipt = await swarm.intake.submit(OWNER, request)
            swarm.outbox.replied(receipt.task)
        ended = asyncio.Event()

        def woken(_: Fact) -> None:
            ended.set()

        stop = swarm.store.listen((NoticesEnded,), woken)
        while await swarm.store.read(lambda rows: _open(rows, given.count)):
            with suppress(TimeoutError):
                # A restart may have settled the last of them before this was listening.
                async with asyncio.timeout(1.0):
                    await ended.wait()
            ended.clear()
            await swarm.store.write(lambda tx: None)
        stop()
        print("settled", flush=True)
        surface.cancel()
        with suppress(asyncio.CancelledError):
            await surface


def _open(rows: Rows, count: int) -> bool:
    """Whether an answer is not known to have arrived, and not known to be in doubt."""
    (known,) = rows.execute(
        "select count(distinct task) from notices where kind = 'ended'"
        " and state in ('sent', 'uncertain', 'failed')"
    ).fetchone()
    (waiting,) = rows.execute("select count(*) from notices where state = 'pending'").fetchone()
    return bool(known < count or waiting)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.discord_process")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--url", required=True)
    parser.add_argument("--guild", required=True)
    parser.add_argument("--channel", required=True)
    parser.add_argument("--count", type=int, required=True)
    words = parser.parse_args()
    words.token = os.environ["DISCORD_TOKEN"]
    asyncio.run(main(words))
    sys.exit(0)
