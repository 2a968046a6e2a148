"""What commands about incidents answer, as values."""

from __future__ import annotations

import msgspec

from swarm_core import Incident, IncidentShown


class Incidents(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong now, and what was last; newest first."""

    open: tuple[Incident, ...]
    closed: tuple[Incident, ...]


class IncidentWhole(msgspec.Struct, frozen=True, kw_only=True):
    """One of them, with what happened."""

    shown: IncidentShown


class IncidentTaken(msgspec.Struct, frozen=True, kw_only=True):
    """How an incident stands that the asker wished to take; `new`: it is theirs now."""

    incident: Incident
    new: bool


IncidentView = Incidents | IncidentWhole | IncidentTaken
