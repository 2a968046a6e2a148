"""Read-only connections, one a thread, off the event loop."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Rows(Protocol):
    """What a read function is given: a consistent view of the committed state."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> sqlite3.Cursor: ...


def connect_read_only(path: Path, *, still: bool = False) -> sqlite3.Connection:
    """A connection that can only read; another thread may close it at shutdown.

    `still` promises that nobody changes the file meanwhile, and leaves no trace beside it.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if still else ''}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("pragma query_only=on")
    # Only the writer checkpoints: SQLite before 3.51.3 can damage the file when two do at once.
    connection.execute("pragma wal_autocheckpoint=0")
    connection.execute("pragma busy_timeout=5000")
    return connection


def looked_at(folder: Path, fn: Callable[[Rows], T]) -> T:
    """What `fn` finds in the state in `folder`, which nobody works on. Blocking."""
    connection = connect_read_only(folder / "waggle.db")
    try:
        return fn(connection)
    finally:
        connection.close()


class Readers:
    """A few threads with a read-only connection each. `run` holds one snapshot per function."""

    def __init__(self, path: Path, count: int) -> None:
        self._path = path
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self.closed = False
        self.pool = ThreadPoolExecutor(count, thread_name_prefix="waggle-reader")

    def run(self, fn: Callable[[Rows], T]) -> T:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect_read_only(self._path)
            self._open.append(connection)
        connection.execute("begin")
        try:
            return fn(connection)
        finally:
            connection.execute("rollback")

    def close(self) -> None:
        self.closed = True
        self.pool.shutdown(wait=True)
        for connection in self._open:
            connection.close()
