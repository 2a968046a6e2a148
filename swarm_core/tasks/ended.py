"""What ended in a span of time, and what waits: counted for whoever sums it up."""

from __future__ import annotations

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Rows, Tx
from swarm_core.tasks.model import Sight, TaskState

_OF_PRIORITY = "standing/"
"""What the keys of tasks begin with that a standing priority has started; its name follows, and
the instant."""
_ALONE = "not glob 'standing/*/*/*'"
_NAME = (
    f"case when key glob 'standing/*/*' and key {_ALONE}"
    " then substr(key, 10, instr(substr(key, 10), '/') - 1) else '' end"
)
_NO_GATE = f"(key is null or key {_ALONE})"
"""The gate of a priority is a check of whether there is anything to do: its end is no news."""
_NEAR = 2_000
"""As many tasks before one are looked through for others of its worker."""


class Count(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Tasks of one person that ended in one way; `standing`: of which priority, '' for none."""

    person: str
    standing: str
    state: TaskState
    tasks: int
    cost: MicroUSD


class Once(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A task of a standing priority that has ended. `took`: microseconds of its last run."""

    task: TaskId
    state: TaskState
    cost: MicroUSD
    ended: Micros
    took: int


def people(rows: Rows | Tx, since: Micros) -> list[str]:
    """The keys of those who have anything that ended since then, or has not ended."""
    found = rows.execute(
        "select person from tasks where ended >= ? union select person from tasks"
        " where ended is null",
        (since,),
    ).fetchall()
    return [row[0] for row in found]


def counts(rows: Rows | Tx, since: Micros, until: Micros) -> list[Count]:
    """Everybody's, of what ended from `since` to just before `until`."""
    found = rows.execute(
        f"select person, {_NAME} name, state, count(*), sum(cost) from tasks"  # noqa: S608
        f" where ended >= ? and ended < ? and {_NO_GATE} group by person, name, state"
        " order by person, name, state",
        (since, until),
    ).fetchall()
    return [
        Count(person=r[0], standing=r[1], state=TaskState(r[2]), tasks=r[3], cost=MicroUSD(r[4]))
        for r in found
    ]


def failed(rows: Rows | Tx, sight: Sight, since: Micros, until: Micros, most: int) -> list[TaskId]:
    """The last that failed in that time."""
    seen, values = sight.where()
    found = rows.execute(
        "select id from tasks where ended >= ? and ended < ? and state = 'failed'"  # noqa: S608
        f" and {_NO_GATE}{seen} order by ended desc, id desc limit ?",
        (since, until, *values, most),
    ).fetchall()
    return [TaskId(row[0]) for row in found]


def waiting(rows: Rows | Tx, sight: Sight) -> list[TaskId]:
    """Those that wait now, oldest first."""
    seen, values = sight.where()
    found = rows.execute(
        f"select id from tasks where state = 'waiting'{seen} order by id",  # noqa: S608
        values,
    ).fetchall()
    return [TaskId(row[0]) for row in found]


def of_priority(rows: Rows | Tx, name: str, until: Micros, most: int) -> list[Once]:
    """The last that a standing priority has started and that ended before `until`, newest first."""
    prefix = f"{_OF_PRIORITY}{name}/"
    found = rows.execute(
        "select t.id, t.state, t.cost, t.ended, coalesce(r.ended - r.started, 0) from tasks t"  # noqa: S608
        " left join runs r on r.id = t.run where t.key > ?1 and t.key < ?1 || ':'"
        f" and t.key {_ALONE} and t.ended < ?2 order by t.key desc limit ?3",
        (prefix, until, most),
    ).fetchall()
    return [
        Once(task=TaskId(r[0]), state=TaskState(r[1]), cost=MicroUSD(r[2]), ended=r[3], took=r[4])
        for r in found
    ]


def before(rows: Rows | Tx, sight: Sight, task: TaskId, most: int) -> tuple[str, list[TaskState]]:
    """The worker of `task`, and how what it did shortly before that ended, newest first."""
    (worker,) = rows.execute("select worker from tasks where id = ?", (task,)).fetchone()
    seen, values = sight.where()
    found = rows.execute(
        "select state from tasks where id < ? and id > ? and worker = ? and ended is not null"  # noqa: S608
        f"{seen} order by id desc limit ?",
        (task, task - _NEAR, worker, *values, most),
    ).fetchall()
    return worker or "", [TaskState(row[0]) for row in found]


def standing_of(rows: Rows | Tx, task: TaskId) -> str:
    """The standing priority that started `task`, '' for none."""
    row = rows.execute(f"select {_NAME} from tasks where id = ?", (task,)).fetchone()  # noqa: S608
    return str(row[0]) if row else ""
