"""What the journal holds: events that rooms define, and facts, which are events with a place."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import RunId, Seq, TaskId


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that happened. A room subclasses it once for each kind and never changes the
    meaning of a stored version: a new shape is a new `version` with an upcaster.

    Fields are JSON without floats; numbers and times are in the event, never recomputed.
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1


class Fact(msgspec.Struct, frozen=True, gc=False):
    """An event as recorded: where in the journal, when, by whom, about which task and run."""

    seq: Seq
    at: Micros
    event: Event
    actor: str
    task: TaskId | None
    run: RunId | None
    cause: Seq | None
