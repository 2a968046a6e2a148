"""What was said while nobody was there, when more than that goes wrong."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.discord.bench import QUICK, Bench, bench
from tests.discord.disconnects import answers
from tests.discord.test_asking import echo
from tests.discord.virtual import by_the_loop, fakes_time, hours, in_hours
from tests.fakes.discord.threads import make
from tests.worlds import Custom

HOURS: dict[str, Any] = {"heartbeat_interval": 10**9}


async def away(at: Bench, *said: str) -> None:
    """Discord is away for a while, in which Ben says this, and knows the session no longer. Ends
    when the bot signs on."""
    await at.hand.settings(down=True)
    await at.hand.do("forget_sessions")
    await at.hand.do("cut")
    await asyncio.sleep(20)
    for text in said:
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> {text}")
    await asyncio.sleep(20)
    since = await at.hand.now()
    await at.hand.settings(down=False)
    while True:
        record = await at.hand.record(since, wait=60.0)
        if any(each["kind"] == "identify" for each in record):
            return
        since += len(record)


async def reads(at: Bench, since: int = 0) -> int:
    """How often a channel's messages were asked for."""
    record = await at.hand.record(since)
    return sum(each.get("operation") == "list_messages" for each in record)


def thread(at: Bench, name: str) -> str:
    """One that Ben has opened in the channel."""
    world = at.fake.service.world
    channel, number = world.channels[at.channel], world.clock.snowflake()
    return str(make(at.fake.service, channel, number, {"name": name}, 11)["id"])


async def archive(at: Bench, *threads: str) -> None:
    for each in threads:
        await at.hand.do("thread", thread=each, archived=True)


@hours
async def test_talk_that_is_heard_before_it_has_read_on_hides_nothing(tmp_path: Path) -> None:
    slowly = replace(QUICK, guilds=20.0)
    async with in_hours(tmp_path, Custom(echo), pace=slowly) as (at, _):
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> one")
        await asyncio.sleep(60)
        await away(at, "two")
        await asyncio.sleep(5)
        await at.hand.say(at.channel, at.ana, "talk among people")
        await asyncio.sleep(600)
        found = answers(at)
    assert sorted(found) == ["one", "two"]


FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 500, "count": 7},
    {"kind": "limit", "retry_after": 2.0, "count": 7},
    {"kind": "before", "count": 7},
)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["kind"])
@hours
async def test_what_cannot_be_read_is_read_later(tmp_path: Path, fault: dict[str, Any]) -> None:
    async with in_hours(tmp_path, Custom(echo)) as (at, _):
        other = await at.hand.channel(at.guild, "other")
        for channel in (at.channel, other):
            await at.hand.say(channel, at.ben, f"<@{at.bot}> one")
        await asyncio.sleep(60)
        await at.hand.fault(**fault, operation="list_messages", channel=at.channel)
        await away(at, "two")
        await asyncio.sleep(400)
        await at.hand.say(other, at.ben, f"<@{at.bot}> three")
        await asyncio.sleep(400)
        found = answers(at)
    assert sorted(found) == ["one", "one", "three", "two"]


@pytest.mark.parametrize("same", [False, True], ids=["elsewhere", "there"])
@hours
async def test_what_could_not_be_read_is_read_by_the_next_process(
    tmp_path: Path, same: bool
) -> None:
    async with bench(tmp_path, fakes_time(), **HOURS) as at:
        async with at.on_discord(Custom(echo), **by_the_loop()):
            await at.hand.say(at.channel, at.ben, f"<@{at.bot}> one")
            await asyncio.sleep(60)
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> two")
        other = await at.hand.channel(at.guild, "other")
        await at.hand.fault("status", status=500, operation="list_messages", channel=at.channel)
        async with at.on_discord(Custom(echo), **by_the_loop()):
            await asyncio.sleep(120)
            spoken_in = at.channel if same else other
            await at.hand.say(spoken_in, at.ben, f"<@{at.bot}> three")
            await asyncio.sleep(60)
        await at.hand.mend()
        async with at.on_discord(Custom(echo), **by_the_loop()):
            await asyncio.sleep(60)
        found = answers(at)
    assert sorted(found) == ["one", "three", "two"]


