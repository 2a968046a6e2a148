"""What people said about a task, beside the task itself."""

from __future__ import annotations

import msgspec

from swarm_core.approvals import Approval
from swarm_core.approvals import tables as approved
from swarm_core.kernel.errors import Denied
from swarm_core.policy import RAISE
from swarm_core.store import Rows
from swarm_core.tasks.model import FINISHED, Task, TaskState


def with_reason(rows: Rows, task: Task) -> Task:
    """A task that a person said no to, with what they said. That is kept as a text which can be
    erased, so it is not in the facts of the task."""
    if task.failure != Denied.code:
        return task
    found = approved.get(rows, str(task.failure_data.get("approval")))
    data = {**task.failure_data, "reason": (found.reason if found else None) or ""}
    return msgspec.structs.replace(task, failure_data=data)


def raising(rows: Rows, task: Task) -> Approval | None:
    """The last raise asked for an unfinished task, while it waits for a decision; or that was not
    given, while the task waits."""
    if task.state in FINISHED:
        return None
    asked = [each for each in approved.of_task(rows, task.id) if each.kind == RAISE]
    if not asked:
        return None
    refused = task.state is TaskState.WAITING and asked[-1].state in ("denied", "expired")
    return asked[-1] if asked[-1].state == "open" or refused else None
