"""The life of a task: one table, and the order in which ready tasks start.

Every change of state anywhere in the swarm goes through `after`. A pair that is not in the table
raises and changes nothing.
"""

from __future__ import annotations

from enum import StrEnum

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import IllegalTransition
from swarm_core.tasks.model import NORMAL_PRIORITY, TaskState


class TaskEvent(StrEnum):
    UNBLOCK = "unblock"
    """Everything it depends on is done."""
    START = "start"
    """A worker holds its lease."""
    RESUME = "resume"
    """A worker holds it again after a restart."""
    PARK = "park"
    """It waits for something: money, a person, a time, a stop to be lifted."""
    WAKE = "wake"
    """What it waited for has come."""
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    RETRY = "retry"
    """A person asks for another run."""
    RETRY_BLOCKED = "retry_blocked"
    """The same, while something it depends on is not done."""


_S, _E = TaskState, TaskEvent

LIFECYCLE: dict[tuple[TaskState, TaskEvent], TaskState] = {
    (_S.QUEUED, _E.UNBLOCK): _S.READY,
    (_S.QUEUED, _E.FAIL): _S.FAILED,
    (_S.QUEUED, _E.CANCEL): _S.CANCELLED,
    (_S.READY, _E.START): _S.RUNNING,
    (_S.READY, _E.PARK): _S.WAITING,
    (_S.READY, _E.FAIL): _S.FAILED,
    (_S.READY, _E.CANCEL): _S.CANCELLED,
    (_S.RUNNING, _E.RESUME): _S.RUNNING,
    (_S.RUNNING, _E.PARK): _S.WAITING,
    (_S.RUNNING, _E.FINISH): _S.DONE,
    (_S.RUNNING, _E.FAIL): _S.FAILED,
    (_S.RUNNING, _E.CANCEL): _S.CANCELLED,
    (_S.WAITING, _E.WAKE): _S.READY,
    (_S.WAITING, _E.FAIL): _S.FAILED,
    (_S.WAITING, _E.CANCEL): _S.CANCELLED,
    (_S.FAILED, _E.RETRY): _S.READY,
    (_S.FAILED, _E.RETRY_BLOCKED): _S.QUEUED,
    (_S.CANCELLED, _E.RETRY): _S.READY,
    (_S.CANCELLED, _E.RETRY_BLOCKED): _S.QUEUED,
}


def after(task: int, state: TaskState, event: TaskEvent) -> TaskState:
    """The state that `event` leads to. Raises `IllegalTransition` for any other pair."""
    try:
        return LIFECYCLE[state, event]
    except KeyError:
        raise IllegalTransition(task=task, state=state.value, event=event.value) from None


def rank(
    arrival: Micros, virtual: int, priority: int, *, weight: int, quantum: int
) -> tuple[int, int]:
    """Where a task stands among ready ones, smallest first, and its person's new virtual time.

    `virtual` is the virtual finish time of the person's last task, `quantum` what one task adds
    to it: whoever brings a hundred at once is interleaved with others instead of going first
    (start-time fair queueing, Goyal, Vin and Cheng, SIGCOMM 1996, with tasks of equal length).
    Each point of priority is worth `weight` of waiting; because the number is fixed, waiting
    itself moves a task forward past later ones, whatever their priority. All in microseconds.
    """
    start = max(arrival, virtual)
    return start - (priority - NORMAL_PRIORITY) * weight, start + quantum


def state_diagram() -> str:
    """The table as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", "    [*] --> queued: accept (with dependencies)"]
    lines.append("    [*] --> ready: accept")
    lines += [f"    {s} --> {to}: {event}" for (s, event), to in LIFECYCLE.items()]
    lines += [f"    {state} --> [*]" for state in ("done", "failed", "cancelled")]
    return "\n".join(lines) + "\n"
