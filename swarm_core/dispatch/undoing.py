"""A moment in which what was asked for can be undone before it costs anything."""

from __future__ import annotations

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import Undoable
from swarm_core.kernel.ids import TaskId
from swarm_core.routing.model import Candidate
from swarm_core.store import Tx
from swarm_core.tasks.model import Request, TaskState
from swarm_core.tasks.tasks import Tasks


def held(
    tx: Tx, tasks: Tasks, actor: Actor, task: TaskId, chosen: Candidate, request: Request
) -> bool:
    """Let a task that costs wait as long as its request says, if nothing else keeps it. The wait
    is on disk like any other, and takes no place of a worker."""
    if not request.undo or not chosen.most or tasks.state(tx, task) is not TaskState.READY:
        return False
    until = Micros(tx.at + request.undo)
    tasks.park(tx, task, Undoable.code, {}, actor=actor, until=until)
    return True
