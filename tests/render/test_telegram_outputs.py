"""Whatever a model says is taken by Telegram, and all of it arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.messages import Messages
from tests.fakes.telegram import Client, FakeTelegram
from tests.fakes.telegram.fixtures import fake, hand
from tests.render.outputs import output
from tests.render.telegram_posts import Posts, said

__all__ = ["fake", "hand"]
SAY = Messages.load(strict=True)


@pytest.fixture
async def posts(fake: FakeTelegram, hand: Client) -> AsyncIterator[Posts]:
    ana = await hand.private("Ana")
    async with aiohttp.ClientSession() as session:
        yield Posts(session, fake.url, ana)


@pytest.mark.parametrize("seed", range(0, 200, 20))
async def test_what_a_model_says_is_taken_and_arrives_whole(posts: Posts, seed: int) -> None:
    for n in range(seed, seed + 20):
        one = await said(posts, output(n), SAY)
        assert not one.problem, (n, one.kind, one.problem)


@pytest.mark.parametrize(
    "markdown",
    [
        "[<https://a.example>](https://b.example)",
        "[![p](https://a.example/p.png)](https://b.example)",
        "<https://a.example><https://a.example>",
        "[x](ftp://x)",
        "http://localhost:8000/x and [here](http://localhost)",
        "http://a.example:/ and http://a.example:080/x",
        "```\n\tif x:\n\t\ty\n```\na\tb",
        "A\u030angstro\u0308m, x\u030a, a\u0333, b\u033f",
        "\u2800",
        "```\n\u2800\n```",
        "````\n```\n" + "line\n" * 1500 + "```\n````",
        "` ` and **\u00a0** and *\u3000*",
        "#tag " * 90 + "**bold** " * 90,
        " ".join(f"[w](https://docs.example.org/{n}/{'x' * 100})" for n in range(90)),
        "\n".join("> " + "quoted " * 40 for _ in range(40)),
        "😀" * 3000,
        "word" * 5000,
    ],
)
async def test_what_was_once_refused_or_lost_is_not(posts: Posts, markdown: str) -> None:
    one = await said(posts, markdown, SAY)
    assert not one.problem, (one.kind, one.problem)
