"""Backups, by themselves and on demand.

What can go wrong: the disk is full, the folder is on a disk that is gone, the swarm is killed in
the middle, two are asked for at once. One is made at a time; one that fails leaves nothing, is
told by `status` and `doctor`, and is tried again soon; the age of the last one is what its name
says, so it is known after any restart.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import from_micros
from swarm_core.kernel.errors import Closing, WaggleError
from swarm_core.kernel.secret import Secret
from swarm_core.policy import Action, Policy, Resource
from swarm_core.settings import Settings
from swarm_core.store import BACKUPS, Kept, Rows, Store, backups_in, make_backup, sweep

log = logging.getLogger(__name__)

SETTLE = timedelta(minutes=1)
"""How long after a start a backup that is due waits: the start has enough to do."""
AGAIN = timedelta(minutes=5)
"""After how long one that failed is tried again."""


class BackupState(msgspec.Struct, frozen=True, kw_only=True):
    """How it stands: the last backup, whether anything has changed since, how many there are, and
    the `failure` (an error's code, with its data) of the last try. `late`: it should be there."""

    folder: str
    every: int | None
    """Seconds."""
    last: Kept | None
    changed: bool
    count: int
    late: bool
    failure: str = ""
    failure_data: dict[str, Any] = {}


class Backups:
    """Makes backups of one swarm."""

    def __init__(self, store: Store, settings: Settings, policy: Policy) -> None:
        self._store = store
        self._settings = settings
        self._policy = policy
        self._one = asyncio.Lock()
        self._failure: WaggleError | None = None
        self._task: asyncio.Task[None] | None = None
        self.folder: Path = settings.backup.to or settings.state / BACKUPS

    def start(self) -> None:
        """Begin to make them by themselves, if the settings want it."""
        if self._settings.backup.every:
            self._task = asyncio.create_task(
                self._serve(self._settings.backup.every), name="backups"
            )

    async def close(self) -> None:
        """One under way is finished: its thread cannot be stopped."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        async with self._one:
            self._task = None

    async def make(self, actor: Actor, to: Path | None = None) -> Kept:
        """One now: in the folder `to`, or as the file `to` when it ends in `.waggle`; without it
        among those that are made by themselves. Raises `NotAllowed` or `BackupFailed`."""
        self._policy.authorize(actor, Action.BACK_UP, Resource("backup"))
        return await asyncio.shield(self._make(to))

    async def state(self) -> BackupState:
        every = self._settings.backup.every
        found = await asyncio.to_thread(_listed, self.folder)
        last = found[0] if found else None
        seq = await self._store.read(_last_fact)
        changed = seq > (last.seq if last else 0)
        since = from_micros(last.made) if last else await self._store.read(_first_fact)
        late = bool(every and changed and since and self._store.clock.now() - since > 2 * every)
        return BackupState(
            folder=str(self.folder),
            every=int(every.total_seconds()) if every else None,
            last=last,
            changed=changed,
            count=len(found),
            late=late,
            failure=self._failure.code if self._failure else "",
            failure_data=dict(self._failure.data) if self._failure else {},
        )

    def all(self) -> list[Kept]:
        """Those in the folder, the newest first. Blocking."""
        return _listed(self.folder)

    async def _make(self, to: Path | None) -> Kept:
        async with self._one, self._store.archiving:
            return await asyncio.to_thread(self._make_blocking, to)

    def _make_blocking(self, to: Path | None) -> Kept:
        store, settings = self._store, self._settings
        if to is None:
            with suppress(OSError):
                sweep(self.folder)
        now = store.clock.now()
        kept = make_backup(store.path, to or self.folder, now, settings=_without_secrets(settings))
        if to is None:
            for old in _listed(self.folder)[settings.backup.keep :]:
                Path(old.file).unlink(missing_ok=True)
        return kept

    async def _serve(self, every: timedelta) -> None:
        wait = SETTLE
        while True:
            await asyncio.sleep(wait.total_seconds())
            wait = await self._due(every)

    async def _due(self, every: timedelta) -> timedelta:
        """Make one if it is time; how long to wait for the next look."""
        try:
            found = await asyncio.to_thread(_listed, self.folder)
            if found:
                left = from_micros(found[0].made) + every - self._store.clock.now()
                if left > timedelta(0):
                    return min(left, every)
            seq = await self._store.read(_last_fact)
            if seq > (found[0].seq if found else 0):
                await asyncio.shield(self._make(None))
            self._failure = None
            return every
        except Closing:
            return every
        except WaggleError as error:
            self._failure = error
            log.error("no backup was made", exc_info=error)
            return min(AGAIN, every)
        except OSError as error:
            log.error("the backups cannot be looked at", exc_info=error)
            return min(AGAIN, every)


def _listed(folder: Path) -> list[Kept]:
    return backups_in(folder) if folder.is_dir() else []


def _last_fact(rows: Rows) -> int:
    (seq,) = rows.execute("select coalesce(max(seq), 0) from journal").fetchone()
    return int(seq)


def _first_fact(rows: Rows) -> Any:
    row = rows.execute("select at from journal order by seq limit 1").fetchone()
    return from_micros(row[0]) if row else None


def _without_secrets(settings: Settings) -> str | None:
    """The file of settings as it was written, but for secrets somebody wrote into it."""
    if settings.file is None:
        return None
    try:
        text = settings.file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    for secret in _secrets(settings):
        if secret:
            text = text.replace(secret, "…")
    return text


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, Secret):
        yield value.reveal()
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name))
    elif isinstance(value, dict) or hasattr(value, "values"):
        for each in value.values():
            yield from _secrets(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _secrets(each)
