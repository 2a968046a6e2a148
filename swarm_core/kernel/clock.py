"""Time: aware datetimes in UTC; in tables and facts, integer microseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NewType, Protocol

Micros = NewType("Micros", int)
"""Microseconds since 1970-01-01T00:00:00Z: exact, orders like time, has no zone to forget."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def to_micros(instant: datetime) -> Micros:
    """Raises ValueError for a naive datetime."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no place on the time line")
    return Micros((instant - EPOCH) // _MICROSECOND)


def from_micros(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)
