"""The language of what is said to everybody at a place."""

from __future__ import annotations

from bot.chat.here import Here
from bot.messages import Messages, spoken


def said_in(here: Here, language: str) -> Messages:
    """The sentences of a language; of the swarm's for ''."""
    return spoken(language) if language else here.say
