"""What a bot may do where on Telegram, and how it hears what is new, asked of a fake over real
sockets; nothing is taken from whoever else listens."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot
from telegram.error import Conflict

from bot.commands.desk import Desk
from bot.commands.people_views import Invited
from bot.commands.telegram_views import GreetedThere, OnTelegram
from bot.commands.views import Checkup
from bot.portal.telegram import MOST_CHATS, hello, survey
from bot.portal.telegram_model import TelegramBot
from bot.sections.telegram import SECRET
from bot.sections.telegram import TOKEN as VARIABLE
from swarm_core import Settings, errors
from swarm_core.testing import MemoryCourier
from swarm_core.testing import settings as settings_in
from tests.commands.desks import desk, said, typed
from tests.fakes.telegram import BOT, TOKEN, Client, FakeTelegram, sdk, serving

WRONG = "123456:AAwrong-token-for-tests-only-0000000"
HOOK = "https://bees.example.org/hook"


@dataclass
class Here:
    fake: FakeTelegram
    hand: Client
    folder: Path

    def settings(self, **more: Any) -> Settings:
        return settings_in(self.folder, telegram={"base_url": self.fake.url, **more})

    async def survey(
        self, notes: dict[str, str] | None = None, *, listen: float | None = None, **more: Any
    ) -> TelegramBot:
        return await survey(TOKEN, self.settings(**more), notes, listen=listen)

    async def hook(self, url: str = HOOK) -> None:
        """Another program has Telegram deliver to it."""
        async with sdk.bot(self.fake.url) as other:
            await other.set_webhook(url)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    async with serving(seed=7) as fake, Client.at(fake.url) as hand:
        yield Here(fake, hand, tmp_path)
        assert fake.service.undocumented == []
        assert fake.service.odd == []


def note(title: str, kind: str = "supergroup", member: str = "member") -> str:
    return json.dumps({"title": title, "kind": kind, "member": member})


async def test_the_bot_says_who_it_is_and_what_it_is_shown(here: Here) -> None:
    bot = await here.survey()
    assert (bot.id, bot.username, bot.joins, bot.reads_all) == (str(BOT), "waggle_bot", True, False)
    assert bot.link == "https://t.me/waggle_bot"
    assert bot.group_link == "https://t.me/waggle_bot?startgroup=true"
    assert (bot.webhook, bot.rival, bot.chats) == (None, None, ())
    await here.hand.settings(privacy=False)
    await here.hand.private("Ana")
    bot = await here.survey()
    assert (bot.reads_all, bot.waiting) == (True, 1)


async def test_each_chat_says_what_is_missing_there(here: Here) -> None:
    hive, nest, left = [await here.hand.supergroup(name) for name in ("Hive", "Nest", "Left")]
    led = await here.hand.supergroup("Led", administrator=True)
    await here.hand.restrict(nest, None, "can_send_messages")
    await here.hand.kick(left)
    notes = {str(n): note("Before") for n in (hive, nest, left, led)}
    notes |= {"7": note("Ana", "private", "kicked"), "8": note("Ben", "private"), "9": "not json"}
    chats = {chat.title: chat for chat in (await here.survey(notes, chats=[hive])).chats}
    assert (chats["Hive"].lacking, chats["Hive"].gone, chats["Hive"].reads) == ((), False, False)
    assert chats["Nest"].lacking == ("send_files", "send_photos")
    assert (chats["Led"].lacking, chats["Led"].reads) == ((), True)
    assert chats["Before"].id == str(left)
    assert chats["Before"].gone
    assert (chats["Ana"].gone, chats["Ben"].gone) == (True, False)
    assert {title for title, chat in chats.items() if chat.served} == {"Hive"}


async def test_a_chat_of_the_settings_is_looked_at_although_nobody_has_spoken_there(
    here: Here,
) -> None:
    hive = await here.hand.group("Hive")
    bot = await here.survey(chats=[hive, -1009999999999])
    assert {(chat.title, chat.gone) for chat in bot.chats} == {("Hive", False), ("", True)}


async def test_many_chats_are_counted_and_not_all_looked_into(here: Here) -> None:
    notes = {str(n): note(f"{n}", "private") for n in range(1, MOST_CHATS + 3)}
    bot = await here.survey(notes)
    assert (len(bot.chats), bot.more) == (MOST_CHATS, 2)


async def test_a_webhook_is_told_by_its_host_alone(here: Here) -> None:
    await here.hook(f"{HOOK}/secret-path")
    hook = (await here.survey(listen=0)).webhook
    assert hook is not None
    assert (hook.host, hook.ours) == ("bees.example.org", False)
    mine = (await here.survey(webhook_url=f"{HOOK}/secret-path")).webhook
    assert mine is not None
    assert mine.ours


async def test_another_poller_is_found_and_loses_nothing(here: Here) -> None:
    got: list[str] = []
    cut = asyncio.Event()

    async def other(bot: Bot) -> None:
        offset = None
        while not got:
            try:
                for update in await bot.get_updates(offset=offset, timeout=30):
                    assert update.message is not None
                    got.append(str(update.message.text))
                    offset = update.update_id + 1
            except Conflict:
                cut.set()

    async with sdk.bot(here.fake.url) as bot:
        polling = asyncio.create_task(other(bot))
        await here.hand.wait("waiting")
        assert (await here.survey(listen=30)).rival is True
        assert cut.is_set()
        await here.hand.private("Ana")
        await polling
    assert got == ["/start"]


async def test_what_waits_stays_where_it_is_and_nobody_else_is_none(here: Here) -> None:
    assert (await here.survey(listen=0)).rival is False
    await here.hand.private("Ana")
    for _ in range(2):
        bot = await here.survey(listen=30)
        assert (bot.rival, bot.waiting) == (None, 1)


async def test_a_wrong_token_a_busy_service_and_none_are_told_apart(here: Here) -> None:
    for wrong in (WRONG, "12:short", "two words", "7:tökén", "7:a/../b", "line\nbreak"):
        with pytest.raises(errors.WrongToken):
            await survey(wrong, here.settings())
    await here.hand.fault("limit", method="getMe", count=1, retry_after=0)
    assert (await here.survey()).username == "waggle_bot"
    await here.hand.fault("limit", method="getMe", count=1, retry_after=60)
    with pytest.raises(errors.ServiceAway, match="429"):
        await here.survey()
    await here.hand.fault("page", method="getMe", count=1, status=200)
    with pytest.raises(errors.ServiceAway):
        await here.survey()
    await here.hand.settings(down=True)
    with pytest.raises(errors.ServiceAway, match="502"):
        await here.survey()
    with socket.socket() as taken:  # nobody listens there, and nobody else can begin to
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(errors.ServiceAway, match=str(port)) as caught:
            await survey(TOKEN, here.settings(base_url=f"http://127.0.0.1:{port}"))
    assert TOKEN not in str(caught.value)


async def test_a_hello_reaches_a_chat_or_a_topic_of_it(here: Here) -> None:
    ana = await here.hand.person("Ana")
    hive = await here.hand.supergroup("Hive", ana, forum=True)
    topic = await here.hand.topic(hive, ana, "Plans")
    await hello(TOKEN, here.settings(), str(hive), "in general")
    await hello(TOKEN, here.settings(), f"{hive}:{topic}", "in plans")
    posted = await here.hand.posted(hive, count=2)
    found = {said["text"]: said.get("message_thread_id") for said in posted}
    assert found == {"in general": None, "in plans": topic}
    with pytest.raises(errors.SurfaceRefused):
        await hello(TOKEN, here.settings(), str(ana), "stranger")


async def lines(
    folder: Path, *, serving: bool = False, notes: dict[str, str] | None = None, **telegram: Any
) -> dict[str, tuple[str, str]]:
    async with desk(folder, telegram=telegram) as (at, _):
        if serving:
            await at.swarm.outbox.attach("telegram", MemoryCourier())
        for number, text in (notes or {}).items():
            await at.swarm.posts.note("telegram", f"chat/{number}", text)
        view = (await typed(at, "/doctor")).view
        shown = await said(at, "/doctor", width=200)
    assert TOKEN not in shown
    assert isinstance(view, Checkup)
    return {
        line.what: (line.level, line.finding)
        for line in view.lines
        if line.what.startswith("telegram")
    }


async def test_the_doctor_says_how_it_stands_with_telegram(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    at: dict[str, Any] = {"base_url": here.fake.url}
    state = here.folder / "a"
    assert await lines(state) == {"telegram": ("ok", "off")}
    assert await lines(state, enabled=False) == {"telegram": ("ok", "disabled")}
    monkeypatch.setenv(VARIABLE, WRONG)
    assert await lines(state, **at) == {"telegram": ("error", "failure")}
    monkeypatch.setenv(VARIABLE, TOKEN)
    await here.hand.private("Ana")  # so that nobody waits for another poller
    hive = await here.hand.supergroup("Hive")
    well = {
        "telegram": ("ok", "ok"),
        "telegram_privacy": ("ok", "on"),
        "telegram_webhook": ("ok", "poll"),
    }
    assert await lines(state, **at) == well
    rights = {"telegram_rights": ("ok", "ok")}
    assert await lines(state, notes={str(hive): note("Hive")}, **at) == well | rights
    await here.hand.restrict(hive)
    found = await lines(state, **at)
    assert found["telegram_rights"] == ("warn", "lacking")
    await here.hand.kick(hive)
    found = await lines(state, **at)
    assert found["telegram_rights"] == ("warn", "gone")
    await here.hand.settings(down=True)
    assert await lines(state, **at) == {"telegram": ("warn", "unasked")}


async def test_the_doctor_says_who_else_is_told_and_whether_the_webhook_will_do(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    at: dict[str, Any] = {"base_url": here.fake.url}
    state = here.folder / "a"
    monkeypatch.setenv(VARIABLE, TOKEN)
    await here.hand.private("Ana")
    monkeypatch.setenv(SECRET, "short")
    hooked = {**at, "webhook_url": HOOK}
    found = await lines(state, **hooked)
    assert found["telegram_secret"] == ("error", "unfit")
    monkeypatch.setenv(SECRET, "q7-Ws_2x" * 4)
    found = await lines(state, serving=True, **hooked)
    assert "telegram_secret" not in found
    assert found["telegram_webhook"] == ("warn", "gone")
    await here.hand.settings(local=True)
    await here.hook(f"{here.fake.url}/nobody-listens-here")
    assert (await lines(state, **at))["telegram_webhook"] == ("warn", "left")
    assert (await lines(state, serving=True, **at))["telegram_webhook"] == ("warn", "taken")
    await here.hand.wait("webhook_failed")
    mine = {**at, "webhook_url": f"{here.fake.url}/nobody-listens-here"}
    assert (await lines(state, **mine))["telegram_webhook"] == ("warn", "failing")


async def test_the_doctor_tells_of_another_poller_only_where_this_swarm_does_not_poll(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, TOKEN)
    monkeypatch.setattr("bot.commands.on_telegram.LISTEN", 60.0)  # the other comes at once
    at: dict[str, Any] = {"base_url": here.fake.url}

    async def other(bot: Bot) -> None:
        while True:
            try:
                await bot.get_updates(timeout=30)
            except Conflict:
                continue

    async with sdk.bot(here.fake.url) as bot:
        polling = asyncio.create_task(other(bot))
        await here.hand.wait("waiting")
        assert "telegram_rival" not in await lines(here.folder / "a", serving=True, **at)
        assert here.fake.service.updates.conflicts == 0
        found = await lines(here.folder / "a", **at)
        polling.cancel()
    assert found["telegram_rival"] == ("warn", "there")


async def test_the_command_shows_the_chats_and_says_hello(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    await here.hand.private("Ana")
    hive = await here.hand.supergroup("Hive")
    async with desk(here.folder, telegram={"base_url": here.fake.url}) as (owner, _):
        with pytest.raises(errors.NoToken) as none:
            await typed(owner, "/telegram")
        assert none.value.data["variable"] == VARIABLE
        monkeypatch.setenv(VARIABLE, TOKEN)
        await owner.swarm.posts.note("telegram", f"chat/{hive}", note("Hive"))
        found = (await typed(owner, "/telegram")).view
        assert isinstance(found, OnTelegram)
        assert (found.connected, found.failed, found.secret) == (False, 0, None)
        assert [chat.title for chat in found.bot.chats] == ["Hive"]
        shown = await said(owner, "/telegram", width=200)
        assert "https://t.me/waggle_bot?startgroup=true" in shown
        assert TOKEN not in shown
        greeted = await _hello(owner, hive)
        posted = await here.hand.posted(hive)
        assert [str(said["message_id"]) for said in posted] == [greeted.message]
        with pytest.raises(errors.SurfaceRefused):
            await _hello(owner, -1009999999999)
        with pytest.raises(errors.MissingArgument):
            await typed(owner, "/telegram hello")


async def test_a_pairing_code_comes_with_the_link_that_hands_it_over(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(here.folder, telegram={"base_url": here.fake.url}) as (owner, _):

        async def link() -> str:
            view = (await typed(owner, "/pair --role member")).view
            assert isinstance(view, Invited)
            return view.link.removesuffix(view.code.code)

        assert await link() == ""
        monkeypatch.setenv(VARIABLE, TOKEN)
        await here.hand.settings(down=True)
        assert await link() == ""
        await here.hand.settings(down=False)
        assert await link() == "https://t.me/waggle_bot?start="
        await here.hand.settings(down=True)  # it is known by now
        assert await link() == "https://t.me/waggle_bot?start="
        assert "https://t.me/waggle_bot?start=" in await said(owner, "/pair", width=200)
        monkeypatch.setenv(VARIABLE, WRONG)  # another bot's name is another
        assert await link() == ""


async def _hello(owner: Desk, chat: int) -> GreetedThere:
    view = (await typed(owner, f"/telegram hello {chat}")).view
    assert isinstance(view, GreetedThere)
    return view
