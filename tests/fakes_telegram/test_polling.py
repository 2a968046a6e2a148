"""How updates are fetched."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Bot
from telegram.error import Conflict, InvalidToken

from tests.fakes.telegram import Client, FakeTelegram, sdk
from tests.fakes_telegram.rest import Rest


async def test_updates_come_in_order_and_go_when_they_are_confirmed(
    hand: Client, rest: Rest
) -> None:
    ana = await hand.private("Ana")
    for word in ("one", "two"):
        await hand.say(ana, ana, word)
    first, second, third = await rest.updates()
    assert [first["message"]["text"], third["message"]["text"]] == ["/start", "two"]
    ids = [one["update_id"] for one in (first, second, third)]
    assert ids == list(range(ids[0], ids[0] + 3))
    assert len(await rest.updates()) == 3  # nothing was confirmed
    assert [u["update_id"] for u in await rest.updates(offset=ids[1], limit=1)] == [ids[1]]
    assert len(await rest.updates()) == 2
    assert len(await rest.updates(offset=-1)) == 1
    assert await rest.updates(offset=ids[2] + 1) == []
    assert (await hand.counts())["pending"] == 0


async def test_an_offset_from_the_far_future_confirms_nothing(hand: Client, rest: Rest) -> None:
    await hand.private("Ana")
    (one,) = await rest.updates()
    assert await rest.updates(offset=one["update_id"] + 10_000) == [one]


async def test_a_long_poll_waits_for_the_next(hand: Client, rest: Rest) -> None:
    poll = asyncio.create_task(rest.updates(timeout=30))
    ana = await hand.private("Ana")
    assert [one["message"]["chat"]["id"] for one in await poll] == [ana]


async def test_a_second_poller_ends_the_first(fake: FakeTelegram, bot: Bot, hand: Client) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=30))
    await hand.wait("waiting")
    async with sdk.bot(fake.url) as other:
        second = asyncio.create_task(other.get_updates(timeout=30))
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first
        await hand.private("Ana")
        assert len(await second) == 1
    assert (await hand.counts())["conflicts"] == 1


async def test_only_kinds_that_were_asked_for_are_kept(hand: Client, rest: Rest) -> None:
    await rest.updates(allowed_updates=["callback_query"])
    ana = await hand.private("Ana")
    assert await rest.updates() == []  # not saying anything changes nothing
    await rest.updates(allowed_updates=[])
    said = await hand.say(ana, ana, "now")
    await hand.react(ana, said, ana, "👍")  # never told of unless asked for
    assert len(await rest.updates()) == 1
    await rest.updates(allowed_updates=["message_reaction"])
    await hand.react(ana, said, ana, "🔥")
    reaction = (await rest.updates())[-1]["message_reaction"]
    assert reaction["old_reaction"] == [{"type": "emoji", "emoji": "👍"}]
    assert reaction["new_reaction"] == [{"type": "emoji", "emoji": "🔥"}]


async def test_updates_are_kept_for_a_day_and_presses_for_less(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    rows = [[{"text": "b", "callback_data": "b"}]]
    sent = (await rest.say(ana, reply_markup={"inline_keyboard": rows})).result
    await hand.press(ana, sent["message_id"], ana, "b")
    await hand.advance(151)
    assert [list(one)[1] for one in await rest.updates()] == ["message"]
    await hand.advance(86400)
    assert await rest.updates() == []
    assert (await hand.counts())["expired"] == 2


async def test_after_a_quiet_week_ids_go_on_anywhere(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    (before,) = await rest.updates()
    following = (await hand.do("quiet_week"))["next"]
    await hand.say(ana, ana, "again")
    assert [one["update_id"] for one in await rest.updates()][-1] == following
    assert following != before["update_id"] + 1


async def test_tokens_are_known_or_not(bot: Bot, hand: Client, rest: Rest) -> None:
    malformed = await rest("getMe", token="12:short")
    assert malformed.problem == (404, "Not Found")
    unknown = await rest("getMe", token="12345:" + "A" * 35)
    assert unknown.problem == (401, "Unauthorized")
    poll = asyncio.create_task(rest("getUpdates", timeout=30))
    await hand.wait("waiting")
    await hand.do("revoke")
    assert (await poll).problem == (401, "Unauthorized")
    with pytest.raises(InvalidToken):
        await bot.get_me()


async def test_another_bot_is_in_another_world(hand: Client, rest: Rest) -> None:
    other = "7000000009:" + "B" * 35
    await hand.do("stranger", token=other)
    ana = await hand.private("Ana")
    assert (await rest("getMe", token=other)).result["id"] == 7000000009
    refused = await rest("sendMessage", token=other, chat_id=ana, text="hello")
    assert refused.problem == (400, "Bad Request: chat not found")
    assert (await rest("getUpdates", token=other)).result == []


async def test_parameters_come_in_four_ways_and_methods_in_any_case(
    hand: Client, rest: Rest
) -> None:
    ana = await hand.private("Ana")
    told = {"chat_id": str(ana), "text": "hello"}
    assert (await rest.raw("SENDmessage", params=told)).status == 200
    assert (await rest.raw("SENDmessage", data=told)).status == 200
    assert (await rest.raw("SENDmessage", json=told)).status == 200
    assert (await rest.raw("sendMessage", verb="GET", params=told)).status == 200
    assert (await rest("nothing")).problem == (404, "Not Found: method not found")
    assert (await hand.counts())["methods"]["sendMessage"] == {"asked": 4, "done": 4}


async def test_what_the_service_passes_over_is_counted(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    answer = await rest.say(ana, colour="red", disable_notification="perhaps")
    assert answer.status == 200
    await rest.say(ana, message_effect_id="5")
    assert [one["what"] for one in (await hand.counts())["odd"]] == [
        "colour: no such parameter",
        "disable_notification: not Boolean",
        "message_effect_id: the fake does nothing with it",
    ]
