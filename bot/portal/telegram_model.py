"""A bot on Telegram, how it hears what is new, its chats and what it may do there, as values."""

from __future__ import annotations

import msgspec

KNOWN = "chat/"
"""Before the number of a chat: the note that the surface keeps of it."""
RIGHTS = {
    "send_text": "can_send_messages",
    "send_files": "can_send_documents",
    "send_photos": "can_send_photos",
}
"""What the bot uses, with its name in the Bot API; in words under `right.<name>`."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the swarm has noted of a chat: Telegram does not list a bot's chats."""

    title: str = ""
    kind: str = ""
    member: str = ""


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """`lacking` names rights, as in `RIGHTS`; `gone`: the bot is not there any more, or was
    blocked; `reads`: it is shown every message, as an administrator or without privacy mode;
    `served`: by the settings it answers there."""

    id: str
    title: str
    kind: str
    gone: bool = False
    reads: bool = False
    served: bool = True
    lacking: tuple[str, ...] = ()


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """What Telegram has been told to deliver to: the host alone, as a path may be a secret.
    `ours`: it is the address of the settings; `problem`: why it could not, the last time."""

    host: str
    ours: bool
    problem: str


class TelegramBot(msgspec.Struct, frozen=True, kw_only=True):
    """A bot as Telegram sees it. `joins`: it may be added to groups; `reads_all`: privacy mode is
    off; `waiting`: updates that nobody has fetched; `rival`: another program fetches them, None
    where that could not be found out."""

    id: str
    name: str
    username: str
    joins: bool
    reads_all: bool
    waiting: int
    webhook: Webhook | None = None
    rival: bool | None = None
    chats: tuple[Chat, ...] = ()
    more: int = 0
    """Chats that were not looked into."""

    @property
    def link(self) -> str:
        return f"https://t.me/{self.username}"

    @property
    def group_link(self) -> str:
        """Adds it to a group."""
        return f"{self.link}?startgroup=true"
