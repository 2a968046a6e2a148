"""What a line may say of time, piece by piece, and what a whole line is read as."""

from __future__ import annotations

from typing import Literal

import msgspec

from swarm_core.schedule.model import Action, Report, Trigger

Assumed = Literal["hour", "hours", "day"]
"""What a line did not say and the reader filled in: the hour, the hours of `twice a day`."""
Problem = Literal[
    "none",
    "middle",
    "two",
    "leftover",
    "slashed",
    "vague",
    "limit",
    "zone",
    "cron",
    "never",
    "zero",
    "short",
    "long",
    "far",
    "past",
    "clock",
    "date",
    "gap",
    "minutes",
    "uneven",
    "window",
    "days",
    "months",
    "which_day",
    "day",
    "hour",
    "once",
    "nth",
    "often",
    "model",
]
"""What keeps a line from being read; `bot/answers/schedules.py` has a sentence for each.

none: no time in it; middle: a phrase of time inside the line; two: more than one; leftover: words
beside it that may belong to it; slashed: 5/6; limit: an end (`until Friday`); never: no day is like
that; short: under a minute; gap: the clocks leave that time out; minutes: times that differ in
their minutes; uneven: a step that does not divide the hour or the day; days: steps of days at an
hour; once: once or every month; nth: the second of the month or every other one; model: an answer
of a model that does not hold."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """`zone`: the one that the trigger is meant in, named in the line if `named`; `text`: what is
    to be done, in the line's own letters, '' when it says only when; `words`: those that were read
    as time; `action` and `report` None where nothing was said of them."""

    trigger: Trigger
    zone: str
    text: str = ""
    named: bool = False
    action: Action | None = None
    report: Report | None = None
    words: str = ""
    assumed: tuple[Assumed, ...] = ()


class Unsure(msgspec.Struct, frozen=True, kw_only=True):
    """`data` has what the problem's sentence needs; `reading` is what was understood nevertheless,
    and `suggestions` what may be meant, the likeliest first: each holds as it stands, and none is
    taken without somebody saying so."""

    problem: Problem
    data: dict[str, str] = {}
    reading: Reading | None = None
    suggestions: tuple[Reading, ...] = ()


class Bad(msgspec.Struct, frozen=True):
    """A piece that is one of time but cannot be: an hour 25."""

    problem: Problem
    words: str = ""
    near: tuple[str, ...] = ()


class Clock(msgspec.Struct, frozen=True):
    """`plain`: a bare number, which is a time only after `at`. `half`: am or pm was said."""

    hour: int
    minute: int = 0
    plain: bool = False
    half: bool = False


class Amount(msgspec.Struct, frozen=True):
    count: int
    unit: str


class Day(msgspec.Struct, frozen=True):
    day: int
    month: int
    year: int | None = None


class Step(msgspec.Struct, frozen=True):
    amount: Amount
    adverb: bool = False
    """`weekly`: it may as well be part of what is to be done, a weekly report."""


class Clocks(msgspec.Struct, frozen=True):
    clocks: tuple[Clock, ...]


class Part(msgspec.Struct, frozen=True):
    """A part of the day: morning, noon, afternoon, evening, night, tonight."""

    name: str


class Weekdays(msgspec.Struct, frozen=True):
    days: tuple[int, ...]
    part: str = ""
    adverb: bool = False


class Nth(msgspec.Struct, frozen=True):
    nth: int
    weekday: int


class MonthDays(msgspec.Struct, frozen=True):
    days: tuple[int, ...]


class YearDay(msgspec.Struct, frozen=True):
    day: Day


class Months(msgspec.Struct, frozen=True):
    months: tuple[int, ...]


class Minute(msgspec.Struct, frozen=True):
    minute: int


class Window(msgspec.Struct, frozen=True):
    first: Clock
    last: Clock


class Moment(msgspec.Struct, frozen=True):
    """One day: `ahead` days from today, the `weekday` that comes, or `next` one, a `day`."""

    ahead: int = -1
    weekday: int = -1
    next: bool = False
    day: Day | None = None
    part: str = ""


class After(msgspec.Struct, frozen=True):
    amount: Amount


class Start(msgspec.Struct, frozen=True):
    moment: Moment | None
    clock: Clock | None


class Zone(msgspec.Struct, frozen=True):
    name: str


class Offset(msgspec.Struct, frozen=True):
    """Which of two equal times on the wall is meant: minutes ahead of UTC."""

    minutes: int


class Times(msgspec.Struct, frozen=True):
    count: int
    unit: str


class Quiet(msgspec.Struct, frozen=True):
    """When nothing is at work: for how many minutes."""

    minutes: int


class Fact(msgspec.Struct, frozen=True):
    kind: str
    where: tuple[tuple[str, str], ...] = ()


class Aside(msgspec.Struct, frozen=True):
    report: Report


Piece = (
    Step | Clocks | Part | Weekdays | Nth | MonthDays | YearDay | Months | Minute | Window
    | Moment | After | Start | Zone | Offset | Times | Quiet | Fact | Aside | Bad
)  # fmt: skip
