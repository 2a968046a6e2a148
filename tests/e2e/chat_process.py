"""A swarm on Telegram, on Discord, or on both, in a process of its own, told what to do by lines on
stdin, to be killed.

`notices N D` (N answers to questions of Ben's, told him directly, and so many of his wishes for
more money that D decisions are told), `known` (what people are known to have said), `stand` (how
each task stands, and what was decided on its price), `arm NAME:N` (die at the N-th passing of that
point), `settle`. On stdout: `up SURFACE` for each, `known JSON`, `stand JSON`, `armed NAME:N`,
`settled` when nothing is left that could run or be told.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from bot.commands.desk import Desk
from bot.discord.service import Surface as OnDiscord
from bot.discord.signons import Pace as DiscordPace
from bot.messages import Messages
from bot.reply import Notice
from bot.sections.telegram import Keys
from bot.telegram import polling
from bot.telegram.lanes import Limits
from bot.telegram.service import Pace, Surface
from swarm_core.build import World, open_swarm
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.clock import SystemClock
from swarm_core.kernel.crash import arm
from swarm_core.kernel.money import MicroUSD
from swarm_core.notices.events import NoticeQueued, NoticesEnded
from swarm_core.people import TERMINAL
from swarm_core.routing.model import Offer, Wanted
from swarm_core.steps.model import Answer, Conclusion, Run
from swarm_core.store import Fact, Rows, bodies
from swarm_core.swarm import Swarm
from swarm_core.tasks.events import TaskAccepted, TaskEnded, TaskParked, TaskRetried
from swarm_core.tasks.model import Request
from swarm_core.testing import OWNER, ScriptedModel, settings
from tests.fakes.discord.settings import TOKEN as DISCORD_TOKEN
from tests.fakes.telegram.settings import TOKEN
from tests.worlds import Custom

DEAR, SLOW = "dear", "slow"
"""What a question begins with that is asked back for its price; that takes a while."""
_PRICE = MicroUSD(420_000)
_WHILE = 0.4
_DOLLAR = 1_000_000
FACTS = (TaskAccepted, TaskEnded, TaskParked, TaskRetried, NoticeQueued, NoticesEnded)
EAGER = Limits(a_second=10_000, burst=10_000, a_minute=10_000)
ON_TELEGRAM = Pace(
    polling=polling.Pace(again=0.01, first=0.01, longest=0.1),
    limits=EAGER,
    first=0.05,
    longest=0.5,
    album=0.05,
    list=0.05,
)
ON_DISCORD = DiscordPace(apart=0.0, calm=(0.0, 0.0), again=0.0, guilds=0.05, at_once=30.0)
"""Nothing that is timed by these is tried here."""


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


class Cheap(Custom):
    """Takes what is not dear."""

    def offers(self, wanted: Wanted) -> tuple[Offer, ...]:
        return () if wanted.text.startswith(DEAR) else super().offers(wanted)


async def answer(assignment: Assignment, run: Run) -> Conclusion:
    if assignment.text.startswith(SLOW):
        await asyncio.sleep(_WHILE)
    return Conclusion(state="done", text=f"answer to {assignment.text}.")


def dear(bought: Path) -> ScriptedModel:
    """Each time that it does something is a line in the file."""
    file = os.open(bought, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def buy(assignment: Assignment, n: int) -> Answer:
        os.write(file, f"{assignment.text}\n".encode())
        return Answer(text=f"answer to {assignment.text}.", cost=MicroUSD(40))

    return ScriptedModel("shop", words=(DEAR,), hold=_PRICE, play=buy)


class Process:
    """Does what the lines say."""

    def __init__(self, swarm: Swarm, given: argparse.Namespace) -> None:
        self._swarm, self._given = swarm, given
        self._changed = asyncio.Event()
        self._doing: asyncio.Task[None] | None = None
        swarm.store.listen(FACTS, self._on_fact)

    def _on_fact(self, _: Fact) -> None:
        self._changed.set()

    async def obey(self, lines: asyncio.StreamReader) -> None:
        """Until the lines end."""
        async for line in lines:
            match line.decode().split():
                case ["notices", count, decisions]:
                    self._doing = asyncio.create_task(self._notices(int(count), int(decisions)))
                case ["known"]:
                    say(f"known {json.dumps(await self._swarm.store.read(_known))}")
                case ["stand"]:
                    say(f"stand {json.dumps(await self._swarm.store.read(_stand))}")
                case ["arm", where]:
                    arm(where)
                    say(f"armed {where}")
                case ["settle"]:
                    await self._settle()

    async def _notices(self, count: int, decisions: int) -> None:
        swarm, ben = self._swarm, str(self._given.ben)
        place = Place(surface="telegram", space="dm", thread=ben)
        # An admin may ask for everybody's money, and decide on little of it alone.
        asker = Actor(surface="telegram", space="dm", person=ben, roles=frozenset({"admin"}))
        for n in range(count):
            request = Request(text=f"q{n}", kind="ask", place=place, key=f"q{n}")
            receipt = await swarm.intake.submit(OWNER, request)
            swarm.outbox.replied(receipt.task)
            if n * decisions // count != (n + 1) * decisions // count:
                await self._wish(asker, place, MicroUSD((n + 2) * _DOLLAR))

    async def _wish(self, asker: Actor, place: Place, amount: MicroUSD) -> None:
        """Ben asks for more money and does not get it: both are told as decisions."""
        swarm = self._swarm
        wished = [one for one in await swarm.store.read(_wishes) if one[1] == amount]
        if not wished:
            raised = await swarm.money.raise_cap(asker, "day", amount, place)
            number, state = str(raised.approval.id), "open"
        else:
            (number, _, state), *_ = wished
        if state == "open":
            await swarm.deciding.decide(OWNER, number, "denied")

    async def _settle(self) -> None:
        if self._doing:
            await self._doing
        while not await self._swarm.store.read(_nothing_to_do):
            self._changed.clear()
            try:
                async with asyncio.timeout(1.0):
                    await self._changed.wait()
            except TimeoutError:
                # The last of them may have come before the event was cleared.
                await self._swarm.store.write(lambda tx: None)
        say("settled")


def _known(rows: Rows) -> list[str]:
    """The words of every task, and those that were said to one."""
    found = rows.execute(
        "select text_body from tasks union all select text_body from task_told"
    ).fetchall()
    return [bodies.read_body(rows.execute, text) or "" for (text,) in found]


def _stand(rows: Rows) -> list[tuple[str, str, str, str]]:
    """Of each task its words, its state, what it waits for, and what was decided on its price."""
    found = rows.execute(
        "select text_body, state, coalesce(waiting, ''), coalesce((select group_concat(a.state)"
        " from approvals a where a.task = tasks.id and a.kind = 'price'), '') from tasks"
    ).fetchall()
    return [
        (bodies.read_body(rows.execute, text) or "", *map(str, stands)) for text, *stands in found
    ]


def _wishes(rows: Rows) -> list[tuple[str, int, str]]:
    found = rows.execute("select id, cost, state from approvals where kind = 'raise'")
    return [(str(number), int(cost), str(state)) for number, cost, state in found.fetchall()]


def _nothing_to_do(rows: Rows) -> bool:
    """In quiet hours what may not have arrived is told in the morning, all together."""
    found = rows.execute(
        "select 1 from tasks where state in ('queued', 'ready', 'running')"
        " union all select 1 from notices where state = 'pending' and surface <> 'terminal'"
        " and kind <> 'undelivered' limit 1"
    )
    return found.fetchone() is None


class _Serving(Protocol):
    async def serve(self) -> None: ...


def _surfaces(swarm: Swarm, given: argparse.Namespace) -> Mapping[str, _Serving]:
    desk = Desk(swarm=swarm, actor=OWNER, place=TERMINAL, messages=Messages.load())

    def telling(surface: str) -> Any:
        def tell(notice: Notice) -> None:
            if notice.level == "info":
                say(f"up {surface}")
            logging.warning("told: %s", notice.text)

        return tell

    made: dict[str, _Serving] = {}
    if given.telegram:
        keys = Keys(token=TOKEN, secret=given.secret)
        made["telegram"] = Surface(desk, keys, telling("telegram"), ON_TELEGRAM)
    if given.discord:
        made["discord"] = OnDiscord(desk, DISCORD_TOKEN, telling("discord"), ON_DISCORD)
    return made


def _sections(given: argparse.Namespace) -> dict[str, Any]:
    telegram: dict[str, Any] = {"base_url": given.telegram or None, "welcome": False}
    if given.hook:
        telegram["webhook_url"] = f"http://127.0.0.1:{given.hook}/in"
        telegram["webhook_port"] = given.hook
    owner = {"telegram": str(given.ana)}
    sections = {
        "telegram": telegram,
        "owner": owner,
        "chat": {"undo": "0s"},
        "tasks": {"link_similar": False},
        "people": {"requests": None, "at_once": None, "confirm_above": "$0.10"},
        "budget": {"ask": None, "task": None, "day": "$100000", "month": None, "person_day": None},
    }
    if given.discord:
        url = f"{given.discord}/api/v10"
        sections["discord"] = {"api_url": url, "welcome": False}
        owner["discord"] = given.ana_there
    return sections


async def live(given: argparse.Namespace) -> None:
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    cheap, bought = Cheap(answer), dear(given.folder / "bought")
    # What is said on the fakes has the machine's time.
    world = World(extra=(cheap.extra, bought.extra), drain=0.0, clock=SystemClock())
    async with open_swarm(settings(given.folder, **_sections(given)), world) as swarm:
        surfaces = _surfaces(swarm, given).values()
        serving = [asyncio.create_task(each.serve()) for each in surfaces]
        await Process(swarm, given).obey(lines)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


def warm() -> None:
    """Import what is imported late."""
    import anyio._backends._asyncio
    import truststore

    _ = anyio, truststore


def main(args: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.chat_process", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--telegram", default="", help="its address")
    parser.add_argument("--discord", default="", help="its address")
    parser.add_argument("--ana", type=int, default=0, help="the owner's account on Telegram")
    parser.add_argument("--ana-there", default="", help="and on Discord")
    parser.add_argument("--ben", type=int, default=0, help="somebody else's on Telegram")
    parser.add_argument("--hook", type=int, default=0, help="where updates are brought to")
    parser.add_argument("--secret", default="")
    parser.add_argument("--crash", default="", help="the point at which it dies: NAME:N")
    given = parser.parse_args(args)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    if given.crash:
        arm(given.crash)
    asyncio.run(live(given))
    return 0


if __name__ == "__main__":
    sys.exit(main())
