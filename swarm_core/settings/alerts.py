"""The section of what the swarm looks at in itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from swarm_core.settings.kinds import Choice, Duration, Many, Whole
from swarm_core.settings.section import About, Section

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
ALERTS = ("queue", "provider", "progress", "undelivered", "disk")


class Alerts(Section):
    """What is wrong with the swarm itself is an incident: each rule can be `off`."""

    queue: Annotated[
        int | None,
        Whole(1, 100_000, none="no such alert"),
        About("More tasks than this that could begin and wait for their turn."),
    ] = 100
    queue_for: Annotated[
        timedelta,
        Duration(timedelta(0), _DAY),
        About("For how long there have to be so many."),
    ] = 10 * _MINUTE
    provider_errors: Annotated[
        int | None,
        Whole(1, 100, "%", none="no such alert"),
        About(
            "A provider of whose last calls more than this failed, or that is left alone for its"
            " failures."
        ),
    ] = 50
    provider_calls: Annotated[
        int,
        Whole(2, 200),
        About("How many of the last calls to a provider count; of fewer nothing is said."),
    ] = 20
    provider_for: Annotated[
        timedelta,
        Duration(timedelta(0), _DAY),
        About("For how long that has to be so."),
    ] = _MINUTE
    progress: Annotated[
        timedelta | None,
        Duration(_MINUTE, 7 * _DAY, "no such alert"),
        About("No task has ended and no step was made for this long, though there is work to do."),
    ] = 45 * _MINUTE
    undelivered: Annotated[
        timedelta | None,
        Duration(_MINUTE, 7 * _DAY, "no such alert"),
        About("A notice has waited for this long on a surface that is connected."),
    ] = 10 * _MINUTE
    disk: Annotated[
        int | None,
        Whole(1, 100_000_000, "MiB", none="no such alert"),
        About("Less than this is free on the disk that holds the state."),
    ] = 512
    critical: Annotated[
        tuple[str, ...],
        Many(Choice(*ALERTS)),
        About("Rules that are told in quiet hours as well, by the default of `notices.wake_for`."),
    ] = ("provider", "progress", "disk")
