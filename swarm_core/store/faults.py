"""What SQLite's errors mean for whoever wants to write.

What can go wrong: a full disk looks like a broken one and the other way round. So it is decided
by SQLite's own code: the file itself is wrong, and nothing may be written to it any more; or the
machine will not take a write now, and the same one may succeed later.
"""

from __future__ import annotations

import errno
import os
import resource
import sqlite3
from pathlib import Path

from swarm_core.kernel.errors import (
    DamagedStore,
    DiskFull,
    StoreGone,
    StoreUnwritable,
    TooManyFiles,
    WaggleError,
)

_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_UNREADABLE = (
    sqlite3.SQLITE_IOERR_READ,
    sqlite3.SQLITE_IOERR_SHORT_READ,
    # After a failed sync nobody knows what is on the disk, and a second one may lie.
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
    sqlite3.SQLITE_IOERR_DATA,
)
_MACHINE = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
)
UNSOUND = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What a statement on a damaged file raises: where SQLite's complaint quotes bytes that are no
text, Python cannot even read the complaint."""
PASSING = (DiskFull, StoreUnwritable, TooManyFiles)
"""What may be over in a moment: the same write may succeed then."""


def _code(error: sqlite3.Error) -> int:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return 0 if code is None else code


def complaint(error: Exception) -> str:
    """What SQLite said, also where it quotes what is no text."""
    if isinstance(error, UnicodeDecodeError):
        return error.object.decode(errors="replace")
    return str(error)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that the file itself is wrong; by its code, not by its words, which
    also call JSON malformed."""
    return _code(error) & 0xFF in _DAMAGE or _code(error) in _UNREADABLE


def is_machine(error: sqlite3.Error) -> bool:
    """Whether it is the file's or the machine's fault, and not the statement's."""
    return is_damage(error) or _code(error) & 0xFF in _MACHINE


def meaning(error: sqlite3.Error, path: Path, least: int) -> WaggleError:
    """What `error` on the database at `path` is called; `least` bytes are left to others."""
    code = _code(error)
    if is_damage(error):
        return DamagedStore(file=str(path), problem=str(error))
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return StoreGone(file=str(path), problem=str(error))
    if code & 0xFF == sqlite3.SQLITE_FULL:
        return disk_full(path.parent, least)
    if code & 0xFF == sqlite3.SQLITE_CANTOPEN and (limit := out_of_files()):
        return TooManyFiles(limit=limit)
    return StoreUnwritable(folder=str(path.parent), problem=str(error))


def disk_full(folder: Path, least: int) -> DiskFull:
    return DiskFull(folder=str(folder), free=free(folder), least=least)


def free(folder: Path) -> int:
    """Bytes that this user may still fill; 0 when the folder is not there."""
    try:
        seen = os.statvfs(folder)
    except OSError:
        return 0
    return seen.f_bavail * seen.f_frsize


def out_of_files() -> int:
    """How many files this process may open, when it has them all open; else 0."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 0


def stuck(error: sqlite3.Error, path: Path) -> DamagedStore:
    """A transaction that cannot be taken back."""
    return DamagedStore(file=str(path), problem=str(error))
