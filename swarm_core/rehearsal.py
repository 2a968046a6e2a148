"""A week that has not been yet, lived through in virtual time: what standing priorities would do.

A copy of the swarm, or an empty one, runs with its own settings, priorities, people and caps; but
whatever a worker does is drawn from a seed. No model is called, no address opened, nobody told.
Part of the composition, as `build`.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from swarm_core.build import World, open_swarm
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import WaggleError
from swarm_core.kernel.ids import SeededEntropy
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.notices.model import Courier, Delivery
from swarm_core.people import TERMINAL, local_owner
from swarm_core.rehearsed import (
    HOUR,
    PriorityWeek,
    Told,
    Troubles,
    WeekReport,
    examples,
    spending_of,
    week_of,
)
from swarm_core.routing.model import Tier
from swarm_core.settings import Settings
from swarm_core.simulation import run as in_virtual_time
from swarm_core.steps.model import Answer, Call, Conclusion, Failure, Grant, Outcome, Run
from swarm_core.store.copying import copy_database
from swarm_core.store.files import DATABASE
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import Request
from swarm_core.testing import LoopClock, ScriptedProvider

DAYS = 7


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is rehearsed: `copy` of which state folder, None for an empty one; whether with the
    `example` priorities; `calm`: nothing goes wrong; `surfaces` by which people are told."""

    folder: Path
    start: datetime
    copy: Path | None = None
    surfaces: tuple[str, ...] = (TERMINAL.surface,)
    seed: int = 1
    example: bool = False
    calm: bool = False


class _StandIn:
    """Carries out every run in place of the workers: after a while there is an answer, which
    costs a part of what was held for it, or what it needs is out of reach."""

    def __init__(self, draw: random.Random, troubles: Troubles) -> None:
        self._draw = draw
        self._troubles = troubles
        self.swarm: Swarm

    async def run(self, assignment: Assignment, run: Run) -> Conclusion:
        """See `Runner`."""
        free, most = self._price(assignment)
        now = self.swarm.store.clock.now()
        if what := self._troubles.reach(now, free=free, text=assignment.text):
            data = {"host": what, "problem": "simulated"}
            return Conclusion(state="failed", failure=Failure(code="unreachable", data=data))

        async def act(_: Grant) -> Answer:
            await asyncio.sleep(self._draw.uniform(1, 10 if free else 25))
            cost = MicroUSD(round(most * self._draw.uniform(0.1, 0.6)))
            return Answer(text="as simulated", cost=cost)

        def last(outcome: Outcome) -> Conclusion | None:
            if outcome.failure:
                return Conclusion(state="failed", failure=outcome.failure)
            return Conclusion(state="done", text="as simulated")

        call = Call(
            kind="model",
            name=assignment.model or assignment.worker,
            request={"text": assignment.text},
            effect="pure" if free else "paid",
            most=most,
            retries=0,
        )
        outcome = await run.step(call, act, last=last)
        return last(outcome) or Conclusion(state="done")

    def _price(self, assignment: Assignment) -> tuple[bool, MicroUSD]:
        """What the router reckons, by the prices of the catalogue."""
        asked = Request(
            text=assignment.text,
            place=assignment.place,
            kind=assignment.kind,
            worker=assignment.worker,
        )
        try:
            chosen = self.swarm.intake.simulate(assignment.actor, asked).route.chosen
        except WaggleError:
            chosen = None
        if chosen is None or chosen.tier == Tier.PLAYBOOK:
            return True, ZERO
        return False, chosen.most


class _Recorder(Courier):
    """Takes what would be told, and tells nobody."""

    def __init__(self, told: list[Told], loop: asyncio.AbstractEventLoop, start: datetime) -> None:
        self._told = told
        self._loop = loop
        self._start = start

    async def deliver(self, delivery: Delivery) -> str:
        """See `Courier`."""
        at = to_micros(self._start + timedelta(seconds=self._loop.time()))
        if delivery.created >= to_micros(self._start):  # what waited before is not of this week
            place = delivery.place
            to = "/".join(part for part in (place.surface, place.space, place.thread) if part)
            self._told.append(Told(at=at, to=to, kind=delivery.kind, task=int(delivery.task)))
        return ""


