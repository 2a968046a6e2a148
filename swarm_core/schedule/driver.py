"""When somebody has to look at what is due. It only wakes: the rows say what is due, so a wake
that comes late, twice or not at all does no harm. The one home of the library that keeps timers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from apscheduler.schedulers.asyncio import AsyncIOScheduler

BEAT = 30.0
"""Seconds after which somebody looks in any case: the clock may have been set, or the machine
have slept."""
_LONGEST = 86_400.0
_HEART = "/heartbeat"


class Alarm(Protocol):
    """Wakes somebody at given times."""

    def start(self, ring: Callable[[], None]) -> None:
        """From here on `ring` is called, on the loop."""
        ...

    def set(self, waits: Mapping[str, float]) -> None:
        """Ring after so many seconds for each name, and for no others; while there are any, every
        `BEAT` as well."""
        ...

    def close(self) -> None: ...


class Timers:
    """Jobs of APScheduler, in memory. It is loaded with the first of them."""

    def __init__(self) -> None:
        self._ring: Callable[[], None] = lambda: None
        self._jobs: AsyncIOScheduler | None = None
        self._known: set[str] = set()

    def start(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    def set(self, waits: Mapping[str, float]) -> None:
        if not waits and self._jobs is None:
            return
        jobs, now = self._opened(), datetime.now(UTC)
        for name in self._known - waits.keys():
            if jobs.get_job(name):
                jobs.remove_job(name)
        for name, seconds in waits.items():
            at = now + timedelta(seconds=min(max(0.0, seconds), _LONGEST))
            jobs.add_job(self._wake, "date", run_date=at, id=name, replace_existing=True)
        self._known = set(waits)
        if waits and not jobs.get_job(_HEART):
            jobs.add_job(self._wake, "interval", seconds=BEAT, id=_HEART)
        elif not waits and jobs.get_job(_HEART):
            jobs.remove_job(_HEART)

    async def _wake(self) -> None:  # what is no coroutine runs on a thread there
        self._ring()

    def _opened(self) -> AsyncIOScheduler:
        if self._jobs is None:
            from apscheduler.jobstores.memory import MemoryJobStore
            from apscheduler.schedulers.asyncio import AsyncIOScheduler

            # Each of its jobs is a wake; what comes of it is in our own log.
            logging.getLogger("apscheduler").setLevel(logging.ERROR)
            self._jobs = AsyncIOScheduler(
                timezone=UTC,
                jobstores={"default": MemoryJobStore()},
                job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            )
            self._jobs.start()
        return self._jobs

    def close(self) -> None:
        if self._jobs is not None:
            self._jobs.shutdown(wait=False)
            self._jobs = None


class LoopTimers:
    """The same on the loop's own clock, for virtual time."""

    def __init__(self) -> None:
        self._ring: Callable[[], None] = lambda: None
        self._timers: list[asyncio.TimerHandle] = []

    def start(self, ring: Callable[[], None]) -> None:
        self._ring = ring

    def set(self, waits: Mapping[str, float]) -> None:
        self.close()
        if waits:
            first = min(max(0.0, min(waits.values())), _LONGEST)
            self._timers = [asyncio.get_running_loop().call_later(first, self._ring)]

    def close(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers = []
