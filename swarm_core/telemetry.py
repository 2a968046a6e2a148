"""Facts as lines of the log, for whoever watches from outside. Off unless `log.facts` is set.

A listener on the journal, called after the commit: each fact is told once, and only when it is
on disk. While it is off nothing listens, so the hot path pays nothing. Each line has the same
fields: timestamp (of the fact), event, session, worker, task, gate, result; what does not apply is
null.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context
from typing import Any, Literal

from swarm_core.budget.events import (
    BudgetSettled,
    BudgetThawed,
    BudgetWarned,
    CapChanged,
    CapRaised,
    CapsSet,
)
from swarm_core.kernel.clock import from_micros
from swarm_core.kernel.errors import CeilingReached, OverBudget, ScopeFrozen
from swarm_core.steps.events import StepEnded
from swarm_core.store import Event, Fact, Store
from swarm_core.tasks.events import (
    TaskAccepted,
    TaskEnded,
    TaskMoved,
    TaskParked,
    TaskRetried,
    TaskStarted,
    TaskUnblocked,
    TaskWoken,
)

log = logging.getLogger(__name__)

HEARTBEAT = 30.0
"""Seconds between two signs of life, at least."""
LIMITS = (OverBudget.code, ScopeFrozen.code, CeilingReached.code)
HEARD: tuple[type[Event], ...] = (
    *(TaskAccepted, TaskUnblocked, TaskStarted, TaskParked, TaskWoken, TaskMoved, TaskRetried),
    *(TaskEnded, StepEnded, BudgetSettled, BudgetWarned, BudgetThawed),
    *(CapsSet, CapChanged, CapRaised),
)

Ending = Literal["normal", "timeout", "error"]


class Telemetry:
    """Tells facts of one session: from a start of the swarm to its end."""

    def __init__(self, store: Store, session: str) -> None:
        self._store = store
        self._session = session
        self._stop: Callable[[], None] | None = None
        self._beating: asyncio.Task[None] | None = None
        self._seen: set[str] = set()
        """Workers that have done something in this session."""
        self._models: dict[str, str] = {}
        """The model each run under way was begun with, or has fallen back to since."""

    def switch(self, on: bool) -> None:
        """Begin to tell, or cease. A session that is told of from its middle on begins there."""
        if on and self._stop is None:
            self._stop = self._store.listen(HEARD, self._heard)
            self._tell("session started")
            self._beating = asyncio.create_task(self._beat(), name="heartbeat", context=Context())
        elif not on:
            self._cease()

    def end(self, how: Ending) -> None:
        """The session is over; `timeout`: with runs that had to be interrupted."""
        if self._stop is not None:
            self._tell("session ended", result=how)
            self._cease()

    def _cease(self) -> None:
        if self._stop is not None:
            self._stop()
            self._stop = None
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None
        self._seen.clear()
        self._models.clear()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            self._tell("heartbeat", result=str(len(self._models)))

    def _heard(self, fact: Fact) -> None:
        match fact.event:
            case TaskAccepted(blocked=blocked, worker=worker):
                self._tell("task state changed", fact, "queued" if blocked else "ready", worker)
            case TaskUnblocked() | TaskWoken():
                self._tell("task state changed", fact, "ready")
            case TaskRetried():
                self._tell("task state changed", fact, "ready")
            case TaskMoved(worker=worker):
                self._tell("task state changed", fact, "moved", worker)
            case TaskStarted() as event:
                self._started(fact, event)
            case TaskParked(reason=reason):
                if fact.run is not None:
                    self._over(fact, "waiting")
                self._limit(fact, reason)
                self._tell("task state changed", fact, "waiting")
            case TaskEnded(outcome=outcome, failure=failure):
                if fact.run is not None:
                    self._over(fact, outcome.value)
                self._limit(fact, failure)
                self._tell("task state changed", fact, outcome.value)
            case StepEnded(use=use) if use is not None:
                self._answered(fact, use.model, use.worker)
            case StepEnded():
                return
            case _:
                self._tell("budget updated", fact, fact.event.kind.partition(".")[2])

    def _started(self, fact: Fact, event: TaskStarted) -> None:
        if event.worker not in self._seen:
            self._seen.add(event.worker)
            self._tell("worker activated", fact, event.model, event.worker)
        self._models[str(fact.run)] = event.model
        self._tell("run begun", fact, "resumed" if event.resumed else "new", event.worker)
        self._tell("task state changed", fact, "running", event.worker)

    def _over(self, fact: Fact, result: str) -> None:
        # A task can end while it waits: its run was over before.
        if self._models.pop(str(fact.run), None) is not None:
            self._tell("run ended", fact, result)

    def _answered(self, fact: Fact, model: str, worker: str) -> None:
        before = self._models.get(str(fact.run))
        if before is not None and before != model:
            self._models[str(fact.run)] = model
            self._tell("model fallback", fact, model, worker)

    def _limit(self, fact: Fact, reason: str | None) -> None:
        if reason in LIMITS:
            self._tell("limit hit", fact, reason)

    def _tell(
        self,
        event: str,
        fact: Fact | None = None,
        result: str | None = None,
        worker: str | None = None,
    ) -> None:
        at = from_micros(fact.at) if fact else self._store.clock.now()
        fields: dict[str, Any] = {
            "timestamp": at.isoformat(timespec="microseconds"),
            "session": self._session,
            "worker": worker,
            "task": fact.task if fact else None,
            "gate": None,
            "result": result,
        }
        log.info(event, extra={"fields": fields})
