"""The batch: many functions in one transaction, and one that fails undoes only itself.

Mostly it has changed nothing yet when it fails; when it has, all is rolled back and run once
more, each function in a savepoint of its own. That is rare, and savepoints for everybody cost a
twentieth of the time of a task.

When the commit itself fails nothing of the batch happened and every caller is told. When the
file turns out damaged, or is not the one in the folder any more, everything is refused from then
on.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from time import monotonic
from typing import Any

import msgspec

from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import WaggleError
from swarm_core.store import faults, files
from swarm_core.store.faults import is_machine
from swarm_core.store.health import Health
from swarm_core.store.model import Event, Fact
from swarm_core.store.tx import Mark, Tx

WriteFunction = Callable[[Tx], Any]
Job = tuple[WriteFunction, "asyncio.Future[Any]"]
Done = list[tuple["asyncio.Future[Any]", Any, BaseException | None]]
log = logging.getLogger(__name__)

TIDY_PAUSE, TIDY_PATIENCE = 5.0, 200
"""Seconds between two tries to begin the log anew; milliseconds that one may hold up writing."""


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

    def __init__(self, connection: sqlite3.Connection, tx: Tx, health: Health) -> None:
        self._connection = connection
        self._tx = tx
        self._health = health
        self._tidy_again = 0.0
        self.followers: tuple[Follower, ...] = ()
        self.commits = 0
        self.writes = 0

    def run(self, jobs: list[Job]) -> Outcome:
        """One transaction for all jobs and what follows from them."""
        if self._health.broken:
            return _nothing(jobs, self._health.broken)
        tx, execute = self._tx, self._connection.execute
        start = tx.begin_batch()
        try:
            execute("begin immediate")
            # Asked while nobody else can write, so that a process that was frozen and whose
            # folder another one has taken over meanwhile writes nothing to it.
            if gone := self._health.still_there():
                execute("rollback")
                return _nothing(jobs, gone)
            done = self._lightly(jobs)
            if done is None:
                execute("rollback")
                tx.undo(start)
                execute("begin immediate")
                done = [(future, *self._one(fn)) for fn, future in jobs]
            followed = self._follow()
            facts = tx.flush()
            crash_point("store.commit.before")
            execute("commit")
            crash_point("store.commit.after")
            if gone := self._health.still_there():
                return _nothing(jobs, gone)
        except sqlite3.Error as error:
            tx.undo(start)
            return _nothing(jobs, self._failed(error))
        finally:
            tx.end_batch()
        if self._health.log_bytes > files.MOST_LOG and monotonic() > self._tidy_again:
            self._tidy()
        self.commits += 1
        self.writes += len(jobs)
        return Outcome(done, facts, followed)

    def alone(self, fn: Callable[[sqlite3.Connection], Any]) -> tuple[Any, BaseException | None]:
        """Run `fn` between two transactions; what it returns or raises."""
        if self._health.broken:
            return None, self._health.broken
        try:
            return fn(self._connection), None
        except sqlite3.Error as error:
            return None, self._health.failed(error)

    def _tidy(self) -> None:
        """Begin the log anew. Where somebody reads at every moment no checkpoint ever could, and
        it would grow until the disk is full: so for once wait until those who read now are done."""
        self._tidy_again = monotonic() + TIDY_PAUSE
        try:
            self._connection.execute(f"pragma busy_timeout={TIDY_PATIENCE}")
            self._connection.execute("pragma wal_checkpoint(restart)").fetchall()
            self._connection.execute(f"pragma busy_timeout={files.PATIENCE}")
        except sqlite3.Error as error:
            # What was committed is in the log all the same.
            self._health.failed(error)

    def _lightly(self, jobs: list[Job]) -> Done | None:
        """Run the functions without savepoints, as hardly any fails; and one that does has
        mostly not changed anything yet. None when one has: then nothing of the batch counts."""
        tx, connection, done = self._tx, self._connection, list[Any]()
        for fn, future in jobs:
            mark, changes = tx.begin(), connection.total_changes
            try:
                done.append((future, fn(tx), None))
            except sqlite3.DatabaseError as error:
                if is_machine(error) or not connection.in_transaction:
                    raise
                return None
            except BaseException as error:  # noqa: BLE001  raised where the caller awaits it
                if connection.total_changes != changes or tx.changed(mark):
                    return None
                tx.undo(mark)
                done.append((future, None, error))
        return done

    def _one(self, fn: WriteFunction) -> tuple[Any, BaseException | None]:
        """Run `fn` in a savepoint; what it returns or raises."""
        tx, execute = self._tx, self._connection.execute
        mark = tx.begin()
        execute("savepoint one")
        try:
            value = fn(tx)
        except sqlite3.DatabaseError as error:
            if is_machine(error) or not self._connection.in_transaction:
                raise
            self._undo_one(mark)
            return None, error
        except BaseException as error:  # noqa: BLE001  raised where the caller awaits it
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
        found = self._health.failed(error)
        if self._connection.in_transaction:
            try:
                self._connection.execute("rollback")
            except sqlite3.Error as second:
                # Whatever is still in that transaction must not be joined by another one.
                return self._health.breaks(faults.stuck(second, self._health.path))
        return found
