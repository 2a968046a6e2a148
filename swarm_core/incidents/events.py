"""Facts about incidents: a beginning, an end, and the few steps in between."""

from __future__ import annotations

from typing import Any, ClassVar

from swarm_core.incidents.model import Ended, Severity
from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Event


class IncidentOpened(Event, frozen=True, kw_only=True, gc=False):
    """Something is wrong for longer than a moment. Unless somebody has it, people are reminded at
    `remind` and others told at `escalate`."""

    kind: ClassVar[str] = "incident.opened"

    incident: int
    subject: str
    severity: Severity
    code: str
    data: dict[str, Any]
    place: Place | None
    owner: str
    since: Micros
    failures: int
    tasks: tuple[TaskId, ...]
    remind: Micros | None
    escalate: Micros | None


class IncidentGrew(Event, frozen=True, kw_only=True, gc=False):
    """It has another cause as well, or repeats and repeats."""

    kind: ClassVar[str] = "incident.grew"

    incident: int
    code: str
    data: dict[str, Any]
    failures: int


class IncidentAcknowledged(Event, frozen=True, kw_only=True, gc=False):
    """The fact's actor has it, and nobody else is told."""

    kind: ClassVar[str] = "incident.acknowledged"

    incident: int


class IncidentReminded(Event, frozen=True, kw_only=True, gc=False):
    """Nobody has it, and those who were told are told once more."""

    kind: ClassVar[str] = "incident.reminded"

    incident: int


class IncidentEscalated(Event, frozen=True, kw_only=True, gc=False):
    """Still nobody has it, so `to` are told, by name `person/7`; nobody when there is nobody else.
    `level` are the names of `notices.escalation` that were used up; `escalate`: when the next
    one's turn is."""

    kind: ClassVar[str] = "incident.escalated"

    incident: int
    level: int
    to: tuple[str, ...]
    escalate: Micros | None


class IncidentClosed(Event, frozen=True, kw_only=True, gc=False):
    """It is over, after so many failures."""

    kind: ClassVar[str] = "incident.closed"

    incident: int
    ended: Ended
    failures: int
