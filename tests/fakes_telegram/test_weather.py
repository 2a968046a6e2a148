"""Limits, lost answers and everything else that is not the bot's fault."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Bot
from telegram.error import NetworkError, RetryAfter

from tests.fakes.telegram import Client
from tests.fakes_telegram.rest import Rest

HOUR = 3600


async def test_a_refusal_lasts_as_long_as_it_says(bot: Bot, hand: Client, rest: Rest) -> None:
    ana, ben = await hand.private("Ana"), await hand.private("Ben")
    await hand.fault("limit", method="sendMessage", chat=ana, retry_after=HOUR, count=1)
    with pytest.raises(RetryAfter) as told:
        await bot.send_message(ana, "hello")
    assert told.value._retry_after.total_seconds() == HOUR
    again = await rest.say(ana)
    assert again.status == 429
    assert again.headers["Retry-After"] == str(again.body["parameters"]["retry_after"])
    assert (
        again.body["description"]
        == f"Too Many Requests: retry after {again.headers['Retry-After']}"
    )
    assert (await rest.say(ben)).status == 200  # another chat
    assert (await rest("getMe")).status == 200
    await hand.advance(HOUR)
    assert (await rest.say(ana)).status == 200
    counts = await hand.counts()
    assert (counts["refused_429"], counts["inside_retry_after"]) == (2, 1)


async def test_a_refusal_may_be_for_everything(hand: Client, rest: Rest) -> None:
    ana, ben = await hand.private("Ana"), await hand.private("Ben")
    await hand.fault("limit", retry_after=HOUR, everywhere=True, count=1, method="sendMessage")
    assert (await rest.say(ana)).status == 429
    assert (await rest.say(ben)).status == 429
    assert (await rest("getMe")).status == 429
    await hand.advance(HOUR)
    assert (await rest.say(ben)).status == 200


async def test_the_figures_of_the_faq_are_an_option(hand: Client, rest: Rest) -> None:
    ana, ben = await hand.private("Ana"), await hand.private("Ben")
    club = await hand.group("Club", ben)
    await hand.settings(flood=True, per_chat=[1, HOUR], per_group=[20, HOUR])
    assert [(await rest.say(ana)).status for _ in range(2)] == [200, 429]
    assert (await rest("sendChatAction", chat_id=ana, action="typing")).status == 200
    await hand.settings(per_chat=[1000, HOUR], overall=[1000, HOUR])
    statuses = [(await rest.say(club)).status for _ in range(21)]
    assert statuses == [200] * 20 + [429]
    await hand.settings(overall=[23, HOUR])
    assert [(await rest.say(ben)).status for _ in range(3)] == [200, 200, 429]


async def test_what_was_done_but_not_answered_was_done(bot: Bot, hand: Client) -> None:
    ana = await hand.private("Ana")
    for fault, done in (("before", 0), ("lost", 1)):
        at = await hand.now()
        await hand.fault(fault, method="sendMessage", count=1)
        with pytest.raises(NetworkError):
            await bot.send_message(ana, fault)
        created = [one for one in await hand.record(at) if one["kind"] == "send"]
        assert len(created) == done
    await hand.fault("lost", method="sendMessage", count=1, bytes=90)
    with pytest.raises(NetworkError):
        await bot.send_message(ana, "cut")
    counts = await hand.counts()
    assert (counts["sent"], counts["methods"]["sendMessage"]) == (2, {"asked": 3, "done": 2})


async def test_a_told_status_a_page_and_a_hang(bot: Bot, hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    await hand.fault("status", method="sendMessage", status=500, count=1)
    assert (await rest.say(ana)).problem == (500, "Internal Server Error: told so")
    await hand.fault("page", method="sendMessage", status=502, count=1)
    with pytest.raises(NetworkError, match="502"):
        await bot.send_message(ana, "hello")
    assert (await hand.counts())["sent"] == 0
    await hand.fault("page", method="sendMessage", status=504, count=1, done=True)
    answer = await rest.say(ana)
    assert (answer.status, answer.body[:6]) == (504, "<html>")
    await hand.settings(down=True)
    assert (await rest("getMe")).status == 502
    await hand.settings(down=False)
    await hand.fault("hang", method="sendMessage", count=1, done=True)
    hanging = asyncio.create_task(rest.say(ana))
    await hand.wait("send", by=hand.bot, count=2)
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert (await hand.counts())["sent"] == 2


async def test_slow_answers_come(hand: Client, rest: Rest) -> None:
    ana = await hand.private("Ana")
    await hand.fault("late", method="sendMessage", count=1, seconds=0.01)
    await hand.fault("slow", method="sendMessage", count=1, seconds=0.01)
    assert [(await rest.say(ana)).status for _ in range(2)] == [200, 200]


async def test_chance_goes_by_the_seed(hand: Client, rest: Rest) -> None:
    async def storm() -> list[int]:
        await hand.do("mend", seed=3)
        await hand.fault("status", status=500, probability=0.5)
        return [(await rest("getMe")).status for _ in range(12)]

    first = await storm()
    assert set(first) == {200, 500}
    assert await storm() == first


async def test_what_cannot_be_done_is_refused(hand: Client) -> None:
    for wrong in ({"kind": "rain"}, {"kind": "limit", "status": 3}):
        with pytest.raises(ValueError):
            await hand.do("fault", **wrong)
    with pytest.raises(ValueError):
        await hand.settings(unknown=1)
    ana = await hand.person("Ana")
    with pytest.raises(ValueError):
        await hand.block(ana)
    with pytest.raises(ValueError):
        await hand.say(await hand.group("Club"), ana, "not in it")
