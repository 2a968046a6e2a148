"""The state folder and the database file: taken by one swarm, checked before anything is written.

What can go wrong: two swarms on one folder, a folder that cannot be written, a file that is not
ours, a file of a newer version, a damaged one. Each is refused with a reason before a byte of the
file changes. The lock is the kernel's on an open file, so it goes with the process, however it
dies; the pid in the file is only for people.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from swarm_core.kernel.clock import SystemClock
from swarm_core.kernel.errors import (
    DamagedStore,
    ForeignStore,
    NewerStore,
    StoreLocked,
    StoreUnwritable,
)
from swarm_core.store.faults import UNSOUND, complaint
from swarm_core.store.migrating import Database
from swarm_core.store.reader import connect_read_only
from swarm_core.store.schema import RoomTables

DATABASE = "waggle.db"
LOCK = "waggle.lock"
MOST_LOG = 64 * 1024 * 1024
"""Bytes of the log from which readers are made to let go of it; usually it stays at a tenth."""
LOG_PAGES = 4_000
"""Pages of the log from which on it is moved into the file and begun anew."""
PATIENCE = 5_000
"""Milliseconds that another program's lock is waited for."""
APPLICATION_ID = 0x57474C31
"""'WGL1' in SQLite's header: how a file is known to be ours."""


class FolderLock:
    """Holds a state folder for one process. Raises `StoreLocked` or `StoreUnwritable`."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnwritable(folder=str(folder), problem=error.strerror) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.pread(self._file, 20, 0).decode(errors="replace").strip() or "?"
            os.close(self._file)
            raise StoreLocked(folder=str(folder), pid=pid) from None
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            os.close(self._file)
            raise StoreUnwritable(folder=str(folder), problem=error.strerror) from None

    def release(self) -> None:
        os.close(self._file)


def holder_of(folder: Path) -> int | None:
    """The process that holds the state folder now, None when none does: what the lock says, and
    the number its holder wrote under it, not one that a dead process left. Takes nothing."""
    try:
        file = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        text = os.pread(file, 20, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else 0
    else:
        return None
    finally:
        os.close(file)


def check(path: Path, rooms: Iterable[RoomTables]) -> bool:
    """Refuse a file that is not ours, newer than us, or not readable as a database. Returns
    whether an older Waggle wrote it, so that its tables have to be brought up to date."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    # SQLite opens a file that it may not write as if nothing were wrong.
    if not os.access(path, os.W_OK, effective_ids=True):
        raise StoreUnwritable(folder=str(path.parent), problem=os.strerror(errno.EACCES))
    try:
        # Where no log waits to be read, the file is opened without one being made beside it.
        log = path.with_name(f"{path.name}-wal")
        connection = connect_read_only(path, still=not log.exists())
    except sqlite3.Error as error:
        raise StoreUnwritable(folder=str(path.parent), problem=str(error)) from None
    try:
        (application,) = connection.execute("pragma application_id").fetchone()
        if application != APPLICATION_ID:
            raise ForeignStore(file=str(path))
        if not connection.execute(
            "select 1 from sqlite_master where name = '_sqlite_migrations'"
        ).fetchone():
            return False  # the process that made it was killed before it wrote anything
        known = {(r.name, m.name) for r in rooms for m in r.migrations._migrations}
        applied = connection.execute(
            "select migration_set, name from _sqlite_migrations order by rowid"
        ).fetchall()
        for migration_set, name in applied:
            if (migration_set, name) not in known:
                raise NewerStore(file=str(path), unknown=f"{migration_set}/{name}")
        written = (
            applied
            and connection.execute("select * from journal order by seq desc limit 1").fetchone()
        )
        return bool(written) and known != {tuple(each) for each in applied}
    except UNSOUND as error:
        if "not a database" in complaint(error):
            raise ForeignStore(file=str(path)) from None
        raise DamagedStore(file=str(path), problem=complaint(error)) from None
    finally:
        connection.close()


def connect_writer(path: Path, rooms: Iterable[RoomTables]) -> sqlite3.Connection:
    """Open the file for writing, bring its tables up to date. Call `check` first."""
    try:
        path.touch(mode=0o600)  # its log gets the same mode when it is made
        connection = sqlite3.connect(
            path,
            timeout=PATIENCE / 1000,
            isolation_level=None,
            cached_statements=512,
            check_same_thread=False,
        )
        new = connection.execute("select count(*) from sqlite_master").fetchone() == (0,)
        if new:
            # Small pages: a commit touches a dozen of them, and each is written and summed whole.
            connection.execute("pragma page_size=2048")
            connection.execute(f"pragma application_id={APPLICATION_ID}")
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        connection.execute("pragma temp_store=memory")
        # What is erased at a person's wish is overwritten, not only let go.
        connection.execute("pragma secure_delete=on")
        connection.execute(f"pragma wal_autocheckpoint={LOG_PAGES}")
        connection.execute(f"pragma journal_size_limit={MOST_LOG}")
        connection.execute("pragma cache_size=-16000")
        database = Database(connection, recursive_triggers=False, execute_plugins=False)
        # All rooms or none: a file whose tables are of two versions could not be verified.
        with database.atomic():
            _migrate(database, list(rooms))
        path.chmod(0o600)
    except (sqlite3.OperationalError, OSError) as error:
        raise StoreUnwritable(folder=str(path.parent), problem=str(error)) from None
    except UNSOUND as error:
        raise DamagedStore(file=str(path), problem=complaint(error)) from None
    return connection


def _migrate(database: Database, rooms: Sequence[RoomTables]) -> None:
    """What `Migrations.apply` does, for all rooms with one look at the file: it looks several
    times for each of their migrations, which took most of the time of a start."""
    connection = database.conn
    rooms[0].migrations.ensure_migrations_table(database)
    applied = set(connection.execute("select migration_set, name from _sqlite_migrations"))
    now = str(SystemClock().now())
    for room in rooms:
        for migration in room.migrations._migrations:
            if (room.migrations.name, migration.name) not in applied:
                migration.fn(database)
                connection.execute(
                    "insert into _sqlite_migrations (migration_set, name, applied_at)"
                    " values (?, ?, ?)",
                    (room.migrations.name, migration.name, now),
                )


def has_state(folder: Path) -> bool:
    """Whether a swarm has ever worked on this folder."""
    return (folder / DATABASE).exists()
