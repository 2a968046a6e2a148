"""Facts about standing priorities and their instants. What people wrote is in bodies."""

from __future__ import annotations

from typing import ClassVar

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.schedule.model import Paused, Skipped, StandingPriority
from swarm_core.store import BodyRef, Event


class PrioritySet(Event, frozen=True, kw_only=True, gc=False):
    """It is like this from here on. `priority` has neither its text nor that of its gate."""

    kind: ClassVar[str] = "priority.set"

    priority: StandingPriority
    text: BodyRef
    gate: BodyRef | None = None


class PriorityRemoved(Event, frozen=True, kw_only=True, gc=False):
    """It is no more. What waited for a word of its instants waits no longer."""

    kind: ClassVar[str] = "priority.removed"

    name: str


class PriorityPaused(Event, frozen=True, kw_only=True, gc=False):
    """Nothing of it runs by itself. `what` is gone, or the code of the last failure."""

    kind: ClassVar[str] = "priority.paused"

    name: str
    why: Paused
    what: str = ""


class PriorityResumed(Event, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "priority.resumed"

    name: str


class InstantPlanned(Event, frozen=True, kw_only=True, gc=False):
    """The next instant `at`, to be run from `due` on."""

    kind: ClassVar[str] = "instant.planned"

    name: str
    at: Micros
    due: Micros


class InstantGated(Event, frozen=True, kw_only=True, gc=False):
    """Its gate is at work, as the fact's task."""

    kind: ClassVar[str] = "instant.gated"

    name: str
    at: Micros


class InstantOpened(Event, frozen=True, kw_only=True, gc=False):
    """Its gate, the task `gate`, lets it run. `digest` is of what that said."""

    kind: ClassVar[str] = "instant.opened"

    name: str
    at: Micros
    gate: TaskId
    digest: str


class InstantQueued(Event, frozen=True, kw_only=True, gc=False):
    """It runs when the one before has ended."""

    kind: ClassVar[str] = "instant.queued"

    name: str
    at: Micros


class InstantRan(Event, frozen=True, kw_only=True, gc=False):
    """It runs, as the fact's task; a reminder without one is over by that. `late`: after it was
    missed. `asked`: a person had it run now."""

    kind: ClassVar[str] = "instant.ran"

    name: str
    at: Micros
    late: bool = False
    asked: bool = False
    outcome: str = ""


class InstantsSkipped(Event, frozen=True, kw_only=True, gc=False):
    """These did not run, and will not. `what` of the reason: an error's code."""

    kind: ClassVar[str] = "instant.skipped"

    name: str
    instants: tuple[Micros, ...]
    reason: Skipped
    what: str = ""


class InstantsMissed(Event, frozen=True, kw_only=True, gc=False):
    """These passed while nobody was there; people say what becomes of them. `more` of the same
    time follow in another fact."""

    kind: ClassVar[str] = "instant.missed"

    name: str
    instants: tuple[Micros, ...]
    more: bool = False


class InstantEnded(Event, frozen=True, kw_only=True, gc=False):
    """The task of an instant has ended. `changed`: with another result than the one before, whose
    keyed digest is `digest` from here on; '' where there is none."""

    kind: ClassVar[str] = "instant.ended"

    name: str
    at: Micros
    outcome: str
    cost: MicroUSD
    changed: bool = False
    digest: str = ""
    what: str = ""
