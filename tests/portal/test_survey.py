"""What a bot may do where, asked of a fake Discord over real sockets."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.commands.desk import Desk
from bot.commands.discord_views import Greeted, OnDiscord
from bot.commands.views import Checkup
from bot.messages import Messages
from bot.portal.model import Bot
from bot.portal.survey import MOST_SERVERS, survey
from swarm_core import Settings, errors, load
from swarm_core.people import TERMINAL
from swarm_core.testing import OWNER
from tests.commands.desks import desk, said, typed
from tests.discord.bench import API, bench
from tests.discord.patience import LATE, replied
from tests.fakes.discord import TOKEN, Client, FakeDiscord, serving

WRONG = "MTAw.wrong.token"


@dataclass
class Here:
    fake: FakeDiscord
    hand: Client
    folder: Path

    def settings(self, **more: Any) -> Settings:
        section = {"api_url": self.fake.url + API, **more}
        text = "discord:\n" + "".join(f"  {key}: {value}\n" for key, value in section.items())
        (self.folder / "waggle.yaml").write_text(text)
        return load(None, environ={}, cwd=self.folder)

    async def survey(self, token: str = TOKEN, **more: Any) -> Bot:
        found = await survey(token, self.settings(**more))
        assert self.fake.service.undocumented == []
        return found


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    async with serving(seed=7) as fake, Client.at(fake.url) as hand:
        yield Here(fake, hand, tmp_path)


async def test_each_channel_says_what_is_missing_there(here: Here) -> None:
    guild = await here.hand.guild()
    await here.hand.channel(guild)
    quiet = await here.hand.channel(guild, "quiet")
    await here.hand.do("overwrite", channel=quiet, target=guild, deny=["SEND_MESSAGES"])
    await here.hand.channel(guild, "Talking", kind=2)
    (server,) = (await here.survey()).servers
    assert [(c.name, c.lacking, c.writable) for c in server.channels] == [
        ("general", (), True),
        ("quiet", ("send",), False),
    ]
    assert (server.commands, server.served) == (0, True)


async def test_what_the_settings_leave_out_is_not_served(here: Here) -> None:
    one, other = await here.hand.guild(), await here.hand.guild("Other")
    named, quiet = await here.hand.channel(one), await here.hand.channel(one, "quiet")
    await here.hand.channel(other)
    bot = await here.survey(guilds=f"[{one}]", channels=f"[{named}]")
    served = {c.id: c.served for server in bot.servers for c in server.channels}
    assert served[named]
    assert not served[quiet]
    assert [server.served for server in bot.servers] == [True, False]


async def test_the_owner_of_a_team_is_who_owns_the_team(here: Here) -> None:
    alone = (await here.survey()).owner
    assert alone is not None
    assert alone.id == here.fake.service.world.owner["id"]
    ana = await here.hand.person("ana")
    here.fake.service.world.team = ana
    owner = (await here.survey()).owner
    assert owner is not None
    assert (owner.id, owner.name) == (ana, "ana")


async def test_many_servers_are_counted_and_not_all_looked_into(here: Here) -> None:
    for n in range(MOST_SERVERS + 2):
        last = await here.hand.guild(f"Hive {n}")
    bot = await here.survey(guilds=f"[{last}]")
    assert (len(bot.servers), bot.more) == (MOST_SERVERS, 2)
    assert bot.servers[0].id == last


async def test_a_wrong_token_a_busy_service_and_none_are_told_apart(here: Here) -> None:
    for wrong in (WRONG, "two words", "tökén", "line\nbreak"):
        with pytest.raises(errors.WrongToken):
            await here.survey(wrong)
    await here.hand.fault("limit", operation="list_my_guilds", count=1, retry_after=0.01)
    assert (await here.survey()).servers == ()
    await here.hand.fault("limit", operation="list_my_guilds", count=1, retry_after=60.0)
    with pytest.raises(errors.ServiceAway, match="429"):
        await here.survey()
    await here.hand.settings(down=True)
    with pytest.raises(errors.ServiceAway, match="503"):
        await here.survey()
    with socket.socket() as taken:  # nobody listens there, and nobody else can begin to
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(errors.ServiceAway, match=str(port)):
            await survey(TOKEN, here.settings(api_url=f"http://127.0.0.1:{port}/api/v10"))


async def test_a_page_of_something_in_between_is_no_answer(here: Here) -> None:
    await here.hand.fault("page", operation="list_my_guilds", count=1, status=200)
    with pytest.raises(errors.ServiceAway):
        await here.survey()


async def lines(folder: Path, **discord: Any) -> dict[str, tuple[str, str]]:
    async with desk(folder, discord=discord) as (at, _):
        view = (await typed(at, "/doctor")).view
        shown = await said(at, "/doctor", width=200)
    assert TOKEN not in shown
    assert isinstance(view, Checkup)
    return {
        line.what: (line.level, line.finding)
        for line in view.lines
        if line.what.startswith("discord")
    }


async def test_the_doctor_says_how_it_stands_with_discord(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, state = here.fake.url + API, here.folder / "a"
    assert await lines(state) == {"discord": ("ok", "off")}
    assert await lines(state, enabled=False) == {"discord": ("ok", "disabled")}
    monkeypatch.setenv("DISCORD_TOKEN", WRONG)
    assert await lines(state, api_url=url) == {"discord": ("error", "failure")}
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    found = await lines(state, api_url=url)
    assert found["discord"] == ("warn", "nowhere")
    guild = await here.hand.guild()
    channel = await here.hand.channel(guild)
    assert await lines(state, api_url=url) == {
        "discord": ("ok", "ok"),
        "discord_content": ("ok", "ok"),
        "discord_rights": ("ok", "ok"),
        "discord_starts": ("ok", "ok"),
    }
    await here.hand.settings(privileged=0, starts=10)
    await here.hand.do("overwrite", channel=channel, target=guild, deny=["EMBED_LINKS"])
    found = await lines(state, api_url=url)
    assert found["discord_content"] == ("warn", "not")
    assert found["discord_rights"] == ("warn", "lacking")
    assert found["discord_starts"] == ("warn", "few")
    found = await lines(state, api_url=url, channels=["123456789012345678"])
    assert found["discord_rights"] == ("warn", "unseen")
    await here.hand.settings(down=True)
    assert await lines(state, api_url=url) == {"discord": ("warn", "unasked")}


async def test_the_command_knows_whether_the_swarm_is_there_and_says_hello(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with bench(tmp_path) as at, at.on_discord() as swarm:
        assert "permissions=" in at.told[0].text
        say = Messages.load(strict=True)
        owner = Desk(swarm=swarm, actor=OWNER, place=TERMINAL, messages=say)
        with pytest.raises(errors.NoToken):
            await typed(owner, "/discord")
        monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
        found = (await typed(owner, "/discord")).view
        assert isinstance(found, OnDiscord)
        assert (found.connected, found.signed_on) == (True, 1)
        (server,) = found.bot.servers
        assert server.commands
        shown = await said(owner, "/discord", width=200)
        assert "#general" in shown
        assert TOKEN not in shown
        greeted = (await typed(owner, f"/discord hello {at.channel}")).view
        assert isinstance(greeted, Greeted)
        posted = await at.hand.messages(at.channel)
        assert greeted.message in [message["id"] for message in posted]
        with pytest.raises(errors.SurfaceRefused):
            await typed(owner, "/discord hello 123456789012345678")
        with pytest.raises(errors.MissingArgument):
            await typed(owner, "/discord hello")


async def test_on_discord_only_the_owner_is_told_of_every_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    async with bench(tmp_path, **LATE) as at:
        other = await at.hand.guild("Elsewhere")
        async with at.on_discord():
            asked = await at.hand.command(at.channel, at.ben, "discord")
            refused = await replied(at.hand, asked)
            asked = await at.hand.command(at.channel, at.ben, "doctor")
            looked = await replied(at.hand, asked)
            asked = await at.hand.command(at.channel, at.ana, "discord")
            told = await replied(at.hand, asked)
    assert other
    assert "Elsewhere" not in str(refused)
    assert "You may not do" in str(refused)
    assert "Only the owner" in str(refused)
    assert "SQLite" in str(looked)
    assert "Elsewhere" not in str(looked)
    assert "Elsewhere" in str(told)
    assert told["ephemeral"]
