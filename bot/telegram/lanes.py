"""How fast one chat may be written to: bots/faq#broadcasting-to-users, "My bot is hitting limits".

One message a second, a few of them at once; twenty a minute in a group, of which cards may take
half, so that whoever asks something there is answered. Edits count as messages do.
"""

from __future__ import annotations

from collections import deque

import msgspec

from bot.chat.errands import Errand, Lane
from bot.chat.urgency import Urgency

SHARES = {
    Urgency.ANSWER: 1.0,
    Urgency.DECISION: 0.95,
    Urgency.RESULT: 0.9,
    Urgency.OTHER: 0.8,
    Urgency.CARD: 0.5,
    Urgency.LATER: 0.4,
}
"""Up to which part of a group's minute each goes."""
SKEW = 1.05
"""Requests are longer on their way at one time than at another, and are counted where they
arrive: so a second is kept a little longer here, and a minute too."""


def is_answer(errand: Errand) -> bool:
    """Whether it is a message that a person waits for."""
    return errand.what is Urgency.ANSWER and not errand.free


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the service says it takes, and how it is kept to."""

    a_second: int = 30
    """Messages in all."""
    burst: int = 3
    """Messages in a chat at once; then one a second."""
    a_minute: int = 20
    """Messages in a group."""
    hold: float = 5.0
    """Seconds for which a refusal in one chat holds up all of them, since it does not say whether
    it is meant for all of them."""
    patience: float = 60.0
    """Seconds that a request waits at most for a refusal to be over; its caller tries later."""
    answers: float = 3600.0
    """The same for what a person is told, and seconds for which it is tried again from when it was
    first refused: nobody tries it later, and what it tells may be told nowhere else."""

    def waits(self, errand: Errand) -> float:
        """Seconds that this one waits at most for a refusal to be over."""
        return self.answers if is_answer(errand) else self.patience


class ChatLane(Lane):
    """What goes to one chat, or by one method where a request is about none."""

    def __init__(self, name: str, limits: Limits) -> None:
        super().__init__()
        self.name = name
        self.until = 0.0
        """Refused so long."""
        self.own = 0.0
        """Until then its refusals are known to be its own alone."""
        self._limits = limits
        self._group = name.startswith(("-", "@"))
        self._sent: deque[float] = deque()
        self._spare, self._at = float(limits.burst), 0.0

    def sends(self, now: float) -> None:
        self._refill(now)
        self._spare -= 1.0
        self._sent.append(now)

    def refused(self, until: float) -> None:
        """No more than one at once when that is over."""
        self.until = max(self.until, until)
        self.rests(until)

    def rests(self, until: float) -> None:
        """The same, though the service has not said so."""
        self._spare, self._at = 0.0, max(self._at, until - SKEW)

    def when(self, what: Urgency, now: float) -> float:
        """From when on the next may go; not after `now` if at once."""
        self._refill(now)
        at = max(self.until, self._at + (1.0 - self._spare) * SKEW if self._spare < 1.0 else 0.0)
        most = max(1, int(self._limits.a_minute * SHARES[what]))
        if self._group and len(self._sent) >= most:
            at = max(at, self._sent[len(self._sent) - most] + 60.0 + SKEW)
        return at

    def idle(self, now: float) -> bool:
        """Whether nothing of it has to be remembered."""
        self._refill(now)
        past = max(self.until, self.own) <= now and not self._sent
        return past and not self.busy and self.head() is None

    def _refill(self, now: float) -> None:
        while self._sent and self._sent[0] <= now - 60.0 - SKEW:
            self._sent.popleft()
        if now > self._at:
            self._spare = min(self._limits.burst, self._spare + (now - self._at) / SKEW)
            self._at = now
