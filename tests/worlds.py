"""What the tests of the rooms share: open swarms, workers that do as a test says, gates, and
virtual time."""

from __future__ import annotations

import asyncio
import functools
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from swarm_core.build import World, open_swarm
from swarm_core.dispatch.intake import Receipt
from swarm_core.dispatch.model import Assignment, Runner
from swarm_core.kernel.clock import Clock, SystemClock
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.notices.model import Delivery
from swarm_core.people import TERMINAL
from swarm_core.providers.model import Provider
from swarm_core.routing.model import Offer, Source, Tier, Wanted, Worker
from swarm_core.simulation import VirtualLoop
from swarm_core.steps.model import Answer, Call, Conclusion, Effect, Outcome, Run
from swarm_core.swarm import Swarm
from swarm_core.tasks.events import TaskEnded
from swarm_core.tasks.model import FINISHED
from swarm_core.testing import OWNER, LoopClock, MemoryCourier, request, settings

LONGEST = 180.0
"""Seconds after which a test that waits for what never comes fails."""

UNSHARED = {
    **dict.fromkeys(("identity_share", "work_share", "personal_share"), 0),
    "headroom_share": 100,
}
"""Settings of the budget with which a day is not shared among categories."""

_HOURS_TO_NOON = timedelta(
    hours=int(os.environ.setdefault("TESTS_HOURS_TO_NOON", str(36 - SystemClock().now().hour)))
)
"""Settled once for a run and its processes."""

Carry = Callable[[Assignment, Run], Awaitable[Conclusion]]


class Custom:
    """A worker whose runs are a function of the test. It takes what starts with one of `words`,
    everything when there are none."""

    def __init__(
        self,
        carry: Carry,
        name: str = "custom",
        *,
        words: tuple[str, ...] = (),
        most: int = 100,
        tier: Tier = Tier.CHEAP,
    ) -> None:
        self.worker = Worker(name=name, model=f"{name}-1", tier=tier, summary="Does as told.")
        self._carry = carry
        self._words = words
        self._most = MicroUSD(most)

    @property
    def extra(self) -> tuple[Source, Mapping[str, Runner]]:
        return self, {self.worker.name: self}

    def workers(self) -> tuple[Worker, ...]:
        return (self.worker,)

    def offers(self, wanted: Wanted) -> tuple[Offer, ...]:
        if self._words and not wanted.text.startswith(self._words):
            return ()
        return (Offer(worker=self.worker, specific=0, because="told", most=self._most),)

    async def run(self, assignment: Assignment, run: Run) -> Conclusion:
        return await self._carry(assignment, run)


class Noon(SystemClock):
    """The machine's time, put forward to a noon when the run began: no day ends in a test."""

    def now(self) -> datetime:
        return super().now() + _HOURS_TO_NOON


class Gate:
    """Holds whoever comes until it is opened; `reached` is set once somebody is there."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._open = asyncio.Event()

    async def __call__(self) -> None:
        self.reached.set()
        await self._open.wait()

    def open(self) -> None:
        self._open.set()


def a_call(
    n: int = 1,
    *,
    effect: Effect = "paid",
    most: int = 100,
    retries: int = 0,
    name: str = "act",
    words: str = "",
) -> Call:
    """A model call; two with the same arguments are the same request."""
    return Call(
        kind="model",
        name=name,
        request={"n": n, "words": words},
        effect=effect,
        most=MicroUSD(most),
        retries=retries,
    )


def concluded(outcome: Outcome) -> Conclusion:
    """The plainest `last`: the outcome is the end."""
    if outcome.answer:
        return Conclusion(state="done", text=outcome.answer.text)
    return Conclusion(state="failed", failure=outcome.failure)


def answer(text: str = "ok", cost: int = 40) -> Answer:
    return Answer(text=text, cost=MicroUSD(cost))


@asynccontextmanager
async def awake(
    folder: Path,
    *workers: Any,
    courier: Any = None,
    clock: Clock | None = None,
    inline: bool = False,
    serve: bool = True,
    drain: float = 0.0,
    providers: Mapping[str, Provider] | None = None,
    **sections: object,
) -> AsyncIterator[Swarm]:
    """An open swarm with these workers; `courier` takes what is for the terminal, if given, and
    `providers` stand in for those of the settings.

    With `drain` 0 leaving it interrupts whatever runs, as a kill would.
    """
    world = World(
        extra=tuple(worker.extra for worker in workers),
        drain=drain,
        inline=inline,
        serve=serve,
        clock=clock or Noon(),
    )
    if providers is not None:
        world = msgspec.structs.replace(world, providers=providers)
        entries = {name: {"kind": "anthropic"} for name in providers}
        sections = {"providers": entries, **sections}
    if isinstance(clock, SystemClock):
        sections = {"notices": {"quiet_hours": None}, **sections}  # whatever the hour is
    limit = asyncio.timeout(None if inline else LONGEST)
    async with limit, open_swarm(settings(folder, **sections), world) as swarm:
        if courier is not None:
            await swarm.outbox.attach(TERMINAL.surface, courier)
        yield swarm


async def ask(swarm: Swarm, text: str, **fields: object) -> Receipt:
    """Submit as the owner; the receipt counts as shown."""
    receipt = await swarm.intake.submit(OWNER, request(text, **fields))
    swarm.outbox.replied(receipt.task)
    return receipt


def told(courier: MemoryCourier, kind: str, task: TaskId) -> list[Delivery]:
    return [d for d in courier.delivered if d.kind == kind and d.task == task]


async def parked(courier: MemoryCourier, task: TaskId, times: int = 1) -> None:
    """Wait until people were told `times` times that `task` waits."""
    await courier.until(lambda _: len(told(courier, "parked", task)) >= times)


async def over(swarm: Swarm, *tasks: TaskId) -> None:
    """Wait until these have ended, whether or not anybody is told."""
    something = asyncio.Event()
    stop = swarm.store.listen((TaskEnded,), lambda _: something.set())
    for task in tasks:
        while (await swarm.views.task(task)).task.state not in FINISHED:
            await something.wait()
            something.clear()
    stop()


async def kinds(swarm: Swarm, task: TaskId) -> list[str]:
    """The kinds of the task's facts, in order."""
    return [fact.event.kind for fact in await swarm.store.history(task)]


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an async test in virtual time: hours pass in no time, and a test in which nothing can
    happen any more fails at once. Open swarms `inline`."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def in_virtual_time(folder: Path, *workers: Any, **more: Any) -> Any:
    """`awake` for tests marked `virtual`."""
    more.setdefault("clock", LoopClock())
    more.setdefault("tasks", {"link_similar": False})
    more.setdefault("lease", {"duration": "1h"})
    return awake(folder, *workers, inline=True, **more)
