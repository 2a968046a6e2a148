"""A swarm to measure: the real one, opened as the program opens it, with one scripted worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

from swarm_core import TERMINAL, Delivery, Receipt, Swarm, World, open_swarm, settle_in
from swarm_core.testing import OWNER, ScriptedModel, request, settings

PLENTY = 10**12
"""Micro-dollars: a cap that is checked and never met."""
CAPS = dict.fromkeys(("total", "day", "month", "session", "person_day", "task", "ask"), PLENTY)


class Postman:
    """The surface of everybody who waits for an end: wakes each, keeps nothing."""

    def __init__(self) -> None:
        self._ends: dict[int, asyncio.Future[None]] = {}

    def _end(self, task: int) -> asyncio.Future[None]:
        known = self._ends.get(task)
        if known is None:
            known = self._ends[task] = asyncio.get_running_loop().create_future()
        return known

    async def deliver(self, delivery: Delivery) -> str:
        end = self._end(delivery.task) if delivery.kind == "ended" else None
        if end and not end.done():
            end.set_result(None)
        return ""

    async def ended(self, task: int) -> None:
        """Wait until the end of `task` was brought."""
        await self._end(task)
        del self._ends[task]


def words(number: int, what: str = "look into") -> str:
    """What task `number` asks for: no two alike, nor similar."""
    return f"{what} {sha256(f'{what}{number}'.encode()).hexdigest()[:24]}"


@asynccontextmanager
async def running(
    folder: Path,
    *models: ScriptedModel,
    concurrency: int = 1_000,
    serve: bool = True,
    **sections: object,
) -> AsyncIterator[tuple[Swarm, Postman]]:
    """An open swarm on `folder` as `waggle up` runs it, every cap there but none tight."""
    world = World(extra=tuple(model.extra for model in models), drain=0.0, serve=serve)
    limits = {"concurrency": concurrency, "task_steps": 1_000}
    chosen = settings(folder, limits=limits, budget=CAPS, **sections)
    async with open_swarm(chosen, world) as swarm:
        postman = Postman()
        if serve:
            await swarm.outbox.attach(TERMINAL.surface, postman)
        settle_in()
        yield swarm, postman


async def submit(swarm: Swarm, number: int, what: str = "look into") -> Receipt:
    """Ask as a command does: by the public door, its reply being the receipt."""
    receipt = await swarm.intake.submit(OWNER, request(words(number, what)))
    swarm.outbox.replied(receipt.task)
    return receipt
