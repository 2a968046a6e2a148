"""How many refused requests a service still lets us make.

What can go wrong: a service shuts out an address that was refused 10,000 times in ten minutes (401,
403, 429), or refuses a bot that goes on flooding it for longer and longer. So far fewer are allowed
here, and what matters less stops earlier: while a storm lasts, a card is no longer edited long
before a command is no longer answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from bot.chat.urgency import Urgency

MOST = 100
WINDOW = 600.0
"""Refused requests in so many seconds."""


SHARES = {
    Urgency.ANSWER: 1.0,
    Urgency.DECISION: 0.95,
    Urgency.RESULT: 0.85,
    Urgency.OTHER: 0.7,
    Urgency.CARD: 0.4,
    Urgency.LATER: 0.3,
}
"""Up to which part of the allowance each goes on."""


class Allowance:
    """Counts what was refused. `now` is a clock in seconds."""

    def __init__(self, now: Callable[[], float], *, most: int = MOST) -> None:
        self._now = now
        self._most = most
        self._refused: deque[float] = deque()

    @property
    def used(self) -> int:
        """Refused in the last ten minutes."""
        now = self._now()
        # Reckoned as in `more`: what is due there has to be over here, to the last digit.
        while self._refused and self._refused[0] + WINDOW <= now:
            self._refused.popleft()
        return len(self._refused)

    def refused(self) -> None:
        self._refused.append(self._now())

    def takes(self, what: Urgency, underway: int) -> bool:
        """Whether one more may be sent while `underway` others may still be refused."""
        return self.used + underway < self._most * SHARES[what]

    def more(self) -> float | None:
        """When the oldest of them counts no longer; None when none does."""
        return self._refused[0] + WINDOW if self.used else None
