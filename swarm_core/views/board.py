"""The whole swarm at one look, for a live view: a few queries whatever is stored, as it is asked
for every second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from swarm_core.budget import standing
from swarm_core.dispatch import spending
from swarm_core.dispatch import tables as dispatch
from swarm_core.dispatch.spending import Burn
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.ids import RunId, Seq, TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.routing.model import Worker
from swarm_core.steps import tables as steps
from swarm_core.store import Rows
from swarm_core.tasks import queries
from swarm_core.tasks.model import Task, TaskState

MOST_TASKS = 100
"""Unfinished tasks that are shown: those at work first, then those that wait."""
MOST_ENDED = 20
MOST_NEWS = 30
NEWS_AMONG = 2_000
"""The last facts, among which news are looked for."""
BURN_DAYS = 14
_DAY = 86_400_000_000

NEWS = (
    *("task.accepted", "task.started", "task.parked", "task.moved", "task.ended", "task.retried"),
    *("approval.asked", "approval.decided", "approval.expired"),
    *("budget.warned", "budget.cap_raised"),
)
"""Kinds of facts that a live view tells."""


class BoardTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task on the board. `step` 0: none has begun; `doing` names the one under way."""

    task: Task
    step: int
    doing: str | None
    spent: MicroUSD
    held: MicroUSD


class BoardWorker(msgspec.Struct, frozen=True, kw_only=True):
    """A worker, what it is at, and how many wait for it. `spent` and `held` are today's."""

    name: str
    model: str
    tier: int
    at: tuple[TaskId, ...]
    ready: int
    spent: MicroUSD
    held: MicroUSD


class News(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened, as the journal has it."""

    seq: Seq
    at: Micros
    kind: str
    actor: str
    task: TaskId | None
    run: RunId | None
    detail: dict[str, Any]


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The swarm now. `open` counts every unfinished task, of which `tasks` are the first."""

    now: Micros
    open: dict[str, int]
    stops: tuple[str, ...]
    workers: tuple[BoardWorker, ...]
    tasks: tuple[BoardTask, ...]
    ended: tuple[BoardTask, ...]
    burn: Burn
    news: tuple[News, ...]


def board(rows: Rows, now: datetime, workers: Mapping[str, Worker]) -> Board:
    """One snapshot. `workers` are those that could do something now."""
    instant = to_micros(now)
    found = queries.at_work_first(rows, MOST_TASKS)
    return Board(
        now=instant,
        open=queries.open_counts(rows),
        stops=dispatch.stops(rows),
        workers=_workers(rows, now, workers, found),
        tasks=_tasks(rows, found),
        ended=_tasks(rows, queries.recently_ended(rows, Micros(instant - _DAY), MOST_ENDED)),
        burn=spending.burn(rows, now, BURN_DAYS),
        news=_news(rows),
    )


def _tasks(rows: Rows, found: Sequence[Task]) -> tuple[BoardTask, ...]:
    accounts = standing.accounts(rows, [f"task/{task.id}" for task in found])
    made = []
    for task in found:
        account = accounts.get(f"task/{task.id}")
        attempts = steps.of_run(rows, task.run) if task.run is not None else []
        doing = next((step for step in reversed(attempts) if step.state == "intended"), None)
        made.append(
            BoardTask(
                task=task,
                step=max((step.n for step in attempts), default=0),
                doing=doing.name if doing else None,
                spent=account.spent if account else ZERO,
                held=account.held if account else ZERO,
            )
        )
    return tuple(made)


def _workers(
    rows: Rows, now: datetime, workers: Mapping[str, Worker], found: Sequence[Task]
) -> tuple[BoardWorker, ...]:
    ready = queries.ready_counts(rows)
    names = {name: f"worker_day/{name}/{now.date().isoformat()}" for name in workers}
    accounts = standing.accounts(rows, list(names.values()))
    made = []
    for name, worker in workers.items():
        account = accounts.get(names[name])
        made.append(
            BoardWorker(
                name=name,
                model=worker.model,
                tier=worker.tier,
                at=tuple(
                    task.id
                    for task in found
                    if task.worker == name and task.state is TaskState.RUNNING
                ),
                ready=ready.get(name, 0),
                spent=account.spent if account else ZERO,
                held=account.held if account else ZERO,
            )
        )
    return tuple(sorted(made, key=lambda w: (not w.at, w.tier, w.name)))


def _news(rows: Rows) -> tuple[News, ...]:
    """The last of them, oldest first."""
    marks = ",".join("?" * len(NEWS))
    found = rows.execute(
        "select seq, at, kind, actor, task, run, payload from journal"  # noqa: S608
        " where seq > (select coalesce(max(seq), 0) from journal) - ?"
        f" and kind in ({marks}) order by seq desc limit ?",
        (NEWS_AMONG, *NEWS, MOST_NEWS),
    ).fetchall()
    return tuple(
        News(
            seq=Seq(seq),
            at=Micros(at),
            kind=kind,
            actor=actor,
            task=task,
            run=run,
            detail=msgspec.json.decode(payload),
        )
        for seq, at, kind, actor, task, run, payload in reversed(found)
    )
