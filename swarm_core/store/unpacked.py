"""Archived facts as a table, for queries that were written for the journal."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from swarm_core.store.archive import Part
from swarm_core.store.past import ARCHIVE
from swarm_core.store.reader import Rows
from swarm_core.store.segments import Segment

T = TypeVar("T")


def blocks_of(folder: Path, part: Part) -> int:
    """How many blocks a file of the archive has. Blocking. Raises `BrokenJournal`."""
    return len(Segment(folder / ARCHIVE / part.name).blocks)


def in_block(database: Path, part: Part, number: int, fn: Callable[[Rows], Iterator[T]]) -> list[T]:
    """What `fn` finds when `journal` is one block of a file, and all other tables are as they
    are. Blocking. Raises `BrokenJournal`."""
    segment = Segment(database.parent / ARCHIVE / part.name)
    rows = segment.block(segment.blocks[number])
    db = sqlite3.connect(":memory:", isolation_level=None, uri=True)
    try:
        db.execute("attach ? as live", (f"{database.absolute().as_uri()}?mode=ro",))
        # What stands in this database comes before what has the same name in the other.
        made = db.execute(
            "select sql from live.sqlite_master where tbl_name = 'journal' and type = 'table'"
            " union all select sql from live.sqlite_master where type = 'view'"
        ).fetchall()
        for (statement,) in made:
            db.execute(statement)
        db.executemany(
            "insert into journal(seq, at, kind, version, actor, task, run, cause, payload, prev,"
            " hash) values(?,?,?,?,?,?,?,?,?,?,?)",
            [(*row.stored, row.prev, row.digest) for row in rows],
        )
        return list(fn(db))
    finally:
        db.close()
