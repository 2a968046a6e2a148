"""A check that is done every night, by hand: it fails when a test says so, and each time says how
it ended, as whoever runs things again and again does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.render.terminal import render
from bot.surface import LocalDoor
from swarm_core.incidents import Cause, Failed
from swarm_core.kernel.ids import TaskId
from swarm_core.notices.model import Delivery
from swarm_core.steps.model import Answer, Conclusion, Failure, Grant, Outcome
from swarm_core.store import Fact, Tx
from swarm_core.swarm import Swarm
from swarm_core.tasks.asked import asked as how_asked
from swarm_core.tasks.events import TaskEnded
from swarm_core.tasks.model import TaskState
from swarm_core.testing import MemoryCourier
from tests.notices.nights import CHAT, Night
from tests.worlds import Custom, a_call, answer, in_virtual_time

SUBJECT = "priority/nightly"
REFUSED = Failure(
    code="unreachable", data={"host": "db.example", "problem": "refused", "exit_code": 7}
)
TIMEOUT = Failure(code="no_such_host", data={"host": "db.example"})


class Check:
    """What a check comes to: as long as it is `broken` by something, a failure with a log."""

    def __init__(self) -> None:
        self.broken: Failure | None = None
        self.worker = Custom(self._carry, "check")

    async def _carry(self, assignment: Any, run: Any) -> Conclusion:
        async def act(_: Grant) -> Answer:
            lines = [f"line {n}" for n in range(1, 31)]
            return answer("\n".join((*lines, "```", "@everyone see #1")), 0)

        broken = self.broken

        def last(outcome: Outcome) -> Conclusion:
            if broken:
                return Conclusion(state="failed", failure=broken)
            return Conclusion(state="done", text="all is well")

        call = a_call(effect="pure", most=0, name="check")
        return last(await run.step(call, act, last=last))


def telling(swarm: Swarm) -> None:
    """Whatever ends is one more time of the check; what a person cancels says nothing."""
    book = swarm.watch.incidents.book

    def ended(tx: Tx, fact: Fact) -> None:
        e = fact.event
        assert isinstance(e, TaskEnded)
        assert fact.task is not None
        if e.outcome is TaskState.DONE:
            book.recovered(tx, SUBJECT, fact)
        elif e.outcome is TaskState.FAILED:
            asked = how_asked(tx, fact.task)
            assert asked is not None
            cause = Cause(code=str(e.failure), data=e.failure_data)
            failed = Failed(
                subject=SUBJECT, cause=cause, place=asked.place, owner=asked.person, task=fact.task
            )
            book.failed(tx, failed, fact)

    swarm.store.react(TaskEnded, ended)


class Nights(Night):
    """A swarm with the check, and what was told of it."""

    def __init__(self, swarm: Swarm, courier: MemoryCourier, check: Check) -> None:
        super().__init__(swarm, courier)
        self.check = check

    async def checks(self, desk: Any, broken: Failure | None = None) -> TaskId:
        """Check once, which ends at once."""
        self.check.broken = broken
        task = await self.asks(desk, "check")
        await self.courier.ended(task)
        await self.swarm.store.write(lambda tx: None)
        return task

    async def words(self, desk: Any, delivery: Delivery) -> str:
        """What a notice says, for who is at the desk."""
        door = LocalDoor(self.swarm, desk.actor, desk.place, desk.messages)
        return render((await door.outcome(delivery)), width=200, styled=False)

    @property
    def told(self) -> list[str]:
        """The kinds of notices about incidents that people were given, in order."""
        kinds = ("incident", "incident_reminder", "escalated", "recovered")
        return [each.kind for each in self.courier.delivered if each.kind in kinds]


@asynccontextmanager
async def nightly(folder: Path, **more: Any) -> AsyncIterator[Nights]:
    """It begins on the first of January 2026 at noon, in UTC."""
    check, courier = Check(), more.pop("courier", None) or MemoryCourier()
    async with in_virtual_time(folder, check.worker, **more) as swarm:
        telling(swarm)
        await swarm.outbox.attach(CHAT, courier)
        await swarm.outbox.attach("terminal", courier)
        yield Nights(swarm, courier, check)
