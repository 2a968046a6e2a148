"""Sections about the swarm as a service: its log, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from swarm_core.settings.kinds import Choice, Duration, Flag
from swarm_core.settings.section import About, Section


class Log(Section):
    """What is written to `waggle.log` in the state folder."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Choice("debug", "info", "warning", "error"),
        About("The least weighty lines that are written."),
    ] = "info"
    facts: Annotated[
        bool,
        Flag(),
        About("Whether each step in the life of tasks, money and the swarm is a line as well."),
    ] = False


class Shutdown(Section):
    """How the swarm ends."""

    within: Annotated[
        timedelta,
        Duration(timedelta(0), timedelta(hours=1)),
        About("How long runs may finish when it ends; the rest go on at the next start."),
    ] = timedelta(seconds=30)
