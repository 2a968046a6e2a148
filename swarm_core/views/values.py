"""Values that people and programs are shown."""

from __future__ import annotations

from typing import Any

import msgspec

from swarm_core.approvals import Approval
from swarm_core.dispatch.spending import Lacking
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.routing.model import Worker
from swarm_core.steps.model import Doubt, Failure, Tokens
from swarm_core.tasks.model import Task, TaskState


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of one step. `ended` None: under way, or interrupted. Of a model call that was
    answered, `model` is the one that really answered, as its provider calls it."""

    run: RunId
    n: int
    attempt: int
    kind: str
    name: str
    effect: str
    state: str
    failure: str | None
    failure_data: dict[str, Any]
    cost: MicroUSD
    started: Micros
    ended: Micros | None
    model: str | None = None
    tokens: Tokens | None = None


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """What models had to do with a task. `model` really gave the last answer, `tokens` are those
    of all its answers. When another one was to give it, that is `instead_of`, and `failure` why
    it did not, where it was tried at all."""

    model: str
    tokens: Tokens
    instead_of: str | None = None
    failure: Failure | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A similar task, in percent."""

    task: TaskId
    percent: int


class Need(msgspec.Struct, frozen=True, kw_only=True):
    task: TaskId
    state: TaskState


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with a request, of `size` bytes; `there`: it was not erased."""

    name: str
    media_type: str
    size: int
    there: bool


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about one task. `cap` is its own with what it was raised by, None without one;
    `held` is money held for it now, `doubt` the step that waits
    for a person's decision; without `stamp` no model has answered. `lacking` is there while it
    waits for money, `raising` the last raise asked for it that waits or was not given."""

    task: Task
    tags: tuple[str, ...]
    needs: tuple[Need, ...]
    links: tuple[Link, ...]
    steps: tuple[StepView, ...]
    held: MicroUSD
    cap: MicroUSD | None = None
    doubt: Doubt | None = None
    stamp: Stamp | None = None
    files: tuple[FileView, ...] = ()
    lacking: Lacking | None = None
    raising: Approval | None = None
    overheard: int = 0
    """Messages of the room that were given along."""


class CardView(msgspec.Struct, frozen=True, kw_only=True):
    """What a status card shows. `doing` names the step under way; `lacking` and `raising` are as
    in `TaskView`."""

    task: Task
    held: MicroUSD
    spent: MicroUSD
    steps: int
    doing: str | None
    resumed: bool
    lacking: Lacking | None = None
    doubt: Doubt | None = None
    raising: Approval | None = None


class WorkerView(msgspec.Struct, frozen=True, kw_only=True):
    """A worker with what it is doing and has done."""

    worker: Worker
    running: int
    ready: int
    done: int
    failed: int
    cost: MicroUSD


class StatusView(msgspec.Struct, frozen=True, kw_only=True):
    """The swarm at a glance. `since` is midnight UTC; counts of ended tasks are from then on."""

    open: dict[str, int]
    ended: dict[str, int]
    since: Micros
    spent_today: MicroUSD
    held_now: MicroUSD
    stops: tuple[str, ...]
    unread: tuple[TaskId, ...]
    workers: int
    started: Micros
    now: Micros
