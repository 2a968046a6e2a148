"""What a surface knows again after a restart: which message is about what, and values by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from swarm_core.kernel.actor import Place
from swarm_core.kernel.ids import TaskId
from swarm_core.notices import posts, questions
from swarm_core.notices.posts import Post, Posts
from swarm_core.notices.questions import Question
from swarm_core.store import open_store
from swarm_core.testing import FakeClock

DISCORD = "discord"
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
ONE, TWO = TaskId(1), TaskId(2)


@asynccontextmanager
async def kept(base: Path, clock: FakeClock | None = None) -> AsyncIterator[Posts]:
    rooms = (posts.TABLES, questions.TABLES)
    async with open_store(base / "state", rooms, clock=clock or FakeClock()) as store:
        yield Posts(store)


def post(message: str, task: TaskId = ONE, *, card: bool = False, channel: str = "7") -> Post:
    return Post(channel=channel, message=message, task=task, card=card)


def question(message: str, approval: str = "", channel: str = "7") -> Question:
    place = Place(surface=DISCORD, space="10", thread=channel)
    return Question(place=place, message=message, task=ONE, approval=approval)


async def test_a_message_is_about_its_task_at_its_place_alone(tmp_path: Path) -> None:
    async with kept(tmp_path) as there:
        await there.keep(DISCORD, post("100"))
        await there.keep(DISCORD, post("101", TWO))
        assert await there.about(DISCORD, "7", "100") == ONE
        assert await there.about(DISCORD, "7", "101") == TWO
        for surface, channel, message in (
            ("telegram", "7", "100"),
            (DISCORD, "8", "100"),
            (DISCORD, "7", "102"),
        ):
            assert await there.about(surface, channel, message) is None
        await there.keep(DISCORD, post("100", TWO))
        assert await there.about(DISCORD, "7", "100") == TWO


async def test_a_task_has_one_card_until_it_needs_no_more_care(tmp_path: Path) -> None:
    async with kept(tmp_path) as there:
        await there.keep(DISCORD, post("200", TWO, card=True))
        await there.keep(DISCORD, post("100", card=True))
        await there.keep(DISCORD, post("101"))
        await there.keep("telegram", post("100", card=True))
        first, second = post("100", card=True), post("200", TWO, card=True)
        assert await there.cards(DISCORD) == [first, second]
        assert await there.of_task(DISCORD, ONE, "7") == first
        moved = post("300", card=True, channel="8")
        await there.keep(DISCORD, moved)
        assert await there.cards(DISCORD) == [moved, second]
        await there.settle(DISCORD, ONE)
        assert await there.cards(DISCORD) == [second]
        assert len(await there.cards("telegram")) == 1


async def test_without_a_card_it_is_what_stood_there_first(tmp_path: Path) -> None:
    clock = FakeClock()
    async with kept(tmp_path, clock) as there:
        assert await there.of_task(DISCORD, ONE, "7") is None
        for message in ("200", "100"):
            await there.keep(DISCORD, post(message))
            clock.move(DAY)
        assert await there.of_task(DISCORD, ONE, "7") == post("200")
        await there.keep(DISCORD, post("100", card=True))
        assert await there.of_task(DISCORD, ONE, "7") == post("100", card=True)
        assert await there.of_task(DISCORD, ONE, "8") is None
        assert await there.of_task(DISCORD, TWO, "7") is None


async def test_after_ninety_days_it_is_forgotten_what_a_message_was_about(tmp_path: Path) -> None:
    clock = FakeClock()
    async with kept(tmp_path, clock) as there:
        await there.keep("telegram", post("100"))
        await there.keep(DISCORD, post("100"))
        await there.questions.keep(question("100"))
        clock.move(90 * DAY)
        await there.keep(DISCORD, post("101"))
        await there.questions.keep(question("101"))
        assert await there.about(DISCORD, "7", "100") == ONE
        assert len(await there.questions.all(DISCORD)) == 2
        clock.move(MOMENT)
        await there.keep(DISCORD, post("102"))
        await there.questions.keep(question("102"))
        assert await there.about(DISCORD, "7", "100") is None
        assert await there.about(DISCORD, "7", "101") == ONE
        assert await there.about("telegram", "7", "100") == ONE, "that surface was not asked"
        assert [q.message for q in await there.questions.all(DISCORD)] == ["101", "102"]


async def test_a_question_stands_until_it_is_settled_and_in_its_order(tmp_path: Path) -> None:
    clock = FakeClock()
    async with kept(tmp_path, clock) as there:
        first, second = question("200", "a1"), question("100")
        for each in (first, second):
            await there.questions.keep(each)
            clock.move(DAY)
        assert await there.questions.all(DISCORD) == [first, second]
        assert await there.questions.all("telegram") == []
        again = question("200", "a2")
        await there.questions.keep(again)
        assert await there.questions.all(DISCORD) == [again, second], "asked at the same time"
        await there.questions.settle(question("100", channel="8"))
        await there.questions.settle(again)
        assert await there.questions.all(DISCORD) == [second]


async def test_values_are_kept_by_surface_and_name(tmp_path: Path) -> None:
    async with kept(tmp_path) as there:
        assert await there.recall(DISCORD, "read/7") == ""
        await there.note(DISCORD, "read/7", "100")
        await there.note(DISCORD, "read/7", "101")
        await there.note(DISCORD, "read/8", "200")
        await there.note(DISCORD, "missed/7", "300")
        await there.note("telegram", "read/7", "1")
        assert await there.recall(DISCORD, "read/7") == "101"
        assert await there.named(DISCORD, "read/") == {"7": "101", "8": "200"}
        await there.drop(DISCORD, "read/7")
        assert await there.named(DISCORD, "read/") == {"8": "200"}
        assert await there.recall("telegram", "read/7") == "1"
