"""What each rule of the phrases means: the values it captured as one value, None where it is no
such thing after all, `Bad` where it is one that cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from swarm_core.schedule.reading.clocks import clock_of
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
    return _RULES.get(rule, _plain)(key, _Got(captured))


class _Got:
    """What was captured, by the rules that did it."""

    def __init__(self, captured: Captured) -> None:
        self._captured = captured

    def __contains__(self, name: str) -> bool:
        return name in self._captured

    def all(self, name: str, sort: type[_T]) -> tuple[_T, ...]:
        return tuple(v for v in self._captured.get(name, ()) if isinstance(v, sort))

    def one(self, name: str, sort: type[_T]) -> _T:
        return self.all(name, sort)[0]

    def maybe(self, name: str, sort: type[_T]) -> _T | None:
        return next(iter(self.all(name, sort)), None)

    def only(self) -> object:
        return next((v for some in self._captured.values() for v in some), None)


def _plain(key: str, got: _Got) -> object:
    """Words of a list: a number where the key is one; else what the one rule in it means."""
    only = got.only()
    if only is None:
        return int(key) if key.lstrip("-").isdigit() else key
    return int(only) if isinstance(only, str) and only.isdigit() else only


def _amount(key: str, got: _Got) -> Amount | None:
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


def _clock(key: str, got: _Got) -> Clock | Bad:
    spoken = str(got.maybe("time", str) or got.maybe("hour", int) or 0)
    part = got.maybe("part", str) or got.maybe("parts", str) or ""
    if key == "spoken_night":
        part = "night"
    return clock_of(key, spoken, part, next(reversed(got.all("#", str)), "0"))


def _sure(_: str, got: _Got) -> Clock | None:
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


def _step(key: str, got: _Got) -> Step:
    if key == "amount":
        return Step(got.one("amount", Amount))
    if key in _ADVERBS:
        return Step(Amount(*_ADVERBS[key]), adverb=True)
    count, _, unit = key.partition("_")
    return Step(Amount(int(count), unit))


def _days(key: str, got: _Got) -> Weekdays | None:
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


def _nth(key: str, got: _Got) -> Nth | Bad | None:
    if key == "other":
        return Bad("days", "2", (str(got.one("weekday", int)),))
    nth, weekday = got.one("nth", int), got.one("weekday", int)
    if nth != LAST and not 1 <= nth <= 5:
        return Bad("date")
    if key == "every" and nth not in (1, LAST):
        return Bad("nth", str(nth), (str(weekday),))
    return Nth(nth, weekday)


def _month_days(key: str, got: _Got) -> MonthDays | Bad:
    if key in {"first", "last"}:
        return MonthDays((1,) if key == "first" else (LAST,))
    days = tuple(sorted(set(got.all("nthday", int))))
    wrong = next((day for day in days if not 1 <= day <= 31), None)
    return Bad("date", str(wrong)) if wrong is not None else MonthDays(days)


_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _dated(key: str, got: _Got) -> Day | Bad | None:
    match key:
        case "date":
            year, month, day = map(int, got.one("date", str).split("-"))
            return _checked(Day(day, month, year), got.one("date", str))
        case "dotted":
            said = got.one("dotted", str)
            day, month, *rest = (int(part) for part in said.split(".") if part)
            return _checked(Day(day, month, rest[0] if rest else None), said)
        case "slashed":
            return Bad("slashed", got.one("slashed", str))
    number, in_month = got.one("nthday", int), got.one("month", int)
    in_year = got.maybe("year", int)
    if in_year is not None and not 1000 <= in_year <= 9999:
        return None
    return _checked(Day(number, in_month, in_year), "")


def _checked(day: Day, said: str) -> Day | Bad:
    if not (1 <= day.month <= 12 and 1 <= day.day <= _LONGEST[day.month - 1]):
        return Bad("date", said)
    if day.year is not None:
        try:
            date(day.year, day.month, day.day)
        except ValueError:
            return Bad("date", said)
    return day


def _moment(key: str, got: _Got) -> Moment | Bad:
    part = got.maybe("part", str) or ""
    match key:
        case "today" | "tomorrow" | "overmorrow":
            return Moment(ahead=("today", "tomorrow", "overmorrow").index(key))
        case "tonight":
            return Moment(ahead=0, part="tonight")
        case "this":
            return Moment(ahead=0, part="tonight" if part == "night" else part)
        case "tomorrow_part":
            return Moment(ahead=1, part=part or "morning")
        case "next":
            return Moment(weekday=got.one("weekday", int), next=True)
        case "date":
            return Moment(
                day=got.one("dated", Day), weekday=next(iter(got.all("weekday", int)), -1)
            )
        case "bare":
            return Bad("once", str(got.one("nthday", int)))
    if said := got.maybe("day_part", str):
        day, _, part = said.partition(" ")
        return Moment(weekday=int(day), part=part)
    return Moment(weekday=got.one("weekday", int), part=part)


def _fact(key: str, _: _Got) -> Fact:
    kind, *where = key.split()
    return Fact(kind, tuple((name, value) for name, _, value in (w.partition("=") for w in where)))


def _quiet(key: str, got: _Got) -> Quiet | Bad:
    if key == "short":
        return Quiet(5)
    amount = got.one("amount", Amount)
    sizes = {"minute": 1, "hour": 60, "day": 1440}
    if amount.unit not in sizes or not 0 < amount.count * sizes[amount.unit] <= 366 * 1440:
        return Bad("short" if amount.unit == "second" or not amount.count else "long")
    return Quiet(amount.count * sizes[amount.unit])


def _piece(key: str, got: _Got) -> object:
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


def _zone(key: str, got: _Got) -> object:
    return zone_named(got.one("whole", str) if key == "iana" else key)


def _city(_: str, got: _Got) -> object:
    return zone_of_city(" ".join(got.all("word", str)))


_RULES: dict[str, Callable[[str, _Got], object]] = {
    "amount": _amount,
    "clock": _clock,
    "sure": _sure,
    "step": _step,
    "days": _days,
    "nth_weekday": _nth,
    "month_days": _month_days,
    "dated": _dated,
    "moment": _moment,
    "fact": _fact,
    "quiet": _quiet,
    "piece": _piece,
    "zone": _zone,
    "city": _city,
}
