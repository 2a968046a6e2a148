"""Whether the store can be written, for how long, and who is told when that changes.

Three states. *Well*. *Short*: the disk is full, or will not be written: nothing new is taken in,
what is paid for is tried again until it is on disk, and it ends by itself. *Broken*: the file is
damaged, gone or another one, or the writer died: nothing is written any more, for good.

The last bytes are not given out: below `least` nothing new is taken in, so that what is under way
can still be recorded; and a ballast file lies in the folder, which is given up when somebody else
has taken even those.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from swarm_core.kernel.errors import StoreGone, WaggleError
from swarm_core.store import faults

log = logging.getLogger(__name__)

BALLAST = "waggle.ballast"
WEIGHT = 1024 * 1024
"""Bytes of ballast: some hundred results of models."""
PAUSE = 0.5
"""Seconds after which what could not be written is tried again."""

Watcher = Callable[[], None]


class Health:
    """Of one open store. Whatever meets a fault says so here, on any thread; watchers are called
    on the loop."""

    def __init__(self, path: Path, least: int) -> None:
        self.path = path
        self.least = least
        self.broken: WaggleError | None = None
        self.short: WaggleError | None = None
        self.probe: Callable[[], Awaitable[object]] | None = None
        """Writes something small; until it is set nothing counts as over."""
        self._loop = asyncio.get_running_loop()
        self._watchers: list[Watcher] = []
        self._mending: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._files: dict[Path, tuple[int, int]] = {}
        self._log = path.with_name(f"{path.name}-wal")
        self.log_bytes = 0
        """Size of the log after the last commit."""
        self._closed = False

    # ── on any thread ────────────────────────────────────────────────────────

    def admit(self) -> None:
        """Raises `DiskFull`, or what else keeps the store from being written: for what begins
        something new. What ends something old is not asked."""
        if short := self.short:
            raise type(short)(**short.data)
        if self.least and faults.free(self.path.parent) < self.least:
            full = faults.disk_full(self.path.parent, self.least)
            self._fall_short(full)
            raise full

    def failed(self, error: sqlite3.Error) -> WaggleError:
        """What `error` means; what it means for the store is noted."""
        found = faults.meaning(error, self.path, self.least)
        if isinstance(found, faults.PASSING):
            self._give_up_ballast()
            self._fall_short(found)
            return found
        return self.breaks(found)

    def breaks(self, error: WaggleError) -> WaggleError:
        """From now on every write is refused, whoever met the fault; returns the first one."""
        with self._lock:
            if self.broken is None:
                self.broken = error
                self._soon(self._tell)
            return self.broken

    def remember_files(self) -> None:
        """These are the files that belong to the open store."""
        lock = self.path.with_name("waggle.lock")
        for file in (self.path, self._log, lock):
            self._files[file] = _identity(file.stat())

    def still_there(self) -> WaggleError | None:
        """None while our files are the ones in the folder. A commit to a file that nobody can
        open any more is no commit."""
        for file, identity in self._files.items():
            try:
                seen = file.stat()
            except OSError as error:
                return self.breaks(StoreGone(file=str(file), problem=str(error.strerror)))
            if file is self._log:
                self.log_bytes = seen.st_size
            if _identity(seen) != identity:
                problem = "another file is in its place"
                return self.breaks(StoreGone(file=str(file), problem=problem))
        return None

    def _fall_short(self, error: WaggleError) -> None:
        with self._lock:
            if self.short is not None:
                return
            self.short = error
        log.warning("nothing new is taken in: %s", error)
        self._soon(self._begin_mending)

    def _soon(self, act: Callable[[], None]) -> None:
        # The loop may be gone when a thread meets the fault last.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act)

    # ── on the loop ──────────────────────────────────────────────────────────

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` whenever `short` or `broken` has changed; returns what ends that."""
        self._watchers.append(watcher)

        def stop() -> None:
            with suppress(ValueError):
                self._watchers.remove(watcher)

        return stop

    def close(self) -> None:
        self._closed = True
        if self._mending:
            self._mending.cancel()

    def _tell(self) -> None:
        for watcher in list(self._watchers):
            try:
                watcher()
            except Exception:
                log.exception("a watcher of the store's health failed")

    def _begin_mending(self) -> None:
        if self._closed:
            return
        self._tell()
        self._mending = asyncio.create_task(self._mend(), name="store-health")

    async def _mend(self) -> None:
        while self.broken is None and self.short is not None:
            await asyncio.sleep(PAUSE)
            if await self._well_again():
                self.short = None
                log.warning("the store can be written again")
                self._tell()

    async def _well_again(self) -> bool:
        if not await asyncio.to_thread(self.take_ballast) or self.probe is None:
            return False
        try:
            await self.probe()
        except WaggleError as error:
            log.debug("the store still cannot be written: %s", error)
            return False
        return True

    # ── the ballast ──────────────────────────────────────────────────────────

    def take_ballast(self) -> bool:
        """Whether there is room, with the ballast in its place."""
        folder = self.path.parent
        file = folder / BALLAST
        try:
            if file.exists() and file.stat().st_size >= WEIGHT:
                return faults.free(folder) >= self.least
            if faults.free(folder) < self.least + WEIGHT:
                return False
            _fill(file)
        except OSError as error:
            log.debug("no ballast: %s", error)
            with suppress(OSError):
                file.unlink()
            return False
        return True

    def _give_up_ballast(self) -> None:
        with suppress(OSError):
            (self.path.parent / BALLAST).unlink()


def _fill(file: Path) -> None:
    """Written, not only promised: a sparse file holds no room."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, WEIGHT)
        else:
            os.pwrite(descriptor, bytes(WEIGHT), 0)
    finally:
        os.close(descriptor)


def _identity(seen: os.stat_result) -> tuple[int, int]:
    return seen.st_dev, seen.st_ino
