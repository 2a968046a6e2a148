"""`waggle init` about Telegram: a token, what the bot is shown, who the owner is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.programs import environment, waggle
from tests.cli.talking import Talk, talking
from tests.fakes.discord import TOKEN as OTHER
from tests.fakes.discord import serving as discord
from tests.fakes.telegram import TOKEN, Client, FakeTelegram, serving

pytestmark = pytest.mark.slow

WRONG = "123456:AAwrong-token-for-tests-only-0000000"


@dataclass
class Father:
    """A fake Telegram with its hand, which a thread may use too, and a folder to set up."""

    fake: FakeTelegram
    hand: Client
    folder: Path
    loop: asyncio.AbstractEventLoop

    def do(self, act: str, **told: Any) -> Any:
        """An act of the hand, from a thread."""
        return asyncio.run_coroutine_threadsafe(self.hand.do(act, **told), self.loop).result(60)

    def config(self, more: str = "") -> Path:
        file = self.folder / "waggle.yaml"
        file.write_text(f"telegram:\n  base_url: {self.fake.url}\n{more}")
        return file

    async def talk(self, follow: Callable[[Talk], None], **env: str) -> str:
        """What is said in a talk with `init`; `follow` is the person, in a thread."""

        def together() -> str:
            with talking(self.folder, "init", env=environment(**env)) as talk:
                follow(talk)
                return talk.all

        return await asyncio.to_thread(together)


@asynccontextmanager
async def father(folder: Path) -> AsyncIterator[Father]:
    async with serving() as fake, Client.at(fake.url) as hand:
        found = Father(fake, hand, folder, asyncio.get_running_loop())
        found.config()
        yield found
        assert fake.service.undocumented == []


def begin(talk: Talk) -> None:
    talk.asked("What are you called?")
    talk.answer("")
    talk.asked("Who serves models?")
    talk.answer("")


def token(talk: Talk, typed: str) -> None:
    talk.asked("A bot's token for Discord or Telegram")
    talk.asked("token:")
    talk.answer(typed)


def leave(talk: Talk) -> None:
    talk.asked("Most dollars a day?")
    talk.answer("")
    assert talk.ended() == 0


async def test_from_a_wrong_token_to_an_owner(tmp_path: Path) -> None:
    async with father(tmp_path) as at:

        def person(talk: Talk) -> None:
            begin(talk)
            token(talk, WRONG)
            talk.asked("Telegram refuses that token. Make a new one (https://t.me/BotFather")
            token(talk, TOKEN)
            talk.asked("(@waggle_bot)")
            talk.asked("https://t.me/waggle_bot?startgroup=true")
            talk.asked("Privacy mode is on")
            talk.asked("[pair]")
            talk.answer("@ana")
            talk.asked("the number of an account")
            talk.asked("[pair]")
            talk.answer("80351110")
            leave(talk)

        said = await at.talk(person)
        asked = {entry["method"] for entry in at.fake.service.requests}
    assert TOKEN not in said
    assert WRONG not in said
    assert asked == {"getMe", "getWebhookInfo"}  # above all, it fetches nothing
    keys = tmp_path / "waggle.env"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert keys.read_text() == f"TELEGRAM_TOKEN={TOKEN}\n"
    text = (tmp_path / "waggle.yaml").read_text()
    assert "telegram: '80351110'" in text or "telegram: 80351110" in text
    assert TOKEN not in text


async def test_run_again_enter_changes_nothing_and_says_how_to_pair(tmp_path: Path) -> None:
    async with father(tmp_path) as at:
        await at.hand.settings(privacy=False)
        before = (tmp_path / "waggle.yaml").read_text()
        (tmp_path / "waggle.env").write_text(f"TELEGRAM_TOKEN={TOKEN}\n")
        (tmp_path / "waggle.env").chmod(0o600)

        def person(talk: Talk) -> None:
            begin(talk)
            token(talk, "")
            talk.asked("Privacy mode is off")
            talk.asked("[pair]")
            talk.answer("")
            talk.asked("waggle pair --role owner")
            talk.asked("https://t.me/waggle_bot?start=")
            leave(talk)

        said = await at.talk(person)
    assert "keeps what there is" in " ".join(said.split())
    assert "everything was so already" in " ".join(said.split())
    assert (tmp_path / "waggle.yaml").read_text() == before


async def test_a_refused_token_can_be_left_and_without_a_network_it_can_be_kept(
    tmp_path: Path,
) -> None:
    async with father(tmp_path) as at:

        def leaving(talk: Talk) -> None:
            begin(talk)
            token(talk, WRONG)
            talk.asked("Telegram refuses that token")
            token(talk, "")
            leave(talk)

        await at.talk(leaving)
        assert not (tmp_path / "waggle.env").exists()
        at.config()
        await at.hand.settings(down=True)

        def keeping(talk: Talk) -> None:
            begin(talk)
            token(talk, TOKEN)
            talk.asked("Telegram could not be asked at")
            talk.asked("skip it?")
            talk.answer("keep")
            leave(talk)

        await at.talk(keeping)
    assert (tmp_path / "waggle.env").read_text() == f"TELEGRAM_TOKEN={TOKEN}\n"


async def test_a_token_of_discord_goes_to_discord(tmp_path: Path) -> None:
    async with father(tmp_path) as at:
        at.config("discord:\n  api_url: http://127.0.0.1:9/api/v10\n")

        def person(talk: Talk) -> None:
            begin(talk)
            token(talk, OTHER)
            talk.asked("Discord could not be asked at")
            talk.asked("skip it?")
            talk.answer("skip")
            leave(talk)

        await at.talk(person)
        assert at.fake.service.requests == []


async def test_a_token_of_the_environment_is_used_and_not_written(tmp_path: Path) -> None:
    async with father(tmp_path):
        words = ("init", "--yes", "--telegram-owner", "80351110", "--json")
        none = await asyncio.to_thread(waggle, tmp_path, *words)
        wrong = environment(TELEGRAM_TOKEN=WRONG)
        refused = await asyncio.to_thread(waggle, tmp_path, *words, env=wrong)
        env = environment(TELEGRAM_TOKEN=TOKEN)
        strange = await asyncio.to_thread(waggle, tmp_path, *words[:3], "@ana", env=env)
        done = await asyncio.to_thread(waggle, tmp_path, *words, env=env)
    assert (none.returncode, "no bot's token in `TELEGRAM_TOKEN`" in none.stderr) == (1, True)
    assert refused.returncode == 1
    assert "Telegram refuses the token in TELEGRAM_TOKEN" in " ".join(refused.stderr.split())
    assert (strange.returncode, "owner.telegram" in strange.stderr) == (1, True)
    assert json.loads(done.stdout)["changed"] == ["owner.telegram"]
    assert not (tmp_path / "waggle.env").exists()


async def test_what_one_service_has_taken_stays_when_the_other_refuses_its_token(
    tmp_path: Path,
) -> None:
    async with father(tmp_path) as at, discord() as other:
        at.config(f"discord:\n  api_url: {other.url}/api/v10\n")
        keys = tmp_path / "waggle.env"
        keys.write_text(f"DISCORD_TOKEN=MTAw.wrong.token\nTELEGRAM_TOKEN={TOKEN}\n")
        keys.chmod(0o600)

        def person(talk: Talk) -> None:
            begin(talk)
            token(talk, "")
            talk.asked("Discord refuses the token in DISCORD_TOKEN")
            talk.asked("[pair]")
            talk.answer("80351110")
            token(talk, "")
            leave(talk)

        await at.talk(person)
    assert "80351110" in (tmp_path / "waggle.yaml").read_text()
