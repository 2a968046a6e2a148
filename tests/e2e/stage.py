"""A slow server and swarms in their own processes, for tests that tell one story."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from tests.e2e import checks
from tests.e2e.audit import Audit
from tests.e2e.processes import Child, Said, born, child
from tests.womb import Womb

LONGEST = 180.0
"""Seconds after which a story that does not go on has failed."""


class Stage:
    """What the processes say, and what they left in the state folder."""

    def __init__(self, folder: Path, said: Said, server: Child, womb: Womb | None) -> None:
        self.state = folder / "state"
        self.server = server
        self.served: Counter[str] = Counter()
        """Requests by the word they came for and the number of the step."""
        self.port = 0
        self._folder = folder
        self._said = said
        self._womb = womb

    async def hear(self, *words: str) -> tuple[str, str]:
        """The next thing said that is one of `words`."""
        async with asyncio.timeout(LONGEST):
            while True:
                word, rest = await self._said.get()
                if word == "begin":
                    _, _, key, _, n = rest.split()[1].split("/")
                    self.served[f"{key} {n}"] += 1
                if word in words:
                    return word, rest

    def swarm(self, *more: object) -> AbstractAsyncContextManager[Child]:
        args = (self.state, "--port", self.port, "--deliveries", self._folder / "deliveries", *more)
        log = self._folder / "swarm.log"
        if self._womb is None:
            return child(self._said, "swarm", "tests.e2e.swarm_process", *args, log=log)
        return born(self._womb, self._said, "swarm", *args, log=log)

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database says now, read beside whoever has it."""
        db = checks.look(self.state)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def audit(self) -> list[str]:
        """What is wrong with the journal."""
        db: sqlite3.Connection = checks.look(self.state)
        audit = Audit()
        audit.feed(db)
        db.close()
        return audit.problems


@asynccontextmanager
async def stage(folder: Path, womb: Womb | None = None) -> AsyncIterator[Stage]:
    """A stage in `folder`; without a `womb` every swarm is started from cold."""
    said: Said = asyncio.Queue()
    async with child(said, "server", "tests.fakes.slow_server") as server:
        one = Stage(folder, said, server, womb)
        one.port = int((await one.hear("port"))[1])
        yield one
