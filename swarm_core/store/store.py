"""The store: `write`, `read`, `listen`."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from swarm_core.kernel.clock import Clock, SystemClock
from swarm_core.kernel.errors import Closing, DamagedStore, TooManyFiles
from swarm_core.kernel.ids import Entropy, Seq, SystemEntropy, TaskId
from swarm_core.store import files
from swarm_core.store.archive import archived_facts, parts_with
from swarm_core.store.batch import Batch, Follower, Outcome, WriteFunction
from swarm_core.store.copying import BACKUPS, BEFORE_UPGRADE, make_backup
from swarm_core.store.faults import PASSING, is_damage, out_of_files
from swarm_core.store.health import PAUSE, Health
from swarm_core.store.model import Event, Fact
from swarm_core.store.reader import Readers, Rows
from swarm_core.store.replay import Decoder, facts_of_task, facts_since
from swarm_core.store.schema import STORE_TABLES, RoomTables, projectors_of
from swarm_core.store.tx import Fold, Subscribers, Tx
from swarm_core.store.verifying import Report, verify
from swarm_core.store.writer import InlineWriter, ThreadWriter

log = logging.getLogger(__name__)
T = TypeVar("T")
Listener = Callable[[Fact], None]
STOPPING = frozenset({"file", "chain", "body", "projection"})
"""Kinds of findings after which nothing is written any more."""


class Writer(Protocol):
    def submit(self, fn: WriteFunction, *, first: bool = False) -> asyncio.Future[Any]: ...
    def ride(self, fn: WriteFunction) -> asyncio.Future[Any]: ...
    def alone(self, fn: Callable[[sqlite3.Connection], Any]) -> asyncio.Future[Any]: ...
    async def close(self) -> None: ...


class Store:
    """The one door to the database. Made by `open_store`."""

    def __init__(self, folder: Path, rooms: Sequence[RoomTables], clock: Clock) -> None:
        self.folder = folder
        self.rooms = rooms
        self.clock = clock
        self._reactors: dict[type[Event], list[Fold]] = {}
        self._listeners: dict[type[Event], tuple[Listener, ...]] = {}
        self._writer: Writer
        self._readers: Readers | None = None
        self._decode = Decoder(rooms)
        self.archiving = asyncio.Lock()
        """Held while files of the archive are made, deleted, or read one after the other."""
        self.batch: Batch
        self.health: Health

    @property
    def kinds(self) -> Mapping[str, tuple[str, ...]]:
        """Every kind of fact there is, with the names of its fields."""
        return {kind: e.__struct_encode_fields__ for kind, e in self._decode.events.items()}

    def events_of(self, kinds: Iterable[str]) -> tuple[type[Event], ...]:
        """The events of these kinds."""
        return tuple(self._decode.events[kind] for kind in kinds)

    @property
    def path(self) -> Path:
        return self.folder / files.DATABASE

    def react(self, event: type[Event], reactor: Callable[[Tx, Fact], None]) -> None:
        """Run `reactor` inside each transaction that records `event`; it may append further
        events. Never run on replay. Wired in `build.py` only."""
        self._reactors.setdefault(event, []).append(reactor)

    def listen(self, events: Iterable[type[Event]], listener: Listener) -> Callable[[], None]:
        """Call `listener` on the loop after a commit that holds one of `events`; it only wakes
        things, and what it raises is logged. Returns what ends the listening."""
        kinds = tuple(events)
        for event in kinds:
            self._listeners[event] = (*self._listeners.get(event, ()), listener)

        def stop() -> None:
            for event in kinds:
                left = list(self._listeners[event])
                if listener in left:
                    left.remove(listener)
                self._listeners[event] = tuple(left)

        return stop

    def follow(
        self, events: Iterable[type[Event]], act: Callable[[Tx], T], then: Callable[[T], None]
    ) -> Callable[[], None]:
        """Run `act` once at the end of each transaction that records one of `events`, and `then`
        on the loop with its result after the commit. What `act` raises is logged and undoes
        only itself. Returns what ends it."""
        follower = Follower(frozenset(events), act, then)
        self.batch.followers = (*self.batch.followers, follower)

        def stop() -> None:
            self.batch.followers = tuple(f for f in self.batch.followers if f is not follower)

        return stop

    async def write(self, fn: Callable[[Tx], T], *, first: bool = False) -> T:
        """Run `fn` on the writer and return its result once it is durable.

        `first`: a person is waiting, so it goes before what only workers wait for.
        What `fn` raises comes back here and nothing of it happened. It may be run twice, the first
        time rolled back, so it changes nothing but through `tx`. Cancelling the wait does
        not undo the write. Raises `Closing`; `DiskFull` or `StoreUnwritable`, which pass; or
        `DamagedStore`, `StoreGone` or `WriterDied`, after which nothing is written any more.
        """
        result: T = await self._writer.submit(fn, first=first)
        return result

    async def keep(self, fn: Callable[[Tx], T]) -> T:
        """`write` for what must not be lost: while the disk is full it waits for room."""
        while True:
            try:
                return await self.write(fn)
            except PASSING:
                await asyncio.sleep(PAUSE)

    def post(self, fn: Callable[[Tx], Any]) -> None:
        """Write without waiting; a failure is logged."""
        self._writer.submit(fn).add_done_callback(_log_failure)

    def ride(self, fn: Callable[[Tx], Any]) -> asyncio.Future[Any]:
        """Write soon, along with the next commit: for records that nobody waits for, and whose
        loss by a kill in between is harmless. A failure is logged. The future ends with the
        commit."""
        future = self._writer.ride(fn)
        future.add_done_callback(_log_failure)
        return future

    async def read(self, fn: Callable[[Rows], T]) -> T:
        """Run `fn` on a snapshot of what is committed, off the loop.

        Raises `DamagedStore`, which stops all writing, `TooManyFiles`, or `Closing`.
        """
        readers = self._readers
        if readers is None:
            return await self.write(fn)
        if readers.closed:
            raise Closing
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(readers.pool, readers.run, fn)
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                raise self.health.failed(error) from error
            if limit := out_of_files():
                raise TooManyFiles(limit=limit) from error
            raise

    async def compact(self) -> None:
        """Write the whole file anew, without what was erased, and empty the log beside it.
        Nothing else is written meanwhile. Raises what `write` raises."""
        await self._writer.alone(_compact)

    async def empty_log(self) -> None:
        """Move what stands in the log beside the file into it, and leave the log empty."""
        await self._writer.alone(_empty_log)

    async def head(self) -> tuple[int, bytes, datetime]:
        """Position and hash of the last fact, and the instant."""
        return await self.write(lambda tx: (tx.seq, tx.head, tx.now))

    async def verify(self) -> Report:
        """Check file, chain, bodies and projections against each other, beside the live swarm.

        What does not fit stops all writing, so that nothing is decided by it. A head that is
        missing does not: a restored backup is whole and shorter.
        """
        async with self.archiving:
            report = await asyncio.to_thread(verify, self.path, self.rooms)
        wrong = [found for found in report.findings if found.kind in STOPPING]
        if wrong:
            first = f"{wrong[0].where}: {wrong[0].what}"
            self.health.breaks(DamagedStore(file=str(self.path), problem=first))
        return report

    async def since(self, seq: Seq, kind: str, most: int) -> tuple[list[Fact], Seq]:
        """The first facts of a kind behind `seq` that are in the journal and not in the archive,
        and the last fact there is."""

        return await self.read(lambda r: facts_since(r.execute, self._decode, seq, kind, most))

    async def history(self, task: TaskId) -> list[Fact]:
        """Everything the journal holds about a task, in order, also what is in the archive.
        Raises `BrokenJournal` when that cannot be read."""
        facts, parts = await self.read(
            lambda rows: (facts_of_task(rows.execute, self._decode, task), parts_with(rows, task))
        )
        if parts:
            old = await asyncio.to_thread(archived_facts, self.folder, parts, self._decode, task)
            known = {fact.seq for fact in facts}
            facts = [*(fact for fact in old if fact.seq not in known), *facts]
        return facts

    def _publish(self, outcome: Outcome) -> None:
        for follower, value in outcome.followed:
            try:
                follower.then(value)
            except Exception:
                log.exception("what follows from a commit failed")
        listeners = self._listeners
        for fact in outcome.facts:
            for listener in listeners.get(type(fact.event), ()):
                try:
                    listener(fact)
                except Exception:
                    # The others must still be woken; the fact is committed either way.
                    log.exception("a listener failed on fact %s", fact.seq)


def _log_failure(future: asyncio.Future[Any]) -> None:
    if not future.cancelled() and (error := future.exception()):
        log.error("a record could not be written", exc_info=error)


def _compact(connection: sqlite3.Connection) -> None:
    # Else the whole file would stand in memory for a moment.
    connection.execute("pragma temp_store=file")
    try:
        connection.execute("vacuum")
    finally:
        connection.execute("pragma temp_store=memory")
    _empty_log(connection)


def _empty_log(connection: sqlite3.Connection) -> None:
    # A reader may look at the log for a moment; one that never ends only keeps it from shrinking.
    connection.execute("pragma busy_timeout=5000")
    connection.execute("pragma wal_checkpoint(truncate)")


def _touch(tx: Tx) -> None:
    tx.execute("insert or replace into meta(name, value) values('touched', ?)", (tx.head,))


@asynccontextmanager
async def open_store(
    folder: Path,
    rooms: Sequence[RoomTables],
    *,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    readers: int = 2,
    batch: int = 1000,
    least: int = 0,
    inline: bool = False,
) -> AsyncIterator[Store]:
    """Take the state folder, check and migrate the file, start the writer; closed in reverse.

    `inline` runs everything in the caller, for simulations. With less than `least` bytes free on
    the disk nothing new is admitted. Raises `StoreLocked`, `StoreUnwritable`, `ForeignStore`,
    `NewerStore` or `DamagedStore`, having written nothing. A file of an older version is backed up
    first; without that backup (`BackupFailed`) it stays.
    """
    clock = clock or SystemClock()
    all_rooms = (STORE_TABLES, *rooms)
    path = folder / files.DATABASE
    lock = files.FolderLock(folder)
    try:
        if files.check(path, all_rooms):
            await asyncio.to_thread(
                make_backup, path, folder / BACKUPS, clock.now(), why=BEFORE_UPGRADE
            )
        connection = files.connect_writer(path, all_rooms)
        try:
            store = Store(folder, all_rooms, clock)
            subscribers = Subscribers(projectors_of(all_rooms), store._reactors)
            tx = Tx(connection, subscribers, clock, entropy or SystemEntropy())
            store.health = Health(path, 0 if inline else least)
            store.batch = Batch(connection, tx, store.health)
            if inline:
                store._writer = InlineWriter(store.batch, store._publish)
            else:
                store._writer = ThreadWriter(store.batch, store.health, store._publish, batch)
                store._readers = Readers(path, readers)
                store.health.remember_files()
                store.health.probe = lambda: store.write(_touch)
            try:
                yield store
            finally:
                store.health.close()
                await store._writer.close()
                if store._readers:
                    store._readers.close()
        finally:
            connection.close()
    finally:
        lock.release()
