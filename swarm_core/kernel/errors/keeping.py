"""What can stand in the way of keeping state: backup, restore, rebuild, erasing."""

from __future__ import annotations

from swarm_core.kernel.errors.tree import Conflict, GiveUp


class BackupFailed(GiveUp):
    """No backup was made in `folder`: `problem`. Nothing half is left there."""

    code = "backup_failed"
    fields = ("folder", "problem")


class BadBackup(GiveUp):
    """`file` is no backup that can be restored: `problem`. Nothing was changed."""

    code = "bad_backup"
    fields = ("file", "problem")


class StateThere(Conflict):
    """The folder `folder` already holds the state of a swarm."""

    code = "state_there"
    fields = ("folder",)


class RestoreFailed(GiveUp):
    """The restore into `folder` did not finish: `problem`. What was there is as it was."""

    code = "restore_failed"
    fields = ("folder", "problem")


class BrokenJournal(GiveUp):
    """The journal in `folder` is not whole at `where`: `what`. Nothing was changed."""

    code = "broken_journal"
    fields = ("folder", "where", "what")


class ArchiveFailed(GiveUp):
    """Nothing went into the archive in `folder`: `problem`. The journal is as it was."""

    code = "archive_failed"
    fields = ("folder", "problem")


class PastGone(GiveUp):
    """The facts about `task` are in no file of the archive any more."""

    code = "past_gone"
    fields = ("task",)


class NoState(Conflict):
    """There is no state in `folder`."""

    code = "no_state"
    fields = ("folder",)


class PersonAtWork(Conflict):
    """`person` still has unfinished `tasks`, whose texts are needed."""

    code = "person_at_work"
    fields = ("person", "tasks")
