"""Finding again: keeps the index in lulls, and answers from it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from swarm_core.kernel.errors import Closing
from swarm_core.store import Fact, Rows, Store
from swarm_core.tasks.events import TaskAccepted, TaskAmended, TaskEnded, TaskRetried
from swarm_core.tasks.finding import history, index, search, words
from swarm_core.tasks.finding.model import Filters, Found, History, Order
from swarm_core.tasks.talk import TalkForgotten, TaskTold, ToldAmended, ToldWithdrawn

T = TypeVar("T")
log = logging.getLogger(__name__)

LULL = 2.0
"""Seconds without news after which the index is brought up to date."""
MOST_LULLS = 15
"""After so many with news it is brought up to date all the same."""
BREATH = 0.02
"""Seconds between two writes, in which others get theirs."""
PATIENCE = 1.5
"""Seconds that whoever looks waits for what is new to be taken in."""


class Finder:
    """Answers what people look for. Nothing on the way of a task waits for it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._news = 0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._stop = store.listen(
            (
                *(TaskAccepted, TaskAmended, TaskEnded, TaskRetried),
                *(TaskTold, ToldAmended, ToldWithdrawn, TalkForgotten),
            ),
            self._on_news,
        )

    def _on_news(self, _: Fact) -> None:
        self._news += 1
        self._wake.set()

    def start(self) -> None:
        """Begin to keep the index; what a former process left undone comes first."""
        self._wake.set()
        self._task = asyncio.create_task(self._serve(), name="finder")

    async def close(self) -> None:
        self._stop()
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _serve(self) -> None:
        while True:
            await self._wake.wait()
            await self._lull()
            self._wake.clear()
            try:
                await self.keep()
            except Closing:
                return
            except Exception:
                # It is only an index: work goes on, and the next news tries again.
                log.exception("what is found again could not be kept")

    async def keep(self) -> None:
        """Bring the index up to date, however long that takes; others write in between."""
        await self._store.write(index.prepare)
        more = True
        while more:
            more = await self._store.write(index.advance)
            await asyncio.sleep(BREATH)

    async def _lull(self) -> None:
        for _ in range(MOST_LULLS):
            before = self._news
            await asyncio.sleep(LULL)
            if self._news == before:
                return

    async def catch_up(self) -> None:
        """Take in what is new, for a while at most."""
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        upto: int | None = None
        while True:
            upto = await self._store.write(partial(index.reach, upto=upto), first=True)
            if upto is None or loop.time() > until:
                return

    async def _look(self, fn: Callable[[Rows], T]) -> T:
        """What `fn` reads when everything new is in, for which mostly nothing has to be done."""
        found = await self._store.read(lambda rows: (fn(rows),) if index.fresh(rows) else None)
        if found is None:
            await self.catch_up()
            return await self._store.read(fn)
        return found[0]

    async def search(
        self,
        wanted: words.Words,
        filters: Filters,
        *,
        order: Order = "best",
        page: int = 1,
        most: int = 20,
    ) -> Found:
        """Tasks that have these words, as they stand now."""
        return await self._look(
            lambda rows: search.search(rows, wanted, filters, order=order, page=page, most=most)
        )

    async def history(self, filters: Filters, *, page: int = 1, most: int = 20) -> History:
        """What ended, newest first."""
        return await self._look(lambda rows: history.history(rows, filters, page=page, most=most))
