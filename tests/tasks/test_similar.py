"""Similar tasks are linked, beside the road."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from swarm_core.kernel.ids import TaskId
from swarm_core.store import Rows
from swarm_core.tasks import queries
from swarm_core.tasks.events import TaskLinked
from swarm_core.tasks.similar import Similar, SimilarRules
from swarm_core.testing import FakeClock
from tests.tasks.desk import ANA, BEN, Desk, open_desk
from tests.worlds import LONGEST

TEXT = "summarise the release notes of the last version"
CLOSE = "summarise the release notes of the latest version"
FAR = "water the plants on the balcony before noon"


class Links:
    """What the journal was told about links, and a way to wait for it."""

    def __init__(self, desk: Desk, similar: Similar) -> None:
        self.desk = desk
        self.similar = similar
        self.found: list[tuple[int, int, int]] = []
        self._more = asyncio.Event()
        desk.store.listen((TaskLinked,), self._on)

    def _on(self, fact: object) -> None:
        self.found.append((fact.task, fact.event.other, fact.event.percent))  # type: ignore[attr-defined]
        self._more.set()

    async def next(self) -> tuple[int, int, int]:
        await asyncio.wait_for(self._more.wait(), LONGEST)
        self._more.clear()
        return self.found[-1]

    async def settled(self) -> None:
        """Everything accepted so far was compared: a pair known to be alike was linked last."""
        person = f"probe {len(self.found)}"
        probe = ANA.__class__(surface="t", space="s", person=person)
        one = await self.desk.accept(f"the probe of this test {person}", probe)
        two = await self.desk.accept(f"the probe of this test {person}", probe)
        while self.found[-1:] != [(two, one, 100)]:
            await self.next()
        self.found.pop()


@asynccontextmanager
async def linking(base: Path, *, on: bool = True, percent: int = 90) -> AsyncIterator[Links]:
    async with open_desk(base, FakeClock()) as desk:
        similar = Similar(desk.store, desk.tasks, SimilarRules(on=on, percent=percent))
        links = Links(desk, similar)
        similar.start()
        try:
            yield links
        finally:
            await similar.close()


async def test_a_task_is_linked_to_the_closest_one_before_it(tmp_path: Path) -> None:
    async with linking(tmp_path) as links:
        await links.desk.accept(FAR)
        near = await links.desk.accept(CLOSE)
        same = await links.desk.accept(TEXT)
        task, other, percent = await links.next()
        assert (task, other) == (same, near)
        assert 90 <= percent < 100
        found = await links.desk.store.read(lambda rows: queries.links_of(rows, near))
        assert found == [(same, percent)], "it is seen from both sides"


async def test_what_is_below_the_threshold_is_not_linked(tmp_path: Path) -> None:
    async with linking(tmp_path, percent=99) as links:
        for text in (TEXT, CLOSE, FAR):
            await links.desk.accept(text)
        await links.settled()  # by tasks of its own, which resemble each other
        assert [link for link in links.found if link[0] <= 2] == []


async def test_the_order_of_words_and_their_case_do_not_matter(tmp_path: Path) -> None:
    async with linking(tmp_path) as links:
        one = await links.desk.accept("check the certificate of example.org")
        two = await links.desk.accept("Certificate of EXAMPLE.org:  check the".replace(":", ""))
        assert await links.next() == (two, one, 100)


async def test_tasks_of_other_people_are_not_linked(tmp_path: Path) -> None:
    async with linking(tmp_path) as links:
        await links.desk.accept(TEXT, ANA)
        await links.desk.accept(TEXT, BEN)
        await links.settled()  # by tasks of its own, which resemble each other
        assert [link for link in links.found if link[0] <= 2] == []


@pytest.mark.parametrize("text", ["ping", "do it now", "          a"])
async def test_a_few_letters_are_not_compared(tmp_path: Path, text: str) -> None:
    async with linking(tmp_path) as links:
        for _ in range(2):
            await links.desk.accept(text)
        await links.settled()  # by tasks of its own, which resemble each other
        assert [link for link in links.found if link[0] <= 2] == []


async def test_tasks_of_a_former_process_are_remembered(tmp_path: Path) -> None:
    async with open_desk(tmp_path, FakeClock()) as desk:
        before = await desk.accept(TEXT)
    async with linking(tmp_path) as links:
        after = await links.desk.accept(TEXT)
        assert await links.next() == (after, before, 100)


async def test_a_task_is_never_similar_to_itself(tmp_path: Path) -> None:
    """One accepted while the earlier ones are being read is among them, and new as well."""
    reading, go_on = threading.Semaphore(0), threading.Event()

    def hold(rows: Rows) -> None:
        reading.release()
        assert go_on.wait(LONGEST)

    async with open_desk(tmp_path, FakeClock()) as desk:
        readers = [asyncio.ensure_future(desk.store.read(hold)) for _ in range(2)]
        for _ in readers:
            assert await asyncio.to_thread(reading.acquire, timeout=LONGEST)
        similar = Similar(desk.store, desk.tasks, SimilarRules(on=True, percent=90))
        links = Links(desk, similar)
        similar.start()
        await asyncio.sleep(0)
        task = await desk.accept(TEXT)
        go_on.set()
        await asyncio.gather(*readers)
        twin = await desk.accept(TEXT)
        assert await links.next() == (twin, task, 100)
        assert links.found == [(twin, task, 100)]
        await similar.close()


async def test_linking_can_be_switched_off(tmp_path: Path) -> None:
    async with linking(tmp_path, on=False) as links:
        for _ in range(3):
            await links.desk.accept(TEXT)
        await asyncio.sleep(0)
        assert links.found == []
        assert await links.desk.store.read(lambda rows: queries.links_of(rows, TaskId(1))) == []
