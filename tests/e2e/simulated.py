"""A simulated day of a swarm, all of it drawn from one seed, in virtual time.

Models answer late, wrongly, never or not at all; people ask, cancel, try again, stop and go on;
caps are too small and are raised; the process ends in the middle of everything and starts again.
At the end nothing may be left that could go on, and the same checks hold as under chaos.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sqlite3
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from swarm_core import simulation
from swarm_core.build import World, open_swarm
from swarm_core.dispatch.events import EVERYTHING
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.errors import AnswerLost, ToolCrashed, Unreachable, WaggleError
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.notices.model import Delivery
from swarm_core.people import TERMINAL
from swarm_core.settings import Settings
from swarm_core.steps.model import Answer
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import Request
from swarm_core.testing import OWNER, MemoryCourier, ScriptedModel, settings
from tests.e2e import checks
from tests.e2e.audit import Audit

HOLD = 100
LIVES = 5
ACTIONS = 25
"""In each life, on average."""
WORDS = ("one", "one", "many", "many", "once", "free", "free", "nobody")
"""Whom a request is meant for; nobody can do what is meant for the last."""


@dataclass
class Simulated:
    """What became of one seed. `head` is the hash of the last fact."""

    seed: int
    head: str = ""
    facts: int = 0
    tasks: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


class Chance:
    """Everything that is left to chance, in the order in which it is asked."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.billed = 0

    async def play(self, assignment: Assignment, n: int) -> Answer:
        """How a model behaves: mostly it answers after a while."""
        draw = self.draw
        luck = draw.random()
        if luck < 0.06:
            raise Unreachable(host="model", problem="refused")
        if luck < 0.08:
            raise ToolCrashed(tool="model", problem="refused to answer")
        cost = MicroUSD(draw.randint(0, HOLD)) if assignment.worker != "free" else MicroUSD(0)
        self.billed += cost
        try:
            await asyncio.sleep(draw.choice((0.0, 0.001, 1.0, 30.0)) * draw.random())
            if luck < 0.1:
                await asyncio.sleep(1e6)
        except asyncio.CancelledError:
            if draw.random() < 0.7:
                raise
            await asyncio.sleep(draw.random() * 5)  # one that does not let go
        if luck < 0.14:
            raise AnswerLost(what="model", problem="cut")
        if luck < 0.15:
            raise RuntimeError("a bug in an adapter")
        return Answer(text=f"{assignment.text} {n}", cost=cost)


def models(chance: Chance) -> tuple[ScriptedModel, ...]:
    hold = MicroUSD(HOLD)
    made = {
        name: ScriptedModel(name, words=(name,), calls=calls, hold=most, play=chance.play)
        for name, calls, most in (
            ("one", 1, hold),
            ("many", 5, hold),
            ("once", 2, hold),
            ("free", 3, MicroUSD(0)),
        )
    }
    made["once"].effect = "once"
    made["free"].effect = "pure"
    made["many"].retries = made["one"].retries = 2
    return tuple(made.values())


class People:
    """Ask and interfere; whatever they are refused, they go on."""

    def __init__(self, chance: Chance, seen: checks.Evidence) -> None:
        self._draw = chance.draw
        self._seen = seen
        self._asked: list[TaskId] = []
        self._keys = 0

    async def act(self, swarm: Swarm) -> None:
        await asyncio.sleep(self._draw.expovariate(1 / 4))
        (what,) = self._draw.choices(
            (self._ask, self._cancel, self._retry, self._stop, self._resume),
            weights=(60, 12, 12, 6, 10),
        )
        try:
            await what(swarm)
        except WaggleError:
            return

    async def _ask(self, swarm: Swarm) -> None:
        draw = self._draw
        key = f"key-{draw.randint(0, self._keys + 2)}"
        self._keys += 1
        now = int(swarm.store.clock.now().timestamp() * 1e6)
        request = Request(
            text=f"{draw.choice(WORDS)} {draw.randint(0, 40)}",
            place=TERMINAL,
            kind=draw.choice(("ask", "task", "task")),
            key=key,
            priority=draw.randint(0, 10),
            needs=tuple(sorted(set(draw.sample(self._asked, min(len(self._asked), 2)))))
            if draw.random() < 0.2
            else (),
            deadline=now + draw.randint(0, 200_000_000) if draw.random() < 0.1 else None,  # type: ignore[arg-type]
            cap=MicroUSD(draw.choice((0, 150, 1_000))) if draw.random() < 0.15 else None,
        )
        receipt = await swarm.intake.submit(OWNER, request)
        self._asked.append(receipt.task)
        self._seen.accepted[key] = receipt.task
        swarm.outbox.replied(receipt.task)

    async def _cancel(self, swarm: Swarm) -> None:
        await swarm.control.cancel(OWNER, self._some())

    async def _retry(self, swarm: Swarm) -> None:
        await swarm.control.retry(OWNER, self._some())

    async def _stop(self, swarm: Swarm) -> None:
        await swarm.control.stop(OWNER, self._scope())

    async def _resume(self, swarm: Swarm) -> None:
        await swarm.control.resume(OWNER, self._scope())

    def _scope(self) -> TaskId | str:
        return self._draw.choice((EVERYTHING, OWNER.key, self._some(), self._some()))

    def _some(self) -> TaskId:
        return self._draw.choice(self._asked or [TaskId(1)])


