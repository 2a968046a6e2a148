"""What each rule of the phrases means: the values it captured as one value, None where it is no
such thing after all, `Bad` where it is one that cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from swarm_core.schedule.reading.captured import Got
from swarm_core.schedule.reading.clocks import clock_of
from swarm_core.schedule.reading.dates import dated, moment
from swarm_core.schedule.reading.grammar import Captured
from swarm_core.schedule.reading.values import (
    After,
    Amount,
    Aside,
    Bad,
    Clock,
    Clocks,
    Day,
    Fact,
    Minute,
    Moment,
    MonthDays,
    Months,
    Nth,
    Offset,
    Part,
    Quiet,
    Start,
    Step,
    Times,
    Weekdays,
    Window,
    YearDay,
)
from swarm_core.schedule.reading.zones import zone_named, zone_of_city
from swarm_core.schedule.walls import LAST, WEEK

WORKDAYS, WEEKEND = (1, 2, 3, 4, 5), (0, 6)
_OFFSET = re.compile(r"UTC([+-])(\d{2}):(\d{2})")
_T = TypeVar("_T")


def meaning(rule: str, key: str, captured: Captured) -> object:
    bad = next((v for some in captured.values() for v in some if isinstance(v, Bad)), None)
    if bad is not None:
        return bad
    return _RULES.get(rule, _plain)(key, Got(captured))


def _plain(key: str, got: Got) -> object:
    """Words of a list: a number where the key is one; else what the one rule in it means."""
    only = got.only()
    if only is None:
        return int(key) if key.lstrip("-").isdigit() else key
    return int(only) if isinstance(only, str) and only.isdigit() else only


def _amount(key: str, got: Got) -> Amount | None:
    count, unit = got.maybe("count", int), got.maybe("unit", str)
    match key:
        case "half":
            return Amount(30, "minute")
        case "quarter":
            return Amount(15, "minute")
        case "three_quarters":
            return Amount(45, "minute")
        case "and_half" | "one_and_half" | "two_and_half":
            whole = {"one_and_half": 1, "two_and_half": 2}.get(key, count or 0)
            return Amount(whole * 60 + 30, "minute") if unit == "hour" else None
        case "both":
            counts, units = got.all("count", int), got.all("unit", str)
            sizes = {"hour": 60, "minute": 1, "day": 1440}
            if units not in (("hour", "minute"), ("day", "hour")):
                return None
            return Amount(counts[0] * sizes[units[0]] + counts[1] * sizes[units[1]], "minute")
    return Amount(count or 0, unit or "minute")


def _clock(key: str, got: Got) -> Clock | Bad:
    spoken = str(got.maybe("time", str) or got.maybe("hour", int) or 0)
    part = got.maybe("part", str) or got.maybe("parts", str) or ""
    if key == "spoken_night":
        part = "night"
    return clock_of(key, spoken, part, next(reversed(got.all("#", str)), "0"))


def _sure(_: str, got: Got) -> Clock | None:
    clock = got.one("clock", Clock)
    return None if clock.plain else clock


_ADVERBS = {
    "minute": (1, "minute"),
    "hour": (1, "hour"),
    "2_hourly": (2, "hour"),
    "week": (1, "week"),
    "fortnight": (2, "week"),
    "month": (1, "month"),
    "quarter": (3, "month"),
    "year": (1, "year"),
}


def _step(key: str, got: Got) -> Step:
    if key == "amount":
        return Step(got.one("amount", Amount))
    if key in _ADVERBS:
        return Step(Amount(*_ADVERBS[key]), adverb=True)
    count, _, unit = key.partition("_")
    return Step(Amount(int(count), unit))


def _days(key: str, got: Got) -> Weekdays | None:
    listed = got.all("weekday", int) or got.all("weekdays", int)
    part = got.maybe("part", str) or got.maybe("parts", str) or ""
    match key:
        case "all" | "daily" | "part" | "part_plural":
            return Weekdays(WEEK, part, adverb=key == "daily")
        case "part_all":
            return Weekdays(WEEK, "night", adverb=True)
        case "week" | "week_part":
            return Weekdays(WORKDAYS, part)
        case "weekend":
            return Weekdays(WEEKEND)
        case "span":
            first, last = listed
            count = (last - first) % 7 + 1
            return Weekdays(tuple(sorted((first + n) % 7 for n in range(count))))
        case "compound":
            said = got.maybe("day_part", str) or got.one("days_part", str)
            day, _, part = said.partition(" ")
            return Weekdays((int(day),), part)
    return Weekdays(tuple(sorted(set(listed))), part)


def _nth(key: str, got: Got) -> Nth | Bad | None:
    if key == "other":
        return Bad("days", "2", (str(got.one("weekday", int)),))
    nth, weekday = got.one("nth", int), got.one("weekday", int)
    if nth != LAST and not 1 <= nth <= 5:
        return Bad("date")
    if key == "every" and nth not in (1, LAST):
        return Bad("nth", str(nth), (str(weekday),))
    return Nth(nth, weekday)


def _month_days(key: str, got: Got) -> MonthDays | Bad:
    if key in {"first", "last"}:
        return MonthDays((1,) if key == "first" else (LAST,))
    days = tuple(sorted(set(got.all("nthday", int))))
    wrong = next((day for day in days if not 1 <= day <= 31), None)
    return Bad("date", str(wrong)) if wrong is not None else MonthDays(days)


def _fact(key: str, _: Got) -> Fact:
    kind, *where = key.split()
    return Fact(kind, tuple((name, value) for name, _, value in (w.partition("=") for w in where)))


def _quiet(key: str, got: Got) -> Quiet | Bad:
    if key == "short":
        return Quiet(5)
    amount = got.one("amount", Amount)
    sizes = {"minute": 1, "hour": 60, "day": 1440}
    if amount.unit not in sizes or not 0 < amount.count * sizes[amount.unit] <= 366 * 1440:
        return Bad("short" if amount.unit == "second" or not amount.count else "long")
    return Quiet(amount.count * sizes[amount.unit])


def _piece(key: str, got: Got) -> object:
    match key:
        case "clocks":
            return Clocks(got.all("clock", Clock) or got.all("sure", Clock))
        case "part" | "part_night" | "part_noon":
            return Part(got.maybe("part", str) or key.removeprefix("part_"))
        case "months":
            return Months(tuple(sorted(set(got.all("month", int)))))
        case "minute":
            minute = int(got.one("#", str))
            return Minute(minute) if minute < 60 else Bad("clock", str(minute))
        case "window":
            first, last = got.all("clock", Clock)
            return Window(first, last)
        case "year_day":
            day = got.one("dated", Day)
            return None if day.year is not None else YearDay(day)
        case "after":
            return After(got.one("amount", Amount))
        case "start":
            return Start(got.maybe("moment", Moment), got.maybe("clock", Clock))
        case "times" | "times_day":
            return Times(got.one("multiple", int), got.maybe("unit", str) or "day")
        case "aside":
            return Aside(got.one("aside", str))  # type: ignore[arg-type]
        case "offset":
            return _offset(got.one("whole", str))
    return got.only()


def _offset(text: str) -> Offset | None:
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return Offset(-minutes if found[1] == "-" else minutes)


def _zone(key: str, got: Got) -> object:
    return zone_named(got.one("whole", str) if key == "iana" else key)


def _city(_: str, got: Got) -> object:
    return zone_of_city(" ".join(got.all("word", str)))


_RULES: dict[str, Callable[[str, Got], object]] = {
    "amount": _amount,
    "clock": _clock,
    "sure": _sure,
    "step": _step,
    "days": _days,
    "nth_weekday": _nth,
    "month_days": _month_days,
    "dated": dated,
    "moment": moment,
    "fact": _fact,
    "quiet": _quiet,
    "piece": _piece,
    "zone": _zone,
    "city": _city,
}
