"""Facts about steps. Task and run are in the fact itself."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from swarm_core.kernel.ids import HoldId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Decision, Effect, StepState, Tokens
from swarm_core.store import BodyRef, Event


class StepIntended(Event, frozen=True, kw_only=True, gc=False):
    """Before the act: what is about to be done, and what is held for it."""

    kind: ClassVar[str] = "step.intended"

    n: int
    attempt: int
    step_kind: str
    name: str
    effect: Effect
    request: BodyRef
    hold: HoldId | None
    because: str = ""
    """Why it is made, where the step before it was of no use."""


class Use(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who used which model, and how much of it."""

    worker: str
    person: str
    model: str
    tokens: Tokens


class StepEnded(Event, frozen=True, kw_only=True, gc=False):
    """What came of one attempt. `answer` is its text, only when done; `data` its data, if any."""

    kind: ClassVar[str] = "step.ended"

    n: int
    attempt: int
    state: StepState
    answer: BodyRef | None
    data: BodyRef | None
    failure: str | None
    failure_data: dict[str, Any]
    cost: MicroUSD
    use: Use | None = None
    """Of a model call that was answered."""


class ModelUsed(Event, frozen=True, kw_only=True, gc=False):
    """A model call that belongs to no task was answered."""

    kind: ClassVar[str] = "model.used"

    use: Use
    cost: MicroUSD


class StepDecided(Event, frozen=True, kw_only=True, gc=False):
    """What the fact's actor decided about a try of unknown outcome: one more, or none."""

    kind: ClassVar[str] = "step.decided"

    n: int
    attempt: int
    name: str
    decision: Decision
