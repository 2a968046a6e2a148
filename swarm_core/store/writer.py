"""The one writer: a thread that gathers waiting functions into one durable commit.

While one commit is being written to disk, the next functions queue up and then share one.
Callers learn of success only after the commit, so what was acknowledged is on disk.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from swarm_core.kernel.errors import Closing, WaggleError, WriterDied
from swarm_core.kernel.text import describe
from swarm_core.store.batch import Batch, Done, Job, Outcome, WriteFunction
from swarm_core.store.health import Health

log = logging.getLogger(__name__)
Publish = Callable[[Outcome], None]
Alone = Callable[[sqlite3.Connection], Any]

_KNOCK, _END = True, False
"""Wakes the writer for what stands in its lanes; tells it that nothing more will come."""
CROWD = 8
"""Writes in a commit from which those that follow are gathered before the writer is woken: it
and the loop take the interpreter from each other, and a person alone should not wait for others."""
RIDE_SECONDS = 0.05
"""How long a write that nobody waits for may wait for company."""


def settle(done: Done) -> None:
    """Tell each caller; one that went away does not hear it."""
    for future, value, error in done:
        if future.cancelled():
            continue
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)


class ThreadWriter:
    """The writer of a running swarm: its own thread, so that no commit blocks the event loop."""

    def __init__(self, batch: Batch, health: Health, publish: Publish, most: int) -> None:
        self._batch = batch
        self._health = health
        self._publish = publish
        self._most = most
        self._queue: SimpleQueue[bool] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._first: deque[Job] = deque()
        self._rest: deque[Job] = deque()
        self._crowded = self._knocking = False
        self._riders: deque[Job] = deque()
        self._lonely: deque[tuple[Alone, asyncio.Future[Any]]] = deque()
        self._underway: list[Job] = []
        self._dead: WaggleError | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._thread = threading.Thread(target=self._run, name="waggle-writer", daemon=True)
        self._thread.start()

    def submit(self, fn: WriteFunction, *, first: bool = False) -> asyncio.Future[Any]:
        """Queue `fn`, before the others when somebody looks at it; the future resolves after
        its commit. Raises `Closing` after close, `WriterDied` after the thread's end."""
        self._check()
        future = self._loop.create_future()
        (self._first if first else self._rest).append((fn, future))
        if not self._crowded:
            self._queue.put(_KNOCK)
        elif not self._knocking:
            self._knocking = True
            self._loop.call_soon(self._knock)
        return future

    def _check(self) -> None:
        if self._closed:
            raise Closing
        if self._dead:
            raise type(self._dead)(**self._dead.data)

    def _knock(self) -> None:
        self._knocking = False
        self._queue.put(_KNOCK)

    def ride(self, fn: WriteFunction) -> asyncio.Future[Any]:
        """Queue `fn` for the next commit that somebody waits for, or one of its own soon."""
        self._check()
        future = self._loop.create_future()
        self._riders.append((fn, future))
        if self._timer is None:
            self._timer = self._loop.call_later(RIDE_SECONDS, self._depart)
        return future

    def alone(self, fn: Alone) -> asyncio.Future[Any]:
        """Run `fn` on the connection between two commits. Raises as `submit`."""
        self._check()
        future = self._loop.create_future()
        self._lonely.append((fn, future))
        self._queue.put(_KNOCK)
        return future

    def _depart(self) -> None:
        self._timer = None
        self._send_one_rider()

    def _send_one_rider(self) -> None:
        """Make the writer come by; it takes the others along, or has taken them all just now."""
        with suppress(IndexError):
            self._rest.append(self._riders.popleft())
            self._queue.put(_KNOCK)

    async def close(self) -> None:
        """Commit what is queued, then stop."""
        self._closed = True
        if self._timer:
            self._timer.cancel()
        self._send_one_rider()
        self._queue.put(_END)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        """The thread. Whatever ends it but `close` is told: a write that waited for it would
        wait for ever."""
        problem = "its thread was ended"
        orderly = False
        try:
            open_for_more = True
            while open_for_more:
                open_for_more = self._queue.get() is _KNOCK
                while jobs := self._gather():
                    self._loop.call_soon_threadsafe(self._tell, self._batch.run(jobs))
                    self._underway = []
                with suppress(IndexError):
                    fn, future = self._lonely.popleft()
                    self._loop.call_soon_threadsafe(settle, [(future, *self._batch.alone(fn))])
            orderly = True
        except BaseException as error:
            problem = describe(error)
            log.critical("the writer died", exc_info=error)
        finally:
            if not orderly:
                self._health.breaks(WriterDied(problem=problem))
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._died)

    def _died(self) -> None:
        """Nobody will come for what is queued, and nobody knows of what was under way."""
        self._dead = self._health.broken
        left = [*self._underway, *self._first, *self._rest, *self._riders, *self._lonely]
        waiting = [future for _, future in left]
        settle([(future, None, self._dead) for future in waiting if not future.done()])

    def _gather(self) -> list[Job]:
        """What shares the next commit: what people wait for, then the rest in its order, then
        what nobody waits for."""
        jobs: list[Job] = []
        # Not "while there are any": the loop may take the last rider in between.
        for lane in (self._first, self._rest):
            with suppress(IndexError):
                while len(jobs) < self._most:
                    jobs.append(lane.popleft())
        if jobs:
            with suppress(IndexError):
                while True:
                    jobs.append(self._riders.popleft())
        self._underway = jobs
        return jobs

    def _tell(self, outcome: Outcome) -> None:
        self._crowded = len(outcome.done) >= CROWD
        settle(outcome.done)
        self._publish(outcome)


class InlineWriter:
    """The writer of a simulation: each write is committed where it is called, in call order, so
    the same seed gives the same journal."""

    def __init__(self, batch: Batch, publish: Publish) -> None:
        self._batch = batch
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._closed = False

    def submit(self, fn: WriteFunction, *, first: bool = False) -> asyncio.Future[Any]:  # noqa: ARG002
        if self._closed:
            raise Closing
        future: asyncio.Future[Any] = self._loop.create_future()
        outcome = self._batch.run([(fn, future)])
        settle(outcome.done)
        if outcome.facts or outcome.followed:
            self._loop.call_soon(self._publish, outcome)
        return future

    ride = submit

    def alone(self, fn: Alone) -> asyncio.Future[Any]:
        if self._closed:
            raise Closing
        future: asyncio.Future[Any] = self._loop.create_future()
        settle([(future, *self._batch.alone(fn))])
        return future

    async def close(self) -> None:
        self._closed = True
