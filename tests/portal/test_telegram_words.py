"""What is not well on Telegram is told with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers.on_telegram import on_telegram
from bot.answers.words import Words
from bot.commands.telegram_views import GreetedThere, OnTelegram
from bot.messages import Messages
from bot.portal.telegram_model import RIGHTS, Chat, TelegramBot, Webhook
from bot.render.terminal import render
from bot.sections.telegram import SECRET

HIVE = Chat(id="-1001", title="Hive", kind="supergroup", lacking=tuple(RIGHTS))
CHATS = (
    HIVE,
    Chat(id="-1002", title="Nest", kind="group", gone=True),
    Chat(id="-1003", title="Comb", kind="group", reads=True),
    Chat(id="-1004", title="Far", kind="channel", served=False),
    Chat(id="7", title="Ana", kind="private", gone=True),
    Chat(id="-1005", title="", kind=""),
)


def bot(**more: object) -> TelegramBot:
    usual: dict[str, object] = {
        "id": "42",
        "name": "Bee",
        "username": "bee_bot",
        "joins": True,
        "reads_all": False,
        "waiting": 0,
    }
    return TelegramBot(**{**usual, **more})  # type: ignore[arg-type]


def shown(language: str, view: OnTelegram | GreetedThere) -> tuple[Messages, str]:
    say = Messages.load(language, strict=True)
    reply = on_telegram(Words(say, now=0, person=""), view)
    assert reply.private
    return say, " ".join(render(reply, width=400, styled=False).split())


@pytest.mark.parametrize("language", ["en", "de"])
def test_everything_that_is_missing_has_its_mend(language: str) -> None:
    worst = bot(chats=CHATS, more=3, rival=True, waiting=2)
    say, text = shown(language, OnTelegram(bot=worst, connected=False, failed=2, secret=False))
    for needed in (
        say("on_discord.lacks", rights=[say(f"right.{name}") for name in RIGHTS]),
        say("on_telegram.gone"),
        say("on_telegram.blocked"),
        say("on_telegram.not_served"),
        say("on_telegram.hears_all"),
        say("on_telegram.hears_some"),
        say("on_telegram.do_add", link="https://t.me/bee_bot?startgroup=true"),
        say("on_telegram.do_rights"),
        say("on_telegram.do_secret", variable=SECRET),
        say("on_telegram.do_rival"),
        say("on_telegram.to_hook"),
        say("on_discord.see_outbox"),
        say("on_telegram.more", count=3),
        "-1005",
    ):
        assert needed in text
    other = Webhook(host="bees.example.org", ours=False, problem="")
    for connected, mend in ((True, "do_restart"), (False, "do_up")):
        view = OnTelegram(bot=bot(webhook=other, joins=False), connected=connected, failed=0)
        say, text = shown(language, view)
        assert say(f"on_telegram.{mend}") in text
        assert say("on_telegram.nowhere") in text
    failing = Webhook(host="bees.example.org", ours=True, problem="Connection refused")
    _, text = shown(language, OnTelegram(bot=bot(webhook=failing), connected=True, failed=0))
    assert "Connection refused" in text
    assert "-1001" in shown(language, GreetedThere(chat="-1001", message="5"))[1]


def test_the_docs_name_every_right_as_the_client_calls_it() -> None:
    say = Messages.load(strict=True)
    page = Path(__file__).parents[2] / "docs" / "telegram.md"
    text = page.read_text(encoding="utf-8")
    assert all(f"*{say(f'right.{name}')}*" in text for name in RIGHTS)
