"""Facts about stopping and resuming work."""

from __future__ import annotations

from typing import ClassVar

from swarm_core.store import Event

EVERYTHING = "all"


class WorkStopped(Event, frozen=True, kw_only=True, gc=False):
    """Nothing of `scope` (everything, or one person's key) starts until it is resumed."""

    kind: ClassVar[str] = "work.stopped"

    scope: str


class WorkResumed(Event, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "work.resumed"

    scope: str
