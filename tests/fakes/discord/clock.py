"""The fake's time: the machine's, plus what a test has put it forward by."""

from __future__ import annotations

import time
from datetime import UTC, datetime

EPOCH_MS = 1420070400000  # docs.discord.com/developers/reference#snowflakes


class Clock:
    """Time and the ids made of it; an id is never given twice and always grows."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._last = 0

    def now(self) -> float:
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("time does not go back")
        self._ahead += seconds

    def stamp(self) -> str:
        """Now, as Discord writes instants."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat()

    def snowflake(self) -> str:
        made = (int(self.now() * 1000) - EPOCH_MS) << 22
        self._last = max(made, self._last + 1)
        return str(self._last)


def made_at(snowflake: str) -> float:
    """When the thing of this id was made, in seconds."""
    return ((int(snowflake) >> 22) + EPOCH_MS) / 1000
