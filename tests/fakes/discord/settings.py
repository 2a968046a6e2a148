"""What a test may set; the defaults are the service's documented figures unless a line says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fakes.chat.settings import Changeable

# Shaped like a real one, so that what hides secrets by their shape hides it; it opens nothing.
TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMA.GfAkEt." + "fake-token-for-tests-only-000000000000"
APPLICATION = "1000000000000000000"

GUILD_MEMBERS, PRESENCES, MESSAGE_CONTENT = 1 << 1, 1 << 8, 1 << 15


@dataclass
class Settings(Changeable):
    token: str = TOKEN
    # docs.discord.com/developers/events/gateway#privileged-intents: granted in the portal
    privileged: int = MESSAGE_CONTENT
    heartbeat_interval: int = 41250
    # docs.discord.com/developers/events/gateway#session-start-limit-object
    starts: int = 1000
    max_concurrency: int = 1
    # 5 there: more than max_concurrency within it get an invalid session. Here a test restarts
    # programs at once, so it asks for the real figure; too early ones are counted all the same.
    identify_window: float = 0.0
    # docs.discord.com/developers/interactions/receiving-and-responding#followup-messages
    interaction_deadline: float = 3.0
    token_life: float = 900.0
    # "the past few minutes": docs.discord.com/developers/resources/message#create-message
    nonce_window: float = 180.0
    # docs.discord.com/developers/topics/rate-limits: per bucket (requests, seconds) by operation;
    # the service names no figures for routes, it sends them, so these are ours.
    bucket: tuple[int, float] = (50, 1.0)
    buckets: dict[str, tuple[int, float]] = field(default_factory=dict)
    global_limit: int = 50
    invalid_most: int = 10_000
    largest_file: int = 10 * 1024 * 1024
    latency: float = 0.0
    down: bool = False  # neither requests nor connections are taken

    def read(self, name: str, value: Any) -> Any:
        if name == "bucket":
            return tuple(value)
        if name == "buckets":
            return {operation: tuple(figures) for operation, figures in value.items()}
        return value
