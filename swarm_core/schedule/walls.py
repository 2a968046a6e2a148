"""Times on the wall that have words, and the cron fields that say the same.

`wall_of(cron_of(wall)) == wall` for every wall. Most that people write as cron has a wall; the rest
is shown as its fields.
"""

from __future__ import annotations

import calendar

import msgspec

HOURS, MINUTES = tuple(range(24)), tuple(range(60))
DAYS, MONTHS, WEEK = tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7))
LAST = -1
_NAMES = {
    3: {name.lower(): number for number, name in enumerate(calendar.month_abbr) if number},
    4: {
        name: number
        for number, name in enumerate(["sun", "mon", "tue", "wed", "thu", "fri", "sat"])
    },
}
_ALL = (MINUTES, HOURS, DAYS, MONTHS, WEEK)
_FIELDS = ("minute", "hour", "day", "month", "weekday")
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class BadField(ValueError):
    """`field` is its name, or 'fields' when there are not five, or 'never' when no day is like
    that; `text` what it says."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(field, text)
        self.field, self.text = field, text


class Wall(msgspec.Struct, frozen=True, kw_only=True):
    """Every minute of `minutes` in every hour of `hours` on the days that all the rest agree on.
    Sunday is 0. `days` may be (LAST,): the last of the month; `nth`: only that one of its weekday
    in the month, LAST the last."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...] = DAYS
    months: tuple[int, ...] = MONTHS
    weekdays: tuple[int, ...] = WEEK
    nth: int = 0


def cron_of(wall: Wall) -> str:
    """The five fields of cron."""
    days = "L" if wall.days == (LAST,) else _field(wall.days, DAYS)
    weekdays = _field(wall.weekdays, WEEK)
    if wall.nth:
        weekdays = f"{wall.weekdays[0]}L" if wall.nth == LAST else f"{wall.weekdays[0]}#{wall.nth}"
    times = _field(wall.minutes, MINUTES, steps=True), _field(wall.hours, HOURS, steps=True)
    return " ".join((*times, days, _field(wall.months, MONTHS), weekdays))


def wall_of(fields: str) -> Wall | None:
    """What these fields say, where it has words. Raises `BadField`."""
    texts = _five(fields)
    minutes, hours = _set(0, texts[0]), _set(1, texts[1])
    months = _set(3, texts[3])
    days = (LAST,) if texts[2].upper() == "L" else _set(2, texts[2])
    weekdays, nth = _weekdays(texts[4])
    if not _ever(days, months, weekdays, texts):
        raise BadField("never", fields)
    both = len(weekdays) < 7 and days != DAYS
    if both or _odd(texts):
        return None
    return Wall(minutes=minutes, hours=hours, days=days, months=months, weekdays=weekdays, nth=nth)


def _odd(texts: tuple[str, ...]) -> bool:
    """Whether days are counted from a star with steps, which for cron is still a star."""
    return any(text.startswith("*") and text != "*" for text in (texts[2], texts[4]))


def _five(fields: str) -> tuple[str, ...]:
    texts = tuple(fields.split())
    if len(texts) != 5:
        raise BadField("fields", fields)
    return texts


def _ever(
    days: tuple[int, ...],
    months: tuple[int, ...],
    weekdays: tuple[int, ...],
    texts: tuple[str, ...],
) -> bool:
    if LAST in days or (len(weekdays) < 7 and not texts[2].startswith("*")):
        return True
    return any(day <= _LONGEST[month - 1] for day in days for month in months)


def _weekdays(text: str) -> tuple[tuple[int, ...], int]:
    name, hash_, nth = text.partition("#")
    if hash_:
        if nth not in {"1", "2", "3", "4", "5"}:
            raise BadField("weekday", text)
        return (_number(4, name, text) % 7,), int(nth)
    if text.upper().endswith("L"):
        return (_number(4, text[:-1], text) % 7,), LAST
    return _set(4, text), 0


def _set(index: int, text: str) -> tuple[int, ...]:
    every = _ALL[index]
    chosen: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        if slash and not (step.isascii() and step.isdigit() and int(step)):
            raise BadField(_FIELDS[index], text)
        low, dash, high = span.partition("-")
        if span == "*":
            first, last = every[0], every[-1]
        else:
            first = _number(index, low, text)
            last = _number(index, high, text) if dash else (every[-1] if slash else first)
        if first > last or (slash and int(step) > every[-1] + 1):
            raise BadField(_FIELDS[index], text)
        chosen.update(range(first, last + 1, int(step) if slash else 1))
    if index == 4:
        chosen = {day % 7 for day in chosen}
    return tuple(sorted(chosen))


def _number(index: int, word: str, text: str) -> int:
    every = _ALL[index]
    if (named := _NAMES.get(index, {}).get(word.lower())) is not None:
        return named
    last = 7 if index == 4 else every[-1]
    if not (word.isascii() and word.isdigit() and every[0] <= int(word) <= last):
        raise BadField(_FIELDS[index], text)
    return int(word)


def _field(chosen: tuple[int, ...], every: tuple[int, ...], *, steps: bool = False) -> str:
    if chosen == every:
        return "*"
    if steps and len(chosen) > 2:
        step = chosen[1] - chosen[0]
        if chosen == tuple(range(0, len(every), step)):
            return f"*/{step}"
    runs: list[list[int]] = []
    for one in chosen:
        if runs and one == runs[-1][-1] + 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ",".join(
        f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs
    )
