"""The gateway: sessions, resuming, and every way a connection ends."""

from __future__ import annotations

import json
import random
import zlib
from typing import Any

import aiohttp
import discord
import pytest
import zstandard

from tests.fakes.discord import TOKEN, Client, FakeDiscord
from tests.fakes.discord.client import PATIENCE
from tests.fakes_discord.bot import Bot, running
from tests.fakes_discord.rest import Rest, place

IDENTIFY: dict[str, Any] = {"token": TOKEN, "intents": 513, "properties": {}}


class Socket:
    """A gateway connection by hand."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse) -> None:
        self.ws = ws

    async def send(self, op: int, data: Any) -> None:
        await self.ws.send_str(json.dumps({"op": op, "d": data}))

    async def receive(self) -> dict[str, Any]:
        return json.loads(await self.ws.receive_str(timeout=PATIENCE))

    async def until(self, event: str) -> dict[str, Any]:
        while (got := await self.receive())["t"] != event:
            pass
        return got

    async def code(self) -> int | None:
        """How the server closes, after whatever it still says."""
        async for _ in self.ws:
            pass
        return self.ws.close_code


async def opened(fake: FakeDiscord, rest: Rest, query: str = "v=10&encoding=json") -> Socket:
    ws = await rest.session.ws_connect(f"{fake.url.replace('http', 'ws')}/?{query}")
    return Socket(ws)


@pytest.mark.parametrize(
    ("op", "data", "code"),
    [
        (2, {**IDENTIFY, "token": "wrong"}, 4004),
        (2, {**IDENTIFY, "intents": 1 << 30}, 4013),
        (2, {**IDENTIFY, "intents": 1 << 1}, 4014),
        (2, {**IDENTIFY, "shard": [3, 1]}, 4010),
        (2, "me", 4002),
        (3, {"status": "idle"}, 4003),
        (77, None, 4001),
        (6, {"token": "wrong", "session_id": "x", "seq": 1}, 4004),
        (1, "x" * 5000, 4002),
    ],
)
async def test_what_is_wrong_closes_with_its_code(
    fake: FakeDiscord, rest: Rest, op: int, data: object, code: int
) -> None:
    socket = await opened(fake, rest)
    assert (await socket.receive())["d"] == {"heartbeat_interval": 41250}
    await socket.send(op, data)
    assert await socket.code() == code


async def test_two_identifies_and_other_versions_are_refused(fake: FakeDiscord, rest: Rest) -> None:
    socket = await opened(fake, rest)
    await socket.send(2, IDENTIFY)
    await socket.send(2, IDENTIFY)
    assert await socket.code() == 4005
    assert await (await opened(fake, rest, "v=8&encoding=json")).code() == 4012


async def test_more_than_120_events_a_minute_are_too_many(fake: FakeDiscord, rest: Rest) -> None:
    socket = await opened(fake, rest)
    for _ in range(121):
        await socket.send(1, None)
    assert await socket.code() == 4008


@pytest.mark.parametrize("compress", ["", "zlib-stream", "zstd-stream"])
async def test_it_speaks_every_transport(fake: FakeDiscord, rest: Rest, compress: str) -> None:
    query = "v=10&encoding=json" + (f"&compress={compress}" if compress else "")
    socket = await opened(fake, rest, query)
    await socket.send(2, IDENTIFY)
    message = await socket.ws.receive()
    if compress == "zstd-stream":
        text = zstandard.ZstdDecompressor().decompressobj().decompress(message.data)
    elif compress:
        assert message.data.endswith(b"\x00\x00\xff\xff")
        text = zlib.decompressobj().decompress(message.data)
    else:
        text = message.data.encode()
    assert json.loads(text)["op"] == 10


async def test_without_the_intent_other_peoples_words_are_not_told(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    _, channel, ada = await place(hand)
    socket = await opened(fake, rest)
    await socket.send(2, IDENTIFY)
    await socket.until("GUILD_CREATE")
    await hand.say(channel, ada, "private")
    await hand.say(channel, ada, f"<@{fake.service.world.bot['id']}> for you")
    assert (await socket.until("MESSAGE_CREATE"))["d"]["content"] == ""
    assert "for you" in (await socket.until("MESSAGE_CREATE"))["d"]["content"]


async def test_a_resumed_session_is_told_what_it_missed(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    _, channel, ada = await place(hand)
    socket = await opened(fake, rest)
    await socket.send(2, {**IDENTIFY, "intents": 513 | 1 << 15})
    ready = await socket.until("READY")
    last = (await socket.until("GUILD_CREATE"))["s"]
    await hand.do("cut")
    assert await socket.code() in (None, 1006)
    for text in ("one", "two"):
        await hand.say(channel, ada, text)
    assert ready["d"]["resume_gateway_url"].endswith("/resume")
    again = await opened(fake, rest)
    resume = {"token": TOKEN, "session_id": ready["d"]["session_id"], "seq": last}
    await again.send(6, resume)
    missed = [await again.until("MESSAGE_CREATE") for _ in range(2)]
    assert [one["d"]["content"] for one in missed] == ["one", "two"]
    await again.until("RESUMED")
    assert (await hand.counts())["identifies"] == 1
    bad = await opened(fake, rest)
    await bad.send(6, {**resume, "seq": 999})
    assert await bad.code() == 4007


async def test_a_session_left_properly_cannot_be_resumed(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    socket = await opened(fake, rest)
    await socket.send(2, IDENTIFY)
    ready = await socket.until("READY")
    await socket.ws.close(code=1000)
    await hand.wait("session_ended")
    again = await opened(fake, rest)
    await again.receive()
    await again.send(6, {"token": TOKEN, "session_id": ready["d"]["session_id"], "seq": 1})
    assert await again.receive() == {"op": 9, "d": False, "t": None, "s": None}


async def test_too_many_starts_in_a_day_cost_the_token(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    await hand.settings(starts=2)
    for left in (1, 0):
        socket = await opened(fake, rest)
        await socket.send(2, IDENTIFY)
        await socket.until("READY")
        limit = (await rest("GET", "/gateway/bot")).body["session_start_limit"]
        assert limit["remaining"] == left
    socket = await opened(fake, rest)
    await socket.send(2, IDENTIFY)
    assert await socket.code() == 4004
    assert (await rest("GET", "/users/@me")).status == 401


async def test_starts_closer_than_the_window_get_an_invalid_session(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    await hand.settings(identify_window=5)
    first, second = await opened(fake, rest), await opened(fake, rest)
    for socket in (first, second):
        await socket.receive()
        await socket.send(2, IDENTIFY)
    assert (await first.receive())["t"] == "READY"
    assert await second.receive() == {"op": 9, "d": False, "t": None, "s": None}
    await hand.advance(5)
    await second.send(2, IDENTIFY)
    assert (await second.receive())["t"] == "READY"
    assert (await hand.counts())["identifies_too_soon"] == 1


# discord.py


async def test_the_sdk_resumes_and_hears_what_it_missed(fake: FakeDiscord, hand: Client) -> None:
    _, channel, ada = await place(hand)
    bot = Bot()
    async with running(fake, bot):
        for how in ("cut", "reconnect"):
            await hand.do(how)
            await hand.say(channel, ada, how)
            (message,) = await bot.until("message")
            assert isinstance(message, discord.Message)
            assert message.content == how
        counts = await hand.counts()
    assert counts["identifies"] == 1
    assert counts["resumes"] >= 1


async def test_the_sdk_resumes_after_a_cut_at_any_byte(fake: FakeDiscord, hand: Client) -> None:
    _, channel, ada = await place(hand)
    bot, chance = Bot(), random.Random(1)
    async with running(fake, bot):
        for after in (1, 2, 3, 4, 9, 30, 60, 150, 300):
            # Nothing that compresses well, so that the frame is longer than that.
            text = chance.randbytes(500).hex()
            at = await hand.now()
            await hand.do("cut", after=after)
            await hand.say(channel, ada, text)
            await hand.wait("resume", since=at)
            (message,) = await bot.until("message")
            assert isinstance(message, discord.Message)
            assert message.content == text
    assert (await hand.counts())["identifies"] == 1


async def test_an_invalid_session_is_started_anew(fake: FakeDiscord, hand: Client) -> None:
    await place(hand)
    bot = Bot()
    async with running(fake, bot):
        await hand.do("invalidate", resumable=True)
        await bot.until("resumed")
        await hand.do("invalidate", resumable=False)
        await bot.until("ready")
        await hand.do("hang_up", code=4000)
        await bot.until("resumed")
    counts = await hand.counts()
    assert (counts["identifies"], counts["resumes"]) == (2, 2)


async def test_a_refused_token_ends_the_sdk(fake: FakeDiscord, hand: Client) -> None:
    bot = Bot()
    await hand.settings(token="another")
    with pytest.raises(discord.LoginFailure):
        async with running(fake, bot):
            pass
    await bot.close()


async def test_a_privileged_intent_not_granted_ends_the_sdk(
    fake: FakeDiscord, hand: Client
) -> None:
    bot = Bot(discord.Intents(guilds=True, members=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        async with running(fake, bot):
            pass
    await bot.close()


async def test_a_connection_nobody_answers_is_noticed_and_resumed(
    fake: FakeDiscord, hand: Client
) -> None:
    await hand.settings(heartbeat_interval=50)
    bot = Bot()
    bot._connection.heartbeat_timeout = 0.1
    async with running(fake, bot):
        at, before = await hand.now(), (await hand.counts())["identifies"]
        await hand.do("zombie")
        await hand.wait("resume", since=at)
        await hand.do("zombie", on=False)
        # Before it was ready it may have begun anew, on a machine that was slow to beat.
        assert (await hand.counts())["identifies"] == before


async def test_guilds_come_go_and_change(fake: FakeDiscord, hand: Client) -> None:
    bot = Bot()
    async with running(fake, bot):
        guild = await hand.guild("Late")
        (joined,) = await bot.until("guild_join")
        assert isinstance(joined, discord.Guild)
        channel = await hand.channel(guild, "news")
        await bot.until("guild_channel_create")
        assert [one.name for one in joined.text_channels] == ["news"]
        role = await hand.role(guild, "keeper", "SEND_MESSAGES")
        await bot.until("guild_role_create")
        await hand.roles(guild, fake.service.world.bot["id"], role)
        await bot.until("member_update")
        assert [one.name for one in joined.me.roles] == ["@everyone", "keeper"]
        await hand.do("remove_channel", channel=channel)
        await bot.until("guild_channel_delete")
        await hand.do("outage", guild=guild)
        await bot.until("guild_unavailable")
        await hand.do("outage", guild=guild, over=True)
        await bot.until("guild_available")
        await hand.do("kick", guild=guild)
        await bot.until("guild_remove")
        assert list(bot.guilds) == []


async def test_edits_deletions_reactions_and_threads_are_told(
    fake: FakeDiscord, hand: Client
) -> None:
    _, channel, ada = await place(hand)
    bot = Bot()
    async with running(fake, bot):
        said = await hand.say(channel, ada, "one")
        (message,) = await bot.until("message")
        assert isinstance(message, discord.Message)
        await hand.do("edit", channel=channel, message=said, text="two")
        _, after = await bot.until("message_edit")
        assert isinstance(after, discord.Message)
        assert after.content == "two"
        await hand.do("react", channel=channel, message=said, user=ada, emoji="✅")
        (event,) = await bot.until("raw_reaction_add")
        assert isinstance(event, discord.RawReactionActionEvent)
        assert str(event.emoji) == "✅"
        thread = await after.create_thread(name="work")
        await bot.until("thread_create")
        await thread.send("begun")
        await thread.edit(archived=True)
        await bot.until("thread_update")
        await hand.do("delete", channel=channel, message=said)
        await bot.until("message_delete")


async def test_a_connection_can_be_refused_before_it_is_one(
    fake: FakeDiscord, hand: Client
) -> None:
    await hand.do("next_connections", faults=[{"close": 4000}])
    bot = Bot()
    async with running(fake, bot):
        counts = await hand.counts()
    assert counts["identifies"] == 1
    assert counts["connects"] > 1


async def test_a_connection_can_refuse_to_resume_or_tell_things_twice(
    fake: FakeDiscord, hand: Client
) -> None:
    _, channel, ada = await place(hand)
    bot = Bot()
    async with running(fake, bot):
        await hand.say(channel, ada, "once")
        await bot.until("message")
        await hand.do("next_connections", faults=[{"again": 1}, {"invalid": True}])
        await hand.do("cut")
        (message,) = await bot.until("message")
        assert isinstance(message, discord.Message)
        assert message.content == "once"
        await bot.until("resumed")
        await hand.do("cut")
        await bot.until("ready")
    assert (await hand.counts())["identifies"] == 2


async def test_while_the_service_is_down_nothing_is_taken(
    fake: FakeDiscord, hand: Client, rest: Rest
) -> None:
    await hand.settings(down=True)
    assert (await rest("GET", "/users/@me")).status == 503
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await opened(fake, rest)
    await hand.settings(down=False)
    assert (await rest("GET", "/users/@me")).status == 200
