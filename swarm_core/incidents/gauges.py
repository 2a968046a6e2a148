"""What alerts look at. Each gauge is one cheap look: at most so many rows however much is stored
(about a thousand), or at what is in memory. What a rule does not want is not looked at.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Literal

from swarm_core.dispatch import tables as dispatch
from swarm_core.dispatch.events import EVERYTHING
from swarm_core.incidents.model import Reading, Rule
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.providers.registry import Registry
from swarm_core.settings import Alerts
from swarm_core.steps import recent
from swarm_core.store import Rows, Store
from swarm_core.tasks import load

_MIB = 1024 * 1024
_STEPS = 400
"""Attempts of steps that are looked at, the newest ones."""
_RECENT = 3_600_000_000
"""Calls that are older say nothing of a provider now."""
_SECOND = 1_000_000


def rules_of(settings: Alerts) -> dict[str, Rule]:
    """The rules that are on, each with what it takes."""
    spans = {"queue": settings.queue_for, "provider": settings.provider_for}
    on = {
        "queue": settings.queue is not None,
        "provider": settings.provider_errors is not None,
        "progress": settings.progress is not None,
        "undelivered": settings.undelivered is not None,
        "disk": settings.disk is not None,
    }
    return {
        name: Rule(
            severity="critical" if name in settings.critical else "warning",
            hold=spans.get(name, timedelta(0)) // timedelta(microseconds=1),
        )
        for name, wanted in on.items()
        if wanted
    }


class Gauges:
    """All that need no other room of this floor."""

    def __init__(self, store: Store, settings: Alerts) -> None:
        self._store = store
        self.models: Callable[[], Registry | None] = lambda: None
        """Those in force; set by the composition root."""
        self.settings = settings
        """Those in force."""

    @property
    def all(self) -> tuple[Callable[[], Awaitable[Sequence[Reading]]], ...]:
        return (self.queue, self.providers, self.progress, self.disk)

    async def queue(self) -> Sequence[Reading]:
        """Tasks that could begin and wait for their turn."""
        limit = self.settings.queue
        if limit is None:
            return ()
        waiting = await self._store.read(lambda rows: load.ready(rows, 10 * limit + 1))
        well = waiting <= limit * 4 // 5
        state = _state(bad=waiting > limit, well=well)
        data = {"waiting": waiting, "limit": limit, "more": waiting > 10 * limit}
        return (Reading(subject="alert/queue", state=state, data=data),)

    async def providers(self) -> Sequence[Reading]:
        """Providers that are left alone for their failures, or too many of whose last calls
        failed. One that was left alone counts as bad until a call to it has worked."""
        percent, most = self.settings.provider_errors, self.settings.provider_calls
        registry = self.models()
        if percent is None or registry is None or not registry.providers:
            return ()
        since = to_micros(self._store.clock.now()) - _RECENT
        calls = await self._store.read(lambda rows: recent.calls(rows, since, _STEPS))
        return tuple(
            _of_provider(name, registry, calls.get(name, [])[:most], percent, most)
            for name in sorted(registry.providers)
        )

    async def progress(self) -> Sequence[Reading]:
        """Whether anything moves while there is something to do."""
        limit = self.settings.progress
        if limit is None:
            return ()
        now = to_micros(self._store.clock.now())
        moved, count = await self._store.read(_moved)
        still = max(0, now - moved) if moved is not None else 0
        bad = still > limit // timedelta(microseconds=1)
        data = {"minutes": still // (60 * _SECOND), "tasks": count}
        return (Reading(subject="alert/progress", state=_state(bad=bad, well=not bad), data=data),)

    async def disk(self) -> Sequence[Reading]:
        """Room on the disk that holds the state."""
        limit = self.settings.disk
        if limit is None:
            return ()
        usage = await asyncio.to_thread(shutil.disk_usage, self._store.folder)
        free = usage.free // _MIB
        state = _state(bad=free < limit, well=free >= limit + limit // 10)
        data = {"free": usage.free, "limit": limit * _MIB}
        return (Reading(subject="alert/disk", state=state, data=data),)


def _state(*, bad: bool, well: bool) -> Literal["bad", "between", "well"]:
    return "bad" if bad else "well" if well else "between"


def _of_provider(
    name: str, registry: Registry, calls: list[bool], percent: int, most: int
) -> Reading:
    subject, health = f"alert/provider/{name}", registry.health(name)
    failed = sum(not well for well in calls)
    data: dict[str, object] = {"why": health.why, "failed": failed}
    data |= {"calls": len(calls), "paused": health.state == "open"}
    if health.state == "open":
        return Reading(subject=subject, state="bad", data=data)
    # Of a few calls nothing is said: two of three may be chance.
    many = len(calls) >= most
    bad = many and failed * 100 > percent * len(calls)
    well = health.state == "closed" and (not many or failed * 200 <= percent * len(calls))
    return Reading(subject=subject, state=_state(bad=bad, well=well), data=data)


def _moved(rows: Rows) -> tuple[Micros | None, int]:
    """When anything moved last, None where nothing has to; and how many tasks there are to do, as
    far as counted."""
    stops = dispatch.stops(rows)
    if EVERYTHING in stops:
        return None, 0
    since, count = load.under_way(rows, stops)
    if since is None:
        return None, 0
    last = (since, load.last_end(rows), recent.last_move(rows, _STEPS))
    return max(each for each in last if each is not None), count
