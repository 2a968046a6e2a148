"""What people do about standing priorities. Everything passes the policy.

A priority works with the rights of whoever it runs for, so who changes what another has set is
whom it runs for from then on: nobody has something done with rights they have not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any

import msgspec

from swarm_core.dispatch.intake import Intake, Receipt
from swarm_core.dispatch.seeing import Seeing, is_private
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import Micros, from_micros, to_micros
from swarm_core.kernel.errors import FromFile, NameTaken, NotFound, NothingMissed, WaggleError
from swarm_core.kernel.ids import NO_TASK
from swarm_core.kernel.money import ZERO
from swarm_core.kernel.text import nearest
from swarm_core.policy import Action, Policy, Resource
from swarm_core.schedule import events as ev
from swarm_core.schedule import planning, rows, standing
from swarm_core.schedule.checking import check
from swarm_core.schedule.cron import following
from swarm_core.schedule.deciding import Go
from swarm_core.schedule.estimating import affords, estimate_of, gate_is_free
from swarm_core.schedule.filed import spot_of
from swarm_core.schedule.model import (
    Estimate,
    Happens,
    PriorityStanding,
    Shown,
    StandingPriority,
)
from swarm_core.schedule.rows import Kept
from swarm_core.schedule.rules import CHUNK
from swarm_core.schedule.running import Running
from swarm_core.settings import Settings
from swarm_core.store import Store, Tx
from swarm_core.tasks.model import TaskState

MOST_MISSED = 50
_FIXED = {"name", "by", "source"}


class Priorities:
    """The standing priorities of a swarm."""

    def __init__(
        self, store: Store, policy: Policy, seeing: Seeing, intake: Intake, running: Running
    ) -> None:
        self._store = store
        self._policy = policy
        self._seeing = seeing
        self._intake = intake
        self._running = running
        self.settings: Callable[[], Settings]
        """Those in force; set by the composition root."""
        self.wrong: dict[str, WaggleError] = {}
        """What is wrong with those of the file that are left out, by name."""
        self.facts: Mapping[str, tuple[str, ...]] = {}
        """The kinds of facts there are, with their fields; set by the composition root."""

    async def add(self, actor: Actor, wanted: StandingPriority) -> StandingPriority:
        """Have it from here on; it runs for `actor`. Raises `NotAllowed`, `NameTaken`, `NotFound`
        for a worker or model, and what `check` raises."""
        wanted = msgspec.structs.replace(wanted, by=actor.key, source="chat")
        self._policy.authorize(actor, Action.SET_PRIORITY, _resource(wanted))
        self._check(wanted)

        def write(tx: Tx) -> None:
            if rows.get(tx, wanted.name) is not None:
                taken = set(rows.names(tx))
                numbered = (f"{wanted.name[:36]}-{n}" for n in count(2))
                free = next(name for name in numbered if name not in taken)
                raise NameTaken(name=wanted.name, free=free)
            put(tx, wanted, actor)

        await self._store.write(write, first=True)
        return wanted

    async def edit(self, actor: Actor, name: str, **changes: Any) -> StandingPriority:
        """Change fields of it. Raises what `add` raises, `NotFound`, and `FromFile` for what
        stands in the file."""
        if wrong := _FIXED & changes.keys():
            raise TypeError(f"{wrong} cannot be changed")
        kept = await self._mine_to_set(actor, name)
        wanted = msgspec.structs.replace(kept.priority, by=actor.key, **changes)
        if self._policy.own(actor, kept.priority.by):
            wanted = msgspec.structs.replace(wanted, by=kept.priority.by)
        self._check(wanted, new="trigger" in changes or "zone" in changes)

        def write(tx: Tx) -> None:
            now = rows.get(tx, name)
            if now is None:
                raise NotFound(kind="priority", name=name, near=())
            put(tx, wanted, actor)
            if now.paused == "money" and now.priority.month_cap != wanted.month_cap:
                planning.resume(tx, name, actor)

        await self._store.write(write, first=True)
        return wanted

    async def remove(self, actor: Actor, name: str) -> None:
        """Have it no more; a task of it that is at work goes on."""
        await self._mine_to_set(actor, name)
        await self._store.write(lambda tx: take_out(tx, name, actor), first=True)

    async def pause(self, actor: Actor, name: str) -> None:
        """Let nothing of it run by itself until it is resumed."""
        await self._mine_to_set(actor, name, also_filed=True)

        def write(tx: Tx) -> None:
            kept = rows.get(tx, name)
            if kept and kept.paused != "person":
                planning.pause(tx, name, "person", actor=actor)

        await self._store.write(write, first=True)

    async def resume(self, actor: Actor, name: str) -> None:
        """Let it go on, whatever it was paused for."""
        await self._mine_to_set(actor, name, also_filed=True)

        def write(tx: Tx) -> None:
            kept = rows.get(tx, name)
            if kept and kept.paused:
                planning.resume(tx, name, actor)

        await self._store.write(write, first=True)

    async def run(
        self, actor: Actor, name: str, at: Micros | None = None, *, asked: Micros | None = None
    ) -> Receipt:
        """Run it now, or one of its missed instants. What was `asked` at the same time is the same
        run, however often it is asked. Its mode, its hours and its cooldown do not
        keep it back; its caps do, as a task that waits for money. A reminder has no task. Raises
        `NotFound`, `NotAllowed`, `NothingMissed`, and what intake raises."""
        kept = await self._seen(actor, name)
        self._policy.authorize(actor, Action.RUN_PRIORITY, _resource(kept.priority))
        if at is not None:
            row = await self._store.read(lambda r: rows.row_of(r, name, at))
            if row is None or row.instant.state != "missed":
                raise NothingMissed(name=name)
        now = to_micros(self._store.clock.now())
        then = at if at is not None else min(asked or now, now)
        if kept.priority.action == "remind":
            await self._store.write(lambda tx: _remind(tx, actor, name, then))
            return Receipt(task=NO_TASK, state=TaskState.DONE, worker=None, model=None, most=ZERO)
        mode = kept.priority.mode or self._running.mode
        go = Go(kept=kept, gate=False)
        return await self._running.submit(go, then, mode, self._running.priced(kept))

    async def skip(self, actor: Actor, name: str, at: Micros | None = None) -> int:
        """Let missed instants be, all of it or one; how many they were. Raises `NothingMissed`
        where `at` is none of them."""
        kept = await self._seen(actor, name)
        self._policy.authorize(actor, Action.RUN_PRIORITY, _resource(kept.priority))

        def write(tx: Tx) -> int:
            found = [each.at for each in rows.missed(tx, name, CHUNK)]
            if at is not None:
                row = rows.row_of(tx, name, at)
                if row is None or row.instant.state != "missed":
                    raise NothingMissed(name=name)
                found = [at]
            if found:
                skipped = ev.InstantsSkipped(name=name, instants=tuple(found), reason="person")
                tx.append(skipped, actor)
            return len(found)

        gone = some = await self._store.write(write, first=True)
        while at is None and some == CHUNK:
            some = await self._store.write(write)
            gone += some
        return gone

    async def listing(self, actor: Actor) -> list[PriorityStanding]:
        """How those stand that the actor may see, by name."""
        self._policy.authorize(actor, Action.READ_PRIORITIES, Resource("priority"))
        now = to_micros(self._store.clock.now())
        every = await self._store.read(lambda r: standing.standings(r, rows.every(r), now))
        return [each for each in every if self._sees(actor, each.priority)]

    async def show(self, actor: Actor, name: str, last: int = 10) -> Shown:
        """One of them with its last instants. Raises `NotFound`."""
        kept = await self._seen(actor, name)
        now = to_micros(self._store.clock.now())

        def read(found: Any) -> Shown:
            (stands,) = standing.standings(found, [kept], now)
            return Shown(
                standing=stands,
                instants=rows.instants(found, name, last),
                missed=rows.missed(found, name, MOST_MISSED),
            )

        return await self._store.read(read)

    async def words(self, name: str) -> str | None:
        """What a priority says, for whoever is told of it; None when that is gone."""
        kept = await self._store.read(lambda r: rows.get(r, name))
        return kept.text if kept else None

    def preview(self, wanted: StandingPriority, n: int = 3) -> list[datetime]:
        """The next instants from now, aware UTC; none for what no clock says. Raises
        `BadSchedule`."""
        found, at = list[datetime](), to_micros(self._store.clock.now())
        while len(found) < n:
            then = following(wanted.trigger, wanted.zone, at)
            if then is None:
                break
            found.append(from_micros(then))
            at = then
        return found

    async def estimate(self, actor: Actor, wanted: StandingPriority) -> Estimate:
        """What it would cost. Raises what intake raises for its words."""
        usual = await self._store.read(lambda r: standing.usual(r, wanted.name))
        now = to_micros(self._store.clock.now())
        return estimate_of(self._intake, actor, wanted, usual, now)

    def fits(self, wanted: StandingPriority, *, new: bool = True) -> None:
        """Raises what `add` would raise of it, were it added now; of when it is to run only if
        that is `new`."""
        self._check(wanted, new=new)

    def _check(self, wanted: StandingPriority, *, new: bool = True) -> None:
        now = to_micros(self._store.clock.now())
        if new:
            check(wanted, now, self.facts)
        by = self._running.actor_of(wanted.by)
        gate_is_free(self._intake, by, wanted)
        affords(self._intake, by, wanted)

    def _sees(self, actor: Actor, priority: StandingPriority) -> bool:
        """The owner all of them in private, everybody else their own there; in a space those that
        report in it."""
        if self._seeing.sight(actor).whole:
            return True
        if is_private(actor):
            return self._policy.own(actor, priority.by)
        return (actor.surface, actor.space) == (priority.place.surface, priority.place.space)

    async def _seen(self, actor: Actor, name: str) -> Kept:
        self._policy.authorize(actor, Action.READ_PRIORITIES, Resource("priority", name))
        every = await self._store.read(rows.every)
        seen = {each.priority.name: each for each in every if self._sees(actor, each.priority)}
        if name not in seen:
            raise NotFound(kind="priority", name=name[:60], near=nearest(name, list(seen)))
        return seen[name]

    async def _mine_to_set(self, actor: Actor, name: str, *, also_filed: bool = False) -> Kept:
        kept = await self._seen(actor, name)
        self._policy.authorize(actor, Action.SET_PRIORITY, _resource(kept.priority))
        if kept.priority.source == "file" and not also_filed:
            file, line = spot_of(self.settings(), name)
            raise FromFile(name=name, file=file, line=line)
        return kept


def put(tx: Tx, wanted: StandingPriority, actor: Actor) -> None:
    """Record it as it is now, and plan its next instant."""
    gate = tx.put_body(wanted.gate.run) if wanted.gate else None
    before = rows.bodies(tx, wanted.name)
    kept = rows.get(tx, wanted.name)
    if kept and (kept.priority.trigger, kept.priority.zone) != (wanted.trigger, wanted.zone):
        planning.leave(tx, wanted.name, "person", actor=actor)
    event = ev.PrioritySet(priority=rows.bare(wanted), text=tx.put_body(wanted.text), gate=gate)
    seq = tx.append(event, actor)
    if before is None and isinstance(wanted.trigger, Happens):
        rows.move_cursor(tx, wanted.name, seq)  # what happened before is not meant
    tx.erase_bodies(before or ())
    planning.plan_next(tx, wanted.name, tx.at, actor)


def take_out(tx: Tx, name: str, actor: Actor) -> None:
    """Record that it is no more, and erase what it said."""
    bodies = rows.bodies(tx, name)
    if bodies is not None:
        planning.leave(tx, name, "person", actor=actor)
        tx.append(ev.PriorityRemoved(name=name), actor)
        tx.erase_bodies(bodies)


def _remind(tx: Tx, actor: Actor, name: str, at: Micros) -> None:
    row = rows.row_of(tx, name, at)
    if row is not None and row.instant.state == "ran":
        return  # asked for twice at once
    late = row is not None and row.instant.state == "missed"
    tx.append(ev.InstantRan(name=name, at=at, late=late, asked=True, outcome="done"), actor)


def _resource(priority: StandingPriority) -> Resource:
    return Resource("priority", priority.name, priority.by)
