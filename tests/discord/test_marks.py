"""Up to where a channel is done, as it stands on disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from discord.utils import time_snowflake

from bot.discord.marks import MARGIN, Marks
from tests.worlds import Noon, awake

HERE, THERE = 7, 8


@asynccontextmanager
async def marks(folder: Path) -> AsyncIterator[Marks]:
    """Of a process that has just signed on."""
    async with awake(folder, serve=False) as swarm:
        made = Marks(swarm)
        await made.missed()
        yield made


async def done(at: Marks, channel: int, message: int) -> None:
    assert at.begin(channel, message)
    await at.end(channel, message, meant=True)


async def on_disk(at: Marks) -> dict[int, int]:
    return {channel: seen.last for channel, seen in (await at.seen()).items()}


async def test_nothing_moves_before_it_is_known_where_something_is_left(tmp_path: Path) -> None:
    async with marks(tmp_path) as at:
        await done(at, HERE, 20)
        assert await on_disk(at) == {}
        await at.behind(at.gap, [THERE])
        assert await on_disk(at) == {HERE: 20}


async def test_a_channel_moves_when_what_is_left_in_it_has_begun(tmp_path: Path) -> None:
    async with marks(tmp_path) as at:
        await at.behind(at.gap, [HERE])
        await done(at, HERE, 20)
        assert at.begin(HERE, 10)
        assert await on_disk(at) == {}
        await at.begun(at.gap, HERE)
        assert await on_disk(at) == {HERE: 9}
        await at.end(HERE, 10, meant=True)
        assert await on_disk(at) == {HERE: 20}


async def test_what_was_left_again_holds_its_channel(tmp_path: Path) -> None:
    async with marks(tmp_path) as at:
        await at.behind(at.gap, [])
        assert at.begin(HERE, 10)
        at.leave(HERE, 10)
        await done(at, HERE, 20)
        assert await on_disk(at) == {}


async def test_what_was_found_for_an_earlier_session_moves_nothing(tmp_path: Path) -> None:
    async with marks(tmp_path) as at:
        before = at.gap
        await at.missed()
        await done(at, HERE, 20)
        await at.behind(before, [])
        await at.begun(before, HERE)
        assert await on_disk(at) == {}


async def test_the_first_session_of_all_knows_where_it_began_before_anything_is_said(
    tmp_path: Path,
) -> None:
    async with marks(tmp_path) as at:
        before = time_snowflake(Noon().now())
        assert 0 < await at.known() < before
        assert await at.begun_at(before + 10 * MARGIN) < before  # whatever was said since


async def test_the_first_thing_said_is_not_taken_for_what_was_said_before(tmp_path: Path) -> None:
    async with marks(tmp_path) as at:
        said = time_snowflake(Noon().now()) - 100 * MARGIN  # our clock is ahead of theirs
        await at.heard(said + 2)
        assert await at.begun_at(said + 1) < said
        assert await at.begun_at(time_snowflake(Noon().now())) < said  # put right once
