"""The gateway under bad weather: cut, refused, silent, full of garbage. Each word counts once."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any

import pytest

from bot.discord.signons import Pace
from tests.discord.bench import bench
from tests.discord.disconnects import (
    CUTS,
    WEIGHTS,
    answers,
    weather,
)
from tests.discord.test_asking import echo
from tests.discord.virtual import hours, in_hours
from tests.worlds import Custom


@pytest.mark.slow
@hours
async def test_twenty_disconnects_lose_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(7)
    async with in_hours(tmp_path, Custom(echo)) as (at, swarm):
        cuts = [*CUTS, *chance.choices(CUTS, WEIGHTS, k=20 - len(CUTS))]
        where = [at.channel, await at.hand.channel(at.guild, "more")]
        asked = await weather(at, chance, cuts, where)
        tasks = await swarm.views.listing(most=1000)
        counts = await at.hand.counts()
    assert sorted(task.text or "" for task in tasks) == sorted(asked)
    assert sorted(answers(at)) == sorted(asked)
    # What would be said at once while the service is away is told by the answer alone.
    assert len(asked) < counts["created"] <= 2 * len(asked)
    assert counts["connects"] > 20


async def test_where_nobody_ever_spoke_to_it_a_mention_is_found_after_a_refused_session(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        other = await at.hand.channel(at.guild, "other")
        secret = await at.hand.channel(at.guild, "secret")
        everyone = {"target": at.guild, "deny": ["READ_MESSAGE_HISTORY"]}
        await at.hand.do("overwrite", channel=secret, **everyone)
        await at.hand.do("forget_sessions")
        await at.hand.do("next_connections", faults=[{"status": 503}])
        await at.hand.do("cut")
        for channel in (other, secret):
            await at.hand.say(channel, at.ben, f"<@{at.bot}> hello")
        await at.posted(2, other)
        (task,) = await swarm.views.listing()
        counts = await at.hand.counts()
    assert task.text == "hello"
    # What it may not read it does not try to.
    assert counts["invalid_requests"] == 0


async def test_an_event_that_comes_again_is_carried_out_once(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        asked = await at.hand.command(at.channel, at.ana, "stop", what="all")
        await at.hand.answered(asked)
        await at.hand.do("next_connections", faults=[{"again": 20}])
        await at.hand.do("reconnect")
        await at.hand.wait("resume")
        asked = await at.hand.command(at.channel, at.ana, "resume", what="all")
        await at.hand.answered(asked)
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> hello")
        await at.posted(2)
        stops = (await swarm.views.status()).stops
        counts = await at.hand.counts()
    assert stops == ()
    assert counts["answered_twice"] == counts["late"] == 0


@hours
async def test_a_gateway_that_throws_out_at_once_is_not_hammered(tmp_path: Path) -> None:
    async with in_hours(tmp_path, Custom(echo), pace=Pace()) as (at, _):
        await at.hand.do("next_connections", faults=[{"close": 4000}] * 40)
        began = await at.hand.now()
        await at.hand.do("cut")
        await asyncio.sleep(600)
        record = await at.hand.record(began)
        counts = await at.hand.counts()
    times = [entry["at"] for entry in record if entry["kind"] == "connect"]
    assert 20 < len(times) < 40
    assert times[-1] - times[0] > 500
    assert counts["identifies"] == 1


@pytest.mark.parametrize("garbage", ["no json", "no event", "no guild"])
async def test_garbage_ends_the_connection_and_not_the_surface(
    tmp_path: Path, garbage: str
) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)):
        since = await at.hand.now()
        match garbage:
            case "no json":
                await at.hand.do("garbage", text='{"op": 0, "t": ')
            case "no event":
                await at.hand.do("garbage", text=json.dumps([1, 2, 3]))
            case "no guild":
                await at.hand.do("dispatch", event="GUILD_CREATE", data={"name": "?"})
        await at.hand.wait("identify", since=since)
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> hello")
        *_, answer = await at.posted(2)
        told = [notice.text for notice in at.told]
    assert "You said: hello" in answer["content"]
    assert sum("is gone" in text for text in told) == 1


async def test_a_revoked_intent_is_done_without_from_the_next_sign_on(tmp_path: Path) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)):
        await at.hand.settings(privileged=0)
        since = await at.hand.now()
        await at.hand.do("forget_sessions")
        await at.hand.do("cut")
        await at.hand.wait("identify", count=2, since=since)
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> hello")
        *_, answer = await at.posted(2)
        told = [notice.text for notice in at.told]
    assert sum("Message Content Intent" in text for text in told) == 1
    assert "You said: hello" in answer["content"]


@pytest.mark.parametrize("how", ["4004", "401"])
async def test_a_changed_token_is_said_once_and_the_new_one_is_taken(
    tmp_path: Path, how: str
) -> None:
    new = "MTAw.new-token.for-tests-only"
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        since = await at.hand.now()
        await at.hand.settings(token=new)
        if how == "4004":
            await at.hand.do("hang_up", code=4004)
        else:
            await at.hand.say(at.channel, at.ben, f"<@{at.bot}> before")
        await at.until("DISCORD_TOKEN")
        refused = [r for r in await at.hand.requests() if r["status"] == 401]
        assert at.surface_of is not None
        at.surface_of.renew(new)
        await at.hand.wait("identify", since=since)
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> hello")
        await at.posted(3 if how == "401" else 2)
        told = [notice.text for notice in at.told]
        texts = [task.text for task in await swarm.views.listing()]
    assert len(refused) <= 1
    assert sum("DISCORD_TOKEN" in text for text in told) == 1
    assert not any(new in text for text in told)
    assert texts[0] == "hello"


@pytest.mark.slow
@hours
async def test_a_day_without_discord(tmp_path: Path) -> None:
    async with in_hours(tmp_path, Custom(echo)) as (at, swarm):
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> one")
        await at.posted(2)
        before = len(at.told)
        await at.hand.settings(down=True)
        await at.hand.do("forget_sessions")
        await at.hand.do("cut")
        since = await at.hand.now()
        await asyncio.sleep(43_000)
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> two")
        await asyncio.sleep(43_000)
        away = [notice.text for notice in at.told[before:]]
        refused = [e for e in await at.hand.record(since) if e["kind"] == "connection_refused"]
        requests = [e for e in await at.hand.record(since) if e["kind"] == "request"]
        await at.hand.settings(down=False)
        await asyncio.sleep(2 * 3600)
        tasks = await swarm.views.listing()
        counts = await at.hand.counts()
    assert [task.text for task in tasks] == ["one"]
    # Older than fifteen minutes: it stands in a list, to be pressed.
    assert counts["created"] == 3
    assert len(away) == 1
    assert 20 < len(refused) + len(requests) < 1000
    assert counts["identifies"] == 2
    assert "back" in at.told[-1].text


@hours
async def test_after_hours_of_outages_it_is_back_within_minutes(tmp_path: Path) -> None:
    async with in_hours(tmp_path, Custom(echo)) as (at, _):
        waited = list[float]()
        for minutes in (1, 20, 90):
            since = await at.hand.now()
            await at.hand.settings(down=True)
            await at.hand.do("cut")
            await asyncio.sleep(minutes * 60)
            await at.hand.settings(down=False)
            over = at.fake.service.world.clock.now()
            await asyncio.sleep(1200)
            record = await at.hand.record(since)
            back = [each["at"] for each in record if each["kind"] in ("resume", "identify")]
            waited.append(back[0] - over)
            refused = [each for each in record if each["kind"] == "connection_refused"]
            assert len(refused) < 10 + minutes
    assert max(waited) <= Pace().longest


async def test_hundreds_of_servers_at_once_are_no_storm_of_ours(tmp_path: Path) -> None:
    async with bench(tmp_path) as at:
        for n in range(200):
            await at.hand.guild(f"Guild {n}")
        only: dict[str, Any] = {"guilds": [at.guild]}
        async with at.on_discord(Custom(echo), discord=only):
            await at.hand.wait("commands")
            told = [notice.text for notice in at.told]
            for n in range(100):
                await at.hand.guild(f"Late {n}")
            await at.hand.say(at.channel, at.ben, f"<@{at.bot}> hello")
            *_, answer = await at.posted(2)
            counts = await at.hand.counts()
    assert "You said: hello" in answer["content"]
    assert any("196 more" in text for text in told)
    assert counts["command_writes"] == 1
    assert counts["refused_429"] == 0
