"""Days as people name them: dates, tomorrow, next Friday."""

from __future__ import annotations

from datetime import date

from swarm_core.schedule.reading.captured import Got
from swarm_core.schedule.reading.values import Bad, Day, Moment

_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def dated(key: str, got: Got) -> Day | Bad | None:
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


def moment(key: str, got: Got) -> Moment | Bad:
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
