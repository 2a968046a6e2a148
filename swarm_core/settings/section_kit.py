"""What the section of a surface is written with, by those who know the core by its face."""

from __future__ import annotations

from swarm_core.settings.endpoints import Address
from swarm_core.settings.kinds import Choice, Duration, Flag, Kind, Many, Text, Whole, misfit
from swarm_core.settings.section import About, Clash, Section

__all__ = [
    "About",
    "Address",
    "Choice",
    "Clash",
    "Duration",
    "Flag",
    "Kind",
    "Many",
    "Section",
    "Text",
    "Whole",
    "misfit",
]
