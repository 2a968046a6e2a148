"""Where a message goes, as text: `-1001234`, in a topic of a forum `-1001234:45`; a conversation
that began with a message of a group has that message behind it, `-1001234/678`."""

from __future__ import annotations

from typing import Any

SURFACE, NAME = "telegram", "Telegram"
GENERAL = 1
"""The topic that every forum has; the service takes no message that names it."""


def address(channel: str) -> tuple[int, int | None]:
    """The chat, and the topic in it."""
    chat, _, topic = channel.partition("/")[0].partition(":")
    number = int(topic) if topic else GENERAL
    return int(chat), None if number == GENERAL else number


def to(channel: str) -> dict[str, Any]:
    """As what is sent has it."""
    chat, topic = address(channel)
    return {"chat_id": chat, "message_thread_id": topic}


def named(channel: str, chat: int, message: int) -> str:
    """What a message is called in `channel`: by its number, which begins anew in a chat that has
    become another; there the chat stands behind it, `678@-1009`."""
    return str(message) if address(channel)[0] == chat else f"{message}@{chat}"


def standing(channel: str, message: str) -> tuple[int, int]:
    """The chat and the number of a message."""
    number, _, chat = message.partition("@")
    return int(chat) if chat else address(channel)[0], int(number)


def moved(channel: str, chat: int) -> str:
    """The same in the chat that has taken its place, which has no topics yet."""
    _, slash, root = channel.partition("/")
    return f"{chat}{slash}{root}"
