"""What the parts of the Telegram surface share."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import User

from bot.chat import here
from bot.telegram.chats import Chats
from bot.telegram.homes import Homes
from bot.telegram.marks import Marks
from bot.telegram.rest import Rest


@dataclass(frozen=True, kw_only=True)
class Here(here.Here):
    """What chats share, by way of Telegram; who we are there, and where."""

    way: Rest
    homes: Homes
    chats: Chats
    marks: Marks
    me: User

    @property
    def link(self) -> str:
        """Opens a chat with us."""
        return f"https://t.me/{self.me.username}"
