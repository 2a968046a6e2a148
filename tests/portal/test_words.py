"""What is not well on Discord is told with the address to open and what to click there."""

from __future__ import annotations

import pytest

from bot.answers.on_discord import on_discord
from bot.answers.words import Words
from bot.commands.discord_views import Greeted, OnDiscord
from bot.messages import Messages
from bot.picking import entries, lines, pick
from bot.portal.model import Account, Bot, Channel, Server
from bot.portal.rights import intent_page, invite_link
from bot.render.discord import render as messages_of
from bot.render.terminal import render

ONE, OTHER = "100000000000000001", "100000000000000002"


def bot(**more: object) -> Bot:
    quiet = Channel(id="200000000000000001", name="quiet", lacking=("send", "embed"), served=True)
    general = Channel(id="200000000000000002", name="general", lacking=(), served=True)
    left = Channel(id="200000000000000003", name="left", lacking=("view",), served=False)
    usual: dict[str, object] = {
        "id": "42",
        "name": "bee",
        "application": "42",
        "owner": Account(id="7", name="ana"),
        "content": True,
        "public": False,
        "starts": 990,
        "starts_of": 1000,
        "invite": invite_link("42"),
        "intent_page": intent_page("42"),
        "servers": (
            Server(id=ONE, name="Hive", served=True, channels=(quiet, general, left), commands=40),
            Server(id=OTHER, name="Nest", served=True),
        ),
    }
    return Bot(**{**usual, **more})  # type: ignore[arg-type]


def view(found: Bot, *, unseen: tuple[str, ...] = (), failed: int = 0) -> OnDiscord:
    return OnDiscord(bot=found, connected=False, signed_on=3, failed=failed, unseen=unseen)


@pytest.mark.parametrize("language", ["en", "de"])
def test_everything_that_is_missing_has_its_mend(language: str) -> None:
    say = Messages.load(language, strict=True)
    words = Words(say, now=0, person="")
    reply = on_discord(words, view(bot(), unseen=("300000000000000001",), failed=2))
    shown = " ".join(render(reply, width=400, styled=False).split())
    for needed in (
        say("on_discord.lacks", rights=[say("right.send"), say("right.embed")]),
        say("on_discord.click_rights", bot="bee"),
        say("on_discord.no_scope"),
        say("on_discord.unseen", ids=["300000000000000001"]),
        say("on_discord.see_outbox"),
        invite_link("42"),
    ):
        assert needed in shown
    assert reply.private
    worse = bot(content=False, public=True, servers=(), more=4, owner=None)
    shown = " ".join(render(on_discord(words, view(worse)), width=400, styled=False).split())
    assert "https://discord.com/developers/applications/42/bot" in shown
    assert say("on_discord.nowhere") in shown
    assert say("on_discord.more", count=4) in shown
    assert messages_of(on_discord(words, Greeted(channel="1", message="2")), say)


def test_numbers_choose_channels_or_servers_and_never_both() -> None:
    found = entries(bot())
    shown = lines(Messages.load(strict=True), found)
    assert shown[1] == "   2    #quiet  (it may not: Send Messages and Embed Links)"
    assert [each.id for each in pick(found, "3, 2 3") or ()] == [found[2].id, found[1].id]
    assert [each.name for each in pick(found, "1 5") or ()] == ["Hive", "Nest"]
    assert pick(found, "ALL") == []
    assert pick(found, "again") is None
    for wrong in ("1,2", "9", "0", "-1", "two", ",", "", "2;3", "²"):
        with pytest.raises(ValueError, match=r"^$"):
            pick(found, wrong)
