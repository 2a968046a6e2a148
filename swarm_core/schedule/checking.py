"""What can be wrong with a priority before it is taken."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from swarm_core.kernel.clock import Micros, from_micros
from swarm_core.kernel.errors import (
    BadArgument,
    BadSchedule,
    GateNeeded,
    MissingArgument,
    NeverComes,
    TimePassed,
    TooLarge,
    TooOften,
    UnknownFact,
)
from swarm_core.kernel.hours import Span
from swarm_core.kernel.text import nearest
from swarm_core.schedule.cron import EXAMPLE, following, zone_of
from swarm_core.schedule.model import (
    LEAST_PERIOD,
    Cron,
    Every,
    Happens,
    Idle,
    Once,
    StandingPriority,
)
from swarm_core.tasks.model import MAX_TEXT

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_SECOND = 1_000_000
_LONGEST_IDLE = 30 * 86_400 * _SECOND
OWN_FACTS = ("instant.", "priority.")
"""Facts of the schedule itself: what they set off would set them off."""


def check(wanted: StandingPriority, now: Micros, facts: Mapping[str, Sequence[str]]) -> None:
    """Raises `BadArgument`, `MissingArgument` or `BadSchedule` with what was read and what would
    do. `facts` are the kinds there are."""
    if not _NAME.fullmatch(wanted.name):
        raise BadArgument(
            command="priority",
            name="name",
            value=wanted.name[:60],
            expected="small letters, digits, - and _, at most 40",
            example="nightly-tests",
        )
    if not wanted.text.strip() or (wanted.gate and not wanted.gate.run.strip()):
        name = "text" if not wanted.text.strip() else "gate"
        raise MissingArgument(command="priority", name=name, example="run the tests")
    if len(wanted.text) > MAX_TEXT:
        raise TooLarge(what="the request", size=len(wanted.text), limit=MAX_TEXT)
    if wanted.only_if_changed and wanted.gate is None:
        raise GateNeeded(name=wanted.name)
    if wanted.quiet:
        try:
            Span.of(wanted.quiet)
        except ValueError:
            raise BadArgument(
                command="priority",
                name="quiet",
                value=wanted.quiet[:60],
                expected="hours of a day",
                example="22:00-08:00",
            ) from None
    zone_of(wanted.zone)
    check_trigger(wanted, now, facts)


def check_trigger(
    wanted: StandingPriority, now: Micros, facts: Mapping[str, Sequence[str]]
) -> None:
    """Raises `BadSchedule`."""
    match wanted.trigger:
        case Cron(fields=fields):
            if following(wanted.trigger, wanted.zone, now) is None:
                raise NeverComes(read=fields[:200], example=EXAMPLE)
        case Every(period=period):
            if period < LEAST_PERIOD:
                raise TooOften(read=_seconds(period), seconds=60, example="every 5 minutes")
            if following(wanted.trigger, wanted.zone, now) is None:
                raise NeverComes(read=_seconds(period), example="every day")
        case Once(at=at):
            if at <= now:
                read = from_micros(at).astimezone(zone_of(wanted.zone))
                raise TimePassed(read=f"{read:%Y-%m-%d %H:%M}", example="tomorrow at 9:00")
        case Idle(after=after):
            if not LEAST_PERIOD <= after <= _LONGEST_IDLE or wanted.cooldown < LEAST_PERIOD:
                least = min(after, wanted.cooldown)
                raise TooOften(read=_seconds(least), seconds=60, example="idle for 5 minutes")
        case Happens(fact=fact, where=where):
            if fact not in facts or fact.startswith(OWN_FACTS):
                able = [each for each in facts if not each.startswith(OWN_FACTS)]
                raise UnknownFact(read=fact[:80], near=tuple(nearest(fact, able)))
            for field in where:
                if field not in (*facts[fact], "task"):
                    near = tuple(nearest(field, facts[fact]))
                    raise UnknownFact(read=f"{fact} {field}"[:80], near=near)
            if wanted.cooldown < LEAST_PERIOD:
                raise TooOften(read=_seconds(wanted.cooldown), seconds=60, example="--cooldown 30m")


def _seconds(micros: int) -> str:
    return f"{micros / _SECOND:g}s"


__all__ = ["BadSchedule", "check", "check_trigger"]
