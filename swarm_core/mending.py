"""State put back or made anew, for a program that is no swarm at the moment."""

from __future__ import annotations

from pathlib import Path

import msgspec

from swarm_core.build import ROOMS
from swarm_core.kernel.clock import Clock, SystemClock
from swarm_core.store import Rebuilding, Restored, looked_at, rebuild, restore
from swarm_core.tasks.queries import open_counts


class PutBack(msgspec.Struct, frozen=True, kw_only=True):
    """A restore that was done; `open`: how many tasks go on at the next start."""

    restored: Restored
    open: int


def put_back(file: Path, folder: Path, *, replace: bool, clock: Clock = SystemClock()) -> PutBack:  # noqa: B008
    """Put the backup `file` into the state folder `folder`. Blocking. Raises what `restore` of
    the store raises; then the folder's state is as it was."""
    restored = restore(file, folder, ROOMS, replace=replace, now=clock.now())
    return PutBack(
        restored=restored, open=looked_at(folder, lambda r: sum(open_counts(r).values()))
    )


def make_anew(folder: Path) -> Rebuilding:
    """Replace every table that follows from the journal; how much there was. Blocking.
    Raises what `rebuild` of the store raises."""
    return rebuild(folder, ROOMS)
