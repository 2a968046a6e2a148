"""Facts about tasks. The task's id is in the fact itself; texts are in bodies."""

from __future__ import annotations

from typing import Any, ClassVar

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import BodyRef, Event
from swarm_core.tasks.model import Labels, TaskKind, TaskState


class TaskAccepted(Event, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.accepted"

    text: BodyRef
    task_kind: TaskKind
    person: str
    place: Place
    labels: Labels
    priority: int
    rank: int
    virtual: int
    cap: MicroUSD | None
    needs: tuple[TaskId, ...]
    blocked: bool
    key: str | None
    request: str
    """Keyed digest of person, place and folded text: how an identical request is known."""
    wish: str | None
    """The worker the person asked for by name."""
    worker: str | None
    """Whose queue it stands in; None when nobody can serve it, and it ends at once."""
    deadline: Micros | None
    parent: TaskId | None
    model: str | None = None
    """The model it was routed to, where its worker has several."""
    model_wish: str | None = None
    standing: str = ""
    """The standing priority whose work it is."""


class TaskAmended(Event, frozen=True, kw_only=True, gc=False):
    """Whoever asked has changed the words before anybody read them."""

    kind: ClassVar[str] = "task.amended"

    text: BodyRef
    wish: str | None


class TaskJoined(Event, frozen=True, kw_only=True, gc=False):
    """The same request came again while it was unfinished."""

    kind: ClassVar[str] = "task.joined"

    key: str | None


class TaskLinked(Event, frozen=True, kw_only=True, gc=False):
    """Another, similar task; `percent` similar."""

    kind: ClassVar[str] = "task.linked"

    other: TaskId
    percent: int


class TaskMoved(Event, frozen=True, kw_only=True, gc=False):
    """It now waits for `worker`: the one it waited for is gone."""

    kind: ClassVar[str] = "task.moved"

    worker: str
    model: str | None = None


class TaskUnblocked(Event, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.unblocked"


class TaskStarted(Event, frozen=True, kw_only=True, gc=False):
    """The fact's run began (`resumed` false) or goes on after a restart or a wait."""

    kind: ClassVar[str] = "task.started"

    worker: str
    model: str
    attempt: int
    resumed: bool


class TaskParked(Event, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.parked"

    reason: str
    data: dict[str, Any]
    until: Micros | None
    place: Place


class TaskWoken(Event, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.woken"

    reason: str


class TaskEnded(Event, frozen=True, kw_only=True, gc=False):
    """`outcome` is done, failed or cancelled; `failure` an error's code and data as JSON."""

    kind: ClassVar[str] = "task.ended"

    outcome: TaskState
    place: Place
    result: BodyRef | None
    failure: str | None
    failure_data: dict[str, Any]
    cost: MicroUSD
    """Spent by the run that ended, not by the task in all."""
    steps: int


class TaskRetried(Event, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.retried"

    rank: int
    blocked: bool
    worker: str | None
    model: str | None = None
