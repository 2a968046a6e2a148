"""Discord's instants, and the ids that are made of them."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.fakes.chat import clock

EPOCH_MS = 1420070400000  # docs.discord.com/developers/reference#snowflakes


class Clock(clock.Clock):
    """An id is never given twice and always grows."""

    def __init__(self) -> None:
        super().__init__()
        self._last = 0

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
