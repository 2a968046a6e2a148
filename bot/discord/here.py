"""What the parts of the Discord surface share."""

from __future__ import annotations

from dataclasses import dataclass

from bot.chat import here
from bot.discord.marks import Marks
from bot.discord.rest import Rest
from bot.discord.threads import Threads


@dataclass(frozen=True, kw_only=True)
class Here(here.Here):
    """What chats share, by way of Discord; and up to where it was heard."""

    way: Rest
    homes: Threads
    marks: Marks
