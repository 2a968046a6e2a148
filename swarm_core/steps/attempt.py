"""One attempt at a step: what is known of it, and how its end is read and kept."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from resource import RLIMIT_NOFILE, getrlimit
from typing import Any

import msgspec

from swarm_core.budget.model import Hold
from swarm_core.kernel.errors import TooManyFiles, WaggleError
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.steps.model import Act, Answer, Call, Conclusion, Failure, Grant, Outcome
from swarm_core.steps.record import Kept, Recorded
from swarm_core.store import Tx

log = logging.getLogger(__name__)

encode = msgspec.json.Encoder(order="sorted").encode
Last = Callable[[Outcome], Conclusion | None]


class Try(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One attempt under way."""

    call: Call
    n: int
    attempt: int
    hold: Hold | None

    @property
    def most(self) -> MicroUSD:
        """What it may have cost when nobody knows."""
        return self.hold.most if self.hold else ZERO


class Tries(msgspec.Struct, frozen=True, kw_only=True):
    """How often a step was tried before, by what came of it."""

    unknown: int
    refused: int


async def acted(act: Act, grant: Grant) -> Answer:
    """Make the act. Where this process has all its files open nothing could be begun: raises
    `TooManyFiles`, and nothing was served."""
    try:
        return await act(grant)
    except OSError as error:
        if error.errno not in (errno.EMFILE, errno.ENFILE):
            raise
        raise TooManyFiles(limit=getrlimit(RLIMIT_NOFILE)[0]) from error


def keep(tx: Tx, answer: Answer | None, *, personal: bool) -> Kept:
    """Put an answer into bodies."""
    if answer is None:
        return Kept()
    text = tx.put_body(answer.text, personal=personal)
    if answer.data is None:
        return Kept(text)
    return Kept(text, tx.put_body(encode(answer.data).decode(), personal=personal))


def answer_of(entry: Recorded) -> Answer | None:
    """The recorded answer; without the text when that was erased."""
    row = entry.row
    if row.state != "done":
        return None
    data = msgspec.json.decode(entry.data) if entry.data is not None else None
    return Answer(text=entry.text or "", data=data, cost=row.cost)


def concluded(last: Last | None, outcome: Outcome) -> tuple[Conclusion | None, Exception | None]:
    """Ask the runner whether this ends the run; a fault there must not lose the result."""
    if last is None:
        return None, None
    try:
        return last(outcome), None
    except Exception as fault:
        log.exception("the runner failed on the outcome of step %s", outcome.n)
        return None, fault


def failure_of(error: WaggleError) -> Failure:
    """An error as it is recorded."""
    return Failure(code=error.code, data=dict[str, Any](error.data))
