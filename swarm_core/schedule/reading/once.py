"""Schedules that are over with one time: tomorrow at nine, in two hours."""

from __future__ import annotations

from datetime import date, timedelta

from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.schedule.model import MINUTE, Cron, Once, Trigger
from swarm_core.schedule.reading.said import (
    FARTHEST,
    HOUR,
    SIZES,
    Said,
    Wrong,
    fitted,
    real,
    wall_at,
)
from swarm_core.schedule.reading.values import Amount, Clock, Clocks, Moment, Part
from swarm_core.schedule.reading.zones import instant
from swarm_core.schedule.walls import cron_of


def once(said: Said, moment: Moment) -> Once:
    clock = said.clock(moment.part)
    said.nothing_else()
    today = said.now.date()
    days = [today + timedelta(days=moment.ahead)] if moment.ahead >= 0 else []
    if moment.day:
        days = [_dated(said, moment, clock)]
    elif moment.weekday >= 0:
        days = weekday_days(said, moment, clock)
    if clock is None and days[0] == today:
        raise Wrong("hour", others=tuple(_later_today(said)))
    clock = clock or said.assume(HOUR)
    if len(days) > 1:
        others = tuple(Once(said.at(day, clock)) for day in days)
        raise Wrong("which_day", others=others)
    found = said.at(days[0], clock)
    if found <= to_micros(said.now):
        raise _past(said, days[0], clock, moment)
    return Once(found)


def _later_today(said: Said) -> list[Trigger]:
    hours = [h for h in (9, 12, 15, 18, 21) if h > said.now.hour]
    found = [instant(said.now.date(), h, 0, said.zone) for h in hours[:2]]
    return [Once(at) for at in found if at is not None]


def _past(said: Said, day: date, clock: Clock, moment: Moment) -> Wrong:
    """A time that is over; what may be meant is the next one of that sort."""
    today = said.now.date()
    later = today + timedelta(days=1)
    if moment.day:
        month_and_day = (day.month, day.day)
        year = today.year + (month_and_day <= (today.month, today.day))
        later = real(year, *month_and_day) or later
    found = instant(later, clock.hour, clock.minute, said.zone)
    return Wrong("past", others=() if found is None else (Once(found),))


def _dated(said: Said, moment: Moment, clock: Clock | None) -> date:
    day, today = moment.day, said.now.date()
    if day is None:
        raise Wrong("date")
    years = [day.year] if day.year else range(today.year, today.year + 9)
    for year in years:
        found = real(year, day.month, day.day)
        over = found == today and clock and (clock.hour, clock.minute) <= said.now_clock
        if found and (day.year or (found >= today and not over)):
            if moment.weekday >= 0 and found.isoweekday() % 7 != moment.weekday:
                raise Wrong("date", found.isoformat())
            if found < today:
                raise _past(said, found, clock or HOUR, moment)
            return found
    raise Wrong("date", f"{day.day}.{day.month}.")


def weekday_days(said: Said, moment: Moment, clock: Clock | None) -> list[date]:
    """The day that is meant, or the two that may be."""
    today = said.now.date()
    ahead = (moment.weekday - today.isoweekday()) % 7
    this = today + timedelta(days=ahead)
    later = this + timedelta(days=7)
    if ahead == 0:
        over = clock and (clock.hour, clock.minute) <= said.now_clock
        return [later] if over or moment.next else [this, later]
    if moment.next and this.isocalendar()[:2] == today.isocalendar()[:2]:
        return [this, later]
    return [this]


def next_of(said: Said, clocks: Clocks) -> Once:
    """`at 9`: the next 9:00 there is."""
    part = said.take(Part)
    said.nothing_else()
    if len(clocks.clocks) > 1:
        raise Wrong("often", others=(Cron(cron_of(wall_at(clocks.clocks))),))
    clock = fitted(clocks.clocks[0], part.name if part else "")
    today = said.now.date()
    for ahead in (0, 1):
        found = said.instant(today + timedelta(days=ahead), clock)
        if found is not None and found > to_micros(said.now):
            return Once(found)
    raise said.gap(today + timedelta(days=1), clock)


def after_now(said: Said, amount: Amount) -> Once:
    """`in 2 hours`: from this minute on, or that many days from today."""
    if amount.unit in {"month", "year"}:
        if amount.count > 240:
            raise Wrong("far")
        months = said.now.month - 1 + amount.count * (12 if amount.unit == "year" else 1)
        day = real(said.now.year + months // 12, months % 12 + 1, said.now.day)
        if day is None:
            raise Wrong("date")
        return _on(said, day)
    if amount.unit in {"day", "week"}:
        days = amount.count * (7 if amount.unit == "week" else 1)
        if days > FARTHEST:
            raise Wrong("far")
        return _on(said, said.now.date() + timedelta(days=days))
    said.nothing_else()
    start = to_micros(said.now) // MINUTE * MINUTE
    if amount.unit == "second" or not amount.count:
        raise Wrong("short", others=(Once(Micros(start + 2 * MINUTE)),))
    if amount.count * SIZES[amount.unit] > FARTHEST * 1440:
        raise Wrong("far")
    return Once(Micros(start + amount.count * SIZES[amount.unit] * MINUTE))


def _on(said: Said, day: date) -> Once:
    clock = said.clock()
    said.nothing_else()
    if day <= said.now.date():
        raise Wrong("zero")
    return Once(said.at(day, clock or Clock(said.now.hour, said.now.minute)))
