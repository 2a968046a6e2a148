"""Texts go when their time is over, at start and once a day.

The time of a text begins when its task ends, so that what a task still needs is there, however
long it waits; a task that is asked for again begins anew. Rows and facts stay, and say nothing any
more of what was written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from operator import methodcaller

from swarm_core.keeping.events import TextsExpired
from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.errors import Closing, WaggleError
from swarm_core.kernel.ids import TaskId
from swarm_core.settings import Settings
from swarm_core.store import Rows, Store, Tx

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
_AT_ONCE = 100
"""Tasks whose texts go in one write: nobody waits long behind it."""

_PRIVATE = "(t.space = 'dm' or t.space like 'dm/%')"
"""Places where one person talks to the swarm alone, as surfaces name them."""
_HAS_TEXT = (
    "exists (select 1 from bodies b where b.id in (t.text_body, t.result_body)"
    " and (b.content is not null or b.blob is not null))"
)


class Retention:
    """Erases what is older than the settings say."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._rules = settings.retention
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._serve(), name="retention")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def sweep(self) -> int:
        """Erase what is over; the number of tasks whose texts went."""
        now, gone = self._store.clock.now(), 0
        kinds = ((self._rules.dm_text, _PRIVATE), (self._rules.text, f"not {_PRIVATE}"))
        for keep, where in kinds:
            if keep is None:
                continue
            before, after = _before(now, keep), TaskId(0)
            while found := await self._store.read(_over(where, before, after)):
                after = found[-1]
                gone += await self._store.write(_erase(found, before))
            await self._forget_voices(where, before)
        if gone:
            await self._store.write(lambda tx: tx.append(TextsExpired(tasks=gone), SWARM))
            await self._store.empty_log()
        if self._rules.text is not None:
            await self._forget_remembered(_before(now, self._rules.text))
        return gone

    async def _forget_voices(self, where: str, before: int) -> None:
        """What was heard of voice notes; what came of them are texts of tasks."""
        while found := await self._store.read(_heard(where, before)):
            await self._store.write(methodcaller("erase_bodies", found))

    async def _forget_remembered(self, before: int) -> None:
        """What playbooks remembered for people goes with the texts it came from."""
        old = "from remembered where at < ?"
        if await self._store.read(
            lambda rows: rows.execute(f"select 1 {old} limit 1", (before,)).fetchone()
        ):
            await self._store.write(lambda tx: tx.execute(f"delete {old}", (before,)).rowcount)

    async def _serve(self) -> None:
        while True:
            try:
                if gone := await self.sweep():
                    log.info("the texts of %s tasks were erased, as their time was over", gone)
            except Closing:
                return
            except WaggleError:
                log.exception("texts whose time is over could not be erased")
            await asyncio.sleep(EVERY.total_seconds())


def _before(now: datetime, keep: timedelta) -> int:
    try:
        return to_micros(now - keep)
    except OverflowError:
        return 0


def _over(where: str, before: int, after: TaskId) -> Callable[[Rows], list[TaskId]]:
    def read(rows: Rows) -> list[TaskId]:
        found = rows.execute(
            f"select t.id from tasks t where t.ended < ? and t.id > ? and {where}"  # noqa: S608
            f" and {_HAS_TEXT} order by t.id limit ?",
            (before, after, _AT_ONCE),
        )
        return [TaskId(row[0]) for row in found.fetchall()]

    return read


def _heard(where: str, before: int) -> Callable[[Rows], list[int]]:
    def read(rows: Rows) -> list[int]:
        found = rows.execute(
            f"select b.id from voices t join bodies b on b.id = t.text_body"  # noqa: S608
            f" where t.ended < ? and {where} and (b.content is not null or b.blob is not null)"
            " limit ?",
            (before, _AT_ONCE),
        )
        return [row[0] for row in found.fetchall()]

    return read


def _erase(tasks: list[TaskId], before: int) -> Callable[[Tx], int]:
    def write(tx: Tx) -> int:
        gone = 0
        for task in tasks:
            # It may have been asked for again in the meantime.
            still = "select 1 from tasks where id = ? and ended < ?"
            if tx.execute(still, (task, before)).fetchone():
                tx.erase(task)
                gone += 1
        return gone

    return write
