"""Schedules that come again: steps of time, and times on days."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.schedule.model import MINUTE, Cron, Every, Trigger
from swarm_core.schedule.reading.once import next_of, once, weekday_days
from swarm_core.schedule.reading.said import (
    HOUR,
    LONGEST,
    PARTS,
    SIZES,
    Said,
    Wrong,
    fitted,
    wall_at,
)
from swarm_core.schedule.reading.values import (
    Amount,
    Clock,
    Clocks,
    Minute,
    Moment,
    MonthDays,
    Months,
    Nth,
    Part,
    Start,
    Step,
    Times,
    Weekdays,
    Window,
    YearDay,
)
from swarm_core.schedule.walls import HOURS, LAST, WEEK, Wall, cron_of

DAY = 1440 * MINUTE
SPREAD = {1: (9,), 2: (9, 17), 3: (8, 13, 18), 4: (0, 6, 12, 18)}
"""Hours of `three times a day`."""


def stepped(said: Said, step: Step) -> Trigger:
    amount = step.amount
    if amount.count == 0:
        raise Wrong("zero")
    if amount.unit == "second":
        minutes = max(1, -(-amount.count // 60))
        raise Wrong("short", others=(_every(said, minutes),) if minutes <= 1440 else ())
    if amount.unit == "day" and amount.count == 1:
        said.kinds.setdefault(Weekdays, Weekdays(WEEK))
        return wall_of_days(said)
    if amount.unit in {"month", "year", "week"} and amount.count == 1:
        return _each(said, amount.unit)
    if amount.unit in {"month", "year"}:
        raise Wrong("months", others=_months(said, amount))
    minutes = amount.count * SIZES[amount.unit]
    if minutes > 366 * 1440:
        raise Wrong("long")
    if start := said.take(Start):
        said.nothing_else()
        return Every(minutes * MINUTE, _from(said, start))
    if not said.kinds:
        return _every(said, minutes)
    if minutes >= 1440 and amount.unit in {"day", "week"}:
        raise _days(said, minutes)
    if Clocks in said.kinds or Part in said.kinds or Moment in said.kinds:
        raise Wrong("two")
    return Cron(cron_of(_stepping(said, minutes)))


def _every(said: Said, minutes: int) -> Every:
    """Where it divides the day, on the grid of the days; else from now on."""
    now = to_micros(said.now) // MINUTE * MINUTE
    if 1440 % minutes:
        return Every(minutes * MINUTE, Micros(now + minutes * MINUTE))
    into_day = (said.now.hour * 60 + said.now.minute) * MINUTE
    return Every(minutes * MINUTE, Micros((now - into_day) % DAY))


def _from(said: Said, start: Start) -> Micros:
    clock = start.clock
    if start.moment is None:
        return next_of(said, Clocks((clock or HOUR,))).at
    if clock:
        said.kinds[Clocks] = Clocks((clock,))
    return once(said, start.moment).at


def _each(said: Said, unit: str) -> Cron | Every:
    if unit == "year" and (moment := said.take(Moment)):
        if moment.day is None or moment.day.year is not None:
            raise Wrong("date")
        said.kinds[YearDay] = YearDay(moment.day)
    if unit == "week" and (moment := said.take(Moment)):
        if moment.weekday < 0 or moment.next or moment.day:
            raise Wrong("two")
        said.kinds[Weekdays] = Weekdays((moment.weekday,), moment.part)
    needed: dict[str, set[type]] = {
        "week": {Weekdays}, "month": {Nth, MonthDays}, "year": {YearDay},
    }  # fmt: skip
    if not needed[unit] & set(said.kinds):
        wall = Wall(minutes=(0,), hours=(9,), weekdays=(1,))
        if unit != "week":
            wall = Wall(minutes=(0,), hours=(9,), days=(1,))
        raise Wrong("day", others=() if unit == "year" else (Cron(cron_of(wall)),))
    return wall_of_days(said)


def _months(said: Said, amount: Amount) -> tuple[Trigger, ...]:
    if amount.unit == "year" or 12 % amount.count:
        return ()
    months = tuple(sorted((said.now.month + n) % 12 + 1 for n in range(0, 12, amount.count)))
    days = said.take(MonthDays) or MonthDays((1,))
    clock = said.clock() or HOUR
    return (Cron(cron_of(Wall(
        minutes=(clock.minute,), hours=(clock.hour,), days=days.days, months=months
    ))),)  # fmt: skip


def _days(said: Said, minutes: int) -> Wrong:
    """Steps of days at an hour: every one an hour off after the clocks change, or another."""
    listed = said.take(Weekdays)
    moment = said.take(Moment)
    weekdays = listed.days if listed else (moment.weekday,) if moment else ()
    clock = said.clock(listed.part if listed else "") or HOUR
    if said.kinds or len(weekdays) > 1 or (moment and moment.weekday < 0):
        return Wrong("two")
    first = Moment(weekday=weekdays[0]) if weekdays else Moment(ahead=1)
    day = weekday_days(said, first, clock)[0] if weekdays else said.now.date() + timedelta(days=1)
    wall = wall_at((clock,), weekdays or WEEK)
    steps = Every(minutes * MINUTE, said.at(day, clock))
    return Wrong("days", others=(steps, Cron(cron_of(wall))))


def _stepping(said: Said, minutes: int) -> Wall:
    window, minute = said.take(Window), said.take(Minute)
    weekdays, day = _which_days(said)
    first, last = (window.first, window.last) if window else (Clock(0), Clock(23, 59))
    if window and (last.hour, last.minute) == (0, 0):
        last = Clock(23, 59)
    if weekdays.part or (first.hour, first.minute) >= (last.hour, last.minute):
        raise Wrong("window")
    if minutes % 60 == 0:
        hours = minutes // 60
        if hours > 12 or (24 % hours and not window):
            raise Wrong("uneven", f"{hours} h")
        at = minute.minute if minute else first.minute
        chosen = [h for h in range(first.hour, 24, hours) if (h, at) <= (last.hour, last.minute)]
        return msgspec.structs.replace(day, minutes=(at,), hours=tuple(chosen))
    if minute:
        raise Wrong("two")
    if 60 % minutes:
        raise Wrong("uneven", f"{minutes} min")
    until = last.hour - 1 if last.minute == 0 else last.hour
    if first.minute or last.minute not in (0, 60 - minutes, 59):
        raise Wrong("window")
    return msgspec.structs.replace(
        day, minutes=tuple(range(0, 60, minutes)), hours=HOURS[first.hour : until + 1]
    )


def _which_days(said: Said) -> tuple[Weekdays, Wall]:
    """The days that were said, as a wall whose times are midnight."""
    weekdays, nth = said.take(Weekdays), said.take(Nth)
    month_days, year_day, months = said.take(MonthDays), said.take(YearDay), said.take(Months)
    said.nothing_else()
    if sum(one is not None for one in (nth, month_days, year_day)) > 1:
        raise Wrong("two")
    if weekdays and weekdays.days != WEEK and (nth or month_days or year_day):
        raise Wrong("two")
    wall = Wall(minutes=(0,), hours=(0,), weekdays=weekdays.days if weekdays else WEEK)
    change = msgspec.structs.replace
    if months:
        wall = change(wall, months=months.months)
    if nth:
        wall = change(wall, weekdays=(nth.weekday,), nth=nth.nth)
    if month_days:
        _check_days(month_days.days, wall.months)
        wall = change(wall, days=month_days.days)
    if year_day:
        if months:
            raise Wrong("two")
        wall = change(wall, days=(year_day.day.day,), months=(year_day.day.month,))
    return weekdays or Weekdays(WEEK), wall


def wall_of_days(said: Said) -> Cron | Every:
    clocks, part, times = said.take(Clocks), said.take(Part), said.take(Times)
    if times and times.count == 0:
        raise Wrong("zero")
    alone = not (said.kinds or clocks or part)
    if times and alone and times.unit == "hour" and 60 % times.count == 0:
        return _every(said, 60 // times.count)
    if said.kinds.keys() & {Window, Minute}:
        raise Wrong("often")
    weekdays, wall = _which_days(said)
    of_day = part.name if part else weekdays.part
    if clocks is None:
        hours = _spread(said, times) if times else (PARTS.get(of_day, HOUR.hour),)
        if not times:
            said.assumed.append("hour")
        clocks = Clocks(tuple(Clock(hour) for hour in hours))
    elif times and (times.unit != "day" or times.count != len(clocks.clocks)):
        raise Wrong("two")
    at = wall_at(tuple(fitted(clock, "" if said.assumed else of_day) for clock in clocks.clocks))
    return Cron(cron_of(msgspec.structs.replace(wall, minutes=at.minutes, hours=at.hours)))


def _spread(said: Said, times: Times) -> tuple[int, ...]:
    if times.unit != "day":
        raise Wrong("day")
    if times.count not in SPREAD:
        raise Wrong("often")
    said.assumed.append("hours")
    return SPREAD[times.count]


def _check_days(days: tuple[int, ...], months: tuple[int, ...]) -> None:
    for day in days:
        if day != LAST and all(day > LONGEST[month - 1] for month in months):
            raise Wrong("date", str(day))
