"""Sections about the order of work, and what keeps it going."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from swarm_core.settings.kinds import Duration, Flag, Whole
from swarm_core.settings.section import About, Section

_SECOND, _MINUTE, _HOUR, _DAY = (timedelta(seconds=n) for n in (1, 60, 3_600, 86_400))


class Tasks(Section):
    """The order in which tasks run, and what counts as the same request."""

    priority_weight: Annotated[
        timedelta,
        Duration(timedelta(0), _DAY),
        About("How much waiting time one step of priority outweighs."),
    ] = _MINUTE
    fairness_quantum: Annotated[
        timedelta,
        Duration(timedelta(0), _HOUR),
        About("How far each of a person's waiting tasks stands behind the one before it."),
    ] = _SECOND
    join_identical: Annotated[
        bool,
        Flag(),
        About("Whether a request equal to one of yours that is not finished joins it."),
    ] = True
    link_similar: Annotated[
        bool, Flag(), About("Whether a similar task is named when a new one is accepted.")
    ] = True
    similarity: Annotated[
        int, Whole(50, 100, "%"), About("From how many percent on two requests count as similar.")
    ] = 90


class Lease(Section):
    """Advanced: how a lost worker is noticed."""

    duration: Annotated[
        timedelta,
        Duration(_SECOND, _HOUR),
        About("How long a run stays with its worker without a sign of life."),
    ] = 30 * _SECOND


class Store(Section):
    """Advanced: the database."""

    readers: Annotated[int, Whole(1, 16), About("Connections that read beside the writer.")] = 2
    batch: Annotated[int, Whole(1, 100_000), About("Most changes that are committed together.")] = (
        1_000
    )
