"""A swarm in virtual time with standing priorities, for tests of what becomes of their instants.

It begins on the first of January 2026 at noon, in UTC, which is a Thursday.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from swarm_core.kernel.clock import Micros, from_micros, to_micros
from swarm_core.people import TERMINAL
from swarm_core.schedule.model import MINUTE, Cron, Every, Instant, StandingPriority
from swarm_core.steps.model import Conclusion, Failure
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, START, LoopClock, MemoryCourier
from tests.worlds import Custom, a_call, answer, concluded, in_virtual_time

HOUR = 60 * MINUTE
DAY = 24 * HOUR


async def carry(assignment: Any, run: Any) -> Conclusion:
    """`work 3600` takes an hour; `pay 50` costs as much; what ends in `fail` fails; `say` gives
    back what came along."""
    words = assignment.text.split()
    if words[0] == "work":
        await asyncio.sleep(int(words[1]))
    if words[0] == "pay":
        cost = int(words[1])

        async def act(_: Any) -> Any:
            return answer("paid", cost)

        outcome = await run.step(a_call(most=cost), act)
        if words[-1] != "fail":
            return concluded(outcome)
    if words[-1] == "fail":
        return Conclusion(state="failed", failure=Failure(code="no_worker", data={}))
    return Conclusion(state="done", text=" ".join(words))


def priority(text: str = "do it", **fields: Any) -> StandingPriority:
    """Every hour, with nothing else said."""
    fields.setdefault("trigger", Every(period=HOUR, start=Micros(0)))
    return StandingPriority(
        **{"name": "chore", "zone": "UTC", "by": "", "place": TERMINAL, "text": text, **fields}
    )


def at(hour: int, minute: int = 0, day: int = 1, month: int = 1) -> Micros:
    return to_micros(datetime(2026, month, day, hour, minute, tzinfo=UTC))


def daily(hour: int, minute: int = 0) -> Cron:
    return Cron(fields=f"{minute} {hour} * * *")


class Days:
    """The swarm, and what became of the instants of `chore`."""

    def __init__(self, swarm: Swarm, courier: MemoryCourier) -> None:
        self.swarm = swarm
        self.courier = courier

    async def add(self, text: str = "do it", **fields: Any) -> StandingPriority:
        return await self.swarm.priorities.add(OWNER, priority(text, **fields))

    async def until(self, then: Micros) -> None:
        """Wait until that time has been lived through."""
        now = self.swarm.store.clock.now()
        await asyncio.sleep((from_micros(then) - now + timedelta(seconds=1)).total_seconds())
        await self.swarm.store.write(lambda tx: None)

    async def instants(self, name: str = "chore") -> list[Instant]:
        """Those that are over, the oldest first."""
        shown = await self.swarm.priorities.show(OWNER, name, last=5_000)
        return list(reversed(shown.instants))

    async def became(self, name: str = "chore") -> list[str]:
        """The state of each, with the reason of those that were skipped."""
        return [each.reason or each.state for each in await self.instants(name)]

    def told(self, kind: str) -> list[Any]:
        return [d for d in self.courier.delivered if d.kind == kind]

    async def sound(self) -> None:
        """The tables are what the journal says."""
        assert (await self.swarm.store.verify()).findings == ()


@asynccontextmanager
async def days(folder: Path, *, price: int = 0, **more: Any) -> AsyncIterator[Days]:
    courier = more.pop("courier", None) or MemoryCourier()
    more.setdefault("limits", {"task_time": "3d", "ask_time": "1d"})
    more.setdefault("clock", LoopClock(START))
    more.setdefault("automation", {"mode": "auto"})
    worker = more.pop("worker", None) or Custom(carry, most=price)
    async with in_virtual_time(folder, worker, **more) as swarm:
        await swarm.outbox.attach(TERMINAL.surface, courier)
        yield Days(swarm, courier)
        await Days(swarm, courier).sound()
