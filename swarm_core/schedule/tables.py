"""Rows of standing priorities and their instants: their shape, and how facts make them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.schedule import events as ev
from swarm_core.schedule.model import StandingPriority
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Tx

migrations = Migrations("schedule")
encode = msgspec.json.Encoder(order="sorted").encode
decode_priority = msgspec.json.Decoder(StandingPriority).decode


@migrations(name="0001_schedule")
def _schedule(db: Database) -> None:
    db.execute(
        """create table priorities(
            name text primary key, spec text not null, text_body integer not null,
            gate_body integer, by text not null, source text not null,
            paused text not null default '', since integer, what text not null default '',
            paid integer not null default 0, free integer not null default 0,
            gate_digest text not null default '', digest text not null default '')
            without rowid"""
    )
    db.execute(
        """create table instants(
            priority text not null, at integer not null, due integer not null,
            state text not null, reason text not null default '', what text not null default '',
            task integer, gate integer, opened integer not null default 0,
            queued integer not null default 0, late integer not null default 0,
            asked integer not null default 0, outcome text not null default '',
            cost integer not null default 0, changed integer not null default 0,
            ended integer, primary key(priority, at)) without rowid"""
    )
    db.execute("create index instants_due on instants(due) where state = 'planned'")
    db.execute("create index instants_missed on instants(priority, at) where state = 'missed'")
    db.execute("create index instants_ran on instants(priority, at) where state = 'ran'")
    db.execute("create index instants_task on instants(task) where task is not null")
    db.execute("create index instants_gate on instants(gate) where gate is not null")
    db.execute(
        "create table schedule_cursors(priority text primary key, seq integer not null)"
        " without rowid"
    )


def _set(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PrioritySet)
    new, name = e.priority, e.priority.name
    row = tx.execute("select spec from priorities where name = ?", (name,)).fetchone()
    old = decode_priority(row[0]) if row else None
    if old and (old.trigger, old.zone) != (new.trigger, new.zone):
        _withdraw(tx, name)
    tx.execute(
        "insert into priorities(name, spec, text_body, gate_body, by, source)"
        " values(?,?,?,?,?,?) on conflict(name) do update set spec = excluded.spec,"
        " text_body = excluded.text_body, gate_body = excluded.gate_body, by = excluded.by,"
        " source = excluded.source",
        (
            name,
            encode(new).decode(),
            e.text.id,
            e.gate.id if e.gate else None,
            new.by,
            new.source,
        ),
    )


def _withdraw(tx: Tx, name: str, after: int = -1) -> None:
    """What was planned and has not begun is planned no longer."""
    tx.execute(
        "delete from instants where priority = ? and state = 'planned' and gate is null"
        " and queued = 0 and at > ?",
        (name, after),
    )


def _removed(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PriorityRemoved)
    _withdraw(tx, e.name)
    tx.execute(
        "update instants set state = 'skipped', reason = 'person'"
        " where priority = ? and state in ('planned', 'missed')",
        (e.name,),
    )
    tx.execute("delete from priorities where name = ?", (e.name,))


def _paused(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PriorityPaused)
    _withdraw(tx, e.name)
    tx.execute(
        "update priorities set paused = ?, since = ?, what = ? where name = ?",
        (e.why, fact.at, e.what, e.name),
    )


def _resumed(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PriorityResumed)
    # What was planned for after a month that was spent; what is due now is being seen to.
    _withdraw(tx, e.name, after=fact.at)
    tx.execute(
        "update priorities set paused = '', since = null, what = '', paid = 0, free = 0"
        " where name = ?",
        (e.name,),
    )


def _planned(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.InstantPlanned)
    tx.execute(
        "insert into instants(priority, at, due, state) values(?,?,?,'planned')",
        (e.name, e.at, e.due),
    )


def _gated(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.InstantGated)
    tx.execute(
        "update instants set gate = ? where priority = ? and at = ?", (fact.task, e.name, e.at)
    )


def _opened(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.InstantOpened)
    tx.execute("update instants set opened = 1 where priority = ? and at = ?", (e.name, e.at))
    tx.execute("update priorities set gate_digest = ? where name = ?", (e.digest, e.name))


def _queued(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.InstantQueued)
    tx.execute("update instants set queued = 1 where priority = ? and at = ?", (e.name, e.at))


def _ran(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.InstantRan)
    ended = fact.at if e.outcome else None
    tx.execute(
        "insert into instants(priority, at, due, state, task, late, asked, outcome, ended)"
        " values(?,?,?,'ran',?,?,?,?,?) on conflict(priority, at) do update set state = 'ran',"
        " reason = '', task = excluded.task, late = excluded.late, asked = excluded.asked,"
        " outcome = excluded.outcome, ended = excluded.ended",
        (e.name, e.at, e.at, fact.task, e.late, e.asked, e.outcome, ended),
    )


_OVER = (
    "insert into instants(priority, at, due, state, reason, what) values(?,?,?,?,?,?)"
    " on conflict(priority, at) do update set state = excluded.state, reason = excluded.reason,"
    " what = excluded.what"
)


def _over(tx: Tx, name: str, ats: Sequence[Micros], state: str, why: str, what: str) -> None:
    for at in ats:
        tx.execute(_OVER, (name, at, at, state, why, what))


def _skipped(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.InstantsSkipped)
    _over(tx, e.name, e.instants, "skipped", e.reason, e.what)


def _missed(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.InstantsMissed)
    _over(tx, e.name, e.instants, "missed", "", "")


def _ended(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.InstantEnded)
    tx.execute(
        "update instants set outcome = ?, cost = ?, changed = ?, what = ?, ended = ?"
        " where priority = ? and at = ?",
        (e.outcome, e.cost, e.changed, e.what, fact.at, e.name, e.at),
    )
    if e.digest:
        tx.execute("update priorities set digest = ? where name = ?", (e.digest, e.name))
    match e.outcome:
        case "done":
            counts = "paid = 0, free = 0"
        case "failed":
            counts = "paid = paid + 1" if e.cost else "free = free + 1"
        case _:
            return
    tx.execute(f"update priorities set {counts} where name = ?", (e.name,))  # noqa: S608


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.PrioritySet: _set,
    ev.PriorityRemoved: _removed,
    ev.PriorityPaused: _paused,
    ev.PriorityResumed: _resumed,
    ev.InstantPlanned: _planned,
    ev.InstantGated: _gated,
    ev.InstantOpened: _opened,
    ev.InstantQueued: _queued,
    ev.InstantRan: _ran,
    ev.InstantsSkipped: _skipped,
    ev.InstantsMissed: _missed,
    ev.InstantEnded: _ended,
}

TABLES = RoomTables(
    name="schedule",
    migrations=migrations,
    tables={
        "priorities": "projection",
        "instants": "projection",
        "schedule_cursors": "working",
    },
    projectors=PROJECTORS,
)
