"""Values of finding again."""

from __future__ import annotations

from typing import Literal

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.tasks.model import EVERYTHING_SEEN, Sight, Task, TaskState

Part = Literal["answer", "asked", "said"]
"""Where words were found: in what was asked for, in what a person said to the task at work, or
in what came of it."""

Order = Literal["best", "newest"]

HIT_BEGINS, HIT_ENDS = "«", "»"
"""What stands round found words in an excerpt."""


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks are looked at. `since`: asked for, or for a history ended, from then on."""

    person: str | None = None
    worker: str | None = None
    state: TaskState | None = None
    since: Micros | None = None
    sight: Sight = EVERYTHING_SEEN


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A task whose words fit, with an excerpt of where they stand."""

    task: Task
    part: Part
    excerpt: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what was found.

    `total` counts every task that fits, but no more than are looked at; then `bounded` is true.
    `order` is how they are sorted, whatever was wished. `widened`: nothing has exactly these
    words, so words count that begin with them. `near` are lines to look for instead, when
    nothing was found. `behind` counts tasks that are not in the index yet.
    """

    hits: tuple[Hit, ...]
    total: int
    bounded: bool
    order: Order
    page: int
    widened: bool = False
    near: tuple[str, ...] = ()
    behind: int = 0


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """One end of a task. `took` is None and `model` too when no run had begun. `text` None: it
    was erased."""

    task: TaskId
    text: str | None
    at: Micros
    outcome: TaskState
    worker: str | None
    model: str | None
    attempt: int
    took: Micros | None
    cost: MicroUSD


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What ended on one day (UTC), all of it, also what stands on other pages."""

    day: str
    done: int
    failed: int
    cancelled: int
    took: Micros
    cost: MicroUSD


class History(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what ended, newest first, and the days it touches. `total` as in `Found`."""

    endings: tuple[Ending, ...]
    days: tuple[Day, ...]
    since: Micros
    total: int
    bounded: bool
    page: int
    behind: int = 0
