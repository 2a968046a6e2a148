"""Schedules in words, and what keeps a line from being read as one.

What `in_words` says is read back as the same trigger, in the same language; a test holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.messages import Messages
from swarm_core import (
    Cron,
    Every,
    Happens,
    Idle,
    Once,
    Trigger,
    Unsure,
    Wall,
    from_micros,
    wall_of,
)

_MINUTE = 60_000_000
_DAY = 1440 * _MINUTE
_LISTED, _MOST_LISTED = 4, 8
"""Times of a day that are listed at once, and where steps do not say them better; more days of the
month than that are not listed either."""
_WEEK, _WORK_WEEK = 7, (1, 2, 3, 4, 5)
_PLACES: dict[str, tuple[str, ...]] = {
    "none": (), "middle": (), "two": (), "model": (), "zone": ("words", "near"),
}  # fmt: skip
"""What the sentences of problems have a place for; the rest have one for the words."""
_FACTS = {
    ("task.ended", "failed"): "failed",
    ("task.ended", "done"): "done",
    ("task.ended", "cancelled"): "cancelled",
    ("task.ended", ""): "ended",
    ("task.parked", ""): "parked",
    ("task.accepted", ""): "accepted",
    ("budget.warned", ""): "warned",
}


def in_words(trigger: Trigger, zone: str, say: Messages, *, told: bool = True) -> str:
    """When it runs: `every weekday at 09:00 (Europe/Vienna)`. The zone stands there where times on
    the wall do, unless `told` says that it need not."""
    match trigger:
        case Cron(fields=fields):
            words = _on_the_wall(fields, say)
        case Every(period=period, start=start):
            every = _every(period // _MINUTE, say)
            if start < _DAY and _DAY % period == 0:
                return every
            words = say("schedule.since", every=every, **_when(start, zone, say))
        case Once(at=at):
            words = say("schedule.once", **_when(at, zone, say))
        case Idle(after=after):
            return say("schedule.idle", n=max(after // _MINUTE, 1))
        case Happens(fact=fact, where=where):
            return _happens(fact, where, say)
    return say("schedule.in_zone", words=words, zone=zone) if told else words


def next_words(instants: Sequence[int], zone: str, now: int, say: Messages) -> str:
    """`Next: 14:10, 14:20, tomorrow 09:00`: a day only where it is another than the one before."""
    there = ZoneInfo(zone)
    day = from_micros(now).astimezone(there).date()
    today, times = day, list[str]()
    for instant in instants:
        at = from_micros(instant).astimezone(there)
        time = f"{at:%H:%M}"
        if at.date() != day:
            day = at.date()
            if day == today + timedelta(days=1):
                time = say("schedule.tomorrow", time=time)
            elif day < today + timedelta(days=_WEEK):
                time = say("schedule.day_soon", weekday=_weekday(at.isoweekday(), say), time=time)
            else:
                time = say("schedule.day_later", date=_date(at, say), time=time)
        times.append(time)
    return say("schedule.next", times=", ".join(times))


def unsure_words(unsure: Unsure, say: Messages) -> str:
    """Why it could not be read, and the mend."""
    names = _PLACES.get(unsure.problem, ("words",))
    data = {name: unsure.data.get(name, "") for name in names}
    return say(f"schedule.problem.{unsure.problem}", **data)


def _every(minutes: int, say: Messages) -> str:
    if minutes % 60:
        return say("schedule.minutes", n=minutes)
    return say("schedule.hours", n=minutes // 60)


def _when(instant: int, zone: str, say: Messages) -> dict[str, str]:
    at = from_micros(instant).astimezone(ZoneInfo(zone))
    time = f"{at:%H:%M}"
    if at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset():
        offset = f"{at:%z}"  # of two equal times it has to say which
        time += f" UTC{offset[:3]}:{offset[3:5]}"
    return {"date": _date(at, say), "time": time}


def _date(at: datetime, say: Messages) -> str:
    month = say("schedule.months").split()[at.month - 1]
    return say("schedule.date", day=at.day, month=month, year=str(at.year))


def _weekday(day: int, say: Messages) -> str:
    return say("schedule.weekdays").split()[day % 7]


def _happens(fact: str, where: dict[str, str], say: Messages) -> str:
    outcome = where.get("outcome", "")
    known = _FACTS.get((fact, outcome))
    if known and len(where) == bool(outcome):
        return say(f"schedule.fact.{known}")
    pairs = [f"`{name}` `{value}`" for name, value in sorted(where.items())]
    return say("schedule.fact.other", fact=fact, where=pairs)


def _on_the_wall(fields: str, say: Messages) -> str:
    wall = wall_of(fields)
    words = _wall(wall, say) if wall else None
    return words or say("schedule.cron", fields=fields)


def _wall(wall: Wall, say: Messages) -> str | None:
    times = [f"{hour:02}:{minute:02}" for hour in wall.hours for minute in wall.minutes]
    if _MOST_LISTED < len(wall.days) < 31:
        return None
    days = _days(wall, say)
    if len(times) <= _LISTED:
        return say("schedule.at", days=days, times=times)
    if (step := _step(wall)) is not None:
        said = {"every": _every(step, say), "first": times[0], "last": times[-1]}
        if days == say("schedule.every_day"):
            return say("schedule.within", **said)
        return say("schedule.within_days", days=days, **said)
    return say("schedule.at", days=days, times=times) if len(times) <= _MOST_LISTED else None


def _step(wall: Wall) -> int | None:
    """Minutes from each time of a day to the next, where that is always the same and the reader
    understands it."""
    hours, minutes = wall.hours, wall.minutes
    between = hours[1] - hours[0] if len(hours) > 1 else 1
    if hours != tuple(range(hours[0], hours[-1] + 1, between)):
        return None
    if len(minutes) == 1:
        return between * 60
    step = minutes[1] - minutes[0]
    return step if between == 1 and minutes == tuple(range(0, 60, step)) and not 60 % step else None


def _days(wall: Wall, say: Messages) -> str:
    months = say("schedule.months").split()
    chosen = [months[month - 1] for month in wall.months]
    if len(chosen) == 1 and len(wall.days) == 1 and wall.days[0] > 0:
        return say("schedule.on_year_day", day=wall.days[0], month=chosen[0])
    days = _days_of_month(wall, say)
    return say("schedule.in_months", days=days, months=chosen) if len(chosen) < 12 else days


def _days_of_month(wall: Wall, say: Messages) -> str:
    if wall.nth:
        nths = say("schedule.nths").split()
        nth = say("schedule.last") if wall.nth < 0 else nths[wall.nth - 1]
        return say("schedule.on_nth", nth=nth, weekday=_weekday(wall.weekdays[0], say))
    if wall.days[0] < 0:
        return say("schedule.on_last")
    if len(wall.days) < 31:
        ordinals = say("schedule.ordinals").split()
        return say("schedule.on_days", days=[ordinals[day - 1] for day in wall.days])
    if len(wall.weekdays) == _WEEK:
        return say("schedule.every_day")
    if wall.weekdays == _WORK_WEEK:
        return say("schedule.work_days")
    week = sorted(wall.weekdays, key=lambda day: (day - 1) % 7)
    return say("schedule.on_weekdays", days=[_weekday(day, say) for day in week])
