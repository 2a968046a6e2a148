"""`docs/discord.md` is literally true: its commands and answers, from a token to an answer."""

from __future__ import annotations

import asyncio
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.programs import environment, start
from tests.cli.talking import Talk
from tests.cli.test_init_discord import Portal, portal
from tests.fakes.discord import TOKEN
from tests.project.tree import ROOT

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Page:
    """What the page tells to type: two commands in a shell, the answers between, and one line
    in a channel."""

    init: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    up: tuple[str, ...]
    sign: str
    line: str


def read() -> Page:
    text = (ROOT / "docs" / "discord.md").read_text(encoding="utf-8")
    steps = text.split("## Set it up", 1)[1].split("\n## ", 1)[0]
    shell = re.findall(r"```sh\n\./waggle (.+)\n```", steps)
    assert len(shell) == 2
    (line,) = re.findall(r"```\n(/.+)\n```", steps)
    (sign,) = re.findall(r"It says `([^`]+)`", steps)
    answers = tuple(re.findall(r"^\| `([^`]+)` \| (.+) \|$", steps, re.MULTILINE))
    return Page(tuple(shlex.split(shell[0])), answers, tuple(shlex.split(shell[1])), sign, line)


def follow(at: Portal, page: Page, guild: str, talk: Talk) -> None:
    for asked, told in page.answers:
        talk.asked(asked)
        if "the link it shows" in told:
            assert "oauth2/authorize?client_id=" in talk.all
            at.do("invite", guild=guild)
        if "paste the token" in told:
            # The prompt ends here, and what is typed from there on is hidden.
            talk.asked("token:")
            talk.answer(TOKEN)
        elif "press Enter" in told:
            talk.asked("]")
            talk.answer("")
        else:
            assert told == "type your name"
            talk.answer("Ana")
    assert talk.ended() == 0


async def said_in(at: Portal, channel: str, words: str) -> list[dict[str, Any]]:
    """The messages of a channel, once one of them holds `words`."""
    while True:
        since = await at.hand.now()
        posted = await at.hand.messages(channel)
        if any(words in str(message) for message in posted):
            return posted
        assert await at.hand.record(since, wait=30), posted


async def test_a_newcomer_who_follows_the_page_gets_an_answer(tmp_path: Path) -> None:
    page = read()
    assert page.init == ("init",)
    async with portal(tmp_path) as at:
        guild = await at.hand.guild(invited=False)
        channel = await at.hand.channel(guild)
        await at.talk(lambda talk: follow(at, page, guild, talk))
        up = await asyncio.to_thread(start, tmp_path, *page.up, env=environment())
        try:
            assert up.stderr is not None
            while page.sign not in (said := await asyncio.to_thread(up.stderr.readline)):
                assert said, "it has ended"
            await at.hand.wait("commands")
            name, options = page.line.removeprefix("/").split(" ", 1)
            given = dict([options.split(": ", 1)])
            event = await at.hand.command(channel, at.owner, name, **given)
            await at.hand.answered(event)
            posted = await said_in(at, channel, "The last 24 hours")
        finally:
            up.terminate()
            await asyncio.to_thread(up.communicate)
    hello = posted[0]["content"]
    assert re.match("Hello, I am .* type `/", hello)
