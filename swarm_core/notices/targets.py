"""What is known in the tables of how the other systems take their events."""

from __future__ import annotations

from swarm_core.kernel.clock import Micros
from swarm_core.store import Rows, Tx


def waiting_at(rows: Rows | Tx, target: str, most: int) -> int:
    """How many events wait for a target, counted up to `most`."""
    (count,) = rows.execute(
        "select count(*) from (select 1 from notices where surface = 'webhook' and space = ?"
        " and state = 'pending' limit ?)",
        (target, most),
    ).fetchone()
    return int(count)


def told_of(tx: Tx, target: str) -> bool:
    """Whether the owner was told that events to a target fail, since one last arrived there."""
    (last,) = tx.execute(
        "select coalesce(max(ended), 0) from notices where surface = 'webhook' and space = ?"
        " and state = 'sent'",
        (target,),
    ).fetchone()
    return (
        tx.execute(
            "select 1 from notices u join notices f on f.id = json_extract(u.about, '$.notice')"
            " where u.kind = 'undelivered' and u.created > ?"
            " and f.surface = 'webhook' and f.space = ?",
            (last, target),
        ).fetchone()
        is not None
    )


def counted(rows: Rows, target: str) -> tuple[int, int, Micros | None]:
    """How many events wait for a target, how many were given up, and when it last took one."""
    waiting, failed, last = rows.execute(
        "select count(*) filter (where state = 'pending'),"
        " count(*) filter (where state = 'failed'), max(ended) filter (where state = 'sent')"
        " from notices where surface = 'webhook' and space = ?",
        (target,),
    ).fetchone()
    return waiting, failed, None if last is None else Micros(last)
