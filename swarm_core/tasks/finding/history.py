"""What ended, by day: reads over the index."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Rows, read_body
from swarm_core.tasks.finding.index import DAY, behind
from swarm_core.tasks.finding.model import Day, Ending, Filters, History
from swarm_core.tasks.model import TaskState

MOST_COUNTED = 10_000
"""Ends that are counted for "and so many more"."""
_EPOCH = date(1970, 1, 1)


def history(rows: Rows, filters: Filters, *, page: int, most: int) -> History:
    """A page of ends, newest first, with the totals of its days."""
    since = filters.since or Micros(0)
    only, values = _only(filters)
    where = f"at >= ?{only}"
    found = rows.execute(
        "select task, at, outcome, worker, model, attempt, took, cost from ends"  # noqa: S608
        f" where {where} order by at desc, task desc limit ? offset ?",
        (since, *values, most, (page - 1) * most),
    ).fetchall()
    (total,) = rows.execute(
        f"select count(*) from (select 1 from ends where {where} limit ?)",  # noqa: S608
        (since, *values, MOST_COUNTED + 1),
    ).fetchone()
    return History(
        endings=tuple(_ending(rows, row) for row in found),
        days=_days(rows, sorted({row[1] // DAY for row in found}, reverse=True), filters),
        since=since,
        total=min(total, MOST_COUNTED),
        bounded=total > MOST_COUNTED,
        page=page,
        behind=behind(rows),
    )


def _only(filters: Filters) -> tuple[str, list[Any]]:
    chosen = {"outcome": filters.state, "worker": filters.worker, "person": filters.person}
    kept = {name: str(value) for name, value in chosen.items() if value is not None}
    seen, seen_values = filters.sight.by_key()
    told = "".join(f" and {name} = ?" for name in kept)
    return told + seen, [*kept.values(), *seen_values]


def _ending(rows: Rows, row: tuple[Any, ...]) -> Ending:
    task, at, outcome, worker, model, attempt, took, cost = row
    (body,) = rows.execute("select text_body from tasks where id = ?", (task,)).fetchone() or (
        None,
    )
    return Ending(
        task=TaskId(task),
        text=read_body(rows.execute, body),
        at=Micros(at),
        outcome=TaskState(outcome),
        worker=worker or None,
        model=model,
        attempt=attempt,
        took=took,
        cost=MicroUSD(cost),
    )


def _days(rows: Rows, days: list[int], filters: Filters) -> tuple[Day, ...]:
    only, values = _only(filters)
    made = []
    for day in days:
        sums = {
            outcome: (count, took, cost)
            for outcome, count, took, cost in rows.execute(
                "select outcome, sum(count), sum(took), sum(cost) from end_days"  # noqa: S608
                f" where day = ?{only} group by outcome",
                (day, *values),
            ).fetchall()
        }
        counts = {name: sums.get(name, (0, 0, 0))[0] for name in ("done", "failed", "cancelled")}
        made.append(
            Day(
                day=(_EPOCH + timedelta(days=day)).isoformat(),
                **counts,
                took=Micros(sum(one[1] for one in sums.values())),
                cost=MicroUSD(sum(one[2] for one in sums.values())),
            )
        )
    return tuple(made)


def day_of(at: Micros) -> str:
    """The day (UTC) of an instant, as `Day` names it."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).date().isoformat()