class LabelledCourier(MemoryCourier):
    """Takes what it is given into evidence; now and then nobody knows whether it arrived."""

    def __init__(self, chance: Chance, seen: checks.Evidence) -> None:
        super().__init__()
        self._draw = chance.draw
        self._seen = seen

    async def deliver(self, delivery: Delivery) -> str:
        luck = self._draw.random()
        if luck < 0.05:
            raise Unreachable(host="chat", problem="refused")
        told = (delivery.notice, delivery.kind, delivery.task, delivery.repeat)
        self._seen.told.append(told)
        if luck < 0.1:
            raise AnswerLost(what="chat", problem="cut")
        return await super().deliver(delivery)


async def _scenario(seed: int, folder: Path, out: Simulated) -> None:
    chance = Chance(seed)
    seen = checks.Evidence()
    people = People(chance, seen)
    world = simulation.world(seed, *models(chance))
    for _ in range(LIVES):
        async with open_swarm(_settings(folder, chance), world) as swarm:
            await swarm.outbox.attach(TERMINAL.surface, LabelledCourier(chance, seen))
            for _ in range(chance.draw.randint(1, 2 * ACTIONS)):
                await people.act(swarm)
    await _to_rest(folder, world, chance, seen, out)
    _judge(folder, seen, chance, out)


def _settings(folder: Path, chance: Chance, *, poor: bool = True) -> Settings:
    draw = chance.draw
    small = (None, 200, 1_000, 5_000) if poor else (None,)
    return settings(
        folder,
        budget={
            "total": None,
            "session": draw.choice(small),
            "day": draw.choice(small),
            "person_day": draw.choice(small),
            "month": None,
            "task": None,
        },
        limits={
            "concurrency": draw.choice((1, 2, 5)),
            "ask_time": timedelta(seconds=60),
            "task_time": timedelta(seconds=100),
        },
        store={"readers": 1},
    )


async def _to_rest(
    folder: Path, world: World, chance: Chance, seen: checks.Evidence, out: Simulated
) -> None:
    """The last life: no stops, no small caps; it ends when nothing can go on by itself."""
    async with open_swarm(_settings(folder, chance, poor=False), world) as swarm:
        await swarm.outbox.attach(TERMINAL.surface, LabelledCourier(chance, seen))
        for scope in (EVERYTHING, OWNER.key):
            await swarm.control.resume(OWNER, scope)
        for task in await swarm.store.read(
            lambda rows: rows.execute(
                "select id from tasks where waiting = 'stopped' order by id"
            ).fetchall()
        ):
            await swarm.control.resume(OWNER, TaskId(task[0]))
        for _ in range(2_000):
            await asyncio.sleep(30)
            left = await swarm.store.read(
                lambda rows: rows.execute(
                    "select (select count(*) from tasks where state in ('ready', 'running')),"
                    " (select count(*) from notices where state = 'pending')"
                ).fetchone()
            )
            if left == (0, 0):
                break
        else:
            out.findings.append(f"{left[0]} tasks and {left[1]} notices never came to an end")
        await swarm.control.stop(OWNER, EVERYTHING)
        report = await swarm.store.verify()
    out.head, out.facts = report.head, report.facts


def _judge(folder: Path, seen: checks.Evidence, chance: Chance, out: Simulated) -> None:
    state = folder / "state"
    db = checks.look(state)
    audit = Audit()
    audit.feed(db)
    out.findings += audit.problems
    out.findings += _left(db)
    out.outcomes = Counter(dict(db.execute("select state, count(*) from tasks group by state")))
    out.tasks = out.outcomes.total()
    (booked,) = db.execute("select coalesce(sum(cost), 0) from steps").fetchone()
    if booked < chance.billed:
        out.findings.append(f"{chance.billed} was billed and only {booked} is booked")
    db.close()
    out.findings += checks.at_rest(state, seen, all_done=False)


def _left(db: sqlite3.Connection) -> list[str]:
    """Whatever has not ended waits for a person or its own cap, or for a task that does."""
    waiting = db.execute(
        "select id, state, waiting, waiting_data ->> '$.scope' from tasks where ended is null"
    ).fetchall()
    found = []
    for task, state, reason, scope in waiting:
        own = reason == "undecided" or (reason == "over_budget" and scope == f"task/{task}")
        if state == "waiting" and not own:
            found.append(f"#{task} still waits: {reason} {scope}")
        if (
            state == "queued"
            and not db.execute(
                "select 1 from task_needs n join tasks t on t.id = n.needs"
                " where n.task = ? and t.ended is null",
                (task,),
            ).fetchone()
        ):
            found.append(f"#{task} is queued behind nothing")
    return found


def simulate(seed: int, folder: Path) -> Simulated:
    """Play one seed in `folder`, which must be empty."""
    out = Simulated(seed)
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # bugs of adapters are part of the play
    try:
        simulation.run(lambda: _scenario(seed, folder, out))
    except simulation.NothingLeft as stuck:
        out.findings.append(str(stuck))
    finally:
        logging.disable(before)
    return out


def simulate_anywhere(seed: int) -> Simulated:
    """Play one seed in a folder that is gone afterwards, in memory where there is such a place:
    a simulation proves nothing about disks."""
    memory = Path("/dev/shm")
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="waggle-simulated-", dir=place) as folder:
        return simulate(seed, Path(folder))
