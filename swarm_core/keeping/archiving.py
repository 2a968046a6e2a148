"""What of the journal goes into the archive, when, and when that is deleted.

What can go wrong: something that is still open needs what went. So only a whole beginning of the
journal goes: every task that has a fact in it ended long enough ago, nothing open waits for one,
and search has taken them in. Files are deleted only when that is set, oldest first.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from functools import partial

import msgspec

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.errors import Closing, WaggleError
from swarm_core.policy import Action, Policy, Resource
from swarm_core.settings import Settings
from swarm_core.store import ARCHIVE, Archive, Part, Rows, Store, parts_of

log = logging.getLogger(__name__)

SETTLE = timedelta(minutes=2)
"""How long after a start it waits: the start has enough to do."""
EVERY = timedelta(days=1)
LEAST = 10_000
"""Facts below which nothing goes by itself: each time, all tables are copied beside them."""


class Archiving(msgspec.Struct, frozen=True, kw_only=True):
    """What went into the archive: so many `facts`, up to fact `until` of them all, into `files`
    of `size` bytes. `kept`: so many stay in the database."""

    facts: int
    until: int
    files: tuple[str, ...]
    size: int
    kept: int


class ArchiveState(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands: `facts` in the database, since `since` (microseconds; None: there are none),
    `archived` ones in `files` files of `size` bytes in `folder`; of these, `missing` should be
    there and are not. So many files were `dropped` as their time was over."""

    folder: str
    facts: int
    since: int | None
    archived: int
    files: int
    size: int
    dropped: int
    missing: tuple[str, ...]


class Archivist:
    """Keeps the journal short."""

    def __init__(self, store: Store, settings: Settings, policy: Policy) -> None:
        self._store = store
        self._rules = settings.retention
        self._policy = policy
        self._archive = Archive(store)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._serve(), name="archive")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def move(self, actor: Actor, keep: timedelta | None = None) -> Archiving:
        """Move what is older than `keep` (None: as set, or a year), however little that is.
        Raises `NotAllowed`, `ArchiveFailed` or `BrokenJournal`."""
        self._policy.authorize(actor, Action.ARCHIVE, Resource("archive"))
        if keep is None:
            keep = self._rules.archive or timedelta(days=365)
        return await self._move(keep, least=1)

    async def sweep(self) -> int:
        """What goes by itself; how many facts went or files were deleted."""
        gone = 0
        if self._rules.archive is not None:
            gone += (await self._move(self._rules.archive, least=LEAST)).facts
        if self._rules.amounts is not None:
            gone += await self._drop(self._rules.amounts)
        return gone

    async def state(self) -> ArchiveState:
        folder = self._store.folder / ARCHIVE
        first, last, since, parts = await self._store.read(_looked)
        there = [part for part in parts if part.dropped is None]
        missing = await asyncio.to_thread(
            lambda: tuple(part.name for part in there if not (folder / part.name).exists())
        )
        return ArchiveState(
            folder=str(folder),
            facts=last - first + 1 if last else 0,
            since=since,
            archived=sum(part.last - part.first + 1 for part in there),
            files=len(there),
            size=sum(part.size for part in there),
            dropped=len(parts) - len(there),
            missing=missing,
        )

    async def _move(self, keep: timedelta, *, least: int) -> Archiving:
        before = _before(self._store.clock.now(), keep)
        done: list[Part] = []
        first, _, _, parts = await self._store.read(_looked)
        until = await self._store.read(partial(_cut, before))
        # What was written down of the last time is no reason for a next one.
        if until - first + 1 >= max(least, 2 if parts else 1):
            while archived := await self._archive.move(until):
                done.append(archived)
        begin, last, *_ = await self._store.read(_looked)
        return Archiving(
            facts=sum(each.last - each.first + 1 for each in done),
            until=done[-1].last if done else begin - 1,
            files=tuple(each.name for each in done),
            size=sum(each.size for each in done),
            kept=last - begin + 1 if last else 0,
        )

    async def _drop(self, keep: timedelta) -> int:
        """Delete the oldest files, as long as all that happened in them is over."""
        before, gone = _before(self._store.clock.now(), keep), 0
        parts = await self._store.read(parts_of)
        for part in (part for part in parts if part.dropped is None):
            if await self._store.read(partial(_still_kept, part, before)):
                break
            await self._archive.drop(part)
            gone += 1
        return gone

    async def _serve(self) -> None:
        wait = SETTLE
        while True:
            await asyncio.sleep(wait.total_seconds())
            wait = EVERY
            try:
                await self._archive.tidy()
                if gone := await self.sweep():
                    log.info("the archive was brought up to date: %s", gone)
            except Closing:
                return
            except WaggleError:
                log.exception("the archive could not be brought up to date")


def _before(now: datetime, keep: timedelta) -> int:
    try:
        return to_micros(now - keep)
    except OverflowError:
        return 0


def _looked(rows: Rows) -> tuple[int, int, int | None, list[Part]]:
    """The first and last fact in the table, the instant of the first, the files."""
    first = rows.execute("select seq, at from journal order by seq limit 1").fetchone()
    (last,) = rows.execute("select coalesce(max(seq), 0) from journal").fetchone()
    seq, at = first or (1, None)
    return seq, last, at, parts_of(rows)


def _cut(before: int, rows: Rows) -> int:
    """The last fact that may go; one before the first when none may."""
    first, last, _, _ = _looked(rows)
    low, high = first, last + 1
    while low < high:  # facts stand in the order of time, and are not indexed by it
        middle = (low + high) // 2
        row = rows.execute("select at from journal where seq = ?", (middle,)).fetchone()
        low, high = (middle + 1, high) if row and row[0] < before else (low, middle)
    needed = (
        "select id from tasks where ended is null or (ended >= ?1 and created < ?1)"
        " union select n.needs from task_needs n join tasks t on t.id = n.task"
        " where t.ended is null"
    )
    (stays,) = rows.execute(
        "select min((select min(seq) from journal j where j.task = n.id))"  # noqa: S608
        f" from ({needed}) n",
        (before,),
    ).fetchone()
    indexed = rows.execute("select seq from finding").fetchone()
    return min(low - 1, last, stays - 1 if stays else last, indexed[0] if indexed else last)


def _still_kept(part: Part, before: int, rows: Rows) -> bool:
    """Whether something in the file is younger than that, or goes on."""
    found = rows.execute(
        "select 1 from tasks where id between ? and ? and (ended is null or ended >= ?) limit 1",
        (part.low, part.high, before),
    )
    return found.fetchone() is not None or part.newest >= before
