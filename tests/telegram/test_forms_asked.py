"""Commands with something missing, asked for by a question and filled in by the reply to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.discord.test_rooms import asked as told
from tests.discord.test_rooms import vendor
from tests.telegram.bench import Bench, bench
from tests.telegram.looking import ME, echo, texts
from tests.worlds import Custom


async def question(at: Bench, chat: int, user: int) -> dict[str, Any]:
    """What is asked after `/ask` without a question."""
    await at.hand.command(chat, user, "ask", at=ME)
    found: dict[str, Any] = await at.said(chat, "Reply to this")
    return found


async def test_a_command_from_the_menu_is_filled_in_by_a_reply(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)) as swarm:
        asked = await question(at, at.group, at.ben)
        assert await texts(swarm) == []
        await at.hand.say(at.group, at.ben, "how are you?", reply_to=asked["message_id"])
        answer = await at.said(at.group, "You said: how are you?")
    assert asked["reply_to_message"]["from"]["id"] == at.ben
    assert answer


async def test_a_restart_between_the_question_and_the_answer_loses_nothing(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        async with at.on_telegram(Custom(echo)):
            asked = await question(at, at.ana, at.ana)
        await at.hand.say(at.ana, at.ana, "after all", reply_to=asked["message_id"])
        async with at.on_telegram(Custom(echo)) as swarm:
            await at.said(at.ana, "You said: after all")
            assert await texts(swarm) == ["after all"]


async def test_it_is_answered_once_by_whom_it_asks(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)) as swarm:
        asked = await question(at, at.group, at.ben)
        number = asked["message_id"]
        await at.hand.say(at.group, at.ana, "me too", reply_to=number)
        other = await at.said(at.group, "somebody else")
        await at.hand.say(at.group, at.ben, "mine", reply_to=number)
        await at.said(at.group, "You said: mine")
        await at.hand.say(at.group, at.ben, "mine again", reply_to=number)
        twice = await at.said(at.group, "once")
        assert await texts(swarm) == ["mine"]
    assert other
    assert twice


async def test_a_wrong_answer_is_said_to_be_and_the_question_stands(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)) as swarm:
        await at.hand.command(at.ana, at.ana, "retry")
        asked = await at.said(at.ana, "Reply to this")
        await at.hand.say(at.ana, at.ana, "the last one", reply_to=asked["message_id"])
        wrong = await at.said(at.ana, "the last one")
        await at.hand.say(at.ana, at.ana, "77", reply_to=asked["message_id"])
        there = await at.said(at.ana, "77")
        assert await texts(swarm) == []
    assert "number" in wrong["text"]
    assert there


async def test_a_command_in_place_of_an_answer_is_a_command(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_telegram(Custom(echo)) as swarm:
        asked = await question(at, at.ana, at.ana)
        since = await at.hand.now()
        await at.hand.say(at.ana, at.ana, "/help ask", reply_to=asked["message_id"])
        await at.said(at.ana, "What it does", since=since)
        await at.hand.say(at.ana, at.ana, "and now", reply_to=asked["message_id"])
        await at.said(at.ana, "You said: and now")
        assert await texts(swarm) == ["and now"]


async def test_a_file_that_comes_with_an_answer_comes_with_the_request(tmp_path: Path) -> None:
    model = vendor("Short.")
    async with bench(tmp_path) as at, at.on_telegram(providers={"vendor": model}):
        asked = await question(at, at.ana, at.ana)
        await at.hand.document(
            at.ana, at.ana, "n.txt", b"notes", text="sum it up", reply_to=asked["message_id"]
        )
        await at.said(at.ana, "Short.")
    assert "notes" in told(model)
    assert "sum it up" in told(model)
