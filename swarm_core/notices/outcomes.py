"""How attempts to deliver end, and what is recorded of them: an end, or when to try again.

What can go wrong: a chat service is away for a day, and its notices use up their tries meanwhile.
So an attempt at which nothing was sent takes none of those that count: it only makes the pauses
longer.
"""

from __future__ import annotations

from collections.abc import Sequence

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


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """How one attempt ended: a final state, or None for "later". `maybe`: it may have arrived;
    `away`: nothing was sent."""

    delivery: Delivery
    state: NoticeState | None
    message: str = ""
    maybe: bool = False
    away: bool = False


def settle(tx: Tx, outcomes: Sequence[Outcome]) -> Micros | None:
    """Record what became of a round; returns when to try again, if one of it is to be."""
    ended: dict[NoticeState, list[tuple[NoticeId, str]]] = {}
    postponed = False
    for outcome in outcomes:
        notice, state = outcome.delivery.notice, outcome.state
        if state == "pending":
            continue
        if state is None:
            before = tables.tries(tx, notice)
            tried = max(before, min(before + 1, PATIENT)) if outcome.away else before + 1
            if tried < MOST_TRIES:
                wait = int(_FIRST_PAUSE * 2.0 ** (tried - 1) * 1_000_000)
                until = Micros(tx.at + min(tables.LONGEST_PAUSE, wait))
                tables.postpone(tx, notice, until, maybe=outcome.maybe, tries=tried)
                postponed = True
                continue
            state = "uncertain"
        ended.setdefault(state, []).append((notice, outcome.message))
    for state, notices in ended.items():
        tx.append(NoticesEnded(state=state, notices=tuple(notices)), SWARM)
    return tables.next_try(tx) if postponed else None
