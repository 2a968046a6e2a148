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
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.crash import crash_point
from swarm_core.store.model import Fact
from swarm_core.store.packing import pack
from swarm_core.store.past import (
    ARCHIVE,
    TABLES,
    last_archived,
    name_of,
)
from swarm_core.store.reader import Rows
from swarm_core.store.replay import (
    Decoder,
    fact_of,
)
from swarm_core.store.schema import ArchiveDropped, RoomTables
from swarm_core.store.segments import SEGMENT, Segment
from swarm_core.store.tx import Tx

TRIM = 100
"""Facts that leave the table in one write: a millisecond or two on the writer."""
_PAUSE = 0.002
"""Seconds between two such writes."""


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
        """Move facts up to `until`, as many as one file takes; None when there are none to move.
        Raises `ArchiveFailed` or `BrokenJournal`; then the journal is as it was."""
        store = self._store
        async with store.archiving:
            await self._trim()
            stop = threading.Event()
            packing = asyncio.ensure_future(
                asyncio.to_thread(pack, store.path, store.rooms, until, stop)
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
    # Asked by itself: as a part of the statement that deletes it would read the whole table.
    (first,) = tx.execute("select min(seq) from journal").fetchone()
    if first is None or first > until:
        return 0
    return tx.execute("delete from journal where seq < ?", (min(first + TRIM, until + 1),)).rowcount


def _sweep(folder: Path, keep: set[str]) -> None:
    if not folder.is_dir():
        return
    for each in folder.iterdir():
        if each.is_dir() and each.name.startswith(".work-"):
            shutil.rmtree(each, ignore_errors=True)
        elif each.name.endswith((SEGMENT, TABLES)) and each.name not in keep:
            each.unlink(missing_ok=True)
