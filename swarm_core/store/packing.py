"""One file of the archive made, and the tables as of its last fact.

Every fact is checked and folded on the way, and the file is read back before it gets its name: what
cannot be checked never leaves the table.
"""

from __future__ import annotations

import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import ArchiveFailed, BrokenJournal, Closing, WaggleError
from swarm_core.store.bundle import sync_folder
from swarm_core.store.chain import GENESIS
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
from swarm_core.store.reader import connect_read_only
from swarm_core.store.replay import FACT_COLUMNS, Folding, link_of, scratch_database
from swarm_core.store.schema import JournalArchived, RoomTables
from swarm_core.store.segments import SEGMENT, Row, Segment, SegmentWriter

MOST = 250_000
"""Facts in one file."""
_PAGE, _PAUSE = 250, 0.002
"""After so many facts others get their turn, for so many seconds."""


def pack(
    path: Path, rooms: Sequence[RoomTables], until: int, stop: threading.Event
) -> JournalArchived | None:
    """Write the next file, with facts up to `until` or `MOST`; None when there are none. Blocking.
    Raises `ArchiveFailed`, `BrokenJournal`, or `Closing` once `stop` is set."""
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

    def _rows(self, after: int, until: int, stop: threading.Event) -> Iterator[Row]:
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
