"""The chain of instants, inside a write: what ends one plans the next, in the same commit.

What can go wrong: a kill between two of these steps, a clock that goes back or far ahead. So there
is always either an instant that is planned or a fact that says why not; an instant has one row, by
its name and time, so nothing is planned twice; and what passed while nobody looked is walked
through instant by instant, none left out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.clock import Micros, from_micros, to_micros
from swarm_core.kernel.errors import BadSchedule
from swarm_core.schedule import events as ev
from swarm_core.schedule import rows
from swarm_core.schedule.cron import following
from swarm_core.schedule.model import Paused, Skipped, StandingPriority
from swarm_core.schedule.rows import Kept
from swarm_core.schedule.rules import CHUNK, Decision, Facts, caught_up, jitter_of, late
from swarm_core.store import Tx


def next_of(priority: StandingPriority, after: Micros) -> Micros | None:
    """The next instant by the clock. Raises `UnknownZone` where the zone is gone."""
    return following(priority.trigger, priority.zone, after)


def due_of(priority: StandingPriority, at: Micros) -> Micros:
    return Micros(at + jitter_of(priority, at, next_of(priority, at)))


def plan_next(tx: Tx, name: str, after: Micros, actor: Actor = SWARM) -> None:
    """Plan the first instant after `after` that has no row yet, unless a later one is planned.
    While it is paused nothing is, but for one whose month is spent: the first of the next."""
    kept = rows.get(tx, name)
    if kept is None or rows.planned(tx, name, after):
        return
    if kept.paused == "money":
        after = max(after, Micros(next_month(kept.since or tx.at) - 1))
    elif kept.paused:
        return
    try:
        at = next_of(kept.priority, after)
        while at is not None and rows.taken(tx, name, at):
            at = next_of(kept.priority, at)
        if at is not None:
            due = due_of(kept.priority, at)
            tx.append(ev.InstantPlanned(name=name, at=at, due=due), actor)
    except BadSchedule as error:  # it was good when it was set: the zone is gone from the machine
        pause(tx, name, "gone", str(error.data["read"]))


def skip(
    tx: Tx, name: str, ats: Sequence[Micros], reason: Skipped, what: str = "", actor: Actor = SWARM
) -> None:
    """These do not run; the one after them is planned."""
    skipped = ev.InstantsSkipped(name=name, instants=tuple(ats), reason=reason, what=what)
    tx.append(skipped, actor)
    plan_next(tx, name, ats[-1])


def leave(tx: Tx, name: str, reason: Skipped, what: str = "", actor: Actor = SWARM) -> None:
    """Before what is planned changes: what of it has come and was not seen to does not run, as
    after a sleep; each instant has its row all the same."""
    kept, at = rows.get(tx, name), rows.unseen(tx, name, tx.at)
    ats = list[Micros]()
    with contextlib.suppress(BadSchedule):  # the zone is gone: what comes next nobody knows
        while kept and at is not None and at <= tx.at:
            if not ats or not rows.taken(tx, name, at):
                ats.append(at)
            at = next_of(kept.priority, at)
    for chunk in range(0, len(ats), CHUNK):
        some = tuple(ats[chunk : chunk + CHUNK])
        tx.append(ev.InstantsSkipped(name=name, instants=some, reason=reason, what=what), actor)


def pause(tx: Tx, name: str, why: Paused, what: str = "", actor: Actor = SWARM) -> None:
    """Nothing of it runs by itself. What is due already is skipped; what is not is planned anew
    when it goes on."""
    leave(tx, name, "paused", why, actor)
    tx.append(ev.PriorityPaused(name=name, why=why, what=what), actor)
    plan_next(tx, name, tx.at)


def resume(tx: Tx, name: str, actor: Actor = SWARM) -> None:
    """It goes on from now."""
    tx.append(ev.PriorityResumed(name=name), actor)
    plan_next(tx, name, tx.at, actor)


def passed(tx: Tx, kept: Kept, facts: Facts, decision: Decision) -> None:
    """An instant is over, and with it as many after it of which the same becomes, up to a chunk:
    they share a fact."""
    priority, ats = kept.priority, [facts.at]
    after, now, more = facts.following, facts.now, False
    while after is not None:
        then = next_of(priority, after)
        due = Micros(after + jitter_of(priority, after, then))
        one = Facts(now=now, at=after, due=due, following=then, mode=facts.mode)
        last = then is None or then > now
        if not late(one) or caught_up(priority.catch_up, last=last) != decision:
            break
        if len(ats) == CHUNK:
            more = True
            break
        if not rows.taken(tx, priority.name, after):
            ats.append(after)
        after = then
    if decision.what == "miss":
        missed = ev.InstantsMissed(name=priority.name, instants=tuple(ats), more=more)
        tx.append(missed, SWARM)
        plan_next(tx, priority.name, ats[-1])
    else:
        assert decision.reason
        skip(tx, priority.name, ats, decision.reason)


def month_of(at: Micros) -> tuple[int, int]:
    then = from_micros(at)
    return then.year, then.month


def next_month(at: Micros) -> Micros:
    """When the month (UTC) after that of `at` begins."""
    first = datetime(*month_of(at), 1, tzinfo=UTC)
    return to_micros((first + timedelta(days=32)).replace(day=1))
