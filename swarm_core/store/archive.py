"""The archive: facts that nobody needs any more every day go from the table into files.

What can go wrong: a kill at any moment, a full disk, a damaged fact, somebody who reads meanwhile.
So the file is written, read back and synced before a fact says that it is there; only then do the
rows leave the table, a few at a time, and whatever is left of them is harmless: the files are asked
only for what the table does not have. Beside the newest file lie the projections as of its last
fact, so that the tables can be checked and made anew even when older files are gone.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import ArchiveFailed, BrokenJournal, Closing, WaggleError
from swarm_core.store.bundle import sync_folder
from swarm_core.store.chain import GENESIS
from swarm_core.store.model import Fact
from swarm_core.store.past import (
    ARCHIVE,
    TABLES,
    digest_of_file,
    last_archived,
    name_of,
    pack_tables,
    past_of,
    unpack_tables,
)
from swarm_core.store.reader import Rows, connect_read_only
from swarm_core.store.replay import (
    FACT_COLUMNS,
    Decoder,
    Folding,
    fact_of,
    link_of,
    scratch_database,
)
from swarm_core.store.schema import ArchiveDropped, JournalArchived, RoomTables
from swarm_core.store.segments import SEGMENT, Row, Segment, SegmentWriter
from swarm_core.store.tx import Tx

MOST = 250_000
"""Facts in one file."""
TRIM = 500
"""Facts that leave the table in one write: a few milliseconds on the writer."""
_PAGE, _PAUSE = 250, 0.002
"""After so many facts others get their turn, for so many seconds."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the archive. `newest` is the instant of its last fact, `at` when it was made,
    `dropped` when it was deleted."""

    number: int
    first: int
    last: int
    head: str
    digest: str
    size: int
    low: int
    high: int
    newest: int
    at: int
    dropped: int | None

    @property
    def name(self) -> str:
        return name_of(self.number, self.head, SEGMENT)


def parts_of(rows: Rows) -> list[Part]:
    """The files there are, or were, oldest first."""
    found = rows.execute(
        "select number, first, last, head, digest, size, low, high, newest, at, dropped"
        " from segments order by number"
    ).fetchall()
    names = Part.__struct_fields__
    return [Part(**dict(zip(names, row, strict=True))) for row in found]


def parts_with(rows: Rows, task: int) -> list[Part]:
    """Those that are there and may hold facts about a task."""
    if rows.execute("select 1 from segments where ? between low and high", (task,)).fetchone():
        return [p for p in parts_of(rows) if p.dropped is None and p.low <= task <= p.high]
    return []


def archived_facts(folder: Path, parts: Sequence[Part], decode: Decoder, task: int) -> list[Fact]:
    """What these hold about a task, in order. Blocking. Raises `BrokenJournal`."""
    return [
        fact_of(decode, row.stored)
        for part in parts
        for row in Segment(folder / ARCHIVE / part.name).of_task(task)
    ]


class Archived(Protocol):
    """What has a journal to archive."""

    folder: Path
    rooms: Sequence[RoomTables]
    archiving: asyncio.Lock

    @property
    def path(self) -> Path: ...
    async def write(self, fn: Any, *, first: bool = False) -> Any: ...
    async def read(self, fn: Any) -> Any: ...


class Archive:
    """Moves facts into files, one store's."""

    def __init__(self, store: Archived) -> None:
        self._store = store

    async def move(self, until: int) -> Part | None:
        """Move the facts up to `until`, at most `MOST`; None when there is nothing to move.
        Raises `ArchiveFailed` or `BrokenJournal`; then the journal is as it was."""
        store = self._store
        async with store.archiving:
            await self._trim()
            stop = threading.Event()
            packing = asyncio.ensure_future(
                asyncio.to_thread(_pack, store.path, store.rooms, until, stop)
            )
            try:
                archived = await asyncio.shield(packing)
            except asyncio.CancelledError:
                stop.set()
                await asyncio.gather(packing, return_exceptions=True)
                raise
            if archived is None:
                return None
            await store.write(lambda tx: tx.append(archived, SWARM))
            crash_point("archive.commit.after")
            await self._trim()
            parts: list[Part] = await store.read(parts_of)
            return parts[-1]

    async def tidy(self) -> None:
        """Finish what a kill has left undone."""
        async with self._store.archiving:
            await self._trim()

    async def _trim(self) -> None:
        archived = await self._store.read(last_archived)
        if archived is None:
            return
        while await self._store.write(partial(_trim, archived.last)):
            crash_point("archive.trim.after")
            await asyncio.sleep(_PAUSE)
        parts = await self._store.read(parts_of)
        keep = {part.name for part in parts if part.dropped is None}
        keep.add(name_of(archived.number, archived.head, TABLES))
        await asyncio.to_thread(_sweep, self._store.folder / ARCHIVE, keep)

    async def drop(self, part: Part) -> None:
        """Delete a file for good. That it was there, and its digest, stay."""
        async with self._store.archiving:
            await self._store.write(lambda tx: tx.append(ArchiveDropped(number=part.number), SWARM))
            crash_point("archive.drop.after")
            (self._store.folder / ARCHIVE / part.name).unlink(missing_ok=True)


def _trim(until: int, tx: Tx) -> int:
    return tx.execute(
        "delete from journal where seq <= ? and seq < (select min(seq) from journal) + ?",
        (until, TRIM),
    ).rowcount


