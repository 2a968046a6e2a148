"""What failed and what waits, by reason. Pure but for its one query."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Rows
from swarm_core.tasks import queries

MOST_EXAMPLES = 5
_SUBJECTS = ("provider", "model", "playbook", "tool", "host", "worker", "wish", "scope")
"""What a reason is about: two tasks have the same one when it is of the same thing."""


class Failing(msgspec.Struct, frozen=True, kw_only=True):
    """One reason: how many tasks `failed` for it, or are `waiting`, when it was met last, by
    which of them, newest first. `data` is that of the last."""

    state: Literal["failed", "waiting"]
    code: str
    data: dict[str, Any]
    count: int
    last: Micros
    examples: tuple[TaskId, ...]


def failing(rows: Rows, since: Micros) -> tuple[Failing, ...]:
    """What failed since an instant, and all that waits now; the most frequent reason first."""
    return group(queries.troubled(rows, since))


def group(found: Iterable[queries.Trouble]) -> tuple[Failing, ...]:
    """Troubles, newest first, by reason."""
    groups: dict[tuple[Any, ...], list[queries.Trouble]] = {}
    for one in found:
        about = tuple(str(one.data.get(name, "")) for name in _SUBJECTS)
        groups.setdefault((one.state, one.code, *about), []).append(one)
    made = [
        Failing(
            state=each[0].state,
            code=each[0].code,
            data=each[0].data,
            count=len(each),
            last=each[0].at,
            examples=tuple(one.task for one in each[:MOST_EXAMPLES]),
        )
        for each in groups.values()
    ]
    return tuple(sorted(made, key=lambda g: (-g.count, -g.last)))
