"""Rate limits: docs.discord.com/developers/topics/rate-limits.

Buckets go by operation and major parameter: channel, guild, webhook, and an interaction, whose
answers are limited as those of a webhook of its own (discord/discord-api-docs issue 2701). What is
sent before a refusal's time is over is counted, and so are invalid requests, for which Discord bans
an address.
"""

from __future__ import annotations

import hashlib
from collections import deque

from tests.fakes.discord.errors import Json
from tests.fakes.discord.world import World

MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_id")
_TEN_MINUTES = 600.0


class Limits:
    def __init__(self, world: World) -> None:
        self._world = world
        self._used: dict[str, tuple[float, int]] = {}
        self._global: deque[float] = deque()
        self._until: dict[str, float] = {}
        self.too_early = 0
        self.refused = 0
        self._invalid: deque[float] = deque()

    def key(self, operation: str, parameters: dict[str, str]) -> str:
        major = [parameters[name] for name in MAJOR if name in parameters]
        return "+".join([operation, *major])

    def take(
        self, operation: str, parameters: dict[str, str]
    ) -> tuple[dict[str, str], Json | None]:
        """The headers of the answer, and the body of a 429 when this one is too many."""
        now = self._world.clock.now()
        key = self.key(operation, parameters)
        # #global-rate-limit: interactions are not bound by it
        bound = "interaction" not in operation and "webhook" not in operation
        for refused in (key, "global") if bound else (key,):
            if now < self._until.get(refused, 0.0):
                self.too_early += 1
                self._world.note("too_early", operation=operation)
        if bound:
            while self._global and self._global[0] < now - 1:
                self._global.popleft()
            if len(self._global) >= self._world.settings.global_limit:
                return self.refuse("global", self._global[0] + 1 - now, everywhere=True)
            self._global.append(now)
        most, seconds = self._figures(operation)
        start, used = self._used.get(key, (now, 0))
        if now >= start + seconds:
            start, used = now, 0
        headers = {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(0, most - used - 1)),
            "X-RateLimit-Reset": f"{start + seconds:.3f}",
            "X-RateLimit-Reset-After": f"{start + seconds - now:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(operation.encode()).hexdigest()[:32],
        }
        if used >= most:
            more, body = self.refuse(key, start + seconds - now)
            return {**headers, **more}, body
        self._used[key] = (start, used + 1)
        return headers, None

    def _figures(self, operation: str) -> tuple[int, float]:
        settings = self._world.settings
        most, seconds = settings.buckets.get(operation, settings.bucket)
        return most, seconds

    def refuse(
        self, key: str, seconds: float, *, everywhere: bool = False
    ) -> tuple[dict[str, str], Json]:
        """#exceeding-a-rate-limit"""
        seconds = max(0.001, round(seconds, 3))
        self.refused += 1
        self._until[key] = self._world.clock.now() + seconds
        headers = {
            "Retry-After": str(max(1, int(seconds + 0.999))),
            "X-RateLimit-Scope": "global" if everywhere else "user",
        }
        if everywhere:
            headers["X-RateLimit-Global"] = "true"
        return headers, {
            "message": "You are being rate limited.",
            "retry_after": seconds,
            "global": everywhere,
        }

    # #invalid-request-limit-aka-cloudflare-bans

    def count_invalid(self, status: int, scope: str | None) -> None:
        if status in (401, 403, 429) and scope != "shared":
            self._invalid.append(self._world.clock.now())

    def invalid(self) -> int:
        """How many in the last ten minutes."""
        while self._invalid and self._invalid[0] < self._world.clock.now() - _TEN_MINUTES:
            self._invalid.popleft()
        return len(self._invalid)

    def banned(self) -> bool:
        return self.invalid() >= self._world.settings.invalid_most
