"""Projections made anew from the journal, under the folder's lock and in one transaction."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import BrokenJournal, DamagedStore, NoState, WaggleError
from swarm_core.store import anchor, files
from swarm_core.store.faults import UNSOUND, complaint
from swarm_core.store.past import Past, past_of, unpack_tables
from swarm_core.store.replay import Folding, link_of, scratch_database
from swarm_core.store.schema import STORE_TABLES, RoomTables
from swarm_core.store.segments import SEGMENT


class Rebuilding(msgspec.Struct, frozen=True, kw_only=True):
    """How many facts were read and rows made. Up to fact `begin` the rows come from what was kept
    when the facts before went into the archive."""

    facts: int
    rows: int
    begin: int


def rebuild(folder: Path, rooms: Sequence[RoomTables]) -> Rebuilding:
    """Replace every projection by what the journal says; working tables stay. Blocking.

    Raises `NoState`, `StoreLocked` over a live swarm, and `BrokenJournal`, having changed nothing.
    """
    if not files.has_state(folder):
        raise NoState(folder=str(folder))
    everything = (STORE_TABLES, *rooms)
    lock = files.FolderLock(folder)
    try:
        database = folder / files.DATABASE
        files.check(database, everything)
        connection = files.connect_writer(database, everything)
        try:
            return _as_far_back_as_can_be(connection, folder, everything)
        except UNSOUND as error:
            raise DamagedStore(file=str(database), problem=complaint(error)) from None
        finally:
            connection.close()
    finally:
        lock.release()


def _as_far_back_as_can_be(
    connection: sqlite3.Connection, folder: Path, rooms: Sequence[RoomTables]
) -> Rebuilding:
    without: set[str] = set()
    while True:
        past = past_of(folder, connection, without=without)
        try:
            with tempfile.TemporaryDirectory(prefix="waggle-") as work:
                if past.tables:
                    _attach_kept(connection, folder, rooms, past, Path(work) / "tables")
                try:
                    return _rebuilt(connection, folder, rooms, past)
                finally:
                    if past.tables:
                        connection.execute("detach kept")
        except BrokenJournal as error:
            file = str(error.data["where"])
            if not file.endswith(SEGMENT) or file in without:
                raise
            without.add(file)


def _attach_kept(
    connection: sqlite3.Connection,
    folder: Path,
    rooms: Sequence[RoomTables],
    past: Past,
    file: Path,
) -> None:
    assert past.tables
    unpack_tables(folder, past.tables, file)
    scratch_database(str(file), rooms).close()
    connection.execute("attach ? as kept", (str(file),))


def _rebuilt(
    connection: sqlite3.Connection, folder: Path, rooms: Sequence[RoomTables], past: Past
) -> Rebuilding:
    tables = [n for room in rooms for n, kind in room.tables.items() if kind == "projection"]
    connection.execute("begin immediate")
    try:
        for table in tables:
            connection.execute(f"delete from {table}")  # noqa: S608
            if past.tables:
                connection.execute(f"insert into {table} select * from kept.{table}")  # noqa: S608
        facts = _fold(connection, folder, rooms, past)
        rows = [connection.execute(f"select count(*) from {t}").fetchone()[0] for t in tables]  # noqa: S608
        crash_point("rebuild.commit.before")
        connection.execute("commit")
        crash_point("rebuild.commit.after")
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise
    connection.execute("pragma wal_checkpoint(truncate)")
    return Rebuilding(facts=facts - past.begin, rows=sum(rows), begin=past.begin)


def _fold(
    connection: sqlite3.Connection, folder: Path, rooms: Sequence[RoomTables], past: Past
) -> int:
    """Fold every fact, in order, checking the chain on the way; the last one."""
    folding, head, last = Folding(connection, rooms), past.head, past.begin

    def broken(what: str) -> BrokenJournal:
        return BrokenJournal(folder=str(folder), where=f"fact {last + 1}", what=what)

    written = {each.seq: each.digest for each in anchor.read(folder) if each.seq > past.begin}
    for stored, prev, digest in past.rows(connection):
        if stored[0] != last + 1 or prev != head or link_of(head, stored) != digest:
            raise broken("the hash does not fit what is stored")
        if written.pop(stored[0], digest.hex()) != digest.hex():
            raise broken("is not what was written down of it")
        try:
            folding.fold(stored)
        except (WaggleError, ValueError, AssertionError, sqlite3.IntegrityError) as error:
            raise broken(f"cannot be replayed: {error}") from error
        head, last = digest, stored[0]
    folding.pause()
    if written:
        last = min(written) - 1
        raise broken("is not what was written down of it")
    return last
