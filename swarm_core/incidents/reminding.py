"""When people are to be reminded, and the next ones told: one timer for the next such instant.

The instants are on disk; the timer only wakes. One that comes late, early or twice does no harm.
"""

from __future__ import annotations

import asyncio
import logging

from swarm_core.incidents.book import IncidentBook
from swarm_core.incidents.events import IncidentEscalated, IncidentOpened
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import Closing
from swarm_core.store import Fact, Store

log = logging.getLogger(__name__)

_PAUSE = 60_000_000
"""Microseconds until what failed is tried again."""
LONGEST = 60.0
"""Seconds after which the timer looks again, so that a clock set forward is noticed."""


class Reminding:
    """Has the book do what is due."""

    def __init__(self, store: Store, book: IncidentBook) -> None:
        self._store = store
        self._book = book
        self._next: Micros | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._working: asyncio.Task[None] | None = None
        self._stop = store.listen((IncidentOpened, IncidentEscalated), self._on_fact)

    async def start(self) -> None:
        self._arm(await self._store.write(self._book.act))

    async def close(self) -> None:
        self._stop()
        if self._timer:
            self._timer.cancel()
        if self._working:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    def _on_fact(self, fact: Fact) -> None:
        event = fact.event
        assert isinstance(event, IncidentOpened | IncidentEscalated)
        first = event.remind if isinstance(event, IncidentOpened) else None
        for instant in (first, event.escalate):
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
        self._working = asyncio.create_task(self._work(), name="incidents")

    async def _work(self) -> None:
        try:
            self._arm(await self._store.write(self._book.act))
        except Closing:
            return
        except Exception:
            log.exception("nobody could be reminded of incidents")
            self._arm(Micros(to_micros(self._store.clock.now()) + _PAUSE))
