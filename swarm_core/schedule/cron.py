"""When a schedule comes next. The one home of the library that knows cron.

Wall clocks go forward and back. An hour of the day that a change leaves out is run right after
it, one that comes twice is run the first time; what is said for each hour or in steps (`*` in the
hours or the minutes) goes by elapsed time. So does Debian's cron.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import tzlocal
from cronsim import CronSim, CronSimError

from swarm_core.kernel.clock import Micros, from_micros, to_micros
from swarm_core.kernel.errors import BadSchedule, NeverComes, UnknownZone
from swarm_core.kernel.text import nearest
from swarm_core.schedule.model import Cron, Every, Once, Trigger

EXAMPLE = "0 9 * * 1-5"
_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)
_LAST = to_micros(datetime(9990, 1, 1, tzinfo=UTC))


def machine_zone() -> str:
    """The name of the time zone this machine is set to; UTC where that has none."""
    try:
        return tzlocal.get_localzone_name() or "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


@lru_cache(512)
def zone_of(name: str) -> ZoneInfo:
    """Raises `UnknownZone`, also for one that cannot be read here."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = tuple(nearest(name, sorted(available_timezones())))
        raise UnknownZone(read=name[:80], near=near) from None


def following(trigger: Trigger, zone: str, after: Micros) -> Micros | None:
    """The first instant after `after`; None when there is none, or none is known beforehand.
    Raises `BadSchedule`."""
    match trigger:
        case Cron(fields=fields):
            return _next_of(fields, zone, after)
        case Every(period=period, start=start):
            past = max(0, (after - start) // period + 1)
            at = start + past * period
            return Micros(at) if at < _LAST else None
        case Once(at=at):
            return at if at > after else None
        case _:
            return None


def _next_of(fields: str, zone: str, after: Micros) -> Micros | None:
    if after >= _LAST:
        return None
    if len(fields.split()) != 5:
        raise BadSchedule(read=fields[:200], example=EXAMPLE)
    try:
        where, (minute, hour, *_) = zone_of(zone), fields.split()
        if minute.startswith("*") or hour.startswith("*"):
            return _by_the_clock(fields, where, after)
        steps = CronSim(fields, from_micros(after).astimezone(where))
        for found in steps:
            at = to_micros(found.astimezone(UTC))
            if at > after:  # in an hour that comes twice the wall clock goes back
                return at
    except CronSimError as error:
        if _has_no_day(fields):
            raise NeverComes(read=fields[:200], example="0 0 28 2 *") from error
        raise BadSchedule(read=fields[:200], example=EXAMPLE) from error
    return None


def _by_the_clock(fields: str, where: ZoneInfo, after: Micros) -> Micros | None:
    """What has a star in its minutes or hours. The library leaves whole hours of it out where
    clocks change at midnight, by half an hour or at a quarter to; so it is asked for stretches of
    time between changes."""
    begin, now = from_micros(after), from_micros(after)
    while True:
        ahead = timezone(_ahead(where, now))
        found = next(CronSim(fields, begin.astimezone(ahead)), None)
        if found is None:
            return None
        change = _change(where, now, found.astimezone(UTC))
        if change is None:
            return to_micros(found)
        begin, now = change - _TICK, change  # what falls on the change itself counts


def _ahead(where: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(where).utcoffset() or timedelta(0)


def _change(where: ZoneInfo, after: datetime, until: datetime) -> datetime | None:
    """The first change of the clocks there after `after`, not after `until`; None for none."""
    low, before = after, _ahead(where, after)
    while low < until:
        high = min(low + _DAY, until)
        if _ahead(where, high) != before:
            while high - low > _TICK:
                middle = low + (high - low) // 2
                low, high = (middle, high) if _ahead(where, middle) == before else (low, middle)
            return high
        low = high
    return None


def _has_no_day(fields: str) -> bool:
    """Whether it is the day of the month alone that is not in any of the months."""
    minute, hour, _, month, weekday = fields.split()
    try:
        CronSim(" ".join((minute, hour, "*", month, weekday)), datetime(2026, 1, 1, tzinfo=UTC))
        CronSim(fields.replace(f" {month} ", " * ", 1), datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError:
        return False
    return True
