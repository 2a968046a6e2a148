"""`waggle init` about Discord: a token, the clicks it waits for, where it answers, who is who."""

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
from tests.fakes.discord import TOKEN, Client, FakeDiscord, serving

pytestmark = pytest.mark.slow

WRONG = "MTAw.wrong.token"
API = "/api/v10"


@dataclass
class Portal:
    """A fake Discord with its hand, which a thread may use too, and a folder to set up."""

    fake: FakeDiscord
    hand: Client
    folder: Path
    loop: asyncio.AbstractEventLoop

    @property
    def owner(self) -> str:
        return str(self.fake.service.world.owner["id"])

    def do(self, act: str, **told: Any) -> Any:
        """An act of the hand, from a thread."""
        return asyncio.run_coroutine_threadsafe(self.hand.do(act, **told), self.loop).result(10)

    def config(self, more: str = "") -> Path:
        file = self.folder / "waggle.yaml"
        file.write_text(f"discord:\n  api_url: {self.fake.url}{API}\n{more}")
        return file

    async def talk(self, follow: Callable[[Talk], None], **env: str) -> str:
        """What is said in a talk with `init`; `follow` is the person, in a thread."""

        def together() -> str:
            with talking(self.folder, "init", env=environment(**env)) as talk:
                follow(talk)
                return talk.all

        return await asyncio.to_thread(together)


@asynccontextmanager
async def portal(folder: Path) -> AsyncIterator[Portal]:
    async with serving() as fake, Client.at(fake.url) as hand:
        found = Portal(fake, hand, folder, asyncio.get_running_loop())
        found.config()
        yield found
        assert fake.service.undocumented == []


def begin(talk: Talk) -> None:
    talk.asked("What are you called?")
    talk.answer("")
    talk.asked("Who serves models?")
    talk.answer("")


def leave(talk: Talk) -> None:
    talk.asked("Most dollars a day?")
    talk.answer("")
    assert talk.ended() == 0


async def test_from_a_wrong_token_to_a_hello(tmp_path: Path) -> None:
    async with portal(tmp_path) as at:
        await at.hand.settings(privileged=0)
        guild = await at.hand.guild(invited=False)
        quiet = await at.hand.channel(guild, "quiet")
        general = await at.hand.channel(guild)
        await at.hand.do("overwrite", channel=quiet, target=guild, deny=["SEND_MESSAGES"])

        def person(talk: Talk) -> None:
            begin(talk)
            talk.asked("A bot's token for Discord")
            talk.asked("token:")
            talk.answer(WRONG)
            talk.asked("Discord refuses that token. Make a new one")
            talk.asked("token:")
            talk.answer(f"Bot {TOKEN}")
            talk.asked("The token is that of waggle")
            talk.asked("switch on Message Content Intent")
            talk.asked("It is on no server yet. Open this link")
            talk.asked("Press Enter when that is done")
            talk.answer("")
            talk.asked("Press Enter when that is done")
            at.do("settings", down=True)
            talk.answer("")
            talk.asked("Discord could not be asked at")
            talk.asked("Press Enter when that is done")
            at.do("settings", down=False, privileged=1 << 15)
            at.do("invite", guild=guild)
            talk.answer("")
            talk.asked("Message Content Intent is on")
            talk.asked("1  Hive, every channel")
            talk.asked("#quiet (it may not: Send Messages)")
            talk.asked("[all]")
            talk.answer("1,2")
            talk.asked("numbers from the list")
            talk.asked("[all]")
            talk.answer("2,3")
            talk.asked("In #quiet it may not: Send Messages. In Discord: right click on #quiet")
            talk.asked("[Enter]")
            at.do("overwrite", channel=quiet, target=guild)
            talk.answer("")
            talk.asked("[all]")
            talk.answer("2,3")
            talk.asked(f"[owner {at.owner}]")
            talk.answer("Ana")
            talk.asked("a number of 15 to 20 digits")
            talk.asked(f"[owner {at.owner}]")
            talk.answer("")
            talk.asked("Say hello in #quiet? yes or no [yes]")
            talk.answer("")
            talk.asked("Most dollars a day?")
            talk.answer("")
            talk.asked("It said hello in #quiet")
            assert talk.ended() == 0

        said = await at.talk(person)
        posted = await at.hand.messages(quiet)
    assert TOKEN not in said
    assert WRONG not in said
    assert "permissions=309237763072" in said
    assert ["type `/ask`" in message["content"] for message in posted] == [True]
    keys = tmp_path / "waggle.env"
    assert keys.stat().st_mode & 0o777 == 0o600
    assert keys.read_text() == f"DISCORD_TOKEN={TOKEN}\n"
    text = (tmp_path / "waggle.yaml").read_text()
    assert f"channels: [{quiet}, {general}]" in text
    assert f"guilds: [{guild}]" in text
    assert f"owner:\n  discord: {at.owner}\n" in text
    assert TOKEN not in text


