"""Floor 5: incidents. Something that is wrong for longer than a moment is one incident: told once
when it begins and once when it is over, whatever repeats in between; and somebody has it, or is
reminded, and after that somebody else is told."""

from swarm_core.incidents.alerts import Alerts
from swarm_core.incidents.book import IncidentBook, IncidentRules
from swarm_core.incidents.incidents import Incidents
from swarm_core.incidents.model import Cause, Failed, Incident, IncidentShown, Moment, Reading
from swarm_core.incidents.tables import TABLES

__all__ = [
    "TABLES",
    "Alerts",
    "Cause",
    "Failed",
    "Incident",
    "IncidentBook",
    "IncidentRules",
    "IncidentShown",
    "Incidents",
    "Moment",
    "Reading",
]
