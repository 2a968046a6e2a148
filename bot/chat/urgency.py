"""What goes first of what is to be sent: a storm holds up cards long before answers."""

from __future__ import annotations

from contextvars import ContextVar
from enum import IntEnum


class Urgency(IntEnum):
    """What goes first; who waits for it decides."""

    ANSWER = 0
    """Somebody has typed or pressed something and looks at it."""
    DECISION = 1
    RESULT = 2
    OTHER = 3
    CARD = 4
    LATER = 5
    """Nobody waits for it: what a server is told of our commands."""


urgency: ContextVar[Urgency] = ContextVar("urgency", default=Urgency.OTHER)
"""Of what is being done now; set by who knows what it is."""
