"""Expressions, zones and times drawn from a seed, most of them where clocks change, a month ends,
29 February is, or the week turns."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import available_timezones

from tests.schedule.oracle import changes

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTES = ("0", "30", "59", "5", "0,30", "*/30", "*/15", "10-50/20", "*")
_HOURS = ("0", "1", "2", "3", "4", "23", "*", "*/2", "*/3", "0-3", "1,2,3", "2-4", "22,23,0")
_DAYS = ("*", "*", "*", "*", "1", "29", "28-31", "*/7", "1,15", "31")
_MONTHS = ("*", "*", "*", "*", "*", "2", "3", "MAR,OCT", "4,9,10,11", "*/2")
_WEEKDAYS = ("*", "*", "*", "0", "7", "6", "1-5", "SUN", "sat,sun", "*/2", "5-7", "0-7/3")


ODD = (
    *("Europe/Berlin", "America/New_York", "UTC", "Asia/Kolkata"),
    *("America/Havana", "America/Santiago", "Africa/Cairo", "Asia/Beirut"),  # at midnight
    *("Atlantic/Azores", "America/Nuuk", "America/Scoresbysund"),
    *("Australia/Lord_Howe", "Pacific/Chatham"),  # half an hour, and at a quarter to
    *("Antarctica/Troll", "Antarctica/Casey", "Africa/Casablanca", "Africa/Juba"),
)
"""Zones of every kind of change there is from 2020 to 2035."""


@cache
def zones() -> tuple[str, ...]:
    """All zones of the database."""
    return tuple(sorted(available_timezones()))


def expression(draw: random.Random) -> str:
    """Five fields; at most a few dozen instants a day, but for one of all minutes."""
    while True:
        minute, hour = draw.choice(_MINUTES), draw.choice(_HOURS)
        if minute == "*" and draw.random() < 0.7:
            continue
        rest = (draw.choice(_DAYS), draw.choice(_MONTHS), draw.choice(_WEEKDAYS))
        return " ".join((minute, hour, *rest))


def window(draw: random.Random, zone: str) -> tuple[datetime, datetime]:
    """A few days around a change of the zone's clocks, where it has any."""
    turns = [_EPOCH + timedelta(minutes=minute) for minute, _ in changes(zone)[1:]]
    turns = [turn for turn in turns if FIRST < turn < LAST]
    if turns and draw.random() < 0.85:
        middle = draw.choice(turns)
    else:
        middle = FIRST + (LAST - FIRST) * draw.random()
        if draw.random() < 0.5:  # a month's end
            middle = middle.replace(day=1)
        middle = middle.replace(second=0, microsecond=0)
    before, after = draw.randint(1, 3_000), draw.randint(200, 3_000)
    return middle - timedelta(minutes=before), middle + timedelta(minutes=after)


def cases(
    seed: int, rounds: int, among: Sequence[str]
) -> Iterator[tuple[str, str, datetime, datetime]]:
    """`(expression, zone, after, until)`: each round has every zone once."""
    draw = random.Random(seed)
    for _ in range(rounds):
        for zone in among:
            yield (expression(draw), zone, *window(draw, zone))
