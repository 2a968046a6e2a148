"""Rows of incidents (projection); failures in a row and marks of alerts (working)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from swarm_core.incidents import events as ev
from swarm_core.incidents.model import ALERT, Cause, Incident
from swarm_core.incidents.streaks import failures_of
from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Rows, Tx

migrations = Migrations("incidents")
_encode = msgspec.json.Encoder(order="deterministic").encode

_COLUMNS = (
    "id, subject, severity, code, data, place, owner, since, opened, failures, closed, ended,"
    " acknowledged, by, reminded"
)


@migrations(name="0001_incidents")
def _incidents(db: Database) -> None:
    db.execute(
        """create table incidents(
            id integer primary key, subject text not null, severity text not null,
            code text not null, data text not null, place text, owner text not null,
            since integer not null, opened integer not null, failures integer not null,
            closed integer, ended text not null default '', acknowledged integer,
            by text not null default '', reminded integer, remind integer, escalate integer,
            level integer not null default 0)"""
    )
    db.execute("create unique index incidents_open on incidents(subject) where closed is null")
    db.execute("create index incidents_remind on incidents(remind) where remind is not null")
    db.execute("create index incidents_escalate on incidents(escalate) where escalate is not null")
    db.execute(
        """create table incident_causes(
            incident integer not null, key text not null, code text not null, data text not null,
            at integer not null, primary key(incident, key)) without rowid"""
    )
    db.execute(
        """create table incident_told(
            incident integer not null, level integer not null, who text not null,
            at integer not null, primary key(incident, level, who)) without rowid"""
    )
    db.execute(
        """create table failing(
            subject text primary key, cause text not null, same integer not null,
            failures integer not null, since integer not null, tasks text not null)
            without rowid"""
    )
    db.execute(
        """create table incident_tasks(
            incident integer not null, task integer not null, at integer not null,
            primary key(incident, task)) without rowid"""
    )
    db.execute(
        "create table alert_marks(subject text primary key, bad integer, well integer)"
        " without rowid"
    )


def _opened(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.IncidentOpened)
    tx.execute(
        "insert into incidents(id, subject, severity, code, data, place, owner, since, opened,"
        " failures, remind, escalate) values(?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            e.incident,
            e.subject,
            e.severity,
            e.code,
            _encode(e.data).decode(),
            _encode(e.place).decode() if e.place else None,
            e.owner,
            e.since,
            fact.at,
            e.failures,
            e.remind,
            e.escalate,
        ),
    )
    _caused(tx, e.incident, Cause(code=e.code, data=e.data), fact.at)


def _caused(tx: Tx, incident: int, cause: Cause, at: Micros) -> None:
    tx.execute(
        "insert or ignore into incident_causes(incident, key, code, data, at) values(?,?,?,?,?)",
        (incident, cause.key, cause.code, _encode(cause.data).decode(), at),
    )


def _grew(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.IncidentGrew)
    tx.execute("update incidents set failures = ? where id = ?", (e.failures, e.incident))
    _caused(tx, e.incident, Cause(code=e.code, data=e.data), fact.at)


def _acknowledged(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.IncidentAcknowledged)
    tx.execute(
        "update incidents set acknowledged = ?, by = ?, remind = null, escalate = null"
        " where id = ?",
        (fact.at, fact.actor, e.incident),
    )


def _reminded(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.IncidentReminded)
    tx.execute(
        "update incidents set reminded = ?, remind = null where id = ?", (fact.at, e.incident)
    )


def _escalated(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.IncidentEscalated)
    tx.execute(
        "update incidents set level = ?, escalate = ? where id = ?",
        (e.level, e.escalate, e.incident),
    )
    for who in e.to:
        tx.execute(
            "insert or ignore into incident_told(incident, level, who, at) values(?,?,?,?)",
            (e.incident, e.level, who, fact.at),
        )


def _closed(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.IncidentClosed)
    tx.execute(
        "update incidents set closed = ?, ended = ?, failures = ?, remind = null, escalate = null"
        " where id = ?",
        (fact.at, e.ended, e.failures, e.incident),
    )


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.IncidentOpened: _opened,
    ev.IncidentGrew: _grew,
    ev.IncidentAcknowledged: _acknowledged,
    ev.IncidentReminded: _reminded,
    ev.IncidentEscalated: _escalated,
    ev.IncidentClosed: _closed,
}

TABLES = RoomTables(
    name="incidents",
    migrations=migrations,
    tables={
        "incidents": "projection",
        "incident_causes": "projection",
        "incident_told": "projection",
        "failing": "working",
        "incident_tasks": "working",
        "alert_marks": "working",
    },
    projectors=PROJECTORS,
)


def _incident(rows: Rows | Tx, row: tuple[Any, ...]) -> Incident:
    decode = msgspec.json.decode
    return Incident(
        id=row[0],
        subject=row[1],
        severity=row[2],
        cause=Cause(code=row[3], data=decode(row[4])),
        place=decode(row[5], type=Place) if row[5] else None,
        owner=row[6],
        since=row[7],
        opened=row[8],
        failures=max(row[9], failures_of(rows, row[1]) if row[10] is None else 0),
        closed=row[10],
        ended=row[11],
        acknowledged=row[12],
        by=row[13],
        reminded=row[14],
        told=tuple(who for who, _ in told_of(rows, row[0])),
    )


def _found(rows: Rows | Tx, rest: str, values: tuple[Any, ...] = ()) -> list[Incident]:
    found = rows.execute(f"select {_COLUMNS} from incidents {rest}", values).fetchall()  # noqa: S608
    return [_incident(rows, row) for row in found]


def get(rows: Rows | Tx, incident: int) -> Incident | None:
    return next(iter(_found(rows, "where id = ?", (incident,))), None)


def open_of(rows: Rows | Tx, subject: str) -> Incident | None:
    """The open incident of a subject; there is never more than one."""
    return next(iter(_found(rows, "where subject = ? and closed is null", (subject,))), None)


def open_ones(rows: Rows | Tx) -> list[Incident]:
    """Newest first."""
    return _found(rows, "where closed is null order by id desc")


def closed_ones(rows: Rows | Tx, most: int) -> list[Incident]:
    """The last that are over, newest first."""
    return _found(rows, "where closed is not null order by id desc limit ?", (most,))


def open_alerts(rows: Rows | Tx) -> set[str]:
    found = rows.execute(
        "select subject from incidents where closed is null and subject glob ?", (f"{ALERT}*",)
    ).fetchall()
    return {row[0] for row in found}


def causes_of(rows: Rows | Tx, incident: int) -> list[tuple[Cause, Micros]]:
    """Every cause of an incident, the first one first."""
    found = rows.execute(
        "select code, data, at from incident_causes where incident = ? order by at, key",
        (incident,),
    ).fetchall()
    return [(Cause(code=r[0], data=msgspec.json.decode(r[1])), Micros(r[2])) for r in found]


def told_of(rows: Rows | Tx, incident: int) -> list[tuple[str, Micros]]:
    """To whom it was escalated, and when."""
    return rows.execute(
        "select who, at from incident_told where incident = ? order by level, who", (incident,)
    ).fetchall()


def due(tx: Tx, step: str) -> list[tuple[Incident, int]]:
    """Incidents of which people are to be reminded by now (`remind`), or to which others are to
    be called (`escalate`); with how far each was escalated."""
    found = tx.execute(
        f"select {_COLUMNS}, level from incidents where {step} is not null and {step} <= ?"  # noqa: S608
        f" order by {step}, id",
        (tx.at,),
    ).fetchall()
    return [(_incident(tx, row[:-1]), row[-1]) for row in found]


def next_instant(tx: Tx) -> Micros | None:
    """When the next of those is due."""
    (instant,) = tx.execute(
        "select min(at) from (select min(remind) at from incidents where remind is not null"
        " union all select min(escalate) from incidents where escalate is not null)"
    ).fetchone()
    return instant  # type: ignore[no-any-return]
