"""Waking what waits for money, as soon as it fits."""

from __future__ import annotations

from swarm_core.budget import standing as money
from swarm_core.kernel.errors import (
    NoSuchModel,
    OutOfCredit,
    OverBudget,
    ProviderPaused,
    WrongKey,
)
from swarm_core.store import Tx
from swarm_core.tasks import queue
from swarm_core.tasks.tasks import Tasks

MOST_AT_ONCE = 100

PROVIDERS = (NoSuchModel, OutOfCredit, ProviderPaused, WrongKey)
"""What a task waits for when none of its worker's models can be asked."""


def wake_for_providers(tx: Tx, tasks: Tasks) -> None:
    """At a start: keys may be others now, and servers up. What waits for them tries again."""
    for error in PROVIDERS:
        for task, _ in queue.waiting_for(tx, error.code):
            tasks.wake(tx, task, "started")


def wake_affordable(tx: Tx, tasks: Tasks, session: str) -> bool:
    """Wake tasks parked for a budget whose hold would fit now, in their order.

    Each is counted against what is free, so that one freed hold does not wake a hundred.
    Returns whether any still waits. A task's own cap never grows by waiting: what waits for
    that waits for a person. What waited for the cap of a session that is over is held against
    this one's, `session`.
    """
    waiting = queue.waiting_for(tx, OverBudget.code, MOST_AT_ONCE, besides="task/*")
    if not waiting:
        return False
    free = dict[str, int | None]()
    woken = 0
    for task, data in waiting:
        scope, most = data["scope"], data["most"]
        if scope.startswith("session/"):
            scope = f"session/{session}"
        if scope not in free:
            free[scope] = money.room(tx, scope).free
        room = free[scope]
        if room is not None and room < most:
            continue
        if room is not None:
            free[scope] = room - most
        tasks.wake(tx, task, "affordable")
        woken += 1
    return woken < len(waiting) or len(waiting) == MOST_AT_ONCE