@hours
async def test_a_server_out_of_order_is_read_on_when_it_comes_later(tmp_path: Path) -> None:
    async with bench(tmp_path, fakes_time(), **HOURS) as at:
        hive = await at.hand.guild("Elsewhere")
        busy = await at.hand.channel(hive)
        await at.hand.do("member", guild=hive, user=at.ben, roles=[])
        async with at.on_discord(Custom(echo), **by_the_loop()):
            for channel in (at.channel, busy):
                await at.hand.say(channel, at.ben, f"<@{at.bot}> one")
            await asyncio.sleep(60)
        quiet = await at.hand.channel(at.guild, "quiet")
        await at.hand.say(quiet, at.ben, f"<@{at.bot}> two")
        await at.hand.do("outage", guild=at.guild)
        at.told.clear()
        # It is not forgotten by a process that begins and ends meanwhile, either.
        async with at.on_discord(Custom(echo), **by_the_loop()):
            await asyncio.sleep(60)
            await at.hand.say(busy, at.ben, f"<@{at.bot}> three")
            await asyncio.sleep(60)
        async with at.on_discord(Custom(echo), **by_the_loop()):
            await asyncio.sleep(10)
            await at.hand.do("outage", guild=at.guild, over=True)
            await asyncio.sleep(60)
        found = answers(at)
        told = [notice.text for notice in at.told]
    assert sorted(found) == ["one", "one", "three", "two"]
    assert all("Elsewhere" in text and "in ," not in text for text in told)


@hours
async def test_nothing_from_before_an_invitation_is_read(tmp_path: Path) -> None:
    async with in_hours(tmp_path, Custom(echo)) as (at, _):
        old = await at.hand.guild("Old", invited=False)
        await at.hand.do("member", guild=old, user=at.ben, roles=[])
        channel = await at.hand.channel(old)
        for n in range(3):
            await at.hand.say(channel, at.ben, f"<@{at.bot}> number {n}")
        await asyncio.sleep(3600)
        since = await at.hand.now()
        await at.hand.do("invite", guild=old)
        await asyncio.sleep(60)
        assert await reads(at, since) == 0
        await at.hand.say(channel, at.ben, f"<@{at.bot}> now")
        await asyncio.sleep(60)
        found = answers(at)
    assert found == ["now"]


@hours
async def test_of_archived_threads_only_those_are_read_in_which_something_was_said(
    tmp_path: Path,
) -> None:
    async with bench(tmp_path, fakes_time(), **HOURS) as at:
        async with at.on_discord(Custom(echo), **by_the_loop()):
            old = [thread(at, f"thread {n}") for n in range(6)]
            for each in old:
                await at.hand.say(each, at.ben, f"<@{at.bot}> one")
            await asyncio.sleep(60)
            await at.hand.say(at.channel, at.ana, "talk among people")
            await archive(at, *old)
        await at.hand.say(old[2], at.ben, f"<@{at.bot}> two")
        await archive(at, old[2])
        await asyncio.sleep(60)
        since = await at.hand.now()
        async with at.on_discord(Custom(echo), **by_the_loop()):
            await asyncio.sleep(60)
        found, asked = answers(at), await reads(at, since)
    assert sorted(found) == ["one"] * 6 + ["two"]
    # The channel and that thread to read on, and the thread for what a worker is given along.
    assert asked == 3


@pytest.mark.parametrize("kind", [1, 4, 6])
async def test_what_discord_says_in_the_name_of_a_person_is_no_question(
    tmp_path: Path, kind: int
) -> None:
    async with bench(tmp_path) as at, at.on_discord(Custom(echo)) as swarm:
        said = await at.hand.dm(at.ben, "hello")
        await at.posted(2, said["channel_id"])
        world = at.fake.service.world
        number = world.clock.snowflake()
        event = {**said, "id": number, "type": kind, "content": "a new name"}
        await at.hand.do("dispatch", event="MESSAGE_CREATE", data=event)
        said = await at.hand.dm(at.ben, "hello again")
        await at.posted(4, said["channel_id"])
        texts = [task.text for task in await swarm.views.listing()]
    assert sorted(texts) == ["hello", "hello again"]
