"""Which instants a plan has, from the rules alone: crontab(5) as Debian's cron keeps them.

It shares no line with what the swarm plans by. Two ways are here, and a test holds them to each
other: `cron` goes from one change of the clocks to the next, `cron_by_the_minute` is the main loop
of cron(8) retold, which looks at each minute there is.

The table of rules, and who keeps to them:

| rule | Debian's cron | cronsim 2.8 | here |
|---|---|---|---|
| five fields of lists, ranges, steps, names; Sunday is 0 and 7 | yes | yes | yes |
| day of month OR weekday; AND if one begins with a star | yes | yes | yes |
| `5/10`, a step of a single number | not in crontab(5) | from 5 on, each tenth | refused |
| fixed time: minute and hour begin with no star | yes | yes | yes |
| a fixed time that the clocks leave out: right after it | gaps < 3 h | always | always |
| several such in one gap | each, seconds apart | the same instant again | one instant |
| a fixed time that comes twice: the first time only | up to 3 h | always | always |
| with a star: by the clock, none in a gap, twice in an hour that is | yes | no (below) | yes |

Where clocks change at midnight, by half an hour or at a quarter to, cronsim leaves out whole hours
of times with a star (`*/30 1 * * 0` in America/Havana, 8 March 2026: none), has some in the gap, or
never comes back (`59 */3 * * 7` in Pacific/Chatham, April 2028).

A gap of three hours or more is Antarctica/Casey's alone: there `limit=None` keeps the promise that
nothing is passed over, where cron forgets.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DEBIAN = 180
"""Minutes: what cron takes for a change of the clocks, and not for somebody setting them."""
YEARS = (2015, 2041)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  minutes on the wall have no zone
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_DAY = 24 * 60
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


@dataclass(frozen=True)
class Fields:
    """What the five fields of an expression allow; weekdays count from Sunday, 0."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    both: bool
    """Day of month and weekday have to fit, not one of them."""
    wild: bool
    """By the clock, whatever changes of it do."""

    def day(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        fits = (day.day in self.days, day.isoweekday() % 7 in self.weekdays)
        return all(fits) if self.both else any(fits)

    def at(self, wall: int) -> bool:
        """Whether it fits at this minute on the wall, counted from 1970 there."""
        moment = _EPOCH + wall * _MINUTE
        clock = moment.hour in self.hours and moment.minute in self.minutes
        return clock and self.day(moment.date())

    def between(self, first: int, end: int) -> Iterator[int]:
        """The minutes on the wall that fit, from `first` on and before `end`."""
        for day in range(first // _DAY, (end - 1) // _DAY + 1):
            if self.day((_EPOCH + timedelta(days=day)).date()):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        wall = day * _DAY + hour * 60 + minute
                        if first <= wall < end:
                            yield wall


def parse(expression: str) -> Fields:
    """Raises `ValueError` for what crontab(5) does not allow."""
    minute, hour, day, month, weekday = expression.split()
    return Fields(
        minutes=_field(minute, 0, 59),
        hours=_field(hour, 0, 23),
        days=_field(day, 1, 31),
        months=_field(month, 1, 12, _MONTHS),
        weekdays=frozenset(number % 7 for number in _field(weekday, 0, 7, _WEEKDAYS)),
        both=day.startswith("*") or weekday.startswith("*"),
        wild=minute.startswith("*") or hour.startswith("*"),
    )


def _field(text: str, least: int, most: int, names: list[str] | None = None) -> frozenset[int]:
    def number(word: str) -> int:
        if names and word.lower() in names:
            return names.index(word.lower()) + (1 if least else 0)
        value = int(word)
        if not least <= value <= most:
            raise ValueError(word)
        return value

    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        low, dash, high = span.partition("-")
        if slash and not dash and span != "*":
            raise ValueError(part)
        first, last = (least, most) if span == "*" else (number(low), number(high or low))
        if last < first or (slash and int(step) < 1):
            raise ValueError(part)
        found.update(range(first, last + 1, int(step) if slash else 1))
    return frozenset(found)


@cache
def changes(zone: str) -> tuple[tuple[int, int], ...]:
    """`(minute, offset)`: from which minute of UTC on the zone's clocks are how many ahead."""
    where = ZoneInfo(zone)

    def ahead(minute: int) -> int:
        offset = (_FIRST + minute * _MINUTE).astimezone(where).utcoffset()
        assert offset is not None
        return offset // _MINUTE

    first, end = (_minute(datetime(year, 1, 1, tzinfo=UTC)) for year in YEARS)
    found = [(first, ahead(first))]
    for day in range(first, end, _DAY):
        # Two changes within a day would hide each other; no zone has them.
        low, high = day, day + _DAY
        if ahead(high) != found[-1][1]:
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if ahead(middle) == found[-1][1] else (low, middle)
            found.append((high, ahead(high)))
    return tuple(found)


def _pieces(zone: str, first: int, end: int) -> list[tuple[int, int, int]]:
    """`(begin, end, offset)`: the time between in stretches of one offset."""
    known = changes(zone)
    assert known[0][0] <= first, "before the years that are known"
    place = bisect_right(known, (first, _DAY)) - 1
    pieces = []
    for number in range(place, len(known)):
        begin, offset = known[number]
        after = known[number + 1][0] if number + 1 < len(known) else end
        if begin >= end:
            break
        pieces.append((max(begin, first), min(after, end), offset))
    return pieces


def cron(
    expression: str, zone: str, after: datetime, until: datetime, *, limit: int | None = None
) -> list[datetime]:
    """The instants after `after`, up to and with `until`, in UTC, each once.

    `limit` is the number of minutes from which on a change of the clocks is none: cron then goes
    on from the new time, as if it had just begun.
    """
    fields = parse(expression)
    low, high = _minute(after), _minute(until)
    first = low - 2 * _DAY  # a gap or a repeated hour may have begun before
    pieces = _pieces(zone, first, high + 1)
    found: set[int] = set()
    reached = first + pieces[0][2]
    for begin, end, offset in pieces:
        wall, wall_end = begin + offset, end + offset
        if fields.wild:
            found.update(each - offset for each in fields.between(wall, wall_end))
            continue
        gap = wall - reached
        if limit is not None and (gap >= limit or gap < -limit):
            reached = wall
        if wall > reached and any(True for _ in fields.between(reached, wall)):
            found.add(begin)
        found.update(each - offset for each in fields.between(max(wall, reached), wall_end))
        reached = max(reached, wall_end)
    return [_FIRST + each * _MINUTE for each in sorted(found) if low < each <= high]


def cron_by_the_minute(
    expression: str, zone: str, after: datetime, until: datetime, *, limit: int = DEBIAN
) -> list[datetime]:
    """As `cron`, the way of cron(8): each minute it compares the wall with a time of its own.

    It begins a day before `after`, so that it knows what has been.
    """
    fields, where = parse(expression), ZoneInfo(zone)
    low, high = _minute(after), _minute(until)
    found: list[int] = []
    virtual: int | None = None
    for minute in range(low - _DAY, high + 1):
        moment = (_FIRST + minute * _MINUTE).astimezone(where)
        wall = (moment.replace(tzinfo=None) - _EPOCH) // _MINUTE
        if virtual is None:
            virtual = wall - 1
        late = wall - virtual
        runs = False
        if late == 1 or late > limit or late <= -limit:
            virtual = wall
            runs = fields.at(wall)
        elif late > 0:
            # Forward: what goes by the clock at the time there is, the rest minute by minute.
            runs = fields.wild and fields.at(wall)
            while virtual < wall:
                virtual += 1
                runs = runs or (not fields.wild and fields.at(virtual))
        else:
            # Backward: its own time stands still until the wall has caught up.
            runs = fields.wild and fields.at(wall)
        if runs and minute > low:
            found.append(minute)
    return [_FIRST + minute * _MINUTE for minute in found]


def every(period: timedelta, start: datetime, after: datetime, until: datetime) -> list[datetime]:
    """`start` and whole numbers of periods after it, whatever the clocks do."""
    number = max(0, (after - start) // period + 1)
    found = []
    while (at := start + number * period) <= until:
        found.append(at)
        number += 1
    return found


def once(at: datetime, after: datetime, until: datetime) -> list[datetime]:
    return [at] if after < at <= until else []


def _minute(moment: datetime) -> int:
    """The last whole minute of UTC at `moment`."""
    return (moment - _FIRST) // _MINUTE
