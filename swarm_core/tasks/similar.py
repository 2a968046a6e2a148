"""Similar tasks are linked, beside the road: nothing waits for it.

Texts of the last tasks are kept in memory, folded; each new one is compared with them in a
thread when the swarm has a moment, and the closest above the threshold becomes a link.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence

import msgspec
from rapidfuzz import fuzz, process

from swarm_core.kernel.errors import Closing
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.text import fold
from swarm_core.settings import Settings
from swarm_core.store import Fact, Rows, Store, Tx, read_body
from swarm_core.tasks.events import TaskAccepted
from swarm_core.tasks.tasks import Tasks

log = logging.getLogger(__name__)

WINDOW = 500
"""Tasks a new one is compared with."""
BACKLOG = 100
"""New tasks that may wait to be compared; when more come at once, the oldest are not linked."""
PAUSE = 0.1
"""Seconds a round waits for company: two hops to other threads serve them all."""
SHORTEST, LONGEST = 12, 2_000
"""Characters a text must have to be compared, and how many of them are."""


class SimilarRules(msgspec.Struct, frozen=True, kw_only=True):
    """Whether to link at all, and from how many percent."""

    on: bool
    percent: int

    @classmethod
    def of(cls, settings: Settings) -> SimilarRules:
        return cls(on=settings.tasks.link_similar, percent=settings.tasks.similarity)


Known = tuple[TaskId, str, str]
"""A task, its person, its words in alphabetical order."""


class Similar:
    """Finds near-duplicates: normalised indel similarity of the folded texts, their words in
    alphabetical order (what rapidfuzz calls `token_sort_ratio`, sorted once)."""

    def __init__(self, store: Store, tasks: Tasks, rules: SimilarRules) -> None:
        self._store = store
        self._tasks = tasks
        self._rules = rules
        self._known: deque[Known] = deque(maxlen=WINDOW)
        self._new: deque[tuple[TaskId, str, int]] = deque(maxlen=BACKLOG)
        self._wake = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._stop = store.listen((TaskAccepted,), self._on_accepted) if rules.on else None

    def _on_accepted(self, fact: Fact) -> None:
        event = fact.event
        if isinstance(event, TaskAccepted) and fact.task is not None:
            self._new.append((fact.task, event.person, event.text.id))
            self._wake.set()

    def start(self) -> None:
        if self._rules.on:
            self._worker = asyncio.create_task(self._serve(), name="similar")

    async def close(self) -> None:
        if self._stop:
            self._stop()
        if self._worker:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)

    def forget(self, people: frozenset[str]) -> None:
        """Compare with nothing these people ever asked for."""
        kept = [known for known in self._known if known[1] not in people]
        self._known.clear()
        self._known.extend(kept)

    async def _serve(self) -> None:
        await self._remember()
        while True:
            await self._wake.wait()
            await asyncio.sleep(PAUSE)
            self._wake.clear()
            try:
                await self._link(list(self._new))
            except Closing:
                return
            except Exception:
                log.exception("similar tasks could not be linked")

    async def _remember(self) -> None:
        """Start from what a former process accepted last."""
        first_new = self._new[0][0] if self._new else None

        found = await self._store.read(lambda rows: _last_texts(rows, first_new, WINDOW))
        for task, person, text in reversed(found):
            if words := _comparable(text):
                self._known.append((task, person, words))

    async def _link(self, new: Sequence[tuple[TaskId, str, int]]) -> None:
        self._new.clear()
        texts = await self._store.read(
            lambda rows: [_comparable(read_body(rows.execute, body)) for _, _, body in new]
        )
        fresh = [(task, who, words) for (task, who, _), words in zip(new, texts, strict=True)]
        links = await asyncio.to_thread(_compare, fresh, self._known, self._rules.percent)
        if links:
            await self._store.write(lambda tx: self._record(tx, links))

    def _record(self, tx: Tx, links: Sequence[tuple[TaskId, TaskId, int]]) -> None:
        for task, other, percent in links:
            self._tasks.link(tx, task, other, percent)


def _comparable(text: str | None) -> str:
    folded = fold((text or "")[:LONGEST])
    return " ".join(sorted(folded.split())) if len(folded) >= SHORTEST else ""


def _compare(
    new: Sequence[Known], known: deque[Known], percent: int
) -> list[tuple[TaskId, TaskId, int]]:
    """The closest earlier task of the same person for each new one, which is then known too. What
    is read at the start may hold later ones, and itself."""
    links = []
    for task, person, words in new:
        if not words:
            continue
        others = [
            theirs if owner == person and other < task else None for other, owner, theirs in known
        ]
        found = process.extractOne(words, others, scorer=fuzz.ratio, score_cutoff=percent)
        if found:
            links.append((task, known[found[2]][0], int(found[1])))
        known.append((task, person, words))
    return links


def _last_texts(
    rows: Rows, before: TaskId | None, most: int
) -> list[tuple[TaskId, str, str | None]]:
    """Id, person and text of the last tasks, newest first."""
    found = rows.execute(
        "select id, person, text_body from tasks where id < coalesce(?, id + 1)"
        " order by id desc limit ?",
        (before, most),
    ).fetchall()
    return [(TaskId(r[0]), r[1], read_body(rows.execute, r[2])) for r in found]
