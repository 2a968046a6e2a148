"""A year of a few dozen standing priorities in virtual time, all of it drawn from one seed.

Each has a time zone of its own. Work takes nothing, minutes or hours; the swarm is closed in the
middle of it and opened again, at once or after up to three days; the machine sleeps, and its clock
is set forward and back by up to two days; people edit, pause, resume, remove and add again, run
now, and decide on what was missed.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from swarm_core import simulation
from swarm_core.build import World, open_swarm
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import ToolCrashed, WaggleError
from swarm_core.kernel.money import MicroUSD
from swarm_core.people import TERMINAL
from swarm_core.routing.model import Tier
from swarm_core.schedule.model import Cron, Every, Gate, Once, StandingPriority, Trigger
from swarm_core.settings import Settings
from swarm_core.steps.model import Answer
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, LoopClock, MemoryCourier, ScriptedModel, settings
from tests.e2e.checks import look, sound
from tests.schedule import drawn, oracle
from tests.schedule.account import Account, Mark, audit
from tests.worlds import UNSHARED

HOUR = 3_600
_MICRO = 1_000_000
MOST_A_DAY = 6
"""Instants of one priority: with more, a year takes long and shows no more."""


class Wall(LoopClock):
    """Virtual time that somebody sets."""

    def set_by(self, by: timedelta) -> None:
        self._start += by


@dataclass
class Year:
    """What is going on in it."""

    folder: Path
    draw: random.Random
    zones: Sequence[str]
    wall: Wall
    marks: list[Mark] = field(default_factory=list)
    removed: list[StandingPriority] = field(default_factory=list)

    def mark(self, swarm: Swarm, seq: int) -> None:
        self.marks.append((seq, to_micros(swarm.store.clock.now())))

    # What people ask for.

    def trigger(self, zone: str) -> Trigger:
        draw, now = self.draw, self.wall.now()
        luck = draw.random()
        if luck < 0.65:
            while True:
                fields = drawn.expression(draw)
                parsed = oracle.parse(fields)
                if len(parsed.minutes) * len(parsed.hours) <= MOST_A_DAY:
                    break
            ahead = oracle.cron(fields, zone, now, now + timedelta(days=400))
            return Cron(fields=fields) if ahead else Cron(fields="30 2 * * *")
        if luck < 0.95:
            period = draw.choice((4, 6, 12, 24, 48, 168)) * HOUR + draw.choice((0, 7 * 60))
            start = to_micros(now) - draw.randint(0, 90_000) * _MICRO
            return Every(period=period * _MICRO, start=Micros(start))
        then = now + timedelta(hours=draw.randint(1, 200))
        return Once(at=to_micros(then.replace(second=0, microsecond=0)))

    def priority(self, number: int) -> StandingPriority:
        draw, zone = self.draw, self.zones[number]
        words = draw.choice(("free", "free", "slow", "slow", "pay", "fail"))
        return StandingPriority(
            name=f"p{number}",
            text=f"{words} {number}",
            trigger=self.trigger(zone),
            zone=zone,
            by=OWNER.key,
            place=TERMINAL,
            action=draw.choice(("task", "task", "task", "ask", "remind")),
            # One for each name, so that what is seen can be held against it.
            cooldown=(0, 0, 2 * HOUR, 7 * HOUR)[number % 4] * _MICRO,
            quiet=("", "", "22:00-08:00")[number % 3],
            overlap=("skip", "skip", "queue", "replace")[number % 4],
            jitter=draw.choice((0, 0, 300, 5_000)) * _MICRO,
            gate=Gate(run=f"look {number}", when="changed") if number % 5 == 0 else None,
            report=draw.choice(("always", "failure", "digest")),
            catch_up=draw.choice(("ask", "latest", "skip")),
        )


def models(draw: random.Random) -> tuple[ScriptedModel, ...]:
    """Whom the words of the requests are for."""

    async def play(assignment: Assignment, n: int) -> Answer:
        word = assignment.text.split()[0]
        if word == "slow":
            await asyncio.sleep(draw.choice((60, 20 * 60, 3 * HOUR, 11 * HOUR)))
        if word == "fail" and draw.random() < 0.3:
            raise ToolCrashed(tool="model", problem="refused to answer")
        text = str(draw.randint(1, 2)) if word == "look" else "done"
        return Answer(text=text, cost=MicroUSD(40 if word == "pay" else 0))

    made = []
    for word in ("free", "slow", "fail", "look", "pay"):
        hold = MicroUSD(100 if word == "pay" else 0)
        model = ScriptedModel(word, words=(word,), hold=hold, play=play)
        model.effect = "paid" if word == "pay" else "pure"
        if word == "look":
            model.worker = msgspec.structs.replace(model.worker, tier=Tier.PLAYBOOK)
        made.append(model)
    return tuple(made)


def given(folder: Path) -> Settings:
    none = dict.fromkeys(("day", "month", "session", "task"))
    return settings(
        folder,
        budget={**none, **UNSHARED, "unattended_share": 100},
        automation={"mode": "auto"},
        tasks={"link_similar": False},
        limits={"task_time": "3d", "ask_time": "1d"},
        lease={"duration": "1h"},
        notices={"quiet_hours": None},
    )


async def live(year: Year, days: int) -> None:
    """From the first day to the last."""
    draw, loop = year.draw, asyncio.get_running_loop()
    world = msgspec.structs.replace(
        simulation.world(draw.randint(0, 1 << 30), *models(draw)), clock=year.wall
    )
    end, first = loop.time() + days * 24 * HOUR, True
    while loop.time() < end:
        async with open_swarm(given(year.folder), world) as swarm:
            await swarm.outbox.attach(TERMINAL.surface, MemoryCourier())
            if first:
                for number in range(len(year.zones)):
                    await _added(swarm, year.priority(number))
                first = False
            till = min(end, loop.time() + draw.expovariate(1 / 5) * 24 * HOUR)
            while loop.time() < till:
                await asyncio.sleep(min(draw.expovariate(1 / 20) * HOUR, till - loop.time()))
                await _act(year, swarm)
            await _note(year, swarm)
        if draw.random() < 0.5:
            await asyncio.sleep(draw.uniform(0.1, 72) * HOUR)
    await _settle(year, world)


async def _settle(year: Year, world: World) -> None:
    """Until what is at work has ended, with nothing new happening."""
    async with open_swarm(given(year.folder), world) as swarm:
        await swarm.outbox.attach(TERMINAL.surface, MemoryCourier())
        await asyncio.sleep(60)
        await _note(year, swarm)


async def _added(swarm: Swarm, wanted: StandingPriority) -> None:
    await swarm.priorities.add(OWNER, wanted)


async def _note(year: Year, swarm: Swarm) -> None:
    seq, _, _ = await swarm.store.head()
    year.mark(swarm, seq)


async def _act(year: Year, swarm: Swarm) -> None:
    """Something happens; what is refused is."""
    await _note(year, swarm)
    (what,) = year.draw.choices(
        (_clock, _edit, _pause, _resume, _remove, _again, _decide, _run),
        weights=(10, 12, 12, 25, 6, 10, 15, 10),
    )
    with suppress(WaggleError):
        await what(year, swarm)
    await _note(year, swarm)


async def _some(year: Year, swarm: Swarm) -> Any:
    return year.draw.choice(await swarm.priorities.listing(OWNER))


async def _clock(year: Year, swarm: Swarm) -> None:
    """The clock is set, or the machine has slept; now and then somebody is there at once."""
    year.wall.set_by(timedelta(hours=year.draw.choice((-48, -5, -1, 1, 6, 48, 72))))
    await _note(year, swarm)
    if year.draw.random() < 0.3:
        await year.draw.choice((_edit, _pause, _remove))(year, swarm)
    # As the beat does after at most half a minute.
    swarm.reloading.schedule.running.wake()


async def _edit(year: Year, swarm: Swarm) -> None:
    one = (await _some(year, swarm)).priority
    changes: dict[str, Any] = {"text": f"{one.text} x"[:40]}
    if year.draw.random() < 0.5:
        changes["trigger"] = year.trigger(one.zone)
    await swarm.priorities.edit(OWNER, one.name, **changes)


async def _pause(year: Year, swarm: Swarm) -> None:
    await swarm.priorities.pause(OWNER, (await _some(year, swarm)).priority.name)


async def _resume(year: Year, swarm: Swarm) -> None:
    for one in await swarm.priorities.listing(OWNER):
        if one.paused and year.draw.random() < 0.6:
            await swarm.priorities.resume(OWNER, one.priority.name)


async def _remove(year: Year, swarm: Swarm) -> None:
    one = (await _some(year, swarm)).priority
    await swarm.priorities.remove(OWNER, one.name)
    year.removed.append(one)


async def _again(year: Year, swarm: Swarm) -> None:
    while year.removed:
        await _added(swarm, year.removed.pop())


async def _decide(year: Year, swarm: Swarm) -> None:
    for one in await swarm.priorities.listing(OWNER):
        if one.missed and year.draw.random() < 0.5:
            shown = await swarm.priorities.show(OWNER, one.priority.name)
            await swarm.priorities.run(OWNER, one.priority.name, shown.missed[-1].at)
            await swarm.priorities.skip(OWNER, one.priority.name)


async def _run(year: Year, swarm: Swarm) -> None:
    await swarm.priorities.run(OWNER, (await _some(year, swarm)).priority.name)


def play(folder: Path, seed: int, days: int, zones: Sequence[str]) -> Account:
    """Live through it, then account for every instant."""
    draw = random.Random(seed)
    start = datetime(draw.randint(2020, 2034), draw.randint(1, 12), 1, 12, tzinfo=UTC)
    year = Year(folder, draw, zones, Wall(start))
    simulation.run(lambda: live(year, days))
    db = look(folder / "state")
    account = audit(db, year.marks)
    db.close()
    account.findings += sound(folder / "state")
    return account
