"""`docs/telegram.md` is literally true: its commands and answers, from a token to an answer."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.programs import environment, start, waggle
from tests.cli.talking import Talk, talking
from tests.e2e.chat_lives import a_fake
from tests.fakes.telegram import TOKEN, Client
from tests.project.tree import ROOT

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Page:
    """What the page tells to type: in a shell, step by step, with the answers to `init` between; in
    the chat with the bot; and in a shell again, to look whether something is missing."""

    init: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    up: tuple[str, ...]
    pair: tuple[str, ...]
    link: str
    sign: str
    asks: tuple[tuple[str, str], ...]
    looks: tuple[tuple[str, ...], ...]


def read() -> Page:
    text = (ROOT / "docs" / "telegram.md").read_text(encoding="utf-8")
    steps = text.split("## Set it up", 1)[1].split("\n## ", 1)[0]
    looking = text.split("## When something is missing", 1)[1].split("\n## ", 1)[0]
    answers = tuple(re.findall(r"^\| `([^`]+)` \| (.+) \|$", steps, re.MULTILINE))
    init, up, pair = shell(steps)
    (link,) = re.findall(r"It prints a link like `([^`]+)`\. Open it and press \*Start\*", steps)
    (sign,) = re.findall(r"It says\s`([^`]+)`", steps)
    (ask,) = re.findall(r"In the chat with the bot:\n\n```\n(/.+)\n```", steps)
    (answer,) = re.findall(r"It answers `([^`]+)`", steps)
    others = tuple(re.findall(r"`(/\w+)` answers\s`([^`]+)`", steps))
    asks = (ask, answer), *others
    return Page(init, answers, up, pair, link, sign, asks, tuple(shell(looking)))


def shell(text: str) -> list[tuple[str, ...]]:
    blocks = "".join(re.findall(r"```sh\n(.+?)```", text, re.DOTALL))
    return [tuple(shlex.split(line)) for line in re.findall(r"^\./waggle (.+)$", blocks, re.M)]


def follow(page: Page, talk: Talk) -> None:
    for asked, told in page.answers:
        talk.asked(asked)
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


def like(link: str) -> str:
    """What matches a link of the page, whose bot and code are examples."""
    before, _, code = link.partition("?start=")
    shape = re.sub(r"[0-9A-Z]", "[0-9A-Z]", code)
    return re.escape(before.replace("your_bot", "waggle_bot")) + rf"\?start=({shape})\b"


@asynccontextmanager
async def started(folder: Path, words: tuple[str, ...], hand: Client) -> AsyncIterator[None]:
    """The swarm, from when it asks for what is new; ended on leaving."""
    up = await asyncio.to_thread(start, folder, *words, env=environment())
    try:
        await hand.wait("waiting")
        yield
    finally:
        up.terminate()
        await asyncio.to_thread(up.communicate)


async def look(page: Page, folder: Path) -> str:
    """What the page has somebody look at finds nothing missing. Returns all that was said."""
    env = environment()
    done = [await asyncio.to_thread(waggle, folder, *words, env=env) for words in page.looks]
    assert [each.returncode for each in done] == [0, 0], done
    shown, doctor = (" ".join(each.stdout.split()) for each in done)
    assert "https://t.me/waggle_bot?startgroup=true" in shown
    assert "privacy mode is on" in shown
    assert "(@waggle_bot)" in doctor
    return "".join(each.stdout + each.stderr for each in done)


async def test_a_newcomer_who_follows_the_page_to_its_end_is_answered(tmp_path: Path) -> None:
    page = read()
    assert (page.init, page.up) == (("init",), ("up", "--headless"))
    assert [typed for typed, _ in page.asks] == ["/ask standup", "/status"]

    def set_up() -> str:
        with talking(tmp_path, *page.init, env=environment()) as talk:
            follow(page, talk)
            return talk.all

    async with a_fake("telegram", 7) as url, Client.at(url) as hand:
        (tmp_path / "waggle.yaml").write_text(f"telegram:\n  base_url: {url}\n")
        all_said = await asyncio.to_thread(set_up)
        assert "https://t.me/waggle_bot?start=" in all_said
        ana = await hand.person("Ana")
        async with started(tmp_path, page.up, hand):
            paired = await asyncio.to_thread(waggle, tmp_path, *page.pair, env=environment())
            assert paired.returncode == 0, paired
            code = re.search(like(page.link), paired.stdout)
            assert code, paired.stdout
            # What a client sends when such a link is opened and *Start* is pressed.
            await hand.say(ana, ana, f"/start {code[1]}")
            await hand.until(ana, page.sign)
            for typed, words in page.asks:
                since = await hand.now()
                await hand.say(ana, ana, typed)
                await hand.until(ana, words, since=since)
            all_said += paired.stdout + paired.stderr + await look(page, tmp_path)
        # And when it does not run. Somebody has written meanwhile, so that nobody waits whether
        # another program listens.
        await hand.say(ana, ana, "/help")
        all_said += await look(page, tmp_path)
    assert TOKEN not in all_said
