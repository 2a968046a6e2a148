"""What dispatch asks of the stored tasks inside its writes: who is next, who waits, what is due."""

from __future__ import annotations

from typing import Any

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.store import Rows, Tx
from swarm_core.tasks.model import Labels, Startable, TaskState

_STARTABLE = (
    "id, state, kind, person, surface, space, thread, text_body, worker, run, attempts, cap, model,"
    " model_wish, wish, category, standing"
)


def _startable(row: tuple[Any, ...]) -> Startable:
    return Startable(
        id=row[0],
        state=TaskState(row[1]),
        kind=row[2],
        person=row[3],
        place=Place(surface=row[4], space=row[5], thread=row[6]),
        text_body=row[7],
        worker=row[8],
        run=row[9],
        attempts=row[10],
        cap=row[11],
        model=row[12],
        model_wish=row[13],
        wish=row[14],
        category=row[15],
        standing=row[16],
    )


def next_ready(
    tx: Tx,
    worker: str,
    most: int,
    without: tuple[str, ...],
    only: frozenset[TaskId] | None = None,
) -> list[Startable]:
    """The next tasks of a worker's queue, leaving out those of some people; `only` these."""
    others = f" and person not in ({','.join('?' * len(without))})" if without else ""
    chosen = "" if only is None else f" and id in ({','.join('?' * len(only))})"
    found = tx.execute(
        f"select {_STARTABLE} from tasks where worker = ? and state = 'ready'{others}{chosen}"  # noqa: S608
        " order by rank limit ?",
        (worker, *without, *sorted(only or ()), most),
    ).fetchall()
    return [_startable(row) for row in found]


def ready_workers(tx: Tx) -> list[str]:
    """The workers in whose queues something stands: one probe each, however long the queues."""
    found = tx.execute(
        "with recursive w(name) as (select min(worker) from tasks where state = 'ready'"
        " union all select (select min(worker) from tasks where state = 'ready' and worker > name)"
        " from w where name is not null) select name from w where name is not null"
    ).fetchall()
    return [row[0] for row in found]


def with_needs(tx: Tx, task: TaskId) -> frozenset[TaskId]:
    """A task and all it waits for, however far down."""
    found = tx.execute(
        "with recursive chain(id) as (select ? union select n.needs from chain"
        " join task_needs n on n.task = chain.id) select id from chain",
        (task,),
    ).fetchall()
    return frozenset(TaskId(row[0]) for row in found)


def startable(tx: Tx, task: TaskId) -> Startable:
    """What starting a task needs to know. The task must exist."""
    row = tx.execute(f"select {_STARTABLE} from tasks where id = ?", (task,)).fetchone()  # noqa: S608
    return _startable(row)


def begun_run(tx: Tx, task: TaskId) -> RunId | None:
    """The run of an unfinished task, leased or parked."""
    row = tx.execute("select run from tasks where id = ? and ended is null", (task,)).fetchone()
    return row[0] if row else None


def without_worker(tx: Tx, workers: tuple[str, ...]) -> list[TaskId]:
    """Open tasks that no worker has and that wait for one that is not among these."""
    marks = ",".join("?" * len(workers))
    found = tx.execute(
        "select id from tasks where ended is null and state != 'running'"  # noqa: S608
        f" and worker not in ({marks}) order by id",
        workers,
    ).fetchall()
    return [TaskId(row[0]) for row in found]


def running(tx: Tx, person: str | None) -> list[TaskId]:
    """Tasks a worker has now, all or one person's."""
    found = tx.execute(
        "select id from tasks where ended is null and state = 'running'"
        " and (?1 is null or person = ?1) order by id",
        (person,),
    ).fetchall()
    return [TaskId(row[0]) for row in found]


def waiting_for(tx: Tx, reason: str) -> list[tuple[TaskId, dict[str, Any]]]:
    """Parked tasks with this reason in their order, with what they were parked with."""
    found = tx.execute(
        "select id, waiting_data from tasks where state = 'waiting' and waiting = ? order by rank",
        (reason,),
    ).fetchall()
    return [(TaskId(row[0]), msgspec.json.decode(row[1])) for row in found]


