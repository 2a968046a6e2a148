"""A gateway session: what it asked for, and every event it was or will be sent, for resuming."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.errors import Json


@dataclass
class Session:
    """It outlives its connection; `sent` is how far the connection of now has got."""

    id: str
    intents: int
    shard: tuple[int, int] = (0, 1)
    events: list[Json] = field(default_factory=list)
    sent: int = 0
    connected: bool = False
    ended_at: float | None = None
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def push(self, event: str, data: Any) -> None:
        """Keep `data` as it is now: what it shows goes on changing."""
        payload = {"op": 0, "t": event, "s": len(self.events) + 1, "d": copy.deepcopy(data)}
        self.events.append(payload)
        self.more.set()

    def rewind(self, seq: int) -> None:
        """Send again what came after `seq`: docs.discord.com/developers/events/gateway#resuming"""
        self.sent = seq
        self.more.set()
