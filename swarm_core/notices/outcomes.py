"""How attempts to deliver end, and what is recorded of them: an end, or when to try again.

What can go wrong: a chat service is away for a day, and its notices use up their tries meanwhile.
So an attempt at which nothing was sent takes none of those that count: it only makes the pauses
longer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import NoticeId
from swarm_core.notices import tables
from swarm_core.notices.events import NoticesEnded
from swarm_core.notices.model import Delivery, NoticeState
from swarm_core.store import Tx

MOST_TRIES = 12
PATIENT = 8
"""As many tries an attempt counts at most at which nothing was sent."""
_FIRST_PAUSE = 1.0


_HIGHEST = 40
"""A doubling after which pauses are as long as they get, whatever the pace."""


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How a surface is tried again. `longest` is the longest pause in microseconds; `lasts`, how
    long after a notice was queued it is tried, and failed then, None for as many tries as notices
    to people have; `apart`: nothing else waits for it, not even a moment."""

    longest: int = tables.LONGEST_PAUSE
    lasts: int | None = None
    apart: bool = False

    def pause(self, tried: int, notice: NoticeId) -> int:
        """Microseconds until the next try. Where many others may be tried as well, up to a fifth
        less, so that what failed at once does not come back at once; by the notice's number, so
        that the same history is the same again."""
        pause = min(self.longest, int(_FIRST_PAUSE * 2.0 ** min(tried - 1, _HIGHEST) * 1_000_000))
        if self.lasts is None:
            return pause
        drawn = hashlib.sha256(f"{notice}/{tried}".encode()).digest()[0]
        return pause * (1_000 - 200 * drawn // 255) // 1_000


USUAL = Pace()


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """How one attempt ended: a final state, or None for "later". `maybe`: it may have arrived;
    `away`: nothing was sent."""

    delivery: Delivery
    state: NoticeState | None
    message: str = ""
    maybe: bool = False
    away: bool = False


def settle(tx: Tx, outcomes: Sequence[Outcome], paces: Mapping[str, Pace]) -> Micros | None:
    """Record what became of a round; returns when to try again, if one of it is to be."""
    ended: dict[NoticeState, list[tuple[NoticeId, str]]] = {}
    postponed = False
    for outcome in outcomes:
        notice, state = outcome.delivery.notice, outcome.state
        if state == "pending":
            continue
        if state is None:
            pace = paces.get(outcome.delivery.place.surface, USUAL)
            before = tables.tries(tx, notice)
            patient = outcome.away and pace.lasts is None
            tried = max(before, min(before + 1, PATIENT)) if patient else before + 1
            if _goes_on(outcome.delivery, tried, pace, tx.at):
                until = Micros(tx.at + pace.pause(tried, notice))
                tables.postpone(tx, notice, until, maybe=outcome.maybe, tries=tried)
                postponed = True
                continue
            state = "uncertain" if pace.lasts is None else "failed"
        ended.setdefault(state, []).append((notice, outcome.message))
    for state, notices in ended.items():
        tx.append(NoticesEnded(state=state, notices=tuple(notices)), SWARM)
    return tables.next_try(tx) if postponed else None


def _goes_on(delivery: Delivery, tried: int, pace: Pace, now: Micros) -> bool:
    if pace.lasts is None:
        return tried < MOST_TRIES
    return now - delivery.created < pace.lasts


def cut_off(tx: Tx, notices: Sequence[NoticeId]) -> None:
    """Deliveries that were interrupted: nobody knows whether they arrived."""
    for notice, delivery_class in tables.still_pending(tx, notices):
        if delivery_class == "decision":
            end(tx, "uncertain", [notice])
        else:
            tables.postpone(tx, notice, tx.at, maybe=True)


def end(tx: Tx, state: NoticeState, notices: Sequence[NoticeId]) -> None:
    """Record the same end of some notices, none of which has a message of its own."""
    if notices:
        tx.append(NoticesEnded(state=state, notices=tuple((n, "") for n in notices)), SWARM)


def in_turn(queued: Sequence[Delivery]) -> list[list[Delivery]]:
    """What is sent at once, each list one after the other: those that quiet hours held back come
    to a place in the order in which they would have come."""
    turns: dict[object, list[Delivery]] = {}
    for each in queued:
        turns.setdefault(each.place if each.held else each.notice, []).append(each)
    return list(turns.values())
