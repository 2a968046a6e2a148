"""Values of the journaled step: what is asked, what came of it, how a run ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal, Protocol

import msgspec

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import ZERO, MicroUSD

Effect = Literal["pure", "paid", "repeatable", "once"]
"""pure: repeat freely. paid: a model call. repeatable: idempotent by key. once: push, post,
send, delete: never repeated without a person."""

StepState = Literal["intended", "done", "refused", "ambiguous", "repeated", "failed"]
"""ambiguous: nobody knows whether it took effect. repeated: so it was, and a person had the step
made once more."""

UNKNOWN = ("ambiguous", "repeated")
"""States of tries whose outcome is not known."""

Decision = Literal["repeat", "fail"]
"""What a person decides about a step of unknown outcome."""


class Call(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One model or tool call a run wants to make.

    `request` is JSON (no floats) and, with `name`, identifies the call when a run is resumed.
    `most` is what the call may cost at worst, in micro-dollars; it is held before the call. Where
    a cap leaves less room, down to `least` is held instead and the act is told; None: `most` or
    nothing.
    `retries` is how often a refused call (nothing was served) is made again, with backoff.
    """

    kind: Literal["model", "tool"]
    name: str
    request: dict[str, Any]
    effect: Effect
    most: MicroUSD = ZERO
    least: MicroUSD | None = None
    retries: int = 0
    because: str = ""
    """A word for why it is made at all, where the step before it was of no use."""


class Grant(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an act may do: spend up to `held` micro-dollars, and nothing twice under `key`, which
    names this one try of this one step for as long as the journal lives."""

    key: str
    held: MicroUSD


class Tokens(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a model call used. `input` is all of it, with what was read from and written to the
    provider's cache; `output` is all of it, with what went into reasoning."""

    input: int = 0
    output: int = 0
    cached: int = 0
    written: int = 0
    reasoning: int = 0


class Failure(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Why something failed: an error's code and data; the sentence is the catalogue's."""

    code: str
    data: dict[str, Any] = {}


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an act brought back: text for people and models, JSON data for templates; of a model
    call also the model that really answered and what it used."""

    text: str
    data: Any = None
    cost: MicroUSD = ZERO
    model: str | None = None
    tokens: Tokens | None = None


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The recorded end of a step. `answer` is there only when `state` is done."""

    n: int
    state: StepState
    answer: Answer | None = None
    failure: Failure | None = None
    replayed: bool = False
    """True when it was read from the record and nothing was done again."""


class Conclusion(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a run ends: `done` with the answer for people, or `failed` with the reason."""

    state: Literal["done", "failed"]
    text: str = ""
    failure: Failure | None = None


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """A step nobody knows the outcome of: what was sent, as JSON (None: erased), when last, how
    often without a known outcome, and what is counted as spent on that."""

    n: int
    attempt: int
    name: str
    effect: str
    request: str | None
    sent: Micros
    tries: int
    cost: MicroUSD


Act = Callable[[Grant], Awaitable[Answer]]
"""The outside act of a step: makes exactly one call. Raises `WaggleError` (or is cancelled)."""


class Run(Protocol):
    """What a runner sees of its run: the only way to act is a step."""

    @property
    def task(self) -> TaskId: ...

    @property
    def id(self) -> RunId: ...

    @property
    def recorded(self) -> str | None:
        """The name of the next step when it is on record already; None when it will be new. What
        is decided anew (which model, what people said meanwhile) follows the record."""
        ...

    async def step(
        self,
        call: Call,
        act: Act,
        *,
        last: Callable[[Outcome], Conclusion | None] | None = None,
    ) -> Outcome:
        """Journal the intent with its hold, act, journal the result; return what is recorded.

        On resume a recorded step is returned without acting. When `last` turns the outcome
        into a conclusion, the run ends in the same transaction that records the result, and
        the runner then returns that conclusion. A failed act is an `Outcome` with state
        `failed`, not an exception. Raises `OverBudget` when the hold does not fit,
        `CeilingReached` at the limit of steps, `StaleLease` when the run was taken away.
        """
        ...
