"""Rows of tasks: their shape, the fold that keeps them, the queries others may ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Tally, Tx
from swarm_core.tasks import events as ev
from swarm_core.tasks.model import TaskState

migrations = Migrations("tasks")

FAIRNESS = Tally("fairness", "person", ("virtual",))
_RECORD = Tally("worker_record", "worker", ("done", "failed", "cost"))


@migrations(name="0001_tasks")
def _tasks(db: Database) -> None:
    db.execute(
        """create table tasks(
            id integer primary key, kind text not null, state text not null, person text not null,
            surface text not null, space text not null, thread text not null,
            text_body integer not null, priority integer not null, rank integer not null,
            created integer not null, updated integer not null, ended integer,
            deadline integer, key text, request text not null, wish text,
            worker text, model text,
            run integer, attempts integer not null default 0, waiting text, waiting_data text,
            until integer, cost integer not null default 0, cap integer,
            steps integer not null default 0, result_body integer, failure text,
            failure_data text, complexity text not null, category text not null, parent integer,
            model_wish text)"""
    )
    # The queue: one probe finds the next task of a worker however many are stored.
    db.execute("create index tasks_ready on tasks(worker, rank) where state = 'ready'")
    # Open tasks are known by having no end, not by their state: an index on the state would be
    # rewritten at each change of it.
    db.execute("create index tasks_open on tasks(id) where ended is null")
    db.execute("create index tasks_request on tasks(request) where ended is null")
    db.execute(
        "create index tasks_due on tasks(until) where state = 'waiting' and until is not null"
    )
    db.execute(
        "create index tasks_deadline on tasks(deadline)"
        " where deadline is not null and state in ('queued','ready','waiting')"
    )
    db.execute("create index tasks_waiting on tasks(waiting, rank) where state = 'waiting'")
    db.execute("create unique index tasks_key on tasks(key) where key is not null")
    db.execute("create index tasks_ended on tasks(ended) where ended is not null")
    db.execute("create index tasks_failed on tasks(id) where state = 'failed'")
    db.execute("create index tasks_asked on tasks(person, id) where kind = 'ask'")
    db.execute(
        """create table task_keys(key text primary key, task integer not null) without rowid"""
    )
    db.execute(
        """create table task_needs(task integer not null, needs integer not null,
            primary key(task, needs)) without rowid"""
    )
    db.execute("create index task_needs_by on task_needs(needs)")
    db.execute(
        """create table task_tags(task integer not null, tag text not null,
            primary key(task, tag)) without rowid"""
    )
    db.execute(
        """create table task_links(task integer not null, other integer not null,
            percent integer not null, primary key(task, other)) without rowid"""
    )
    db.execute(
        """create table runs(
            id integer primary key, task integer not null, attempt integer not null,
            worker text not null, model text not null, state text not null,
            started integer not null, ended integer, cost integer not null default 0,
            steps integer not null default 0)"""
    )
    db.execute("create index runs_task on runs(task)")
    db.execute(
        """create table worker_record(worker text primary key, done integer not null,
            failed integer not null, cost integer not null) without rowid"""
    )
    db.execute(
        """create table fairness(person text primary key, virtual integer not null)
            without rowid"""
    )


@migrations(name="0002_poor")
def _poor(db: Database) -> None:
    # What is dear must not be read on the way to what is cheap.
    db.execute(
        "create index tasks_poor on tasks("
        "json_extract(waiting_data, '$.scope'), json_extract(waiting_data, '$.most'))"
        " where state = 'waiting' and waiting = 'over_budget'"
    )


@migrations(name="0003_turns")
def _turns(db: Database) -> None:
    # In a chat service a task is a turn of its conversation as a question is.
    db.execute(
        "create index tasks_turns on tasks(person, surface, space, thread, id)"
        " where surface != 'terminal'"
    )


@migrations(name="0004_standing")
def _standing(db: Database) -> None:
    db.execute("alter table tasks add column standing text not null default ''")


def _accepted(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.TaskAccepted)
    tx.execute(
        "insert into tasks(id, kind, state, person, surface, space, thread, text_body, priority,"
        " rank, created, updated, deadline, key, request, wish, worker, cap, complexity, category,"
        " parent, model, model_wish, standing)"
        " values(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            fact.task,
            e.task_kind,
            "queued" if e.blocked else "ready",
            e.person,
            e.place.surface,
            e.place.space,
            e.place.thread,
            e.text.id,
            e.priority,
            e.rank,
            fact.at,
            fact.at,
            e.deadline,
            e.key,
            e.request,
            e.wish,
            e.worker,
            e.cap,
            e.labels.complexity,
            e.labels.category,
            e.parent,
            e.model,
            e.model_wish,
            e.standing,
        ),
    )
    tx.tallies.set(FAIRNESS, e.person, (e.virtual,))
    for need in e.needs:
        tx.execute("insert into task_needs(task, needs) values(?,?)", (fact.task, need))
    for tag in e.labels.tags:
        tx.execute("insert or ignore into task_tags(task, tag) values(?,?)", (fact.task, tag))


def _amended(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.TaskAmended)
    # No request joins it from here on: it is not the one that was asked first.
    tx.execute(
        "update tasks set text_body = ?, request = '', wish = ?, updated = ? where id = ?",
        (e.text.id, e.wish, fact.at, fact.task),
    )


def _joined(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.TaskJoined)
    if e.key is not None:
        tx.execute("insert or ignore into task_keys(key, task) values(?,?)", (e.key, fact.task))


def _linked(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.TaskLinked)
    tx.execute(
        "insert or replace into task_links(task, other, percent) values(?,?,?)",
        (fact.task, e.other, e.percent),
    )


def _moved(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.TaskMoved)
    tx.execute(
        "update tasks set worker = ?, model = ?, updated = ? where id = ?",
        (e.worker, e.model, fact.at, fact.task),
    )


def _unblocked(tx: Tx, fact: Fact) -> None:
    tx.execute("update tasks set state = 'ready', updated = ? where id = ?", (fact.at, fact.task))


def _started(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.TaskStarted)
    tx.execute(
        "update tasks set state = 'running', updated = ?, run = ?, worker = ?, model = ?,"
        " attempts = ?, waiting = null, waiting_data = null, until = null where id = ?",
        (fact.at, fact.run, e.worker, e.model, e.attempt, fact.task),
    )
    tx.execute(
        "insert into runs(id, task, attempt, worker, model, state, started)"
        " values(?,?,?,?,?,'running',?) on conflict(id) do update set state = 'running'",
        (fact.run, fact.task, e.attempt, e.worker, e.model, fact.at),
    )


def _parked(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.TaskParked)
    tx.execute(
        "update tasks set state = 'waiting', updated = ?, waiting = ?, waiting_data = ?, until = ?"
        " where id = ?",
        (fact.at, e.reason, _json(e.data), e.until, fact.task),
    )
    if fact.run is not None:
        tx.execute("update runs set state = 'parked' where id = ?", (fact.run,))


def _woken(tx: Tx, fact: Fact) -> None:
    tx.execute(
        "update tasks set state = 'ready', updated = ?, waiting = null, waiting_data = null,"
        " until = null where id = ?",
        (fact.at, fact.task),
    )


def _ended(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.TaskEnded)
    tx.execute(
        "update tasks set state = ?, updated = ?, ended = ?, result_body = ?, failure = ?,"
        " failure_data = ?, cost = cost + ?, steps = steps + ?, waiting = null,"
        " waiting_data = null, until = null where id = ?",
        (
            e.outcome.value,
            fact.at,
            fact.at,
            e.result.id if e.result else None,
            e.failure,
            _json(e.failure_data) if e.failure else None,
            e.cost,
            e.steps,
            fact.task,
        ),
    )
    if fact.run is not None:
        (worker,) = tx.execute(
            "update runs set state = ?, ended = ?, cost = ?, steps = ? where id = ?"
            " returning worker",
            (e.outcome.value, fact.at, e.cost, e.steps, fact.run),
        ).fetchone()
        done, failed, cost = tx.tallies.get(_RECORD, worker) or (0, 0, 0)
        done += e.outcome is TaskState.DONE
        failed += e.outcome is TaskState.FAILED
        tx.tallies.set(_RECORD, worker, (done, failed, cost + e.cost))


def _retried(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.TaskRetried)
    tx.execute(
        "update tasks set state = ?, updated = ?, ended = null, rank = ?, worker = ?, model = ?,"
        " run = null, result_body = null, failure = null, failure_data = null where id = ?",
        ("queued" if e.blocked else "ready", fact.at, e.rank, e.worker, e.model, fact.task),
    )


def _json(data: Mapping[str, Any]) -> str:
    return msgspec.json.encode(data, order="sorted").decode()


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.TaskAccepted: _accepted,
    ev.TaskAmended: _amended,
    ev.TaskJoined: _joined,
    ev.TaskLinked: _linked,
    ev.TaskMoved: _moved,
    ev.TaskUnblocked: _unblocked,
    ev.TaskStarted: _started,
    ev.TaskParked: _parked,
    ev.TaskWoken: _woken,
    ev.TaskEnded: _ended,
    ev.TaskRetried: _retried,
}

TABLES = RoomTables(
    name="tasks",
    migrations=migrations,
    tables=dict.fromkeys(
        (
            *("tasks", "task_keys", "task_needs", "task_tags", "task_links", "runs"),
            *("worker_record", "fairness"),
        ),
        "projection",
    ),
    projectors=PROJECTORS,
)
