"""Whatever a model says is taken by Telegram, and all of it arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.messages import Messages
from bot.render.telegram import render
from bot.reply import Reply, Text
from tests.fakes.telegram import Client, FakeTelegram
from tests.fakes.telegram.fixtures import fake, hand
from tests.render.arriving import lost
from tests.render.outputs import output
from tests.render.telegram_limits import acts
from tests.render.telegram_posts import Posts

__all__ = ["fake", "hand"]
SAY = Messages.load(strict=True)


@pytest.fixture
async def posts(fake: FakeTelegram, hand: Client) -> AsyncIterator[Posts]:
    ana = await hand.private("Ana")
    async with aiohttp.ClientSession() as session:
        yield Posts(session, fake.url, ana)


async def check(posts: Posts, markdown: str) -> None:
    made = render(Reply((Text(markdown),)), SAY)
    for message in made:
        assert not acts(message), (acts(message), markdown)
    seen = await posts.post(made)
    assert not seen.problem, (seen.problem, markdown)
    assert not (gone := lost(markdown, seen.texts, seen.files, seen.links)), (gone, markdown)


@pytest.mark.parametrize("seed", range(0, 200, 20))
async def test_what_a_model_says_is_taken_and_arrives_whole(posts: Posts, seed: int) -> None:
    for n in range(seed, seed + 20):
        await check(posts, output(n))
