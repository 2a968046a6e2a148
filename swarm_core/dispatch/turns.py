"""Whose turn it is: the next ready tasks of a worker, with no more at once for a guest than may."""

from __future__ import annotations

from swarm_core.dispatch import tables
from swarm_core.dispatch.limits import Limits
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Tx
from swarm_core.tasks import queue
from swarm_core.tasks.model import Startable


class Guests:
    """How much runs for whom now, in one claim."""

    def __init__(self, tx: Tx, limits: Limits | None) -> None:
        self._limits = limits
        bound = limits is not None and limits.rules.at_once is not None
        self._running = tables.running_by_person(tx) if bound else {}

    @property
    def full(self) -> tuple[str, ...]:
        return self._limits.full(self._running) if self._limits else ()

    def takes(self, person: str) -> bool:
        """Count one more of `person`, if there is a place."""
        if person in self.full:
            return False
        self._running[person] = self._running.get(person, 0) + 1
        return True


def next_ready(
    tx: Tx,
    worker: str,
    most: int,
    without: tuple[str, ...],
    only: frozenset[TaskId] | None,
    guests: Guests | None,
) -> list[Startable]:
    """The next ones, leaving out those of people who have to wait. Whoever fills up on the way
    makes room for the next in the queue."""
    if guests is None:
        return queue.next_ready(tx, worker, most, without, only)
    taken: list[Startable] = []
    passed: set[TaskId] = set()
    while len(taken) < most:
        found = queue.next_ready(tx, worker, most + len(passed), (*without, *guests.full), only)
        fresh = [task for task in found if task.id not in passed]
        if not fresh:
            break
        for task in fresh[: most - len(taken)]:
            passed.add(task.id)
            if guests.takes(task.person):
                taken.append(task)
    return taken
