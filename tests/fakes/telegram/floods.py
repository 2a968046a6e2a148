"""Too many requests: core.telegram.org/bots/faq#broadcasting-to-users, bots/api#responseparameters.

A refusal says how many seconds it lasts, and lasts so long; what is sent meanwhile is refused too,
and counted.
"""

from __future__ import annotations

import math
from collections import deque

from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.world import World

EVERYWHERE = "everywhere"


def counted(method: str) -> bool:
    """What is limited: messages and what is done to them, not questions."""
    if method == "sendChatAction":
        return False
    return method.startswith(("send", "editMessage", "copy", "forward"))


class Floods:
    def __init__(self, world: World) -> None:
        self._world = world
        self._until: dict[str, float] = {}
        self._sent: dict[tuple[str, str], deque[float]] = {}
        self.refused = 0
        self.too_early = 0

    def take(self, method: str, chat: str) -> Json | None:
        """The body of a 429 when this one is refused."""
        now = self._world.clock.now()
        held = [EVERYWHERE, *([chat] if counted(method) else [])]
        if (left := max(self._until.get(place, 0.0) - now for place in held)) > 0:
            self.too_early += 1
            self._world.note("too_early", method=method, chat=chat)
            return self._body(left)
        if not self._world.settings.flood or not counted(method):
            return None
        settings = self._world.settings
        windows = [("chat", chat, settings.per_chat), ("all", EVERYWHERE, settings.overall)]
        if chat.startswith(("-", "@")):
            windows.append(("group", chat, settings.per_group))
        for kind, place, (most, seconds) in windows:
            sent = self._sent.setdefault((kind, place), deque())
            while sent and sent[0] <= now - seconds:
                sent.popleft()
            if len(sent) >= most:
                return self.refuse(place, sent[0] + seconds - now)
        for kind, place, _ in windows:
            self._sent[kind, place].append(now)
        return None

    def refuse(self, place: str, seconds: float) -> Json:
        self._until[place] = self._world.clock.now() + max(1, math.ceil(seconds))
        return self._body(seconds)

    def _body(self, seconds: float) -> Json:
        """Client.cpp, set_retry_after_error: whole seconds"""
        self.refused += 1
        after = max(1, math.ceil(seconds))
        return {
            "ok": False,
            "error_code": 429,
            "description": f"Too Many Requests: retry after {after}",
            "parameters": {"retry_after": after},
        }
