"""Telegram's places: a group is a space, its topics are channels; a private chat is direct."""

from __future__ import annotations

from telegram import Chat, Message

from bot.chat.places import DIRECT, placed
from bot.telegram.channels import GENERAL, SURFACE
from swarm_core import Place

PRIVATE = Chat.PRIVATE
GROUPS = (Chat.GROUP, Chat.SUPERGROUP)


def channel_of(message: Message, chat: str) -> str:
    """Where a message stands, in the chat known as `chat`."""
    topic = message.message_thread_id if message.is_topic_message else None
    return f"{chat}:{topic}" if topic and topic != GENERAL else chat


def place_of(channel: str, *, private: bool, root: int | None = None) -> Place:
    """A private chat and a topic are one conversation each; elsewhere one begins with `root`."""
    chat, _, topic = channel.partition(":")
    alone = private or bool(topic)
    return placed(SURFACE, DIRECT if private else chat, channel, "" if alone else str(root or ""))
