"""Pieces of one phrase put together: a trigger, or what is wrong with it and what may be meant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from swarm_core.schedule.model import MINUTE, Cron, Happens, Idle, Trigger
from swarm_core.schedule.reading.again import stepped, wall_of_days
from swarm_core.schedule.reading.once import after_now, next_of, once
from swarm_core.schedule.reading.said import Joined, Said, Wrong, real
from swarm_core.schedule.reading.values import (
    After,
    Amount,
    Bad,
    Clocks,
    Day,
    Fact,
    Moment,
    MonthDays,
    Months,
    Nth,
    Part,
    Piece,
    Quiet,
    Step,
    Times,
    Weekdays,
    YearDay,
    Zone,
)

_ON_DAYS = {Weekdays, Nth, MonthDays, YearDay, Times}


def join(pieces: tuple[Piece, ...], now: datetime, zone: str) -> Joined | None:
    """None when they say nothing of when. Raises `Wrong`."""
    pieces = tuple(one for piece in pieces for one in _every_other(piece))
    bad = next((piece for piece in pieces if isinstance(piece, Bad)), None)
    if bad is not None:
        raise _unclear(bad, pieces, now, zone)
    said = Said(pieces, now, zone)
    try:
        trigger = _trigger(said)
    except Wrong as wrong:
        wrong.zone, wrong.named, wrong.report = said.zone, said.named, said.report
        raise
    if trigger is None:
        return None
    return Joined(
        trigger,
        said.zone,
        named=said.named,
        report=said.report,
        assumed=tuple(said.assumed),
        coarse=isinstance(trigger, Cron) and not any(isinstance(p, Step) for p in pieces),
    )


def _trigger(said: Said) -> Trigger | None:
    if not said.kinds:
        return None
    if quiet := said.take(Quiet):
        said.nothing_else()
        return Idle(quiet.minutes * MINUTE)
    if fact := said.take(Fact):
        said.nothing_else()
        return Happens(fact.kind, dict(fact.where))
    if after := said.take(After):
        return after_now(said, after.amount)
    if step := said.take(Step):
        return stepped(said, step)
    if _ON_DAYS & set(said.kinds):
        return wall_of_days(said)
    if moment := said.take(Moment):
        return once(said, moment)
    if clocks := said.take(Clocks):
        return next_of(said, clocks)
    raise Wrong("day" if {Months, Part} & set(said.kinds) else "often")


def _every_other(piece: Piece) -> tuple[Piece, ...]:
    """`every other Friday` as the two things that it says."""
    if isinstance(piece, Bad) and piece.problem == "days":
        step = Step(Amount(int(piece.words), "week"))
        return step, Weekdays((int(piece.near[0]),))
    return (piece,)


def _unclear(bad: Bad, pieces: tuple[Piece, ...], now: datetime, zone: str) -> Wrong:
    """`bad`, with what it may mean in this phrase."""
    choices: list[Joined] = []
    for instead in _instead(bad, now):
        tried = tuple(one for piece in pieces for one in (instead if piece is bad else (piece,)))
        try:
            joined = join(tried, now, zone)
        except Wrong as wrong:
            choices += [Joined(other, wrong.zone) for other in wrong.others[:1]]
        else:
            choices += [joined] if joined else []
    unclear = Wrong(bad.problem, bad.words, near=bad.near if bad.problem == "zone" else ())
    unclear.choices = tuple(choices)
    return unclear


def _instead(bad: Bad, now: datetime) -> Iterator[tuple[Piece, ...]]:
    match bad.problem:
        case "nth":
            nth, weekday = int(bad.words), int(bad.near[0])
            yield (Nth(nth, weekday),)
            yield (Step(Amount(nth, "week")), Weekdays((weekday,)))
        case "once":
            day = int(bad.words)
            first = next(
                (Day(day, month, year) for year, month in _months(now) if real(year, month, day)),
                None,
            )
            if first:
                yield (Moment(day=first),)
                yield (MonthDays((day,)),)
        case "zone":
            yield from ((Zone(name),) for name in bad.near)
        case "slashed":
            one, other, *year = (int(part) for part in bad.words.split("/"))
            for day, month in ((one, other), (other, one)):
                if real(year[0] if year else 2024, month, day):
                    yield (Moment(day=Day(day, month, year[0] if year else None)),)


def _months(now: datetime) -> Iterator[tuple[int, int]]:
    """The next months in which a day may come."""
    for ahead in range(1, 13):
        yield now.year + (now.month - 1 + ahead) // 12, (now.month - 1 + ahead) % 12 + 1
