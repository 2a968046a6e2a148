"""A yes on Telegram whose process is killed somewhere on the way, and which Telegram then hands out
again: what it is for is done once, and whoever pressed is told what is true. And a group that
becomes another one while the process is killed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.chat_lives import CHATS, Life, a_fake, a_life
from tests.fakes.telegram.client import Client
from tests.womb import Womb, womb

pytestmark = pytest.mark.slow

ENDS = {
    "before it is committed": "update.taken.before:1",
    "when the yes is on disk, and nothing is done": "claim.commit.before:1",
    "when it is done, and nobody has been told": "outbox.send.before:1",
}


@pytest.fixture(scope="module")
def lives() -> Iterator[Womb]:
    with womb(CHATS) as one:
        yield one


class Scene:
    """Ben asks for something dear in a group, is asked back, and says yes."""

    def __init__(self, hand: Client, group: int, ana: int, ben: int, url: str) -> None:
        self.hand, self.group, self.ana, self.ben = hand, group, ana, ben
        self.words = ["--telegram", url, "--ana", ana, "--ben", ben]
        self.card: dict[str, Any] = {}

    async def ask(self) -> None:
        await self.hand.say(self.group, self.ben, "@waggle_bot dear q1")
        self.card = await self.hand.until(self.group, "Exactly this")

    async def press(self) -> str:
        return await self.hand.press(self.group, self.card["message_id"], self.ben, "Yes")

    async def times_given(self, press: str) -> int:
        """How often the update about a press was handed out."""
        record = await self.hand.record()
        n = next(n for n, e in enumerate(record) if e["kind"] == "press" and e["id"] == press)
        update = next(entry["id"] for entry in record[n:] if entry["kind"] == "update")
        return sum(update in e["ids"] for e in record[n:] if e["kind"] == "given")

    async def asks_no_more(self) -> None:
        """Until the card has no Yes."""
        while True:
            since = await self.hand.now()
            (card,) = [m for m in await self.shown() if m["message_id"] == self.card["message_id"]]
            if all(button["text"] != "Yes" for row in _rows(card) for button in row):
                return
            await self.hand.record(since, wait=1.0)

    async def shown(self) -> list[dict[str, Any]]:
        return [m for m in await self.hand.screen(self.group) if m["from"]["id"] == self.hand.bot]


@asynccontextmanager
async def scene() -> AsyncIterator[Scene]:
    async with a_fake("telegram", 7) as url, Client.at(url) as hand:
        await hand.settings(callback_life=3600.0)
        ana, ben = await hand.private("ana"), await hand.private("ben")
        group = await hand.supergroup("workshop", ana, ben)
        await hand.say(group, ana, "@waggle_bot /help")
        yield Scene(hand, group, ana, ben, url)


async def settled(life: Life, at: Scene) -> None:
    """Until nothing is under way and all that was said is taken in."""
    while True:
        since = await at.hand.now()
        if not (await at.hand.counts())["pending"]:
            break
        await at.hand.record(since, wait=1.0)
    assert await life.settled()


@pytest.mark.parametrize("end", ENDS)
async def test_a_yes_counts_once_wherever_the_process_dies(
    tmp_path: Path, lives: Womb, end: str
) -> None:
    async with scene() as at:
        async with a_life(lives, tmp_path, *at.words) as life:
            assert await life.up("telegram")
            await at.ask()
            await settled(life, at)
            # Nobody hears what came of the press, so that Telegram is not told that it was taken.
            await at.hand.fault("hang", method="answerCallbackQuery")
            life.tell(f"arm {ENDS[end]}")
            assert await life.until("armed")
            press = await at.press()
            assert await life.until("anything more") is None, "it lives"
        bought = tmp_path / "bought"
        there = bought.read_text("utf-8").splitlines()
        assert there == (["dear q1"] if ENDS[end].startswith("outbox") else [])
        await at.hand.mend()
        async with a_life(lives, tmp_path, *at.words) as life:
            assert await life.up("telegram")
            answered = str((await at.hand.answered(press))["text"])
            await at.hand.until(at.group, "answer to dear q1.")
            await settled(life, at)
            stand = await life.asked("stand")
            await at.asks_no_more()
            shown = await at.shown()
        assert await at.times_given(press) > 1
    assert bought.read_text("utf-8").splitlines() == ["dear q1"]
    assert stand == [["dear q1", "done", "", "approved"]]
    # What is said of the press is what came of it.
    said = [answered, *(m.get("text", "") for m in shown)]
    assert any("has its yes" in text or "approved already" in text for text in said), said
    assert not [text for text in said if "do not know whether" in text]
    # The answer is there, once, and the card asks nothing any more.
    assert len([text for text in said if "answer to dear q1." in text]) == 1
    (card,) = [m for m in shown if m["message_id"] == at.card["message_id"]]
    buttons = [b["text"] for row in _rows(card) for b in row]
    assert "Yes" not in buttons
    assert "waits" not in card["text"]


async def test_a_task_of_a_group_that_became_another_has_its_card_there_after_a_kill(
    tmp_path: Path, lives: Womb
) -> None:
    async with scene() as at:
        small = await at.hand.group("small", at.ana, at.ben)
        async with a_life(lives, tmp_path, *at.words) as life:
            assert await life.up("telegram")
            await at.hand.say(small, at.ana, "@waggle_bot /help")
            await at.hand.say(small, at.ben, "@waggle_bot dear q1")
            await at.hand.until(small, "Exactly this")
            await settled(life, at)
            life.tell("arm chat.moved.after:1")
            assert await life.until("armed")
            large = await at.hand.migrate(small)
            assert await life.until("anything more") is None, "it lives"
        for _ in range(2):
            async with a_life(lives, tmp_path, *at.words) as life:
                assert await life.up("telegram")
                card = await at.hand.until(large, "Exactly this")
                await settled(life, at)
        there = [m for m in await at.hand.screen(large) if "Exactly this" in m.get("text", "")]
        async with a_life(lives, tmp_path, *at.words) as life:
            assert await life.up("telegram")
            await at.hand.press(large, card["message_id"], at.ben, "Yes")
            await at.hand.until(large, "answer to dear q1.")
    assert len(there) == 1


def _rows(message: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return list(message.get("reply_markup", {}).get("inline_keyboard", ()))
