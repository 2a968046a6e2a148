"""discord.py beside a fake: pointed at its address, and not waiting for what it knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yarl
from discord.asset import Asset
from discord.gateway import DiscordWebSocket
from discord.http import Route
from discord.state import ConnectionState


@contextmanager
def aimed(url: str) -> Iterator[None]:
    """While it lasts discord.py of this process speaks to the fake at `url`."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE
    Route.BASE = f"{url}/api/v10"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url.replace("http", "ws", 1) + "/")
    Asset.BASE = url
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY, Asset.BASE = before


@contextmanager
def ready_at_once() -> Iterator[None]:
    """While it lasts discord.py is ready when all servers that it was promised have come; else it
    would see whether more come within two seconds, at each sign-on of each test."""

    def left(state: Any) -> float:
        promised = getattr(state, "_guilds", {})  # it asks while it is made, too
        return 60.0 if any(guild.unavailable for guild in promised.values()) else 0.01

    ConnectionState.guild_ready_timeout = property(left, lambda *_: None)  # type: ignore[assignment]
    try:
        yield
    finally:
        del ConnectionState.guild_ready_timeout