def rehearse(settings: Settings, plan: Plan) -> WeekReport:
    """Live through the week and tell of it. Blocking, and no event loop may run. Raises what
    `open_swarm` raises."""
    if plan.copy is not None:
        plan.folder.mkdir(parents=True, exist_ok=True)
        copy_database(plan.copy / DATABASE, plan.folder / DATABASE)
    return in_virtual_time(lambda: _live(settings, plan))


async def _live(settings: Settings, plan: Plan) -> WeekReport:
    draw = random.Random(plan.seed)  # noqa: S311  chance, not a secret
    loop, told = asyncio.get_running_loop(), list[Told]()
    troubles = Troubles() if plan.calm else Troubles.drawn(draw, plan.start)
    stand_in = _StandIn(draw, troubles)
    end = plan.start + timedelta(days=DAYS)
    world = _world(settings, plan, stand_in)
    settings = settings.model_copy(update={"webhooks": {}})
    for begin, until in troubles.awake(plan.start, end):
        await asyncio.sleep(max(0.0, (begin - plan.start).total_seconds() - loop.time()))
        recorder = _Recorder(told, loop, plan.start)
        async with _opened(settings, world, plan.surfaces, recorder) as swarm:
            stand_in.swarm = swarm
            if plan.example and begin == plan.start:
                for each in examples():
                    await swarm.priorities.add(local_owner(os.getuid()), each)
            await _through(swarm, until, troubles)
            if until >= end:
                return await _report(swarm, settings, plan, told, troubles)
    raise AssertionError("a week ends awake")


def _world(settings: Settings, plan: Plan, stand_in: _StandIn) -> World:
    def served(provider: str) -> tuple[str, ...]:
        """What it is known to serve without being asked."""
        return tuple(sorted(name.removeprefix(f"{provider}/") for name in settings.models))

    return World(
        clock=LoopClock(plan.start),
        entropy=SeededEntropy(plan.seed),
        inline=True,
        drain=0.0,
        state=plan.folder,
        providers={
            name: ScriptedProvider(name=name, models=served(name))
            for name, entry in settings.providers.items()
            if entry.enabled
        },
        stand_in=stand_in,
    )


@asynccontextmanager
async def _opened(
    settings: Settings, world: World, surfaces: tuple[str, ...], courier: Courier
) -> AsyncIterator[Swarm]:
    async with open_swarm(settings, world) as swarm:
        for surface in surfaces:
            await swarm.outbox.attach(surface, courier)
        await swarm.digests.start()  # in virtual time nobody else does
        yield swarm


async def _through(swarm: Swarm, until: datetime, troubles: Troubles) -> None:
    """Let time pass; on the day of which the money is gone it is gone at ten."""
    owner = local_owner(os.getuid())
    for at, gone in troubles.purse():
        now = swarm.store.clock.now()
        if now < at < until:
            await asyncio.sleep((at - now).total_seconds())
            cap = MicroUSD(1) if gone else swarm.settings.budget.day
            await swarm.money.set_cap(owner, "day", cap)
    await asyncio.sleep(max(0.0, (until - swarm.store.clock.now()).total_seconds()))


async def _report(
    swarm: Swarm, settings: Settings, plan: Plan, told: list[Told], troubles: Troubles
) -> WeekReport:
    owner, start = local_owner(os.getuid()), to_micros(plan.start)
    end = Micros(start + DAYS * 24 * HOUR)
    found = list[PriorityWeek]()
    for each in await swarm.priorities.listing(owner):
        shown = await swarm.priorities.show(owner, each.priority.name, last=1_000_000)
        found.append(week_of(shown, start, end))
    days = [(plan.start + timedelta(days=day)).date().isoformat() for day in range(DAYS + 1)]
    money = await swarm.store.read(lambda rows: spending_of(rows, days))
    return WeekReport(
        seed=plan.seed,
        start=start,
        end=end,
        priorities=tuple(found),
        days=money,
        told=tuple(told),
        troubles=troubles.told(),
        quiet=str(settings.notices.quiet_hours or ""),
    )