async def test_run_again_enter_changes_nothing_and_says_no_second_hello(tmp_path: Path) -> None:
    async with portal(tmp_path) as at:
        guild = await at.hand.guild()
        channel = await at.hand.channel(guild)
        gone = "999999999999999999"
        file = at.config(
            f"  guilds: [{guild}]\n  channels: [{gone}]  # mine\nowner:\n  discord: {at.owner}\n"
        )
        before = file.read_text()
        (tmp_path / "waggle.env").write_text(f"DISCORD_TOKEN={TOKEN}\n")
        (tmp_path / "waggle.env").chmod(0o600)

        def person(talk: Talk) -> None:
            begin(talk)
            talk.asked("keeps what there is")
            talk.asked("token:")
            talk.answer("")
            talk.asked("again looks anew")
            talk.answer("")
            talk.asked(f"[owner {at.owner}]")
            talk.answer("")
            talk.asked("Say hello in #general? yes or no [no]")
            talk.answer("")
            leave(talk)

        said = await at.talk(person)
        assert await at.hand.messages(channel) == []
    assert "everything was so already" in " ".join(said.split())
    assert file.read_text() == before


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_without_a_network_it_can_be_kept_or_left_out_and_an_interrupt_writes_nothing(
    tmp_path: Path,
) -> None:
    async with portal(tmp_path) as at:
        await at.hand.settings(down=True)
        before = (tmp_path / "waggle.yaml").read_text()

        def leaving(talk: Talk) -> None:
            begin(talk)
            talk.asked("token:")
            talk.answer(TOKEN)
            talk.asked("Discord could not be asked at")
            talk.asked("again, keep it anyway, or skip it?")
            talk.press(b"\x03")
            assert talk.ended() == 130

        await at.talk(leaving)
        assert names_in(tmp_path) == ["waggle.yaml"]

        def skipping(talk: Talk) -> None:
            begin(talk)
            talk.asked("token:")
            talk.answer(TOKEN)
            talk.asked("skip it?")
            talk.answer("again")
            talk.asked("skip it?")
            talk.answer("skip")
            leave(talk)

        await at.talk(skipping)
        assert not (tmp_path / "waggle.env").exists()
        assert (tmp_path / "waggle.yaml").read_text() == before

        def keeping(talk: Talk) -> None:
            begin(talk)
            talk.asked("token:")
            talk.answer(TOKEN)
            talk.asked("skip it?")
            talk.answer("keep")
            leave(talk)

        await at.talk(keeping)
    assert (tmp_path / "waggle.env").read_text() == f"DISCORD_TOKEN={TOKEN}\n"


async def test_a_token_of_the_environment_is_used_and_not_written(tmp_path: Path) -> None:
    async with portal(tmp_path) as at:
        guild = await at.hand.guild()
        channel = await at.hand.channel(guild)
        words = ("init", "--yes", "--discord-owner", at.owner, "--discord-channels", channel)
        none = await asyncio.to_thread(waggle, tmp_path, *words)
        env = environment(DISCORD_TOKEN=TOKEN)
        strange = await asyncio.to_thread(waggle, tmp_path, *words[:-1], "123", env=env)
        done = await asyncio.to_thread(waggle, tmp_path, *words, "--json", env=env)
        wrong = environment(DISCORD_TOKEN=WRONG)
        refused = await asyncio.to_thread(waggle, tmp_path, *words, env=wrong)
        text = (tmp_path / "waggle.yaml").read_text()
        everywhere = (*words[:-1], "all", "--json")
        wide = await asyncio.to_thread(waggle, tmp_path, *everywhere, env=env)
    assert (none.returncode, "no bot's token" in none.stderr) == (1, True)
    assert (strange.returncode, "`123`" in strange.stderr) == (1, True)
    assert json.loads(done.stdout)["changed"] == [
        "owner.discord",
        "discord.channels",
        "discord.guilds",
    ]
    assert f"channels: [{channel}]" in text
    assert not (tmp_path / "waggle.env").exists()
    assert (refused.returncode, "refuses the token in DISCORD_TOKEN" in refused.stderr) == (1, True)
    assert json.loads(wide.stdout)["changed"] == ["discord.channels", "discord.guilds"]
    assert "channels" not in (tmp_path / "waggle.yaml").read_text()
