"""One approval with what a person has to know to decide on it."""

from __future__ import annotations

import msgspec

from swarm_core.approvals import Approval
from swarm_core.approvals import tables as approved
from swarm_core.dispatch.consent import ASK_AGAIN
from swarm_core.dispatch.sending import outside
from swarm_core.kernel.errors import NotFound
from swarm_core.store import Rows
from swarm_core.tasks import queries as tasks
from swarm_core.tasks.model import Task, TaskState


class AskedView(msgspec.Struct, frozen=True, kw_only=True):
    """`task` is the one it is about, if any; `outside` names where words of others came from that
    it has read; `again`: nobody decided in time, and its task waits to be asked again."""

    approval: Approval
    task: Task | None = None
    outside: tuple[str, ...] = ()
    again: bool = False


def asked(rows: Rows, approval: str) -> AskedView:
    """Raises `NotFound`."""
    found = approved.get(rows, approval)
    if found is None:
        raise NotFound(kind="approval", name=approval, near=())
    if not found.task:
        return AskedView(approval=found)
    task = tasks.get(rows, found.task)
    waits = task is not None and task.state is TaskState.WAITING and task.waiting in ASK_AGAIN
    last = approved.of_task(rows, found.task)[-1].id == found.id
    read = outside(rows, task) if task else ()
    if found.kind == "address":
        read = tuple(dict.fromkeys((*str(found.action["after"]).split(", "), *read)))
    return AskedView(
        approval=found,
        task=task,
        outside=read,
        again=waits and last and found.state in ("expired", "approved"),
    )
