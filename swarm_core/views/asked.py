"""One approval with what a person has to know to decide on it."""

from __future__ import annotations

import msgspec

from swarm_core.approvals import Approval
from swarm_core.approvals import tables as approved
from swarm_core.dispatch.consent import ASK_AGAIN
from swarm_core.kernel.errors import NotFound
from swarm_core.kernel.ids import TaskId
from swarm_core.steps import tables as steps
from swarm_core.store import Rows, read_body
from swarm_core.tasks import queries as tasks
from swarm_core.tasks.model import Task, TaskState


class AskedView(msgspec.Struct, frozen=True, kw_only=True):
    """`task` is the one it is about, if any; `outside` names what has brought it words of
    strangers; `again`: nobody decided in time, and its task waits to be asked again."""

    approval: Approval
    task: Task | None = None
    outside: tuple[str, ...] = ()
    again: bool = False


class _Data(msgspec.Struct):
    tainted: bool = False


_decode = msgspec.json.Decoder(_Data).decode


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
    return AskedView(
        approval=found,
        task=task,
        outside=outside(rows, found.task),
        again=waits and last and found.state in ("expired", "approved"),
    )


def outside(rows: Rows, task: TaskId) -> tuple[str, ...]:
    """The tools that have brought a task words of strangers."""
    made = [row for run in tasks.runs_of(rows, task) for row in steps.of_run(rows, run)]
    tools = [row for row in made if row.kind == "tool"]
    told = ((row.name, read_body(rows.execute, row.data_body)) for row in tools)
    return tuple(dict.fromkeys(name for name, data in told if data and _decode(data).tainted))
