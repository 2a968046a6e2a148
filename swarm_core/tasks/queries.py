"""What may be asked of the stored tasks: by views, and by dispatch inside its writes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import LARGEST, RunId, TaskId
from swarm_core.store import Rows, Tx, read_body
from swarm_core.tasks.model import EVERYTHING_SEEN, UNFINISHED, Sight, Task, TaskState

_COLUMNS = (
    "id, kind, state, text_body, person, surface, space, thread, priority, rank, created, updated,"
    " ended, deadline, worker, model, run, attempts, waiting, waiting_data, until, cost, cap,"
    " steps, result_body, failure, failure_data, complexity, category, parent, wish,"
    " model_wish, standing"
)


def task_of(rows: Rows | Tx, row: tuple[Any, ...], *, result: bool) -> Task:
    """A stored row as a value; the result's text only when asked for."""
    return Task(
        id=row[0],
        kind=row[1],
        state=TaskState(row[2]),
        text=read_body(rows.execute, row[3]),
        person=row[4],
        place=Place(surface=row[5], space=row[6], thread=row[7]),
        priority=row[8],
        rank=row[9],
        created=row[10],
        updated=row[11],
        ended=row[12],
        deadline=row[13],
        worker=row[14],
        model=row[15],
        run=row[16],
        attempts=row[17],
        waiting=row[18],
        waiting_data=msgspec.json.decode(row[19]) if row[19] else {},
        until=row[20],
        cost=row[21],
        cap=row[22],
        steps=row[23],
        result=read_body(rows.execute, row[24]) if result else None,
        failure=row[25],
        failure_data=msgspec.json.decode(row[26]) if row[26] else {},
        complexity=row[27],
        category=row[28],
        parent=row[29],
        wish=row[30],
        model_wish=row[31],
        standing=row[32],
    )


def get(rows: Rows | Tx, task: TaskId, *, result: bool = False) -> Task | None:
    """The task, or None."""
    if abs(task) > LARGEST:
        return None
    row = rows.execute(f"select {_COLUMNS} from tasks where id = ?", (task,)).fetchone()  # noqa: S608
    return task_of(rows, row, result=result) if row else None


def listing(
    rows: Rows,
    *,
    states: tuple[TaskState, ...] = (),
    person: str | None = None,
    sight: Sight = EVERYTHING_SEEN,
    before: TaskId | None = None,
    most: int = 20,
) -> list[Task]:
    """Tasks, newest first; `before` continues a page."""
    where, values = ["1"], list[Any]()
    if states == UNFINISHED:
        where.append("ended is null")
    elif states:
        where.append(f"state in ({','.join('?' * len(states))})")
        values += [state.value for state in states]
    if person is not None:
        where.append("person = ?")
        values.append(person)
    if before is not None:
        where.append("id < ?")
        values.append(min(before, LARGEST))
    seen, seen_values = sight.where()
    values += seen_values
    found = rows.execute(
        f"select {_COLUMNS} from tasks where {' and '.join(where)}{seen}"  # noqa: S608
        " order by id desc limit ?",
        (*values, most),
    ).fetchall()
    return [task_of(rows, row, result=False) for row in found]


def those(
    rows: Rows,
    ids: Sequence[int],
    *,
    state: TaskState | None,
    worker: str | None,
    sight: Sight = EVERYTHING_SEEN,
) -> list[int]:
    """Those of `ids` in a state, of a worker, in the order given."""
    seen, values = sight.where("t")
    wish = state.value if state else None
    found = rows.execute(
        "select t.id from json_each(?) j cross join tasks t on t.id = j.value"  # noqa: S608
        " where (? is null or t.state = ?) and (? is null or t.worker = ?)"
        f"{seen} order by j.key",
        (msgspec.json.encode(ids).decode(), wish, wish, worker, worker, *values),
    ).fetchall()
    return [row[0] for row in found]


def at_work_first(rows: Rows, most: int) -> list[Task]:
    """Unfinished tasks: those at work, those that wait, those in the queues; each oldest first."""
    found = rows.execute(
        f"select {_COLUMNS} from tasks where ended is null order by case state"  # noqa: S608
        " when 'running' then 0 when 'waiting' then 1 when 'ready' then 2 else 3 end, id limit ?",
        (most,),
    ).fetchall()
    return [task_of(rows, row, result=False) for row in found]


