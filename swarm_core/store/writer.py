"""The one writer: a thread that gathers waiting functions into one durable commit.

While one commit is being written to disk, the next functions queue up; they then share one
`BEGIN IMMEDIATE … COMMIT`, each in a savepoint of its own, so one that raises undoes only itself.
Callers learn of success only after the commit, so what was acknowledged is on disk.

When the commit itself fails nothing of the batch happened and every caller is told. When the
file turns out damaged the writer refuses everything from then on.
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

import msgspec

from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import Closing, DamagedStore, StoreUnwritable, WaggleError
from swarm_core.store.model import Event, Fact
from swarm_core.store.tx import Mark, Tx

WriteFunction = Callable[[Tx], Any]
Job = tuple[WriteFunction, "asyncio.Future[Any]"]
Done = list[tuple["asyncio.Future[Any]", Any, BaseException | None]]
Publish = Callable[["Outcome"], None]
log = logging.getLogger(__name__)

_KNOCK, _END = True, False
"""Wakes the writer for what stands in its lanes; tells it that nothing more will come."""
CROWD = 8
"""Writes in a commit from which those that follow are gathered before the writer is woken: it
and the loop take the interpreter from each other, and a person alone should not wait for others."""
RIDE_SECONDS = 0.05
"""How long a write that nobody waits for may wait for company."""

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Follower(msgspec.Struct, frozen=True, eq=False):
    """Acts once at the end of each transaction that records one of `events`: `act` inside it, in
    a savepoint of its own, `then` on the loop with what `act` returned, after the commit."""

    events: frozenset[type[Event]]
    act: WriteFunction
    then: Callable[[Any], None]


class Outcome(msgspec.Struct, frozen=True, eq=False):
    """What a transaction came to: what to tell whom, the facts that stand, what followed."""

    done: Done
    facts: list[Fact]
    followed: list[tuple[Follower, Any]]


def _nothing(jobs: list[Job], error: WaggleError) -> Outcome:
    return Outcome([(future, None, error) for _, future in jobs], [], [])


class Batch:
    """Runs write functions on one connection, many to a commit."""

    def __init__(self, connection: sqlite3.Connection, tx: Tx, file: str) -> None:
        self._connection = connection
        self._tx = tx
        self._file = file
        self._broken: DamagedStore | None = None
        self.followers: tuple[Follower, ...] = ()
        self.commits = 0
        self.writes = 0

    def run(self, jobs: list[Job]) -> Outcome:
        """One transaction for all jobs and what follows from them."""
        if self._broken:
            return _nothing(jobs, self._broken)
        tx, execute = self._tx, self._connection.execute
        start = tx.begin_batch()
        try:
            execute("begin immediate")
            if len(jobs) == 1:
                [(fn, future)] = jobs
                value, refused = self._alone(fn)
                if refused:
                    execute("rollback")
                    tx.undo(start)
                    return Outcome([(future, None, refused)], [], [])
                done: Done = [(future, value, None)]
            else:
                done = [(future, *self._one(fn)) for fn, future in jobs]
            followed = self._follow()
            facts = tx.flush()
            crash_point("store.commit.before")
            execute("commit")
            crash_point("store.commit.after")
        except sqlite3.Error as error:
            tx.undo(start)
            return _nothing(jobs, self._failed(error))
        finally:
            tx.end_batch()
        self.commits += 1
        self.writes += len(jobs)
        return Outcome(done, facts, followed)

    def _alone(self, fn: WriteFunction) -> tuple[Any, BaseException | None]:
        """Run the only function of a batch: when it fails, all of the batch is undone."""
        try:
            return fn(self._tx), None
        except sqlite3.DatabaseError as error:
            if is_damage(error) or not self._connection.in_transaction:
                raise
            return None, error
        except BaseException as error:  # noqa: BLE001  handed to the caller's future
            return None, error

    def _one(self, fn: WriteFunction) -> tuple[Any, BaseException | None]:
        """Run `fn` in a savepoint; what it returns or raises."""
        tx, execute = self._tx, self._connection.execute
        mark = tx.begin()
        execute("savepoint one")
        try:
            value = fn(tx)
        except sqlite3.DatabaseError as error:
            if is_damage(error) or not self._connection.in_transaction:
                raise
            self._undo_one(mark)
            return None, error
        except BaseException as error:  # noqa: BLE001  handed to the caller's future
            self._undo_one(mark)
            return None, error
        execute("release one")
        return value, None

    def _follow(self) -> list[tuple[Follower, Any]]:
        """Let followers act on what this transaction has recorded so far."""
        followed = []
        for follower in self.followers:
            if any(type(fact.event) in follower.events for fact in self._tx.facts):
                value, error = self._one(follower.act)
                if error is None:
                    followed.append((follower, value))
                else:
                    log.error("a follower failed", exc_info=error)
        return followed

    def _undo_one(self, mark: Mark) -> None:
        self._connection.execute("rollback to one")
        self._connection.execute("release one")
        self._tx.undo(mark)

    def _failed(self, error: sqlite3.Error) -> WaggleError:
        if self._connection.in_transaction:
            self._connection.execute("rollback")
        if is_damage(error):
            return self.damaged(error)
        return StoreUnwritable(folder=self._file, problem=str(error))

    def damaged(self, error: sqlite3.Error) -> DamagedStore:
        """From now on every write is refused, whoever met the damage."""
        self._broken = DamagedStore(file=self._file, problem=str(error))
        return self._broken


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file itself is wrong; by its code, not by its words, which
    also call JSON malformed."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DAMAGE


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

    def __init__(self, batch: Batch, publish: Publish, most: int) -> None:
        self._batch = batch
        self._publish = publish
        self._most = most
        self._queue: SimpleQueue[bool] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._first: deque[Job] = deque()
        self._rest: deque[Job] = deque()
        self._crowded = self._knocking = False
        self._riders: deque[Job] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._thread = threading.Thread(target=self._run, name="waggle-writer", daemon=True)
        self._thread.start()

    def submit(self, fn: WriteFunction, *, first: bool = False) -> asyncio.Future[Any]:
        """Queue `fn`, before the others when somebody looks at it; the future resolves after
        its commit. Raises `Closing` after close."""
        if self._closed:
            raise Closing
        future = self._loop.create_future()
        (self._first if first else self._rest).append((fn, future))
        if not self._crowded:
            self._queue.put(_KNOCK)
        elif not self._knocking:
            self._knocking = True
            self._loop.call_soon(self._knock)
        return future

    def _knock(self) -> None:
        self._knocking = False
        self._queue.put(_KNOCK)

    def ride(self, fn: WriteFunction) -> asyncio.Future[Any]:
        """Queue `fn` for the next commit that somebody waits for, or one of its own soon."""
        if self._closed:
            raise Closing
        future = self._loop.create_future()
        self._riders.append((fn, future))
        if self._timer is None:
            self._timer = self._loop.call_later(RIDE_SECONDS, self._depart)
        return future

    def _depart(self) -> None:
        self._timer = None
        if not self._closed:
            self._send_one_rider()

    def _send_one_rider(self) -> None:
        """Make the writer come by; it takes the others along, or has taken them all just now."""
        with suppress(IndexError):
            self._rest.append(self._riders.popleft())
            self._queue.put(_KNOCK)

    async def close(self) -> None:
        """Commit what is queued, then stop."""
        if not self._closed:
            self._closed = True
            if self._timer:
                self._timer.cancel()
            self._send_one_rider()
            self._queue.put(_END)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        open_for_more = True
        while open_for_more:
            open_for_more = self._queue.get() is _KNOCK
            while jobs := self._gather():
                self._loop.call_soon_threadsafe(self._tell, self._batch.run(jobs))

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

    async def close(self) -> None:
        self._closed = True
