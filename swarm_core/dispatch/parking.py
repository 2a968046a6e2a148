"""Waking what waits for money, as soon as it fits.

What can go wrong: what is dear and stands in front hides what is cheap and would fit; one freed
hold wakes a hundred; a long queue holds up the writer. So each budget is looked at by itself,
what cannot fit is never read, and a search goes on over several writes with what it has given
away already.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from swarm_core.budget import standing as money
from swarm_core.kernel.errors import (
    DiskFull,
    NoSuchModel,
    OutOfCredit,
    ProviderPaused,
    StoreUnwritable,
    WrongKey,
)
from swarm_core.store import Tx
from swarm_core.tasks import queue
from swarm_core.tasks.tasks import Tasks

MOST_AT_ONCE = 100
"""Tasks that one write looks at."""

PROVIDERS = (NoSuchModel, OutOfCredit, ProviderPaused, WrongKey)
"""What a task waits for when none of its worker's models can be asked."""
ROOM = (DiskFull, StoreUnwritable)
"""What a task waits for that had to stop before the disk was full."""


def wake_for_providers(tx: Tx, tasks: Tasks) -> None:
    """At a start: keys may be others now, and servers up. What waits for them tries again."""
    for error in (*PROVIDERS, *ROOM):
        for task, _ in queue.waiting_for(tx, error.code):
            tasks.wake(tx, task, "started")


def wake_for_room(tx: Tx, tasks: Tasks) -> None:
    """The disk has room again."""
    for error in ROOM:
        for task, _ in queue.waiting_for(tx, error.code):
            tasks.wake(tx, task, "room")


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """How far a search has come: what is left of each account (None: no limit), whether it has
    to go on, and whether anything still waits for money."""

    left: Mapping[str, int | None] = {}
    more: bool = True
    waits: bool = True


def wake_affordable(tx: Tx, tasks: Tasks, session: str, search: Search) -> Search:
    """Wake tasks parked for a budget whose hold would fit now, each budget's in their order.

    Each is counted against what is left, so that one freed hold does not wake a hundred; each
    call wakes at least one if any fits, so that going on while there is `more` comes to an end.
    A task's own cap never grows by waiting: what waits for that waits for a person. What waited
    for the cap of a session that is over is held against this one's, `session`.
    """
    left, most = dict(search.left), MOST_AT_ONCE
    for scope, least in queue.budgets_waited_for(tx):
        account = f"session/{session}" if scope.startswith("session/") else scope
        if account not in left:
            left[account] = money.room(tx, account).free
        if not _fits(least, left[account]):
            continue
        found = queue.waiting_for_money(tx, scope, left[account], most)
        for task, needed in found:
            if _fits(needed, room := left[account]):
                left[account] = None if room is None else room - needed
                tasks.wake(tx, task, "affordable")
        most -= len(found)
        if most == 0:
            return Search(left=left)
    return Search(left=left, more=False, waits=bool(queue.budgets_waited_for(tx)))


def _fits(needed: int, room: int | None) -> bool:
    return room is None or needed <= room
