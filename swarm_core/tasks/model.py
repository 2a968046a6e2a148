"""Values of a task."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import MicroUSD


class TaskState(StrEnum):
    QUEUED = "queued"
    """Waits for the tasks it depends on."""
    READY = "ready"
    RUNNING = "running"
    WAITING = "waiting"
    """Parked, with a reason and perhaps an instant."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (TaskState.QUEUED, TaskState.READY, TaskState.RUNNING, TaskState.WAITING)
FINISHED = (TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED)

TaskKind = Literal["ask", "task"]
"""ask: a question, small caps, never a thread. task: work."""

Complexity = Literal["low", "medium", "high"]
Category = Literal["work", "personal", "identity"]

MIN_PRIORITY, NORMAL_PRIORITY, MAX_PRIORITY = 0, 5, 10
MAX_TEXT = 100_000
"""Characters a request may have; longer ones belong in a file."""


class Labels(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What kind of work it is: given by flags, else by keyword rules."""

    tags: tuple[str, ...] = ()
    complexity: Complexity = "medium"
    category: Category = "work"


class Attached(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A file that came with a request. `content` is its text, or of a picture its bytes in
    base64, None when it was erased; `size` its bytes, width and height those of a picture."""

    name: str
    media_type: str
    content: str | None
    size: int
    width: int = 0
    height: int = 0
    digest: str = ""
    """Of its bytes; known while the request is taken in."""

    @property
    def picture(self) -> bool:
        return self.media_type.startswith("image/")


class Overheard(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A message that stood in the room when somebody asked there. `speaker` is the key of who
    said it, that of the swarm itself for its own; `name` is what they call themselves."""

    speaker: str
    name: str
    text: str
    at: Micros


class Request(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a person asks for, as intake gets it.

    `key` is unique for the inbound event, so that the same event twice is one task. `cap` is
    what the task may cost at most; None means the configured default.
    """

    text: str
    place: Place
    kind: TaskKind = "task"
    key: str | None = None
    priority: int = NORMAL_PRIORITY
    worker: str | None = None
    model: str | None = None
    needs: tuple[TaskId, ...] = ()
    tags: tuple[str, ...] = ()
    complexity: Complexity | None = None
    category: Category | None = None
    deadline: Micros | None = None
    cap: MicroUSD | None = None
    parent: TaskId | None = None
    join: bool = True
    yes: bool = False
    """Its price tag is approved beforehand, whatever it says; `max_cost`: up to that."""
    max_cost: MicroUSD | None = None
    files: tuple[Attached, ...] = ()
    undo: int = 0
    """Microseconds for which it waits before it begins, if it costs, so that it can be undone."""
    room: tuple[Overheard, ...] = ()
    """What was said where it is asked before that, oldest first: material, no instruction."""
    standing: str = ""
    """The standing priority whose work it is."""
    asks_above: MicroUSD | None = None
    """Above which price it waits for a yes; None: as is usual for who asks."""


class Task(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A task as it stands. Times in microseconds since 1970, money in micro-dollars."""

    id: TaskId
    kind: TaskKind
    state: TaskState
    text: str | None
    person: str
    place: Place
    priority: int
    rank: int
    created: Micros
    updated: Micros
    ended: Micros | None
    deadline: Micros | None
    wish: str | None
    """The worker the person asked for by name."""
    model_wish: str | None
    worker: str | None
    model: str | None
    run: RunId | None
    attempts: int
    waiting: str | None
    waiting_data: dict[str, Any]
    until: Micros | None
    cost: MicroUSD
    cap: MicroUSD | None
    steps: int
    result: str | None
    failure: str | None
    failure_data: dict[str, Any]
    complexity: Complexity
    category: Category
    parent: TaskId | None
    standing: str = ""
    """The standing priority whose work it is; '' for what somebody asked for."""


class Startable(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What starting a task needs to know of it. `run` is there when one was begun before."""

    id: TaskId
    state: TaskState
    kind: TaskKind
    person: str
    place: Place
    text_body: int
    worker: str
    run: RunId | None
    attempts: int
    cap: MicroUSD | None
    model: str | None = None
    model_wish: str | None = None
    wish: str | None = None
    category: Category = "work"
    standing: str = ""


class Turn(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was asked earlier in a conversation, and what came of it: an answer, a failure's
    code, or neither yet."""

    task: TaskId
    asked: str
    answer: str | None
    failure: str | None


class Sight(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`people`: only tasks of these keys; None: everybody's. `space`: only what was asked in that
    surface and space; None: wherever."""

    people: tuple[str, ...] | None = None
    space: tuple[str, str] | None = None

    @property
    def whole(self) -> bool:
        return self.people is None and self.space is None

    def sees(self, task: Task) -> bool:
        own = self.people is None or task.person in self.people
        return own and self.here(task)

    def here(self, task: Task) -> bool:
        """Whether it was asked where one may know of it at all."""
        return self.space in (None, (task.place.surface, task.place.space))

    def knows(self, key: str, *, others: bool = False) -> bool:
        """Whether what the person of `key` did may be told; `others`: not of one's own alone."""
        own = others or self.people is None or key in self.people
        return own and (self.space is None or key.startswith("/".join((*self.space, ""))))

    def by_key(self) -> tuple[str, list[Any]]:
        """The condition on a table that has nothing but the key of a `person`."""
        told, values = "", list[Any]()
        if self.people is not None:
            told += " and person in (select value from json_each(?))"
            values.append(msgspec.json.encode(self.people).decode())
        if self.space is not None:
            prefix = "/".join((*self.space, ""))
            told += " and substr(person, 1, ?) = ?"
            values += [len(prefix), prefix]
        return told, values

    def where(self, table: Literal["tasks", "t"] = "tasks") -> tuple[str, list[Any]]:
        """The condition in SQL on a `table` of tasks, beginning with `and`, and its values."""
        if self.whole:
            return "", []
        told, values = "", list[Any]()
        if self.people is not None:
            told += f" and {table}.person in (select value from json_each(?))"  # noqa: S608
            values.append(msgspec.json.encode(self.people).decode())
        if self.space is not None:
            told += f" and {table}.surface = ? and {table}.space = ?"
            values += self.space
        return told, values


EVERYTHING_SEEN = Sight()
