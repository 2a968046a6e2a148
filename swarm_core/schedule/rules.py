"""What becomes of an instant: the state of things → a decision with its reason. Nothing here
looks at a clock or a table."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.money import MicroUSD
from swarm_core.schedule.model import (
    BY_THE_CLOCK,
    COOLDOWN,
    MINUTE,
    CatchUp,
    Mode,
    Paused,
    Skipped,
    StandingPriority,
)

GRACE = 15 * MINUTE
"""How late an instant still runs as if it were in time; less where the next one comes before."""
PAID_FAILURES, FREE_FAILURES = 3, 10
"""So many failures in a row pause a priority: of runs that cost, and of free ones."""
CHUNK = 500
"""Instants that share a fact."""

What = Literal["run", "gate", "queue", "skip", "miss", "pause", "wait"]


class Decision(msgspec.Struct, frozen=True):
    """`reason` of a skip; `why` of a pause, and `what` is gone."""

    what: What
    reason: Skipped | Literal[""] = ""
    why: Paused = ""
    gone: str = ""


class Priced(msgspec.Struct, frozen=True, kw_only=True):
    """What a run would cost at most, as it is routed now; `refused` by intake with this error's
    code; `gone`: what it needs and is not there any more."""

    most: MicroUSD = MicroUSD(0)
    refused: str = ""
    gone: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """How things are when an instant is decided on. `following`: the instant after it; `started`:
    the last one that ran; `busy`: one before it is still at work; `waits`: another one waits for
    that already; `quiet`: these are its quiet hours; `month` and `day`: what is left to spend of
    its month, and of the day unattended, None for no limit; `gate`: it has one that has not been
    asked."""

    now: Micros
    at: Micros
    due: Micros
    following: Micros | None
    mode: Mode
    paused: Paused = ""
    queued: bool = False
    gate: bool = False
    opened: bool = False
    quiet: bool = False
    started: Micros | None = None
    busy: bool = False
    waits: bool = False
    month: MicroUSD | None = None
    day: MicroUSD | None = None


def jitter_of(priority: StandingPriority, at: Micros, following: Micros | None) -> int:
    """By how much later than `at` it is due: the same each time it is asked, less than to the
    next instant."""
    most = priority.jitter if following is None else min(priority.jitter, following - at - 1)
    if most <= 0:
        return 0
    drawn = hashlib.blake2b(f"{priority.name}/{at}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) % (most + 1)


def late(facts: Facts) -> bool:
    """Whether the time of an instant is over: the next one has come, or its grace has passed."""
    if facts.following is not None and facts.following <= facts.now:
        return True
    return facts.now - facts.due > GRACE


def caught_up(catch_up: CatchUp, *, last: bool) -> Decision:
    """What becomes of an instant that is over; `last`: no other of them is later."""
    match catch_up:
        case "ask":
            return Decision("miss")
        case "skip":
            return Decision("skip", "passed")
        case "latest":
            return Decision("run") if last else Decision("skip", "caught_up")


def cooldown_of(priority: StandingPriority, at: Micros, following: Micros | None) -> int:
    """The least time between two runs. The usual one does not stand in the way of whoever asked
    for more often than that."""
    usual = priority.cooldown == COOLDOWN and isinstance(priority.trigger, BY_THE_CLOCK)
    if usual and following is not None:
        return min(COOLDOWN, following - at)
    return priority.cooldown


def decide(priority: StandingPriority, facts: Facts, priced: Priced) -> Decision:
    """What becomes of an instant that is due, by itself."""
    if facts.paused:
        return Decision("skip", "paused")
    if facts.mode == "manual":
        return Decision("skip", "manual")
    if priced.gone:
        return Decision("pause", "refused", "gone", priced.gone)
    if not facts.opened and (held := _in_time(priority, facts)):
        return held
    if priced.refused:
        return Decision("skip", "refused")
    if facts.gate:
        return Decision("gate")
    return affordable(facts, priced) or Decision("run")


def _in_time(priority: StandingPriority, facts: Facts) -> Decision | None:
    """What keeps it from beginning now; None for nothing."""
    if not facts.queued:
        if late(facts):
            last = facts.following is None or facts.following > facts.now
            decision = caught_up(priority.catch_up, last=last)
            if decision.what != "run":
                return decision
        if facts.quiet:
            return Decision("skip", "quiet")
        if facts.started is not None:
            cooldown = cooldown_of(priority, facts.at, facts.following)
            # An instant is as far from the one before as the schedule says, however late each is.
            if facts.at - facts.started < cooldown:
                return Decision("skip", "cooldown")
    if not facts.busy:
        return None
    match priority.overlap:
        case "skip":
            return Decision("skip", "overlap")
        case "queue":
            if facts.queued:
                return Decision("wait")
            return Decision("skip", "overlap") if facts.waits else Decision("queue")
        case "replace":
            return None


def affordable(facts: Facts, priced: Priced) -> Decision | None:
    """None when there is money for it."""
    if facts.month is not None and priced.most > facts.month:
        return Decision("pause", "money", "money")
    if facts.day is not None and priced.most > facts.day:
        return Decision("skip", "money")
    return None


def paused_by(paid: int, free: int) -> bool:
    """Whether so many failures in a row are enough."""
    return paid >= PAID_FAILURES or free >= FREE_FAILURES
