"""What the command about Telegram answers."""

from __future__ import annotations

import msgspec

from bot.portal.telegram_model import TelegramBot


class OnTelegram(msgspec.Struct, frozen=True, kw_only=True):
    """The bot and what it may do where. `connected`: a swarm is on Telegram with it just now;
    `secret`: what its webhook needs is there and long enough, None where there is no webhook."""

    bot: TelegramBot
    connected: bool
    failed: int
    """Notices that did not reach Telegram, and are not tried again by themselves."""
    secret: bool | None = None


class GreetedThere(msgspec.Struct, frozen=True, kw_only=True):
    """It said hello in a chat, in this message."""

    chat: str
    message: str


TelegramView = OnTelegram | GreetedThere
