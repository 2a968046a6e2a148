"""Rows of dispatch: leases (working), stops (projection)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from swarm_core.dispatch import events as ev
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import StaleLease
from swarm_core.kernel.ids import Fence, RunId, TaskId
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Rows, Tx

migrations = Migrations("dispatch")


@migrations(name="0001_dispatch")
def _dispatch(db: Database) -> None:
    db.execute(
        """create table leases(
            run integer primary key, task integer not null, worker text not null,
            fence integer not null, until integer not null)"""
    )
    db.execute("create table stops(scope text primary key, at integer not null) without rowid")


def _stopped(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.WorkStopped)
    tx.execute("insert or ignore into stops(scope, at) values(?,?)", (e.scope, fact.at))


def _resumed(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.WorkResumed)
    tx.execute("delete from stops where scope = ?", (e.scope,))


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.WorkStopped: _stopped,
    ev.WorkResumed: _resumed,
}

TABLES = RoomTables(
    name="dispatch",
    migrations=migrations,
    tables={"leases": "working", "stops": "projection"},
    projectors=PROJECTORS,
)


def stops(rows: Rows | Tx) -> tuple[str, ...]:
    """The scopes that are stopped."""
    return tuple(r[0] for r in rows.execute("select scope from stops order by scope").fetchall())


def give(tx: Tx, run: RunId, task: TaskId, worker: str, fence: Fence, until: Micros) -> None:
    """Lease a run; whoever held it before is a zombie from now on."""
    tx.execute(
        "insert into leases(run, task, worker, fence, until) values(?,?,?,?,?)"
        " on conflict(run) do update set fence = excluded.fence, until = excluded.until",
        (run, task, worker, fence, until),
    )


def guard(tx: Tx, run: RunId, fence: Fence) -> None:
    """Raises `StaleLease` unless `run` is leased under exactly this fence."""
    row = tx.execute("select fence from leases where run = ?", (run,)).fetchone()
    if row is None or row[0] != fence:
        raise StaleLease(run=run)


def renew(tx: Tx, runs: list[tuple[RunId, Fence]], until: Micros) -> None:
    for run, fence in runs:
        tx.execute("update leases set until = ? where run = ? and fence = ?", (until, run, fence))


def end(tx: Tx, run: RunId) -> None:
    """The run is over."""
    tx.execute("delete from leases where run = ?", (run,))


def drop(tx: Tx, task: TaskId) -> RunId | None:
    """End the lease of a task's run, if there is one; returns the run."""
    row = tx.execute("delete from leases where task = ? returning run", (task,)).fetchone()
    return RunId(row[0]) if row else None


def places_taken(tx: Tx, only: frozenset[TaskId] | None = None) -> dict[str, int]:
    """Runs leased by each worker; `only` those of these tasks."""
    chosen = "" if only is None else f" where task in ({','.join('?' * len(only))})"
    found = tx.execute(
        f"select worker, count(*) from leases{chosen} group by worker",  # noqa: S608
        tuple(only or ()),
    )
    return dict(found.fetchall())


def running_by_person(tx: Tx) -> dict[str, int]:
    """Runs leased for each person. By the leases, which are few however many tasks there are."""
    found = tx.execute(
        "select t.person, count(*) from leases l cross join tasks t on t.id = l.task group by 1"
    )
    return dict(found.fetchall())


def held(rows: Rows | Tx, before: Micros | None = None) -> list[tuple[RunId, TaskId]]:
    """Leased runs, all or those whose lease ran out before an instant."""
    where, values = ("", list[Any]()) if before is None else ("where until < ?", [before])
    found = rows.execute(f"select run, task from leases {where} order by run", values).fetchall()  # noqa: S608
    return [(RunId(r[0]), TaskId(r[1])) for r in found]


def left_behind(tx: Tx, fence: Fence, only: frozenset[TaskId]) -> list[tuple[RunId, TaskId]]:
    """Leased runs of these tasks whose lease was given at `fence` or before."""
    marks = ",".join("?" * len(only))
    found = tx.execute(
        f"select run, task from leases where fence <= ? and task in ({marks}) order by run",  # noqa: S608
        (fence, *only),
    ).fetchall()
    return [(RunId(r[0]), TaskId(r[1])) for r in found]
