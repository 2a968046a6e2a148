"""Rows that most writes of a commit change: read once, changed in memory, written once.

What can go wrong: a write that fails leaves its change here; a row is written early, for somebody
who looks, and that is rolled back with the write that looked. So each change is logged with what
it replaced, and `undo` puts that back; and whatever was changed is written again at the end of the
batch, with its value at that time. Between two commits the rows here and on disk are the same, so
they may stay: nothing else writes these tables.
"""

from __future__ import annotations

import sqlite3
from typing import Any

Row = tuple[Any, ...]
Slot = tuple["Tally", str]

MOST = 512
"""Rows that are kept from one commit to the next."""
_UNREAD: Any = object()


class Tally:
    """A table of which `key` names the rows. It is changed by `Tallies` alone."""

    def __init__(self, table: str, key: str, columns: tuple[str, ...]) -> None:
        names, marks = ", ".join(columns), ",".join("?" * len(columns))
        new = ", ".join(f"{column} = excluded.{column}" for column in columns)
        self.select = f"select {names} from {table} where {key} = ?"  # noqa: S608
        self.upsert = (
            f"insert into {table}({key}, {names}) values(?,{marks})"
            f" on conflict({key}) do update set {new}"
        )


class Tallies:
    """The rows of one connection. Only the writer uses it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: dict[Slot, Row | None] = {}
        self._log: list[tuple[Slot, Row | None]] = []
        self._changed: dict[Slot, None] = {}

    def get(self, tally: Tally, name: str) -> Row | None:
        """The columns of a row as this batch has left them; None when there is none."""
        slot = (tally, name)
        row: Row | None = self._rows.get(slot, _UNREAD)
        if row is not _UNREAD:
            return row
        row = self._connection.execute(tally.select, (name,)).fetchone()
        self._log.append((slot, _UNREAD))
        self._rows[slot] = row
        return row

    def set(self, tally: Tally, name: str, row: Row) -> None:
        slot = (tally, name)
        self._log.append((slot, self._rows.get(slot, _UNREAD)))
        self._rows[slot] = row
        self._changed[slot] = None

    def reread(self, tally: Tally) -> None:
        """Forget the rows of a table that was just changed by a statement."""
        for slot in [slot for slot in self._rows if slot[0] is tally]:
            self._log.append((slot, self._rows.pop(slot)))

    def mark(self) -> int:
        return len(self._log)

    def undo(self, mark: int) -> None:
        """Put back what was there at `mark`."""
        while len(self._log) > mark:
            slot, before = self._log.pop()
            if before is _UNREAD:
                self._rows.pop(slot, None)
            else:
                self._rows[slot] = before

    def write(self) -> None:
        """Write what has changed, for the end of the batch or for statements that look."""
        rows: dict[Tally, list[Row]] = {}
        for slot in self._changed:
            if row := self._rows.get(slot):
                rows.setdefault(slot[0], []).append((slot[1], *row))
        for tally, values in rows.items():
            self._connection.executemany(tally.upsert, values)

    def begin(self) -> None:
        """A batch begins: the last one is committed, or was undone from its first mark."""
        self._log.clear()
        self._changed.clear()
        if len(self._rows) > MOST:
            self._rows.clear()
