"""What the pieces of one phrase say together, taken bit by bit; what is left is too much."""

from __future__ import annotations

from datetime import date, datetime
from typing import TypeVar

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.schedule.model import Cron, Once, Report, Trigger
from swarm_core.schedule.reading.clocks import in_part
from swarm_core.schedule.reading.values import (
    Aside,
    Assumed,
    Bad,
    Clock,
    Clocks,
    Offset,
    Part,
    Piece,
    Problem,
    Zone,
)
from swarm_core.schedule.reading.zones import instant, on_the_wall
from swarm_core.schedule.walls import WEEK, Wall, cron_of

FARTHEST = 366 * 20
"""Days ahead; beyond that it is a slip of the pen."""
PARTS = {"morning": 8, "noon": 12, "afternoon": 15, "evening": 19, "night": 2, "tonight": 20}
HOUR = Clock(9)
LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SIZES = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
_T = TypeVar("_T")


class Joined(msgspec.Struct, frozen=True):
    trigger: Trigger
    zone: str
    named: bool = False
    report: Report | None = None
    assumed: tuple[Assumed, ...] = ()
    coarse: bool = False
    """It comes again, and not within one day; so `today` beside it says nothing of when."""


class Wrong(Exception):
    """`others`: what may be meant, in `zone`."""

    zone: str = ""
    named: bool = False
    report: Report | None = None
    choices: tuple[Joined, ...] = ()
    """The same as whole schedules, where they differ in more than when."""

    def __init__(
        self,
        problem: Problem,
        words: str = "",
        *,
        others: tuple[Trigger, ...] = (),
        near: tuple[str, ...] = (),
    ) -> None:
        super().__init__(problem)
        self.problem, self.words, self.others, self.near = problem, words, others, near


class Said:
    """`now` is on the wall of `zone`; `assumed` is what was filled in."""

    def __init__(self, pieces: tuple[Piece, ...], now: datetime, zone: str) -> None:
        self.kinds: dict[type, Piece] = {}
        self.assumed: list[Assumed] = []
        for piece in pieces:
            if type(piece) in self.kinds:
                raise Wrong("two")
            self.kinds[type(piece)] = piece
        named, aside = self.take(Zone), self.take(Aside)
        self.zone, self.named = (named.name, True) if named else (zone, False)
        self.report: Report | None = aside.report if aside else None
        self.offset = self.take(Offset)
        self.now = on_the_wall(self.zone, now)

    def take(self, sort: type[_T]) -> _T | None:
        found = self.kinds.pop(sort, None)
        return found if isinstance(found, sort) else None

    def nothing_else(self) -> None:
        if self.kinds:
            raise Wrong("two")

    @property
    def now_clock(self) -> tuple[int, int]:
        return self.now.hour, self.now.minute

    def clock(self, part: str = "") -> Clock | None:
        """The one hour that was said, or that a part of the day stands for."""
        clocks, of_day = self.take(Clocks), self.take(Part)
        part = of_day.name if of_day else part
        if clocks is None:
            return self.assume(Clock(PARTS[part])) if part else None
        if len(clocks.clocks) > 1:
            raise Wrong("two")
        return fitted(clocks.clocks[0], part)

    def assume(self, clock: Clock) -> Clock:
        self.assumed.append("hour")
        return clock

    def instant(self, day: date, clock: Clock) -> Micros | None:
        ahead = self.offset.minutes if self.offset else None
        return instant(day, clock.hour, clock.minute, self.zone, ahead)

    def at(self, day: date, clock: Clock) -> Micros:
        if (day - self.now.date()).days > FARTHEST:
            raise Wrong("far")
        found = self.instant(day, clock)
        if found is None:
            raise self.gap(day, clock)
        return found

    def gap(self, day: date, clock: Clock) -> Wrong:
        later = instant(day, (clock.hour + 1) % 24, clock.minute, self.zone)
        others: tuple[Trigger, ...] = () if later is None else (Once(later),)
        return Wrong("gap", f"{clock.hour:02}:{clock.minute:02}", others=others)


def fitted(clock: Clock, part: str) -> Clock:
    """That hour in that part of the day. Raises `Wrong`."""
    found = in_part(clock, part) if part else clock
    if isinstance(found, Bad):
        raise Wrong(found.problem, found.words, near=found.near)
    return found


def real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def wall_at(clocks: tuple[Clock, ...], weekdays: tuple[int, ...] = WEEK) -> Wall:
    """Raises `Wrong` where one schedule cannot have all of them, with those that can."""
    times = {(clock.hour, clock.minute) for clock in clocks}
    hours = tuple(sorted({hour for hour, _ in times}))
    minutes = tuple(sorted({minute for _, minute in times}))
    if len(hours) * len(minutes) != len(times):
        walls = [
            Wall(
                minutes=(m,),
                hours=tuple(sorted(h for h, of in times if of == m)),
                weekdays=weekdays,
            )
            for m in minutes
        ]
        raise Wrong("minutes", others=tuple(Cron(cron_of(wall)) for wall in walls))
    return Wall(minutes=minutes, hours=hours, weekdays=weekdays)
