"""People on a platform, in virtual time, with a courier for their surface: for tests of where and
when they are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.commands.desk import Desk
from bot.commands.line import parse_line
from bot.messages import Messages
from bot.render.terminal import render
from bot.running import run
from swarm_core.kernel.actor import OPERATOR, Place
from swarm_core.kernel.ids import TaskId
from swarm_core.notices.model import Delivery
from swarm_core.people import TERMINAL, Account
from swarm_core.steps.model import Conclusion, Failure
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import Request
from swarm_core.testing import OWNER, LoopClock, MemoryCourier
from tests.worlds import Custom, in_virtual_time

CHAT = "chat"
HERE = Place(surface=CHAT, space="10", thread="7")
HOUR = 3_600


async def _carry(assignment: Any, run: Any) -> Conclusion:
    """`work 3600` takes an hour; what ends in `fail` fails."""
    words = assignment.text.split()
    if words[0] == "work":
        await asyncio.sleep(int(words[1]))
    if words[-1] == "fail":
        return Conclusion(state="failed", failure=Failure(code="no_worker", data={}))
    return Conclusion(state="done", text="did it")


class Night:
    """A swarm, the courier of a chat, and desks of people there. Ana is the account 7."""

    def __init__(self, swarm: Swarm, courier: MemoryCourier) -> None:
        self.swarm = swarm
        self.courier = courier
        self.owner = self._desk(OWNER, TERMINAL)

    def _desk(self, actor: Any, place: Place) -> Desk:
        return Desk(swarm=self.swarm, actor=actor, place=place, messages=Messages.load(strict=True))

    async def at(self, account: str, space: str = "10", surface: str = CHAT) -> Desk:
        given = Account(surface=surface, space=space, id=account, name=f"name-{account}")
        actor = await self.swarm.members.resolve(given)
        return self._desk(actor, Place(surface=surface, space=space, thread="7"))

    async def operator(self, account: str = "7", role: str = OPERATOR) -> Desk:
        await self.at(account)
        await said(self.owner, f"/people role {CHAT}/{account} {role}")
        return await self.at(account)

    async def asks(self, desk: Desk, text: str, kind: Any = "task") -> TaskId:
        receipt = await self.swarm.intake.submit(
            desk.actor, Request(text=text, kind=kind, place=desk.place)
        )
        self.swarm.outbox.replied(receipt.task)
        return receipt.task

    def got(self, kind: str = "ended") -> list[tuple[TaskId, Place]]:
        return [(d.task, d.place) for d in self.delivered(kind)]

    def delivered(self, kind: str = "ended") -> list[Delivery]:
        return [d for d in self.courier.delivered if d.kind == kind]

    async def until(self, *, day: int = 1, hour: int, minute: int = 0) -> None:
        """Wait until that time of January 2026, in UTC."""
        then = datetime(2026, 1, day, hour, minute, tzinfo=UTC)
        await asyncio.sleep((then - self.swarm.store.clock.now()).total_seconds())
        await self.swarm.store.write(lambda tx: None)  # what rides along is written, too


async def said(desk: Desk, line: str) -> str:
    parsed = parse_line(line)
    answer = await run(desk, parsed.command.name, parsed.given)
    return render(answer.reply, width=200, styled=False)


@asynccontextmanager
async def night(folder: Path, **more: Any) -> AsyncIterator[Night]:
    """It begins on the first of January 2026 at noon, in UTC."""
    courier = more.pop("courier", None) or MemoryCourier()
    limits = {"task_time": "3d", "ask_time": "1d"}
    more.setdefault("clock", LoopClock())
    worker = Custom(_carry, most=more.pop("price", 0))
    async with in_virtual_time(folder, worker, limits=limits, **more) as swarm:
        await swarm.outbox.attach(CHAT, courier)
        await swarm.outbox.attach(TERMINAL.surface, courier)
        yield Night(swarm, courier)
