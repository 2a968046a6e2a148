"""Hours of a day as people keep them: a time of day, and a span that may pass midnight.

Both are of the wall clock where somebody is, and become instants day by day. So on the day on
which the clocks are changed a span is an hour shorter or longer, as a night is; a time of day
that is left out that day is the one an hour later, one that comes twice is the first of the two.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import msgspec

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_SPAN = re.compile(r"\s*([0-9:]+)\s*[-\u2013]\s*([0-9:]+)\s*")


def time_of_day(text: str) -> time:
    """`8:30`, `08:30`. Raises ValueError."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        raise ValueError(f"not a time of day: {text!r}")
    return time(int(found[1]), int(found[2]))


class Span(msgspec.Struct, frozen=True):
    """From one time of day to the next `end`, on the next day where that is not later."""

    begin: time
    end: time

    @classmethod
    def of(cls, text: str) -> Span:
        """`22:00-08:00`. Raises ValueError, also where both ends are the same."""
        found = _SPAN.fullmatch(text)
        if not found:
            raise ValueError(f"not a span of hours: {text!r}")
        span = cls(time_of_day(found[1]), time_of_day(found[2]))
        if span.begin == span.end:
            raise ValueError("a span of hours ends at another time than it begins")
        return span

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"

    def over(self, now: datetime, zone: tzinfo | None) -> datetime | None:
        """When the span that `now` lies in ends, None where it lies in none. `zone` None: that
        of the machine."""
        today = now.astimezone(zone).date()
        for day in (today - timedelta(days=1), today):
            last = day if self.begin < self.end else day + timedelta(days=1)
            end = _instant(last, self.end, zone)
            if _instant(day, self.begin, zone) <= now < end:
                return end
        return None


def _instant(day: date, when: time, zone: tzinfo | None) -> datetime:
    return datetime.combine(day, when, zone).astimezone(UTC)
