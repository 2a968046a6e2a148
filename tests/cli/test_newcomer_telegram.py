"""`docs/telegram.md` is literally true: its commands and answers, from a token to a code."""

from __future__ import annotations

import asyncio
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.programs import environment, waggle
from tests.cli.talking import Talk
from tests.cli.test_init_telegram import father
from tests.fakes.telegram import TOKEN
from tests.project.tree import ROOT

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Page:
    """What the page tells to type in a shell, step by step, the answers to `init`, and what looks
    whether something is missing."""

    init: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]
    up: tuple[str, ...]
    pair: tuple[str, ...]
    looks: tuple[tuple[str, ...], ...]


def read() -> Page:
    text = (ROOT / "docs" / "telegram.md").read_text(encoding="utf-8")
    steps = text.split("## Set it up", 1)[1].split("\n## ", 1)[0]
    looking = text.split("## When something is missing", 1)[1].split("\n## ", 1)[0]
    answers = tuple(re.findall(r"^\| `([^`]+)` \| (.+) \|$", steps, re.MULTILINE))
    init, up, pair = shell(steps)
    return Page(init, answers, up, pair, tuple(shell(looking)))


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


async def test_a_newcomer_who_follows_the_page_gets_a_code_and_nothing_is_missing(
    tmp_path: Path,
) -> None:
    page = read()
    assert (page.init, page.up) == (("init",), ("up", "--headless"))
    async with father(tmp_path) as at:
        said = await at.talk(lambda talk: follow(page, talk))
        assert "https://t.me/waggle_bot?start=" in said
        # Somebody has written already, so that nobody waits whether another program listens.
        await at.hand.private("Ana")
        env = environment()
        paired = await asyncio.to_thread(waggle, tmp_path, *page.pair, env=env)
        link = r"https://t\.me/waggle_bot\?start=[0-9A-Z]{4}-[0-9A-Z]{4}"
        assert re.search(link, paired.stdout), paired.stdout
        looked = [await asyncio.to_thread(waggle, tmp_path, *w, env=env) for w in page.looks]
    assert [done.returncode for done in (paired, *looked)] == [0, 0, 0]
    shown, doctor = (" ".join(done.stdout.split()) for done in looked)
    assert "https://t.me/waggle_bot?startgroup=true" in shown
    assert "privacy mode is on" in shown
    assert "(@waggle_bot)" in doctor
    assert TOKEN not in "".join(done.stdout + done.stderr for done in (paired, *looked))
