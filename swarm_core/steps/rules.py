"""When a step may be made again."""

from __future__ import annotations

from collections.abc import Sequence

from swarm_core.steps.model import UNKNOWN, Effect, StepState

MOST_UNKNOWN: dict[Effect, int] = {"pure": 10, "repeatable": 10, "paid": 1, "once": 0}
"""How many tries of unknown outcome a step may have and still be repeated without a person.
Ten for what is free to repeat: a step that takes the process down ten times is not bad luck."""


def may_repeat(effect: Effect, unknown: int) -> bool:
    """Whether a step with `unknown` tries of unknown outcome may be tried once more."""
    return unknown <= MOST_UNKNOWN[effect]


def lost_tries(states: Sequence[StepState]) -> list[StepState]:
    """The tries among these whose outcome is not known."""
    return [state for state in states if state in UNKNOWN]


def needs_decision(effect: Effect, states: Sequence[StepState]) -> bool:
    """Whether a person has to decide before a step tried with these outcomes is made again. Each
    decision is good for one try: what counts is whether the last one in doubt was decided on."""
    lost = lost_tries(states)
    return bool(lost) and lost[-1] != "repeated" and not may_repeat(effect, len(lost))


def backoff(refused: int) -> float:
    """Seconds to wait before the next try after `refused` refusals: doubling, at most a minute."""
    return min(60.0, 0.25 * 2.0**refused)