_POOR = "state = 'waiting' and waiting = 'over_budget'"
_BY_BUDGET = "tasks indexed by tasks_poor"
_SCOPE = "json_extract(waiting_data, '$.scope')"
_NEEDED = "json_extract(waiting_data, '$.most')"


def budgets_waited_for(tx: Tx) -> list[tuple[str, int]]:
    """The budgets that tasks wait for besides their own, each with the least that is needed of
    it: two probes each, however many wait."""
    return tx.execute(
        f"with recursive b(scope) as (select min({_SCOPE}) from {_BY_BUDGET} where {_POOR}"  # noqa: S608
        f" union all select (select min({_SCOPE}) from {_BY_BUDGET} where {_POOR} and {_SCOPE} >"
        # The next one; past all the budgets of single tasks at once.
        " iif(scope glob 'task/*', 'task0', scope)) from b where scope is not null)"
        f" select scope, (select min({_NEEDED}) from {_BY_BUDGET}"
        f" where {_POOR} and {_SCOPE} = scope)"
        " from b where scope is not null and scope not glob 'task/*'"
    ).fetchall()


def waiting_for_money(tx: Tx, scope: str, room: int | None, most: int) -> list[tuple[TaskId, int]]:
    """The first tasks that wait for a budget and need no more than `room` of it, and how much."""
    found = tx.execute(
        # In their order, not by what is needed: most often the first ones fit.
        f"select id, {_NEEDED} from tasks indexed by tasks_waiting where {_POOR} and {_SCOPE} = ?1"  # noqa: S608
        f" and (?2 is null or {_NEEDED} <= ?2) order by rank limit ?3",
        (scope, room, most),
    ).fetchall()
    return [(TaskId(row[0]), row[1]) for row in found]


def waits_over(tx: Tx) -> list[TaskId]:
    """Parked tasks whose instant has come."""
    found = tx.execute(
        "select id from tasks where state = 'waiting' and until is not null and until <= ?"
        " order by until, id",
        (tx.at,),
    ).fetchall()
    return [TaskId(row[0]) for row in found]


def deadlines_passed(tx: Tx) -> list[TaskId]:
    """Tasks that had not started by their deadline."""
    found = tx.execute(
        "select id from tasks where deadline is not null and deadline <= ?"
        " and state in ('queued','ready','waiting') and run is null order by deadline, id",
        (tx.at,),
    ).fetchall()
    return [TaskId(row[0]) for row in found]


def next_due(rows: Rows | Tx) -> Micros | None:
    """The next instant at which a wait ends or a deadline passes."""
    row = rows.execute(
        "select min(at) from (select min(until) at from tasks where state = 'waiting' and until"
        " is not null union all select min(deadline) from tasks where deadline is not null and"
        " state in ('queued','ready','waiting') and run is null)"
    ).fetchone()
    return Micros(row[0]) if row[0] is not None else None


def idle_since(tx: Tx | Rows) -> Micros | None:
    """Since when nothing has been at work or waiting its turn; None while something is."""
    going = tx.execute(
        "select 1 from tasks where ended is null and state <> 'waiting' limit 1"
    ).fetchone()
    if going:
        return None
    (last,) = tx.execute("select max(ended) from tasks where ended is not null").fetchone()
    return Micros(last or 0)


def standing_of(tx: Tx | Rows, task: TaskId) -> str:
    """The standing priority whose work a task is; '' for none."""
    row = tx.execute("select standing from tasks where id = ?", (task,)).fetchone()
    return row[0] if row else ""


def labels_of(tx: Tx | Rows, task: TaskId) -> Labels:
    """What kind of work a task is."""
    row = tx.execute("select complexity, category from tasks where id = ?", (task,)).fetchone()
    tags = tx.execute("select tag from task_tags where task = ? order by tag", (task,)).fetchall()
    return Labels(tags=tuple(r[0] for r in tags), complexity=row[0], category=row[1])
