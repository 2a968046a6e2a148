"""What is due at an instant: waits that end, deadlines that pass. One timer for the next."""

from __future__ import annotations

import asyncio
import logging

from swarm_core.approvals import tables as approved
from swarm_core.approvals.events import ApprovalAsked
from swarm_core.dispatch.leasing import Leasing
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import Closing, DeadlinePassed
from swarm_core.steps.model import Conclusion, Failure
from swarm_core.store import Fact, Store, Tx
from swarm_core.tasks import queue
from swarm_core.tasks.events import TaskAccepted, TaskParked
from swarm_core.tasks.model import TaskState
from swarm_core.tasks.rules import TaskEvent
from swarm_core.tasks.tasks import Tasks

log = logging.getLogger(__name__)

_PAUSE = 60_000_000
"""Microseconds until what failed is tried again."""
LONGEST = 60.0
"""Seconds after which the timer looks again, so that a clock set forward is noticed."""


class Due:
    """Ends waits and fails tasks that had not started by their deadline."""

    def __init__(self, store: Store, tasks: Tasks, leasing: Leasing) -> None:
        self._store = store
        self._tasks = tasks
        self._leasing = leasing
        self._next: Micros | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._working: asyncio.Task[None] | None = None
        self._stop = store.listen((TaskParked, TaskAccepted, ApprovalAsked), self._on_fact)

    async def start(self) -> None:
        self._arm(await self._store.write(self._act))

    def close(self) -> None:
        self._stop()
        if self._timer:
            self._timer.cancel()
        if self._working:
            self._working.cancel()

    def _on_fact(self, fact: Fact) -> None:
        event = fact.event
        instant = event.until if isinstance(event, TaskParked) else None
        if isinstance(event, TaskAccepted):
            instant = event.deadline
        if isinstance(event, ApprovalAsked):
            instant = event.remind or event.expires
        if instant is not None and (self._next is None or instant < self._next):
            self._arm(instant)

    def _arm(self, instant: Micros | None) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._next = instant
        if instant is not None:
            wait = (instant - to_micros(self._store.clock.now())) / 1_000_000
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(min(max(wait, 0.0), LONGEST), self._fire)

    def _fire(self) -> None:
        self._working = asyncio.create_task(self._work(), name="due")

    async def _work(self) -> None:
        try:
            self._arm(await self._store.write(self._act))
        except Closing:
            return
        except Exception:
            log.exception("what is due could not be done")
            self._arm(Micros(to_micros(self._store.clock.now()) + _PAUSE))

    def _act(self, tx: Tx) -> Micros | None:
        """Do what is due now; returns the next instant at which something will be."""
        self._leasing.consent.over(tx)
        for task in queue.waits_over(tx):
            self._leasing.wait_over(tx, task)
        for task in queue.deadlines_passed(tx):
            if self._tasks.state(tx, task) is TaskState.FAILED:
                continue  # with one it waits for, a moment ago
            late = Conclusion(state="failed", failure=Failure(code=DeadlinePassed.code))
            self._leasing.end(tx, task, TaskEvent.FAIL, late)
        instants = (queue.next_due(tx), approved.next_instant(tx))
        return min((instant for instant in instants if instant is not None), default=None)
