"""What the bot sends, and what of it is refused in which words."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot
from telegram.error import BadRequest, Forbidden

from tests.fakes.telegram import BOT, Client
from tests.fakes_telegram.rest import BUTTON, Rest, under


def bold(offset: int, length: int) -> list[dict[str, Any]]:
    return [{"type": "bold", "offset": offset, "length": length}]


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "x" * 32769}, "text is too long"),
        ({"text": "x", "parse_mode": "Word"}, "unsupported parse_mode"),
        (
            {"text": "<b>x", "parse_mode": "HTML"},
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            {"text": "1. x", "parse_mode": "MarkdownV2"},
            (
                "can't parse entities: Character '.' is reserved "
                "and must be escaped with the preceding '\\'"
            ),
        ),
        (
            {"entities": bold(1, 8)},
            "entity beginning at UTF-16 offset 1 ends after the end of the text at UTF-16 offset 9",
        ),
        (
            {"entities": bold(9, 1)},
            "entity begins after the end of the text at UTF-16 offset 9",
        ),
        (
            {"text": "😀x", "entities": bold(1, 2)},
            "entity begins in a middle of a UTF-16 symbol at byte offset 4",
        ),
        (
            {"text": "ü😀x", "entities": bold(0, 2)},
            (
                "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol "
                "at byte offset 6"
            ),
        ),
        (
            {"entities": [{"type": "loud", "offset": 0, "length": 1}]},
            "can't parse MessageEntity: Unsupported type specified",
        ),
        (
            {"entities": [{"type": "bold", "length": 1}]},
            "can't parse MessageEntity: Can't find field \"offset\"",
        ),
        (
            {"entities": [{"type": "text_link", "offset": 0, "length": 1, "url": "e"}]},
            "entity URL 'e' is invalid: Wrong HTTP URL",
        ),
        ({"reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"reply_markup": [1]}, "object expected as reply markup"),
        (
            {"reply_markup": under(BUTTON)},
            'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
        ),
        (
            {"reply_markup": under([{"text": "b"}])},
            (
                "can't parse inline keyboard button: "
                "Text buttons are unallowed in the inline keyboard"
            ),
        ),
        (
            {"reply_markup": under([{**BUTTON, "callback_data": "ü" * 33}])},
            "BUTTON_DATA_INVALID",
        ),
        ({"reply_markup": under([BUTTON] * 101)}, "reply markup is too long"),
        ({"reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"reply_parameters": {"quote": "x"}}, 'can\'t find field "message_id"'),
        ({"reply_parameters": {"message_id": "x"}}, 'field "message_id" must be of type Number'),
        (
            {"entities": [{"type": "text_mention", "offset": 0, "length": 1, "user": {}}]},
            "can't parse MessageEntity: Can't find field \"id\"",
        ),
        ({"link_preview_options": [1]}, "object expected as link preview options"),
        ({"message_thread_id": 5}, "message thread not found"),
    ],
)
async def test_what_breaks_a_rule_is_refused_in_the_services_words(
    hand: Client, rest: Rest, told: dict[str, Any], problem: str
) -> None:
    ana = await hand.private("Ana")
    answer = await rest("sendMessage", **{"chat_id": ana, "text": "x", **told})
    assert answer.problem == (400, f"Bad Request: {problem}")
    assert (await hand.counts())["sent"] == 0


async def test_the_most_that_is_allowed_is_taken(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    markup = under(*[[{**BUTTON, "callback_data": "x" * 64}]] * 50)
    sent = (await rest.say(ana, "😀" * 4096, reply_markup=markup)).result
    assert sent["text"] == "😀" * 4096
    assert sent["reply_markup"] == markup


async def test_entities_beyond_the_hundredth_are_passed_over(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    text = "a " * 120
    entities = [{"type": "bold", "offset": at * 2, "length": 1} for at in range(120)]
    assert len((await rest.say(ana, text, entities=entities)).result["entities"]) == 100


async def test_who_is_mentioned_must_be_known(hand: Client, rest: Rest) -> None:
    ana, ben = await hand.private("Ana"), await hand.person("Ben", username=None)
    text = "Ana and Ben"
    spans = [(0, 3, ana), (8, 3, ben)]
    entities = [
        {"type": "text_mention", "offset": at, "length": size, "user": {"id": user}}
        for at, size, user in spans
    ]
    (mentioned,) = (await rest.say(ana, text, entities=entities)).result["entities"]
    assert mentioned["user"]["id"] == ana


async def test_blanks_around_go_and_entities_with_them(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    sent = (await rest.say(ana, "\n  hey you  \n", entities=bold(3, 5))).result
    assert (sent["text"], sent["entities"]) == ("hey you", bold(0, 5))


async def test_links_stand_as_the_service_writes_them(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    entities = [{"type": "text_link", "offset": 0, "length": 1, "url": "E.org"}]
    (given,) = (await rest.say(ana, "x", entities=entities)).result["entities"]
    text = '<a href="https://e.org/a?b">x</a> <a href="nowhere">y</a>'
    (parsed,) = (await rest.say(ana, text, parse_mode="HTML")).result["entities"]
    assert (given["url"], parsed["url"]) == ("http://e.org/", "https://e.org/a?b")


async def test_what_is_found_in_a_text_is_marked(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    text = "/task@waggle_bot #now @ana_lee me@e.org https://e.org/x. `"
    code = [{"type": "code", "offset": len(text) - 1, "length": 1}]
    sent = (await rest.say(ana, text, entities=code)).result
    kinds = [one["type"] for one in sent["entities"]]
    assert kinds == ["bot_command", "hashtag", "mention", "email", "url", "code"]


async def test_to_whom_the_bot_may_write(bot: Bot, hand: Client) -> None:
    ana, ben = await hand.person("Ana"), await hand.person("Ben", username=None)
    other = await hand.person("Robot", bot=True)
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(ana, "hello")
    club = await hand.group("Club", ana, ben, other)
    await hand.command(club, ana, "hello")
    await hand.do("join", chat=club, user=await hand.person("Cem"), by=other)
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(ana, "hello")
    with pytest.raises(Forbidden, match="the bot can't send messages to the bot"):
        await bot.send_message(other, "hello")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(ben, "hello")  # nothing of theirs has reached the bot
    await hand.say(ana, ana, "/start")
    await bot.send_message(ana, "hello")
    await hand.block(ana)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(ana, "hello")
    with pytest.raises(ValueError):
        await hand.say(ana, ana, "hello?")
    await hand.unblock(ana)
    await bot.send_message(ana, "hello again")
    statuses = [one["status"] for one in await hand.wait("member", count=3, user=BOT)]
    assert statuses == ["member", "kicked", "member"]


async def test_replies_and_their_quotes(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    said = await hand.say(ana, ana, "first, second")
    sent = await rest.say(ana, reply_parameters={"message_id": said, "quote": "second"})
    assert sent.result["quote"] == {"text": "second", "position": 7, "is_manual": True}
    late = {"message_id": said, "quote": "s", "quote_position": 9}
    assert (await rest.say(ana, reply_parameters=late)).result["quote"]["position"] == 7
    answer = await rest.say(ana, reply_parameters={"message_id": said, "quote": "third"})
    assert answer.problem == (400, "Bad Request: QUOTE_TEXT_INVALID")
    gone = {"message_id": 999, "allow_sending_without_reply": True}
    assert "reply_to_message" not in (await rest.say(ana, reply_parameters=gone)).result
    theirs = await hand.say(ana, ana, "what", reply_to=sent.result["message_id"], quote="ell")
    update = (await rest.updates())[-1]["message"]
    assert (update["message_id"], update["quote"]["position"]) == (theirs, 1)
    # What is replied to is shown without what that replies to.
    assert "reply_to_message" not in update["reply_to_message"]
