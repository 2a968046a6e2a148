"""Status cards: when they are read, shown, renewed and gone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from bot.messages import Messages
from bot.render.layout import cells
from bot.render.terminal import status_card
from bot.reply import Card
from bot.terminal.live import LiveCards
from swarm_core import CardView
from tests.terminal.doors import ScriptedDoor
from tests.terminal.virtual import run


class Below:
    """What stands below the line at each redraw."""

    def __init__(self, door: ScriptedDoor) -> None:
        self.cards = LiveCards(door, Messages.load(strict=True), styled=False)
        self.drawn: list[str] = []
        self.rows = 24

    def redraw(self) -> None:
        self.drawn.append(self.now)

    @property
    def now(self) -> str:
        return self.cards.text(80, self.rows)


@asynccontextmanager
async def following(door: ScriptedDoor) -> AsyncIterator[Below]:
    below = Below(door)
    follow = asyncio.create_task(below.cards.follow(below.redraw))
    await asyncio.sleep(0.1)
    yield below
    follow.cancel()
    await asyncio.gather(follow, return_exceptions=True)


def test_nothing_is_read_or_drawn_while_nothing_is_open() -> None:
    async def main() -> None:
        door = ScriptedDoor()
        async with following(door) as below:
            await asyncio.sleep(3600)
            assert door.reads == 1
            assert below.drawn == []

    run(main())


def test_a_card_appears_after_a_second_and_a_half_and_is_gone_with_its_task(
    views: list[CardView],
) -> None:
    async def main() -> None:
        door = ScriptedDoor()
        async with following(door) as below:
            door.open = views[:1]
            door.wake()
            await asyncio.sleep(1.2)
            assert below.now == ""
            await asyncio.sleep(1)
            assert below.now == "#2 count the flowers [ready]"
            assert below.drawn
            door.open = []
            door.wake()
            await asyncio.sleep(0.5)
            assert below.drawn[-1] == ""

    run(main())


def test_what_is_quicker_than_that_is_never_drawn(views: list[CardView]) -> None:
    async def main() -> None:
        door = ScriptedDoor()
        async with following(door) as below:
            door.open = views
            door.wake()
            await asyncio.sleep(1)
            door.open = []
            door.wake()
            await asyncio.sleep(60)
            assert below.drawn == []

    run(main())


def test_an_open_task_is_read_every_five_seconds_and_drawn_every_second(
    views: list[CardView],
) -> None:
    async def main() -> None:
        door = ScriptedDoor()
        door.open = views
        async with following(door) as below:
            await asyncio.sleep(60)
            assert 11 <= door.reads <= 14
            assert 55 <= len(below.drawn) <= 75

    run(main())


def test_many_changes_are_few_readings(views: list[CardView]) -> None:
    async def main() -> None:
        door = ScriptedDoor()
        door.open = views
        async with following(door):
            for _ in range(1000):
                door.wake()
                await asyncio.sleep(0.001)
            assert door.reads <= 6

    run(main())


def test_at_most_three_cards_are_shown_and_the_rest_is_counted(views: list[CardView]) -> None:
    async def main() -> None:
        door = ScriptedDoor()
        door.open = [_numbered(views[0], n) for n in range(9, 2, -1)]
        async with following(door) as below:
            await asyncio.sleep(2)
            lines = below.now.split("\n")
            assert [line[:2] for line in lines] == ["#9", "#8", "#7", "+4"]
            below.rows = 12
            assert below.now.split("\n") == [lines[0], "+6 more; /tasks lists all."]
            door.more = 30
            door.wake()
            await asyncio.sleep(2)
            assert below.now.split("\n") == [lines[0], "+36 more; /tasks lists all."]

    run(main())


def test_a_failing_read_or_card_is_logged_and_the_next_one_is_shown(
    views: list[CardView], caplog: pytest.LogCaptureFixture
) -> None:
    class Shaky(ScriptedDoor):
        broken = True

        async def cards(self) -> Sequence[CardView]:
            if self.reads == 1:
                self.reads += 1
                raise RuntimeError("no reading")
            return await super().cards()

        def card(self, view: CardView) -> Card:
            if self.broken:
                raise RuntimeError("no card")
            return super().card(view)

    async def main() -> None:
        door = Shaky()
        door.open = views
        async with following(door) as below:
            await asyncio.sleep(2)
            door.wake()
            await asyncio.sleep(2)
            assert below.now == ""
            door.broken = False
            await asyncio.sleep(2)
            assert below.now.startswith("#2 count the flowers")

    run(main())
    assert "no reading" in caplog.text
    assert "no card" in caplog.text


def _numbered(view: CardView, number: int) -> CardView:
    import msgspec

    task = msgspec.structs.replace(view.task, id=number)
    return msgspec.structs.replace(view, task=task)


# ── an answer under way ──────────────────────────────────────────────────────

LONG = "# Plan\n\nFirst **bold** words.\n\n- one\n- two\n\n```python\nprint(1)\nwhile True:"


def test_the_last_lines_of_an_answer_stand_below_its_card_as_it_comes(
    views: list[CardView],
) -> None:
    async def main() -> None:
        door = ScriptedDoor()
        door.open = views[:1]
        async with following(door) as below:
            await asyncio.sleep(2)
            door.saying = LONG
            door.speak()
            await asyncio.sleep(0.01)
            lines = below.drawn[-1].split("\n")
            code = ["```python", "print(1)", "while True:", "```"]
            assert [line.strip() for line in lines[-4:]] == code
            door.saying = "Almost **do"
            door.speak()
            await asyncio.sleep(1)
            assert below.drawn[-1].split("\n")[-1].strip() == "Almost **do"
            door.saying = ""
            door.wake()
            await asyncio.sleep(1)
            assert "Almost" not in below.drawn[-1]

    run(main())


def test_many_words_are_few_drawings_and_no_readings(views: list[CardView]) -> None:
    async def main() -> None:
        door = ScriptedDoor()
        door.open = views[:1]
        async with following(door) as below:
            await asyncio.sleep(2)
            reads, drawn = door.reads, len(below.drawn)
            for n in range(1000):
                door.saying = f"word {n}"
                door.speak()
                await asyncio.sleep(0.001)
            assert door.reads == reads
            assert len(below.drawn) - drawn <= 9
            await asyncio.sleep(0.2)
            assert "word 999" in below.drawn[-1]

    run(main())


@pytest.mark.parametrize("width", [20, 40, 80])
@pytest.mark.parametrize("text", [LONG, "x" * 500, "汉字" * 200, "```\n" + "y" * 300, "\x1b[2J**"])
def test_what_is_said_never_is_wider_than_the_screen(text: str, width: int) -> None:
    card = Card(title="#1 ask", state="running", saying=text)
    for styled in (False, True):
        shown = status_card(card, width=width, styled=styled, saying=3)
        assert len(shown.split("\n")) <= 1 + 3
        assert "\x1b[2J" not in shown
        plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
        assert all(cells(line) <= width for line in plain.split("\n"))


def test_a_small_screen_keeps_its_room_for_typing(views: list[CardView]) -> None:
    async def main() -> None:
        door = ScriptedDoor()
        door.open = [_numbered(views[0], n) for n in (3, 2, 1)]
        door.saying = LONG
        async with following(door) as below:
            await asyncio.sleep(2)
            for rows in (9, 12, 17, 20, 24, 50):
                below.rows = rows
                assert len(below.now.split("\n")) <= max(rows - 7, 2), rows

    run(main())
