"""Sections about the order of work, and what keeps it going."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from swarm_core.kernel.money import MicroUSD
from swarm_core.settings.kinds import Duration, Flag, Money, Whole
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


class Confirm(Section):
    """What a person is asked before money is spent on it."""

    above: Annotated[
        MicroUSD | None,
        Money("nothing is asked"),
        About("A task whose first call may cost more than this waits for a yes."),
    ] = MicroUSD(250_000)
    dearer_fallback: Annotated[
        bool,
        Flag(),
        About("Whether a task waits for a yes before a dearer model takes over for it."),
    ] = False


class Approvals(Section):
    """How long decisions may be taken."""

    expiry: Annotated[
        timedelta,
        Duration(_MINUTE, 30 * _DAY),
        About("After this long without a decision, what was asked is denied."),
    ] = _DAY
    reminder: Annotated[
        timedelta,
        Duration(_MINUTE, 30 * _DAY),
        About("After this long people are reminded once; not if that is later than `expiry`."),
    ] = 20 * _HOUR
    keep: Annotated[
        timedelta,
        Duration(_MINUTE, 365 * _DAY),
        About("How long a task that nobody decided on may be asked for again; then it ends."),
    ] = 7 * _DAY


class Attachments(Section):
    """Files that come with a request."""

    files: Annotated[int, Whole(0, 20), About("Most files with one request.")] = 5
    picture_kilobytes: Annotated[
        int, Whole(1, 20_000, "kilobytes"), About("Largest picture, in thousands of bytes.")
    ] = 5_000
    text_kilobytes: Annotated[
        int, Whole(1, 2_000, "kilobytes"), About("Largest text, in thousands of bytes.")
    ] = 200
    document_kilobytes: Annotated[
        int,
        Whole(1, 50_000, "kilobytes"),
        About("Largest PDF or Word document, in thousands of bytes; its text is limited as text."),
    ] = 10_000
    pages: Annotated[int, Whole(1, 2_000), About("Most pages of a PDF.")] = 200


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
    reserve: Annotated[
        int,
        Whole(0, 1_000_000, "MiB"),
        About("With less than this free on the disk nothing new is begun."),
    ] = 64
