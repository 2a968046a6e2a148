"""Rate limits, lost answers and everything else that is not the bot's fault."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from tests.fakes.discord import Client, FakeDiscord
from tests.fakes_discord.bot import Bot, running
from tests.fakes_discord.rest import Rest, asked, place


async def test_a_bucket_is_told_and_refuses_when_it_is_empty(hand: Client, rest: Rest) -> None:
    _, channel, _ = await place(hand)
    await hand.settings(buckets={"create_message": [2, 60]})
    path, body = f"/channels/{channel}/messages", {"content": "x"}
    first, second, third, fourth = [await rest("POST", path, body) for _ in range(4)]
    assert [a.headers["X-RateLimit-Remaining"] for a in (first, second)] == ["1", "0"]
    assert first.headers["X-RateLimit-Bucket"] == third.headers["X-RateLimit-Bucket"]
    assert (third.status, third.headers["X-RateLimit-Scope"]) == (429, "user")
    assert 59 < third.body["retry_after"] <= 60
    assert third.body["global"] is False
    counts = await hand.counts()
    assert (counts["refused_429"], counts["inside_retry_after"]) == (2, 1)
    assert fourth.status == 429
    await hand.advance(60)
    assert (await rest("POST", path, body)).status == 200


async def test_channels_have_buckets_of_their_own(hand: Client, rest: Rest) -> None:
    guild, channel, _ = await place(hand)
    other = await hand.channel(guild, "other")
    await hand.settings(buckets={"create_message": [1, 60]})
    for one in (channel, other):
        assert (await rest("POST", f"/channels/{one}/messages", {"content": "x"})).status == 200


async def test_each_interaction_is_limited_by_itself(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    await hand.settings(buckets={"create_interaction_response": [1, 60]})
    for _ in range(2):
        interaction, token = await asked(fake, hand, rest)
        assert (await rest.callback(interaction, token, {"type": 5})).status == 204
        assert (await rest.callback(interaction, token, {"type": 5})).status == 429


async def test_fifty_requests_a_second_are_the_most(hand: Client, rest: Rest) -> None:
    await hand.settings(global_limit=3)
    answers = [await rest("GET", "/users/@me") for _ in range(4)]
    assert [a.status for a in answers] == [200, 200, 200, 429]
    assert answers[3].body["global"] is True
    assert answers[3].headers["X-RateLimit-Global"] == "true"


async def test_the_sdk_waits_out_a_429(fake: FakeDiscord, hand: Client) -> None:
    _, channel, _ = await place(hand)
    bot = Bot()
    async with running(fake, bot):
        for shape in ({}, {"everywhere": True}, {"shared": True}):
            await hand.fault(
                "limit", operation="create_message", count=1, retry_after=0.02, **shape
            )
            await bot.get_partial_messageable(int(channel)).send("patient")
    counts = await hand.counts()
    assert (counts["created"], counts["inside_retry_after"]) == (3, 0)
    assert (counts["refused_429"], counts["invalid_requests"]) == (3, 2)


async def test_too_many_invalid_requests_are_banned_by_the_edge(hand: Client, rest: Rest) -> None:
    await hand.settings(invalid_most=3)
    for _ in range(3):
        answer = await rest("GET", "/users/@me", headers={"Authorization": "Bot wrong"})
        assert answer.status == 401
    banned = await rest("GET", "/users/@me")
    assert banned.status == 429
    assert "Via" not in banned.headers
    assert isinstance(banned.body, str)
    await hand.advance(601)
    assert (await rest("GET", "/users/@me")).status == 200


async def test_what_was_done_but_not_answered_was_done(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    _, channel, _ = await place(hand)
    bot = Bot()
    async with running(fake, bot):
        where = bot.get_partial_messageable(int(channel))
        for fault, done in (("before", 0), ("lost", 1)):
            at = await hand.now()
            await hand.fault(fault, operation="create_message", count=1)
            with pytest.raises((aiohttp.ClientError, OSError)):
                await where.send("once", nonce=f"n-{fault}")
            created = [one for one in await hand.record(at) if one["kind"] == "create"]
            assert len(created) == done
            message = await where.send("once", nonce=f"n-{fault}")
            assert message.content == "once"
        # Within the body of an answer too.
        await hand.fault("lost", operation="create_message", count=1, bytes=90)
        with pytest.raises((aiohttp.ClientError, OSError)):
            await where.send("cut", nonce="cut")
    assert (await hand.counts())["created"] == 3


async def test_a_told_status_a_page_and_a_hang(hand: Client, rest: Rest) -> None:
    _, channel, _ = await place(hand)
    path = f"/channels/{channel}/messages"
    await hand.fault("status", operation="create_message", status=403, code=50013, count=1)
    answer = await rest("POST", path, {"content": "x"})
    assert (answer.status, answer.code) == (403, 50013)
    await hand.fault("page", operation="create_message", status=502, count=1)
    answer = await rest("POST", path, {"content": "x"})
    assert (answer.status, answer.body[:6]) == (502, "<html>")
    assert await hand.messages(channel) == []
    await hand.fault("hang", operation="create_message", count=1, done=True)
    hanging = asyncio.create_task(rest("POST", path, {"content": "x"}))
    await hand.wait("create")
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert len(await hand.messages(channel)) == 1


async def test_chance_goes_by_the_seed(hand: Client, rest: Rest) -> None:
    async def storm() -> list[int]:
        await hand.do("mend", seed=3)
        await hand.fault("status", status=500, probability=0.5)
        return [(await rest("GET", "/users/@me")).status for _ in range(12)]

    first = await storm()
    assert set(first) == {200, 500}
    assert await storm() == first


async def test_faults_that_are_none_are_refused(hand: Client) -> None:
    for wrong in ({"kind": "rain"}, {"kind": "limit", "status": 3}):
        with pytest.raises(ValueError):
            await hand.do("fault", **wrong)
    with pytest.raises(ValueError):
        await hand.settings(unknown=1)


async def test_unknown_routes_and_broken_bodies_have_their_errors(rest: Rest) -> None:
    assert (await rest("GET", "/nothing/here")).body == {"message": "404: Not Found", "code": 0}
    broken = await rest(
        "POST",
        "/users/@me/channels",
        data="{",
        headers={"Content-Type": "application/json"},
    )
    assert broken.code == 50109
    assert (await rest("GET", "/channels/abc")).wrong("channel_id") == ["NUMBER_TYPE_COERCE"]


async def test_the_sdk_sees_a_refusal_as_its_own_error(fake: FakeDiscord, hand: Client) -> None:
    guild, channel, _ = await place(hand)
    bot = Bot()
    async with running(fake, bot):
        where = bot.get_partial_messageable(int(channel))
        with pytest.raises(discord.HTTPException, match="Must be 2000 or fewer in length"):
            await where.send("x" * 2001)
        await hand.do("overwrite", channel=channel, target=guild, deny=["SEND_MESSAGES"])
        with pytest.raises(discord.Forbidden):
            await where.send("x")
