"""What a test may set; the defaults are the service's documented figures unless a line says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.fakes.chat.settings import Changeable

BOT = 7000000001
# Shaped like a real one, so that what hides secrets by their shape hides it; it opens nothing.
TOKEN = f"{BOT}:" + "AAfake-token-for-tests-only-" + "0000000"


@dataclass
class Settings(Changeable):
    token: str = TOKEN
    username: str = "waggle_bot"
    # core.telegram.org/bots/features#privacy-mode; a change holds for groups joined after it
    privacy: bool = True
    # core.telegram.org/bots/faq: one message a second in a chat, 20 a minute in a group, 30 a
    # second in all. "We may allow short bursts": nobody is told how short, so this is off.
    flood: bool = False
    per_chat: tuple[int, float] = (1, 1.0)
    per_group: tuple[int, float] = (20, 60.0)
    overall: tuple[int, float] = (30, 1.0)
    # Not documented; seen: github.com/NousResearch/hermes-agent/pull/4010, 100 commands with 5,300
    # characters in all passed where 50 with 12,800 did not
    commands_size: int = 5300
    # Not documented; seen: github.com/openclaw/openclaw/issues/80152
    callback_life: float = 15.0
    # core.telegram.org/bots/api#getting-updates: not kept longer than 24 hours; presses less, by
    # tdlib/telegram-bot-api, Client.cpp, process_new_callback_query_queue
    update_life: float = 86400.0
    press_life: float = 150.0
    # core.telegram.org/bots/api#sending-files, #getfile
    largest_upload: int = 50 * 1024 * 1024
    largest_photo: int = 10 * 1024 * 1024
    largest_download: int = 20 * 1024 * 1024
    # core.telegram.org/bots/api#using-a-local-bot-api-server: webhooks by HTTP, to any port
    local: bool = False
    # tdlib/telegram-bot-api, WebhookActor.cpp: after the second failure, doubled each time
    webhook_again: float = 1.0
    latency: float = 0.0
    down: bool = False

    def read(self, name: str, value: Any) -> Any:
        return tuple(value) if name in ("per_chat", "per_group", "overall") else value
