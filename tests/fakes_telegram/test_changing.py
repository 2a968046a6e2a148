"""What the bot does to messages: edits, deletions, answers to presses, reactions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.telegram import Client
from tests.fakes.telegram.fixtures import HOUR
from tests.fakes_telegram.rest import BUTTON, Rest, under


async def test_an_edit_is_another_text_or_it_is_refused(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    said = await hand.say(ana, ana, "mine")
    sent = (await rest.say(ana, "one", reply_markup=under([BUTTON]))).result["message_id"]

    async def edit(message: int, **told: Any) -> tuple[int, str]:
        answer = await rest("editMessageText", chat_id=ana, message_id=message, **told)
        return (200, "") if answer.status == 200 else answer.problem

    same = {"text": "one", "reply_markup": under([BUTTON])}
    assert (await edit(sent, **same))[1].startswith("Bad Request: message is not modified: ")
    assert await edit(sent, text="one") == (200, "")  # the button goes
    assert await edit(said, text="x") == (400, "Bad Request: message can't be edited")
    assert await edit(999, text="x") == (400, "Bad Request: message to edit not found")
    assert await edit(sent, text="") == (400, "Bad Request: message text is empty")
    assert await edit(sent, text="x" * 4097) == (400, "Bad Request: MESSAGE_TOO_LONG")
    markup = await rest(
        "editMessageReplyMarkup", chat_id=ana, message_id=sent, reply_markup=under([BUTTON])
    )
    assert markup.result["reply_markup"] == under([BUTTON])
    again = await rest("editMessageReplyMarkup", chat_id=ana, message_id=sent)
    assert "reply_markup" not in again.result
    assert (await hand.counts())["edited"] == 3


async def test_what_can_be_deleted_and_how_long(hand: Client, rest: Rest) -> None:
    ana, ben = await hand.private("Ana"), await hand.person("Ben")
    said = await hand.say(ana, ana, "delete me")
    for message, problem in ((said, None), (said, "message to delete not found")):
        answer = await rest("deleteMessage", chat_id=ana, message_id=message)
        assert answer.body.get("description") == (problem and f"Bad Request: {problem}")
    old = (await rest.say(ana)).result["message_id"]
    club = await hand.group("Club", ben)
    hive = await hand.supergroup("Hive", ben)
    theirs = [(await hand.say(chat, ben, "/x")) for chat in (club, hive)]
    words = ("message can't be deleted for everyone", "message can't be deleted")
    for chat, message, problem in zip((club, hive), theirs, words, strict=True):
        answer = await rest("deleteMessage", chat_id=chat, message_id=message)
        assert answer.problem == (400, f"Bad Request: {problem}")
    await hand.promote(hive)
    assert (await rest("deleteMessage", chat_id=hive, message_id=theirs[1])).result is True
    await hand.advance(2 * 86400 + 1)
    answer = await rest("deleteMessage", chat_id=ana, message_id=old)
    assert answer.problem == (400, "Bad Request: message can't be deleted for everyone")
    two = [(await rest.say(ana)).result["message_id"] for _ in range(2)]
    assert (await rest("deleteMessages", chat_id=ana, message_ids=[*two, 999])).result is True
    assert (await hand.counts())["deleted"] == 4


async def test_a_press_is_answered_once_and_in_time(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    sent = (await rest.say(ana, reply_markup=under([BUTTON]))).result["message_id"]
    too_old = (
        400,
        ("Bad Request: query is too old and response timeout expired or query ID is invalid"),
    )
    press = await hand.press(ana, sent, ana, "b")
    long = await rest("answerCallbackQuery", callback_query_id=press, text="x" * 201)
    assert long.problem == (400, "Bad Request: MESSAGE_TOO_LONG")
    assert (await rest("answerCallbackQuery", callback_query_id=press)).result is True
    assert (await rest("answerCallbackQuery", callback_query_id=press)).problem == too_old
    late = await hand.press(ana, sent, ana, "b")
    await hand.advance(HOUR + 1)
    assert (await rest("answerCallbackQuery", callback_query_id=late)).problem == too_old
    assert (await rest("answerCallbackQuery", callback_query_id="7")).problem == too_old
    await rest("deleteMessage", chat_id=ana, message_id=sent)
    with pytest.raises(ValueError):
        await hand.press(ana, sent, ana, "b")
    await hand.press(ana, sent, ana, "b", stale=True)
    gone = (await rest.updates())[-1]["callback_query"]["message"]
    assert gone["date"] == 0
    assert (await hand.counts())["late"] == 3


async def test_actions_and_reactions(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    said = await hand.say(ana, ana, "hey")
    assert (await rest("sendChatAction", chat_id=ana, action="typing")).result is True
    wrong = await rest("sendChatAction", chat_id=ana, action="thinking")
    assert wrong.problem == (400, "Bad Request: wrong parameter action in request")
    (shown,) = await hand.wait("action")
    assert shown["action"] == "typing"

    async def react(*emoji: str, message: int = said) -> Any:
        given = [{"type": "emoji", "emoji": one} for one in emoji]
        answer = await rest("setMessageReaction", chat_id=ana, message_id=message, reaction=given)
        return answer.body.get("description")

    assert await react("👀") is None
    assert await react() is None
    assert await react("🐝") == "Bad Request: REACTION_INVALID"
    assert await react("👀", "👍") == "Bad Request: REACTIONS_TOO_MANY"
    assert await react("👀", message=99) == "Bad Request: message to react not found"
