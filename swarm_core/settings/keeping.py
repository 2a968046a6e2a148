"""Sections about what is kept: backups, and for how long texts are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from swarm_core.settings.kinds import Duration, Folder, Whole
from swarm_core.settings.section import About, Section

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


class OptionalFolder(Folder):
    """A folder, or null."""

    def __init__(self, none: str) -> None:
        self.none = none


class Backup(Section):
    """Backups that the swarm makes by itself while it runs."""

    every: Annotated[
        timedelta | None,
        Duration(_MINUTE, 30 * _DAY, none="no backups by themselves"),
        About("How often; none is made while nothing has changed. At most this much is lost."),
    ] = timedelta(hours=1)
    keep: Annotated[int, Whole(1, 10_000), About("How many stay; the oldest of them go first.")] = (
        24
    )
    to: Annotated[
        Path | None,
        OptionalFolder("`backups` in the state folder"),
        About("The folder they go to. Another disk is better."),
    ] = None


class Retention(Section):
    """How long texts are kept: what was asked, prompts, answers, results; and the journal, which
    holds amounts, instants and hashes. What tasks that have not ended need stays."""

    dm_text: Annotated[
        timedelta | None,
        Duration(_MINUTE, 3_650 * _DAY, none="for ever"),
        About("Texts of tasks from private messages, counted from the end of the task."),
    ] = 7 * _DAY
    text: Annotated[
        timedelta | None,
        Duration(_MINUTE, 3_650 * _DAY, none="for ever"),
        About("Texts of all other tasks, counted from the end of the task."),
    ] = 30 * _DAY
    archive: Annotated[
        timedelta | None,
        Duration(_DAY, 3_650 * _DAY, none="never by itself"),
        About(
            "After how long facts about ended tasks go from the database into compressed files."
            " Nothing is lost by that."
        ),
    ] = 365 * _DAY
    amounts: Annotated[
        timedelta | None,
        Duration(_DAY, 3_650 * _DAY, none="for ever"),
        About(
            "After how long those files are deleted for good, with the amounts and instants in"
            " them. Their digests stay."
        ),
    ] = None
