"""The book of incidents: begins, ends, reminds and escalates. Every method runs inside a write.

What can go wrong: the same thing fails every minute and everybody is told every minute; or it is
told once, to somebody who sleeps, and never again. So a subject has at most one open incident,
which a row of failures opens and the first success closes; each step after that is an instant on
disk, taken once, whatever is killed in between; and who says "I have it" ends the steps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from swarm_core.incidents import events as ev
from swarm_core.incidents import rules, streaks, tables
from swarm_core.incidents.model import Cause, Ended, Failed, Incident, Severity
from swarm_core.kernel.actor import SWARM, Actor, Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import Seq, TaskId
from swarm_core.settings import Notices
from swarm_core.store import Fact, Tx

Ladder = Callable[[str, Incident], tuple[str, ...]]
"""Whom a name of the escalation means for an incident, as `person/7`."""
Heard = Callable[[Severity, Place | None, str, Micros], Micros]
"""When those are told whom something concerns that is wrong from an instant on: then, or when
their quiet hours end."""


class IncidentRules(msgspec.Struct, frozen=True, kw_only=True):
    """After how many microseconds without an answer people are reminded, and the next ones told;
    None for never. `escalation` names who, one after the other."""

    remind: int | None
    escalate: int | None
    escalation: tuple[str, ...]

    @classmethod
    def of(cls, settings: Notices) -> IncidentRules:
        def micros(span: timedelta | None) -> int | None:
            return None if span is None else span // timedelta(microseconds=1)

        return cls(
            remind=micros(settings.remind_after),
            escalate=micros(settings.escalate_after),
            escalation=settings.escalation,
        )


class IncidentBook:
    """Keeps incidents. Who is told of them in which words is not its business."""

    def __init__(self, rules: IncidentRules, ladder: Ladder, heard: Heard) -> None:
        self.rules = rules
        """For what opens and escalates from here on."""
        self._ladder = ladder
        self._heard = heard

    # ── what fails and recovers ──────────────────────────────────────────────

    def failed(self, tx: Tx, failed: Failed, fact: Fact) -> None:
        """What `fact` says has failed: the second time in a row for the same cause, or the third
        for any, is an incident."""
        subject, key = failed.subject, failed.cause.key
        before = streaks.row_of(tx, subject)
        task = () if failed.task is None else (failed.task,)
        if before is None:
            row = streaks.Row(key, 1, 1, tx.at, task)
        else:
            same = before.same + 1 if before.cause == key else 1
            tasks = (*before.tasks, *task)[-rules.ANY :]
            row = streaks.Row(key, same, before.failures + 1, before.since, tasks)
        streaks.keep_row(tx, subject, row)
        known = tables.open_of(tx, subject)
        if known:
            streaks.keep_task(tx, known.id, failed.task)
            self._grow(tx, known, failed.cause, row.failures, fact.seq)
        elif rules.opens(row.same, row.failures):
            self._open(
                tx,
                subject=subject,
                severity="critical",
                cause=failed.cause,
                place=failed.place,
                owner=failed.owner,
                since=row.since,
                failures=row.failures,
                tasks=row.tasks,
                because=fact.seq,
            )

    def recovered(self, tx: Tx, subject: str, fact: Fact) -> None:
        """What had failed, maybe, has worked."""
        self.close(tx, subject, "recovered", because=fact.seq)

    def dropped(self, tx: Tx, subject: str, fact: Fact) -> None:
        """What had failed, maybe, is not there any more."""
        self.close(tx, subject, "gone", because=fact.seq)

    def raised(
        self, tx: Tx, subject: str, severity: Severity, cause: Cause, owner: str, since: Micros
    ) -> None:
        """Something is wrong with the swarm itself, and has been since then."""
        if tables.open_of(tx, subject) is None:
            self._open(
                tx,
                subject=subject,
                severity=severity,
                cause=cause,
                place=None,
                owner=owner,
                since=since,
                failures=1,
                tasks=(),
            )

    def close(self, tx: Tx, subject: str, ended: Ended, *, because: Seq | None = None) -> None:
        """It is over; nothing happens when nothing was wrong."""
        row = streaks.row_of(tx, subject)
        if row is not None:
            streaks.end_row(tx, subject)
        incident = tables.open_of(tx, subject)
        if incident is None:
            return
        failures = max(incident.failures, row.failures if row else 0)
        closed = ev.IncidentClosed(incident=incident.id, ended=ended, failures=failures)
        tx.append(closed, SWARM, cause=because)

    def _open(
        self,
        tx: Tx,
        *,
        subject: str,
        severity: Severity,
        cause: Cause,
        place: Place | None,
        owner: str,
        since: Micros,
        failures: int,
        tasks: Sequence[TaskId],
        because: Seq | None = None,
    ) -> None:
        number, heard = tx.next_id("incidents"), self._heard(severity, place, owner, tx.at)
        opened = ev.IncidentOpened(
            incident=number,
            subject=subject,
            severity=severity,
            code=cause.code,
            data=cause.data,
            place=place,
            owner=owner,
            since=since,
            failures=failures,
            tasks=tuple(tasks),
            remind=_after(heard, self.rules.remind),
            escalate=_after(heard, self.rules.escalate),
        )
        for task in tasks:
            streaks.keep_task(tx, number, task)
        tx.append(opened, SWARM, cause=because)

    def _grow(self, tx: Tx, known: Incident, cause: Cause, failures: int, because: Seq) -> None:
        keys = {each.key for each, _ in tables.causes_of(tx, known.id)}
        if rules.grows(failures, cause.key not in keys):
            data: dict[str, Any] = cause.data
            grew = ev.IncidentGrew(incident=known.id, code=cause.code, data=data, failures=failures)
            tx.append(grew, SWARM, cause=because)

    # ── what people do about it, and what is done when nobody does ───────────

    def acknowledge(self, tx: Tx, actor: Actor, incident: int) -> tuple[Incident | None, bool]:
        """The actor has it. Returns how it stands now, None for one that is not there, and whether
        that is new: an incident that is over or that somebody has stays as it is."""
        found = tables.get(tx, incident)
        if found is None or found.closed is not None or found.acknowledged is not None:
            return found, False
        tx.append(ev.IncidentAcknowledged(incident=incident), actor)
        return tables.get(tx, incident), True

    def act(self, tx: Tx) -> Micros | None:
        """Remind, and tell others, where that is due; returns when to look again."""
        for incident, _ in tables.due(tx, "remind"):
            tx.append(ev.IncidentReminded(incident=incident.id), SWARM)
        for incident, level in tables.due(tx, "escalate"):
            self._escalate(tx, incident, level)
        return tables.next_instant(tx)

    def _escalate(self, tx: Tx, incident: Incident, level: int) -> None:
        """The next name that means somebody who was not told yet; the rest have their turn."""
        names, to = self.rules.escalation, tuple[str, ...]()
        while level < len(names) and not to:
            found = self._ladder(names[level], incident)
            to = tuple(who for who in found if who not in incident.told)
            level += 1
        again = _after(tx.at, self.rules.escalate) if to and level < len(names) else None
        escalated = ev.IncidentEscalated(incident=incident.id, level=level, to=to, escalate=again)
        tx.append(escalated, SWARM)


def _after(instant: Micros, span: int | None) -> Micros | None:
    return None if span is None else Micros(instant + span)
