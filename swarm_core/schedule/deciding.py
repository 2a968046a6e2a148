"""What becomes of an instant that is due, decided and recorded inside a write."""

from __future__ import annotations

import contextlib

import msgspec

from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.clock import Micros, from_micros
from swarm_core.kernel.errors import UnknownZone
from swarm_core.kernel.hours import Span
from swarm_core.kernel.ids import TaskId
from swarm_core.schedule import events as ev
from swarm_core.schedule import planning, rows, standing
from swarm_core.schedule.cron import zone_of
from swarm_core.schedule.model import Mode, StandingPriority
from swarm_core.schedule.rows import Kept
from swarm_core.schedule.rules import Decision, Facts, Priced, decide
from swarm_core.store import Tx
from swarm_core.tasks import queries

MOST_WORDS = 20_000
"""Characters of what a gate said that go along."""


class Go(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be handed in; `busy` are tasks that it takes the place of."""

    kept: Kept
    gate: bool
    words: str = ""
    busy: tuple[TaskId, ...] = ()


def decided(tx: Tx, name: str, at: Micros, priced: Priced, mode: Mode) -> Go | bool:
    """Record what becomes of an instant, unless it is to be handed in; True when that was
    done, False when it has to wait."""
    kept, row = rows.get(tx, name), rows.row_of(tx, name, at)
    if kept is None or row is None or row.instant.state != "planned":
        return True
    if kept.paused == "money" and planning.month_of(kept.since or tx.at) != planning.month_of(
        tx.at
    ):
        tx.append(ev.PriorityResumed(name=name), SWARM)
        kept = rows.get(tx, name) or kept
    facts = _facts(tx, kept, row, mode)
    decision = decide(kept.priority, facts, priced)
    match decision.what:
        case "wait":
            return False
        case "queue":
            tx.append(ev.InstantQueued(name=name, at=at), SWARM)
            planning.plan_next(tx, name, at)
        case "miss":
            planning.passed(tx, kept, facts, decision)
        case "skip":
            _skip(tx, kept, facts, decision, priced)
        case "pause":
            reason = decision.reason or "money"
            skipped = ev.InstantsSkipped(name=name, instants=(at,), reason=reason)
            tx.append(skipped, SWARM)
            planning.pause(tx, name, decision.why, decision.gone)
        case "run" if kept.priority.action == "remind":
            tx.append(ev.InstantRan(name=name, at=at, outcome="done"), SWARM)
            planning.plan_next(tx, name, at)
        case "run" | "gate":
            return _go(tx, kept, row, gate=decision.what == "gate")
    return True


def _skip(tx: Tx, kept: Kept, facts: Facts, decision: Decision, priced: Priced) -> None:
    if decision.reason in ("passed", "caught_up"):
        planning.passed(tx, kept, facts, decision)
        return
    assert decision.reason
    what = priced.refused if decision.reason == "refused" else ""
    planning.skip(tx, kept.priority.name, [facts.at], decision.reason, what)


def _go(tx: Tx, kept: Kept, row: rows.Row, *, gate: bool) -> Go:
    name, at = kept.priority.name, row.instant.at
    busy = rows.busy(tx, name, at) if kept.priority.overlap == "replace" else []
    tasks = [b.gate if b.instant.state == "planned" else b.instant.task for b in busy]
    looked = queries.get(tx, TaskId(row.gate), result=True) if row.gate and not gate else None
    words = (looked.result or "")[:MOST_WORDS] if looked else ""
    return Go(kept=kept, gate=gate, words=words, busy=tuple(TaskId(t) for t in tasks if t))


def _facts(tx: Tx, kept: Kept, row: rows.Row, mode: Mode) -> Facts:
    priority, at = kept.priority, row.instant.at
    last = rows.last_ran(tx, priority.name)
    month, day = standing.left(tx, priority.name, tx.at)
    quiet = False
    with contextlib.suppress(UnknownZone):
        if priority.quiet:
            span = Span.of(priority.quiet)
            quiet = span.over(from_micros(at), zone_of(priority.zone)) is not None
    return Facts(
        now=tx.at,
        at=at,
        due=row.instant.due,
        following=_following(priority, at),
        mode=mode,
        paused=kept.paused,
        queued=row.queued,
        gate=priority.gate is not None and row.gate is None,
        opened=row.opened,
        quiet=quiet,
        started=last.at if last else None,
        busy=bool(rows.busy(tx, priority.name, at)),
        waits=rows.waits(tx, priority.name, at),
        month=month,
        day=day,
    )


def _following(priority: StandingPriority, at: Micros) -> Micros | None:
    try:
        return planning.next_of(priority, at)
    except UnknownZone:
        return None
