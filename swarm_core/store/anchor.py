"""The head of the journal, written down beside it.

The chain proves that no fact inside the journal was changed. It cannot prove that its end is still
there, nor that nobody wrote all of it anew with good hashes. So each hour, and when the swarm
closes, the position and hash of the last fact go into a file of their own, and `verify` asks for
each of them. Lines are only ever added, so that what was cut off stays missed.

Whoever can write the database can write this file as well: it finds accidents, restored copies
and careless hands. Against a careful one, copy its last line to where they cannot write.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from swarm_core.kernel.errors import Closing, WaggleError

log = logging.getLogger(__name__)

ANCHOR = "journal.head"
EVERY = 3600.0
"""Seconds between two lines while facts are added."""
MOST = 1000
"""Lines that are kept, the newest: those of about six weeks without a pause."""


class Head(msgspec.Struct, frozen=True):
    """Where the journal ended at an instant."""

    seq: int
    digest: str
    at: str


class Anchored(Protocol):
    """What has a journal to write down."""

    folder: Path

    async def head(self) -> tuple[int, bytes, datetime]: ...


class Keeper:
    """Writes the head down, hourly and on closing."""

    def __init__(self, store: Anchored) -> None:
        self._store = store
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._serve(), name="anchor")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._keep()

    async def _serve(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self._keep()

    async def _keep(self) -> None:
        try:
            seq, digest, at = await self._store.head()
            head = Head(seq, digest.hex(), f"{at:%Y-%m-%dT%H:%M:%SZ}")
            await asyncio.to_thread(write_down, self._store.folder, head)
        except Closing:
            return
        except (OSError, WaggleError) as error:
            log.error("the head of the journal could not be written down: %s", error)


def read(folder: Path) -> list[Head]:
    """The heads written down, oldest first. Raises ValueError for a line that is none."""
    try:
        lines = (folder / ANCHOR).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []
    heads = []
    for line in lines:
        seq, digest, at = line.split(" ")
        heads.append(Head(int(seq), digest, at))
    return heads


def readable(folder: Path) -> list[Head]:
    """The heads written down, none where they cannot be read: `missing` tells that."""
    try:
        return read(folder)
    except ValueError:
        return []


def write_down(folder: Path, head: Head) -> None:
    """Add a line, unless nothing has happened since the last one. The file is replaced whole, so
    that a kill leaves the old or the new one."""
    try:
        lines = (folder / ANCHOR).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        lines = []
    line = f"{head.seq} {head.digest}"
    if head.seq == 0 or (lines and lines[-1].startswith(f"{line} ")):
        return
    text = "\n".join([*lines, f"{line} {head.at}"][-MOST:]) + "\n"
    fresh = folder / f"{ANCHOR}.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / ANCHOR)


def missing(folder: Path, db: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Heads that the journal in the table of `live` does not have: kind of finding, where, what.
    Those before its first fact are in the archive."""
    (first,) = db.execute("select min(seq) from live.journal").fetchone()
    try:
        heads = read(folder)
    except ValueError as error:
        return [("anchor", ANCHOR, f"cannot be read: {error}")]
    found = []
    for head in heads:
        if first is not None and head.seq < first:
            continue
        row = db.execute("select hash from live.journal where seq = ?", (head.seq,)).fetchone()
        where = f"fact {head.seq}"
        if row is None:
            found.append(("truncated", where, f"was there at {head.at} and is gone"))
        elif row[0] != bytes.fromhex(head.digest):
            found.append(("anchor", where, f"is another one than at {head.at}"))
    return found