def open_counts(rows: Rows) -> dict[str, int]:
    """How many unfinished tasks there are in each state."""
    return dict(
        rows.execute(
            "select state, count(*) from tasks where ended is null group by state"
        ).fetchall()
    )


def count_of(rows: Rows, person: str) -> int:
    """How many unfinished tasks a person has."""
    (count,) = rows.execute(
        "select count(*) from tasks where ended is null and person = ?", (person,)
    ).fetchone()
    return int(count)


def needs_of(rows: Rows | Tx, task: TaskId) -> list[tuple[TaskId, TaskState]]:
    """What the task depends on, and how that stands."""
    return [
        (TaskId(i), TaskState(s))
        for i, s in rows.execute(
            "select n.needs, t.state from task_needs n join tasks t on t.id = n.needs"
            " where n.task = ? order by n.needs",
            (task,),
        ).fetchall()
    ]


def links_of(rows: Rows, task: TaskId) -> list[tuple[TaskId, int]]:
    """Similar tasks and how similar, in percent."""
    return [
        (TaskId(i), p)
        for i, p in rows.execute(
            "select other, percent from task_links where task = ?1 union"
            " select task, percent from task_links where other = ?1 order by 2 desc, 1",
            (task,),
        ).fetchall()
    ]


def tags_of(rows: Rows, task: TaskId) -> tuple[str, ...]:
    return tuple(
        r[0]
        for r in rows.execute(
            "select tag from task_tags where task = ? order by tag", (task,)
        ).fetchall()
    )


def ended_counts(rows: Rows, since: Micros) -> dict[str, int]:
    """How many tasks ended in each way since an instant."""
    return dict(
        rows.execute(
            "select state, count(*) from tasks where ended >= ? group by state", (since,)
        ).fetchall()
    )


def ready_counts(rows: Rows) -> dict[str, int]:
    """How many tasks wait in each worker's queue."""
    return dict(
        rows.execute(
            "select worker, count(*) from tasks where state = 'ready' group by worker"
        ).fetchall()
    )


def records(rows: Rows) -> dict[str, tuple[int, int, int]]:
    """What each worker has done in all: tasks done, failed, and their cost."""
    return {
        row[0]: (row[1], row[2], row[3])
        for row in rows.execute("select * from worker_record").fetchall()
    }


def shares(rows: Rows, since: Micros) -> list[tuple[str, int, int, int]]:
    """Each worker's part in what ended since an instant: done, failed, cost; the busiest first."""
    return rows.execute(
        "select worker, sum(state = 'done'), sum(state = 'failed'), sum(cost) from tasks"
        " where ended >= ? and worker is not null group by worker order by 2 desc, 1",
        (since,),
    ).fetchall()


def recently_ended(rows: Rows, since: Micros, most: int) -> list[Task]:
    found = rows.execute(
        f"select {_COLUMNS} from tasks where ended >= ? order by ended desc, id desc limit ?",  # noqa: S608
        (since, most),
    ).fetchall()
    return [task_of(rows, row, result=False) for row in found]


class Trouble(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A task that failed, or waits: since when, and why."""

    task: TaskId
    state: Literal["failed", "waiting"]
    code: str
    data: dict[str, Any]
    at: Micros


def troubled(rows: Rows, since: Micros) -> list[Trouble]:
    """What failed since an instant, and what waits now; the newest first."""
    found = rows.execute(
        "select id, state, failure, failure_data, ended from tasks"
        " where ended >= ? and state = 'failed' union all"
        " select id, state, waiting, waiting_data, updated from tasks where state = 'waiting'"
        " order by 5 desc, 1 desc",
        (since,),
    ).fetchall()
    return [
        Trouble(
            task=TaskId(r[0]),
            state=r[1],
            code=r[2],
            data=msgspec.json.decode(r[3]) if r[3] else {},
            at=r[4],
        )
        for r in found
        if r[2]
    ]


def runs_of(rows: Rows | Tx, task: TaskId) -> list[RunId]:
    return [
        RunId(r[0])
        for r in rows.execute("select id from runs where task = ? order by id", (task,)).fetchall()
    ]
