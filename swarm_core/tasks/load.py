"""How much there is to do, counted no further than asked: the same cost however much is stored."""

from __future__ import annotations

from collections.abc import Sequence

from swarm_core.kernel.clock import Micros
from swarm_core.store import Rows

_LOOKED_AT = 1_000


def ready(rows: Rows, most: int) -> int:
    """How many tasks could begin and wait for their turn, counted up to `most`."""
    (count,) = rows.execute(
        "select count(*) from (select 1 from tasks where state = 'ready' limit ?)", (most,)
    ).fetchone()
    return int(count)


def under_way(rows: Rows, stopped: Sequence[str]) -> tuple[Micros | None, int]:
    """Since when the longest of those has been so that are at work or could begin, None where
    there is none, and how many there are; of the oldest thousand that have not ended. What is
    asked for by people whose work is `stopped` is left out."""
    marks = ",".join("?" * len(stopped))
    since, count = rows.execute(
        "select min(updated), count(*) from (select state, person, updated from tasks"  # noqa: S608
        " where ended is null order by id limit ?)"
        f" where state in ('ready', 'running') and person not in ({marks})",
        (_LOOKED_AT, *stopped),
    ).fetchone()
    return since, int(count)


def last_end(rows: Rows) -> Micros | None:
    """When a task has ended last."""
    (at,) = rows.execute("select max(ended) from tasks where ended is not null").fetchone()
    return at  # type: ignore[no-any-return]