def _sweep(folder: Path, keep: set[str]) -> None:
    if not folder.is_dir():
        return
    for each in folder.iterdir():
        if each.is_dir() and each.name.startswith(".work-"):
            shutil.rmtree(each, ignore_errors=True)
        elif each.name.endswith((SEGMENT, TABLES)) and each.name not in keep:
            each.unlink(missing_ok=True)


def _pack(
    path: Path, rooms: Sequence[RoomTables], until: int, stop: threading.Event
) -> JournalArchived | None:
    """Write the next file, and the projections as of its last fact. Blocking."""
    db = connect_read_only(path)
    folder = path.parent / ARCHIVE
    try:
        last = last_archived(db)
        first = last.last + 1 if last else 1
        (newest,) = db.execute("select coalesce(max(seq), 0) from journal").fetchone()
        until = min(until, newest, first + MOST - 1)
        if until < first:
            return None
        folder.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".work-", dir=folder) as work:
            return _Packing(db, path.parent, rooms, Path(work)).run(last, until, stop)
    except OSError as error:
        problem = error.strerror or str(error)
        raise ArchiveFailed(folder=str(folder), problem=problem) from None
    finally:
        db.close()


class _Packing:
    """One file under way."""

    def __init__(
        self, db: sqlite3.Connection, folder: Path, rooms: Sequence[RoomTables], work: Path
    ) -> None:
        self._db = db
        self._folder = folder
        self._rooms = rooms
        self._segment = work / "segment"
        self._database = work / "tables"
        self._packed = work / "packed"

    def run(
        self, last: JournalArchived | None, until: int, stop: threading.Event
    ) -> JournalArchived:
        after = last.last if last else 0
        prev = bytes.fromhex(last.head) if last else GENESIS
        scratch = self._before(last)
        try:
            writer, head, newest = SegmentWriter(self._segment), prev, 0
            try:
                folding = Folding(scratch, self._rooms)
                for row in self._rows(after, until, stop):
                    self._take(folding, row, head)
                    writer.add(row)
                    head, newest = row.digest, row.stored[1]
                folding.pause()
                scratch.execute("commit")
                writer.close()
            finally:
                writer.abandon()
        finally:
            scratch.close()
        self._read_back(until, head)
        pack_tables(self._database, self._packed)
        number = last.number + 1 if last else 1
        archived = JournalArchived(
            number=number,
            first=after + 1,
            last=until,
            prev=prev.hex(),
            head=head.hex(),
            digest=digest_of_file(self._segment),
            size=self._segment.stat().st_size,
            low=min((b.low for b in writer.blocks if b.low), default=0),
            high=max(b.high for b in writer.blocks),
            newest=newest,
            tables=digest_of_file(self._packed),
        )
        self._put(archived)
        return archived

    def _before(self, last: JournalArchived | None) -> sqlite3.Connection:
        """A database with the projections as of the last fact that is in the archive."""
        begin = last.last if last else 0
        if last:
            try:
                unpack_tables(self._folder, last, self._database)
            except BrokenJournal:
                # They are lost; older files may still tell them.
                past = past_of(self._folder, self._db)
                if past.begin:
                    raise
                self._database.unlink(missing_ok=True)
                begin = 0
        scratch = scratch_database(str(self._database), self._rooms)
        scratch.execute("begin")
        if last and not begin:
            folding, head = Folding(scratch, self._rooms), GENESIS
            for row in past.rows(self._db):
                if row.stored[0] > last.last:
                    break
                self._take(folding, row, head)
                head = row.digest
            folding.pause()
        return scratch

    def _take(self, folding: Folding, row: Row, head: bytes) -> None:
        def broken(what: str) -> BrokenJournal:
            where = f"fact {row.stored[0]}"
            return BrokenJournal(folder=str(self._folder), where=where, what=what)

        if row.prev != head or link_of(head, row.stored) != row.digest:
            raise broken("the hash does not fit what is stored")
        try:
            folding.fold(row.stored)
        except (WaggleError, ValueError, AssertionError, sqlite3.Error) as error:
            raise broken(f"cannot be replayed: {error}") from error

    def _rows(self, after: int, until: int, stop: threading.Event) -> Any:
        page = (
            f"select {FACT_COLUMNS}, prev, hash from journal where seq > ? and seq <= ?"  # noqa: S608
            " order by seq limit ?"
        )
        while found := self._db.execute(page, (after, until, _PAGE)).fetchall():
            if stop.is_set():
                raise Closing
            for *stored, prev, digest in found:
                yield Row(stored, prev, digest)
            after = found[-1][0]
            time.sleep(_PAUSE)

    def _read_back(self, until: int, head: bytes) -> None:
        """What was written can be read, before it is anywhere else no more."""
        segment = Segment(self._segment)
        *_, row = segment.rows()
        if (row.stored[0], row.digest) != (until, head):
            raise segment.broken("was not written as it should be")

    def _put(self, archived: JournalArchived) -> None:
        folder = self._folder / ARCHIVE
        self._segment.replace(folder / name_of(archived.number, archived.head, SEGMENT))
        sync_folder(folder)
        crash_point("archive.segment.after")
        self._packed.replace(folder / name_of(archived.number, archived.head, TABLES))
        sync_folder(folder)
        crash_point("archive.tables.after")
