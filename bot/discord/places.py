"""Discord's places: a server is a space, its channels and threads are channels."""

from __future__ import annotations

from bot.chat.places import DIRECT, placed
from swarm_core import Place

SURFACE = "discord"


def place_of(guild: int | None, channel: int, root: int | None = None) -> Place:
    return placed(SURFACE, str(guild or DIRECT), str(channel), str(root or ""))
