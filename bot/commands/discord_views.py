"""What the command about Discord answers."""

from __future__ import annotations

import msgspec

from bot.portal.model import Bot


class OnDiscord(msgspec.Struct, frozen=True, kw_only=True):
    """The bot and what it may do where. `connected`: a swarm is on Discord with it just now;
    `signed_on`: how often it has been, within a day, as far as is recorded."""

    bot: Bot
    connected: bool
    signed_on: int
    failed: int
    """Notices that did not reach Discord, and are not tried again by themselves."""
    unseen: tuple[str, ...]
    """Ids of channels and servers that the settings name and the bot does not see."""


class Greeted(msgspec.Struct, frozen=True, kw_only=True):
    """It said hello in a channel, in this message."""

    channel: str
    message: str


DiscordView = OnDiscord | Greeted
