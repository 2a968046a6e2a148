"""The dispatcher: gives ready tasks to the pool, keeps leases and due times.

Nothing is polled. A task is leased at the end of the very transaction that makes it ready or
frees a place for it, so starting costs no commit of its own; one timer waits for the next instant
at which anything is due. The leases on disk say which places are taken.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec

from swarm_core.budget.events import BudgetSettled, CapChanged, CapRaised, CapsSet
from swarm_core.dispatch import tables
from swarm_core.dispatch.due import Due
from swarm_core.dispatch.events import WorkResumed
from swarm_core.dispatch.leasing import Leased, Leasing
from swarm_core.dispatch.parking import ROOM, Search
from swarm_core.dispatch.pool import LocalPool
from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import Closing, OverBudget, WaggleError
from swarm_core.kernel.ids import Fence, RunId, TaskId
from swarm_core.store import Event, Fact, Store, Tx
from swarm_core.tasks import queue
from swarm_core.tasks.events import (
    TaskAccepted,
    TaskEnded,
    TaskMoved,
    TaskParked,
    TaskRetried,
    TaskUnblocked,
    TaskWoken,
)

log = logging.getLogger(__name__)

STARTING: tuple[type[Event], ...] = (
    TaskAccepted,
    TaskEnded,
    TaskParked,
    TaskUnblocked,
    TaskWoken,
    TaskRetried,
    TaskMoved,
    WorkResumed,
)
"""Facts after which a task may start: it is ready, or a place is free."""


SHORT = frozenset(error.code for error in ROOM)
"""Reasons of tasks that wait for room on the disk."""


class DispatchRules(msgspec.Struct, frozen=True, kw_only=True):
    """Runs at once per worker, and how long a lease lasts unless renewed."""

    concurrency: int
    lease: timedelta


class Dispatcher:
    """Moves ready tasks to workers. `start` recovers first; `close` drains."""

    def __init__(
        self, store: Store, leasing: Leasing, pool: LocalPool, due: Due, rules: DispatchRules
    ) -> None:
        self._store = store
        self._leasing = leasing
        self._pool = pool
        self._due = due
        self._rules = rules
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._stop_listening = [
            store.listen((TaskParked,), self._on_parked),
            store.listen((BudgetSettled, CapsSet, CapChanged, CapRaised), self._on_money),
            store.health.watch(self._on_health),
        ]
        self._poor = True
        """Whether a task may be waiting for money."""
        self._money = True
        """Whether money may have become free since we last looked."""
        self._closed = False
        self._room = False
        """Whether the disk has room again, and what waited for that has not been woken."""
        self._dead = Fence(0)
        """In a swarm that is there for one task: leases up to this fence are a dead process's."""

    def adopt(self, rules: DispatchRules) -> None:
        """From here on these rules hold."""
        self._rules = rules

    def _on_parked(self, fact: Fact) -> None:
        if isinstance(fact.event, TaskParked) and fact.event.reason == OverBudget.code:
            self._poor = self._money = True
            self._wake.set()
        if isinstance(fact.event, TaskParked) and fact.event.reason in SHORT:
            # There may have been room again before this could be written.
            self._on_health()

    def _on_money(self, _: Fact) -> None:
        self._money = True
        if self._poor:
            self._wake.set()

    def _on_health(self) -> None:
        health = self._store.health
        if health.short is None and health.broken is None:
            self._room = True
            self._wake.set()

    async def start(self, *, alone: bool = False) -> int:
        """Take back every run a former process left, then begin. Returns how many there were.

        `alone`: nothing starts but what `admit` names; the rest is left for another start.
        """
        if alone:
            self._leasing.only = frozenset()
            self._dead = Fence(await self._store.write(lambda tx: tx.seq))
        recovered = [] if alone else await self._store.write(self._recover)
        self._begin(recovered)
        self._stop_listening.append(self._store.follow(STARTING, self._claim, self._begin))
        # What was ready before us has no fact left to tell of it.
        self._begin(await self._store.write(self._claim))
        self._wake.set()
        self._tasks = [
            asyncio.create_task(self._serve(), name="dispatch"),
            asyncio.create_task(self._keep_leases(), name="leases"),
        ]
        await self._due.start()
        # What was ready before the start has no fact to come that would wake us.
        self._money = True
        self._wake.set()
        return len(recovered)

    async def admit(self, task: TaskId) -> None:
        """Let `task`, and what it waits for, start in a swarm that is there for it alone; what
        a dead process had begun of it goes on."""

        def admit(tx: Tx) -> list[Leased]:
            tasks = queue.with_needs(tx, task)
            self._leasing.only = tasks | (self._leasing.only or frozenset())
            left = tables.left_behind(tx, self._dead, tasks)
            return self._take_back(tx, left) + self._claim(tx)

        if self._leasing.only is not None:
            self._begin(await self._store.write(admit))

    async def close(self, drain: float, hurry: asyncio.Future[Any] | None = None) -> list[TaskId]:
        """Start nothing more, let runs finish for `drain` seconds or until `hurry` is done,
        interrupt the rest. Returns whose runs those were. May be called again."""
        self._closed = True
        for stop in self._stop_listening:
            stop()
        self._due.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        return await self._pool.drain(drain, hurry)

    def _recover(self, tx: Tx) -> list[Leased]:
        """Every lease belongs to a process that is gone: this folder is locked by us. Tasks
        that wait for a worker which is gone are routed anew."""
        taken = self._take_back(tx, tables.held(tx))
        self._leasing.reroute_orphans(tx)
        self._leasing.wake_for_providers(tx)
        return taken

    def _take_back(self, tx: Tx, held: list[tuple[RunId, TaskId]]) -> list[Leased]:
        taken = (self._leasing.take_back(tx, run, task) for run, task in held)
        return [leased for leased in taken if leased]

    async def _serve(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._round()
            except Closing:
                return
            except Exception:
                # The next fact wakes us again; a broken store has said so to its callers.
                log.exception("a round of dispatch failed")

    async def _round(self) -> None:
        if self._room:
            self._room = False
            await self._store.write(self._leasing.wake_for_room)
            self._begin(await self._store.write(self._claim))
        while self._poor and self._money:
            # Both are set again by what happens while this searches.
            self._money = self._poor = False
            search = Search()
            while search.more:
                search = await self._store.write(
                    partial(self._leasing.wake_affordable, search=search)
                )
            self._poor = self._poor or search.waits

    def _claim(self, tx: Tx) -> list[Leased]:
        crash_point("claim.commit.before")
        if self._store.health.short:
            return []
        return self._leasing.claim(tx, self._rules.concurrency)

    def _begin(self, claimed: list[Leased]) -> None:
        """Carry out what was leased; what a close overtakes goes on at the next start."""
        crash_point("claim.commit.after")
        if not self._closed:
            for leased in claimed:
                self._pool.start(leased)

    async def _keep_leases(self) -> None:
        """Renew our leases; take back those that ran out all the same."""
        pause = self._rules.lease.total_seconds() / 3
        while True:
            await asyncio.sleep(pause)
            try:
                taken = await self._store.write(self._keep)
            except Closing:
                return
            except WaggleError as error:
                log.warning("leases could not be renewed: %s", error)
                continue
            except Exception:
                log.exception("leases could not be renewed")
                continue
            self._begin(taken)

    def _keep(self, tx: Tx) -> list[Leased]:
        tables.renew(tx, self._pool.leases(), self._leasing.until(tx))
        alone = self._leasing.only is not None
        return [] if alone else self._take_back(tx, tables.held(tx, to_micros(tx.now)))
