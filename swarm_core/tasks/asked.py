"""How a task was asked for, as what is told of it depends on it."""

from __future__ import annotations

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Rows, Tx
from swarm_core.tasks.model import TaskState


class Asked(msgspec.Struct, frozen=True, gc=False):
    """Who asked for a task, where and when, and how it stands."""

    state: TaskState
    kind: str
    person: str
    place: Place
    at: Micros
    standing: str = ""
    """The standing priority whose work it is."""


def asked(tx: Rows | Tx, task: TaskId) -> Asked | None:
    """None for a task that is not there."""
    row = tx.execute(
        "select state, kind, person, surface, space, thread, created, standing from tasks"
        " where id = ?",
        (task,),
    ).fetchone()
    if row is None:
        return None
    place = Place(surface=row[3], space=row[4], thread=row[5])
    return Asked(TaskState(row[0]), row[1], row[2], place, Micros(row[6]), row[7])
