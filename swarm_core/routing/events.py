"""Facts about routing."""

from __future__ import annotations

from typing import ClassVar

from swarm_core.routing.model import Candidate
from swarm_core.store import Event, Migrations, RoomTables


class TaskRouted(Event, frozen=True, kw_only=True, gc=False):
    """Who was chosen for the fact's task, out of whom, and why."""

    kind: ClassVar[str] = "task.routed"

    worker: str | None
    reason: str
    wish: str | None
    candidates: tuple[Candidate, ...]
    model: str | None = None


TABLES = RoomTables(
    name="routing", migrations=Migrations("routing"), tables={}, events=(TaskRouted,)
)
