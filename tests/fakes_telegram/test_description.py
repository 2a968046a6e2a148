"""The fake against the published description it carries."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.telegram import Client
from tests.fakes.telegram.methods import HANDLERS
from tests.fakes.telegram.schema import described, methods, odd, undocumented, wrong
from tests.fakes_telegram.rest import Rest
from tests.pictures import png


def test_every_described_method_is_served() -> None:
    assert set(HANDLERS) == set(methods())


def test_an_answer_of_ours_with_a_field_too_many_or_few_is_noticed() -> None:
    good = {"id": 1, "is_bot": True, "first_name": "Waggle"}
    assert undocumented("getMe", good) == []
    assert undocumented("getMe", {**good, "age": 3}) == ["getMe.age: not documented"]
    assert undocumented("getMe", {"id": 1, "is_bot": True}) == ["getMe.first_name: missing"]
    assert undocumented("getMe", {**good, "id": "1"}) == ["getMe.id: not Integer"]
    assert undocumented("getUpdates", [{"update_id": True}]) == [
        "getUpdates[0].update_id: not Integer"
    ]
    assert undocumented("deleteMessage", 1) == ["deleteMessage: not Boolean"]


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ({"chat_id": "@hive", "text": "x"}, []),
        ({"reply_parameters": '{"message_id": 1}'}, []),
        ({"reply_parameters": '{"message_id": "one"}'}, ["reply_parameters.message_id"]),
        ({"reply_parameters": '{"message_id": 1, "loud": true}'}, ["reply_parameters.loud"]),
        ({"message_thread_id": "x"}, ["message_thread_id"]),
        ({"protect_content": "1"}, ["protect_content"]),
        ({"entities": '{"type": "bold"}'}, ["entities"]),
        ({"reply_to_message_id": "4"}, ["reply_to_message_id"]),
    ],
)
def test_what_a_request_says_in_vain_is_noticed(told: dict[str, str], what: list[str]) -> None:
    assert [one.partition(":")[0] for one in odd("sendMessage", told)] == what


async def test_updates_carry_the_objects_that_are_described(hand: Client, rest: Rest) -> None:
    await rest.updates(allowed_updates=list(described()["types"]["Update"]["fields"])[1:])
    ana, ben = await hand.private("Ana", language="de"), await hand.person("Ben", username=None)
    hive = await hand.supergroup("Hive", ana, ben, forum=True, administrator=True)
    await hand.promote(hive, ben)
    topic = await hand.topic(hive, ana, "Digging")
    said = await hand.say(hive, ana, "hey #bee", topic=topic, forward_of=ben)
    await hand.say(hive, ben, "so", reply_to=said, quote="hey")
    await hand.say(hive, ben, "hidden", forward_of="Somebody")
    await hand.edit(hive, said, "hey there")
    await hand.react(hive, said, ben, "👍")
    await hand.photo(hive, ana, png(), topic=topic)
    await hand.voice(hive, ana)
    await hand.do("show", chat=hive, user=ana, what={"dice": {"emoji": "🎲", "value": 3}})
    await hand.say(hive, ana, "anonymous", behalf=hive)
    await hand.document(hive, ana, "a.txt", b"a", text="a file")
    rows = [[{"text": "b", "callback_data": "b"}]]
    sent = (await rest.say(hive, reply_markup={"inline_keyboard": rows})).result["message_id"]
    await hand.press(hive, sent, ben, "b")
    await rest("pinChatMessage", chat_id=hive, message_id=said)
    await hand.restrict(hive, ben, "can_send_messages")
    await hand.leave(hive, ben)
    await hand.block(ana)
    club = await hand.group("Club", ben)
    await hand.migrate(club)
    news = await hand.channel("News", ben)
    post = await hand.say(news, ben, "to all")
    await hand.edit(news, post, "to you all")
    updates: list[Any] = await rest.updates()
    kinds = {key for one in updates for key in one} - {"update_id"}
    assert kinds == set(described()["types"]["Update"]["fields"]) - {"update_id"}
    assert [found for one in updates if (found := wrong(one, "Update"))] == []
