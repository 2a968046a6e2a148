"""Rows of approvals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from swarm_core.approvals import events as ev
from swarm_core.approvals.model import Approval
from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import NO_TASK, ApprovalId, TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Rows, Tx, read_body

migrations = Migrations("approvals")
_encode = msgspec.json.Encoder(order="deterministic").encode

_COLUMNS = (
    "id, kind, task, run, asker, action, other, digest, cost, shown, asked, expires, state, live,"
    " decided, decided_by, instead, granted, reason_body, place"
)


@migrations(name="0001_approvals")
def _approvals(db: Database) -> None:
    db.execute(
        """create table approvals(
            id text primary key, kind text not null, task integer not null, run integer,
            asker text not null, action text not null, other text, digest text not null,
            cost integer not null, shown text not null, asked integer not null,
            expires integer not null, remind integer, state text not null default 'open',
            live integer not null default 1, decided integer, decided_by text,
            instead integer not null default 0, granted text, reason_body integer)
            without rowid"""
    )
    db.execute("create index approvals_open on approvals(expires) where state = 'open'")
    db.execute("create index approvals_remind on approvals(remind) where remind is not null")
    db.execute("create index approvals_task on approvals(task)")


@migrations(name="0002_place")
def _place(db: Database) -> None:
    db.execute("alter table approvals add column place text")


def _asked(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.ApprovalAsked)
    tx.execute(
        "insert into approvals(id, kind, task, run, asker, action, other, digest, cost, shown,"
        " asked, expires, remind, place) values(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            e.approval,
            e.approval_kind,
            fact.task or NO_TASK,
            fact.run,
            e.asker,
            _encode(e.action).decode(),
            _encode(e.other).decode() if e.other else None,
            e.digest,
            e.cost,
            _encode(e.shown).decode(),
            fact.at,
            e.expires,
            e.remind,
            _encode(e.place).decode() if e.place else None,
        ),
    )


def _decided(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.ApprovalDecided)
    tx.execute(
        "update approvals set state = ?, decided = ?, decided_by = ?, instead = ?, granted = ?,"
        " reason_body = ?, remind = null, live = live and kind <> 'raise' where id = ?",
        (
            e.verdict,
            fact.at,
            fact.actor,
            e.instead,
            e.granted,
            e.reason.id if e.reason else None,
            e.approval,
        ),
    )


def _reminded(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.ApprovalReminded)
    tx.execute("update approvals set remind = null where id = ?", (e.approval,))


def _expired(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.ApprovalExpired)
    tx.execute(
        "update approvals set state = 'expired', decided = ?, remind = null,"
        " live = live and kind <> 'raise' where id = ?",
        (fact.at, e.approval),
    )


def _withdrawn(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.ApprovalWithdrawn)
    tx.execute(
        "update approvals set state = iif(state = 'open', 'withdrawn', state), live = 0,"
        " remind = null where id = ?",
        (e.approval,),
    )


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.ApprovalAsked: _asked,
    ev.ApprovalDecided: _decided,
    ev.ApprovalReminded: _reminded,
    ev.ApprovalExpired: _expired,
    ev.ApprovalWithdrawn: _withdrawn,
}

TABLES = RoomTables(
    name="approvals",
    migrations=migrations,
    tables={"approvals": "projection"},
    projectors=PROJECTORS,
    events=(ev.ApprovalRefused,),
)


def _approval(rows: Rows | Tx, row: tuple[Any, ...]) -> Approval:
    decode = msgspec.json.decode
    return Approval(
        id=ApprovalId(row[0]),
        kind=row[1],
        task=TaskId(row[2]),
        run=row[3],
        asker=row[4],
        action=decode(row[5]),
        other=decode(row[6]) if row[6] else None,
        digest=row[7],
        cost=MicroUSD(row[8]),
        shown=decode(row[9]),
        asked=row[10],
        expires=row[11],
        state=row[12],
        live=bool(row[13]),
        decided=row[14],
        decided_by=row[15],
        instead=bool(row[16]),
        granted=row[17],
        reason=rows.body(row[18]) if isinstance(rows, Tx) else read_body(rows.execute, row[18]),
        place=msgspec.json.decode(row[19], type=Place) if row[19] else None,
    )


def _found(rows: Rows | Tx, rest: str, values: tuple[Any, ...] = ()) -> list[Approval]:
    found = rows.execute(f"select {_COLUMNS} from approvals {rest}", values).fetchall()  # noqa: S608
    return [_approval(rows, row) for row in found]


def get(rows: Rows | Tx, approval: str) -> Approval | None:
    return next(iter(_found(rows, "where id = ?", (approval,))), None)


def of_task(rows: Rows | Tx, task: TaskId) -> list[Approval]:
    """Every approval there ever was for a task, the oldest first."""
    return _found(rows, "where task = ? order by asked, id", (task,))


def tasks_asked(tx: Tx) -> set[TaskId]:
    """Every task that something was ever asked for."""
    return {row[0] for row in tx.execute("select distinct task from approvals").fetchall()}


def open_ones(rows: Rows | Tx) -> list[Approval]:
    """What waits for a decision, what expires first in front."""
    return _found(rows, "where state = 'open' order by expires, id")


def latest(rows: Rows, most: int) -> list[Approval]:
    """The last that were asked, whatever became of them."""
    return _found(rows, "order by asked desc, id limit ?", (most,))


def expired(tx: Tx) -> list[Approval]:
    """Open ones whose time is over."""
    return _found(tx, "where state = 'open' and expires <= ? order by expires, id", (tx.at,))


def unreminded(tx: Tx) -> list[Approval]:
    """Open ones of which people are to be reminded by now."""
    return _found(tx, "where remind is not null and remind <= ? order by remind, id", (tx.at,))


def next_instant(tx: Tx) -> Micros | None:
    """When the next one expires, or people are to be reminded of it."""
    (instant,) = tx.execute(
        "select min(at) from (select min(expires) at from approvals where state = 'open'"
        " union all select min(remind) from approvals where remind is not null)"
    ).fetchone()
    return instant  # type: ignore[no-any-return]
