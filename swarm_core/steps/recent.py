"""The newest attempts of steps, so many and no more: the same cost however many are stored."""

from __future__ import annotations

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import (
    AnswerLost,
    NonsenseAnswer,
    NoSuchModel,
    OutOfCredit,
    ProviderBusy,
    ProviderUnreachable,
    WrongKey,
)
from swarm_core.store import Rows

_BLAMED = tuple(
    error.code
    for error in (
        *(AnswerLost, NonsenseAnswer, NoSuchModel, OutOfCredit, ProviderBusy),
        *(ProviderUnreachable, WrongKey),
    )
)
"""Failures that a provider is to blame for."""
_NEWEST = "select * from steps order by run desc, n desc, attempt desc limit ?"


def calls(rows: Rows, since: Micros | int, most: int) -> dict[str, list[bool]]:
    """Calls to models that ended after `since`, by provider, newest first: whether each worked.
    Of the newest `most` attempts of anything. A request that was too long or not allowed says
    nothing of who serves it."""
    found = rows.execute(
        f"select name, state, failure from ({_NEWEST}) where kind = 'model' and ended > ?",  # noqa: S608
        (most, since),
    ).fetchall()
    made: dict[str, list[bool]] = {}
    for name, state, failure in found:
        if state == "done" or failure in _BLAMED:
            made.setdefault(name.partition("/")[0], []).append(state == "done")
    return made


def last_move(rows: Rows, most: int) -> Micros | None:
    """When a step last began or ended."""
    (at,) = rows.execute(
        f"select max(max(started, coalesce(ended, 0))) from ({_NEWEST})",  # noqa: S608
        (most,),
    ).fetchone()
    return at  # type: ignore[no-any-return]
