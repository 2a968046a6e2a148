"""A bot, its servers, its rights in their channels, as values."""

from __future__ import annotations

import msgspec

ESSENTIAL = ("view", "send")
"""Rights without which nothing is said in a channel at all."""


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """A channel for text. `lacking` names rights, as in `rights.RIGHTS`; `served`: by the
    settings it is answered there."""

    id: str
    name: str
    lacking: tuple[str, ...]
    served: bool

    @property
    def writable(self) -> bool:
        return not set(ESSENTIAL) & set(self.lacking)


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """`commands`: how many of the bot's own it knows, None when that could not be asked."""

    id: str
    name: str
    served: bool
    channels: tuple[Channel, ...] = ()
    commands: int | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str


class Bot(msgspec.Struct, frozen=True, kw_only=True):
    """A bot as Discord sees it. `content`: it may read messages; `public`: anybody may invite
    it; `starts`: sign-ons left today, of `starts_of`."""

    id: str
    name: str
    application: str
    owner: Account | None
    content: bool
    public: bool
    starts: int
    starts_of: int
    invite: str
    intent_page: str
    servers: tuple[Server, ...] = ()
    more: int = 0
    """Servers that were not looked into."""
