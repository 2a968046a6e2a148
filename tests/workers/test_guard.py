"""Guardrails of a run: each one stops at its number and not before."""

from __future__ import annotations

import pytest

from swarm_core.kernel.errors import CeilingReached
from swarm_core.workers.guard import Guard, GuardRules


def test_a_call_too_many_is_not_made() -> None:
    guard = Guard(GuardRules(calls=3))
    for n in range(3):
        guard.calling("read", {"n": n})
    with pytest.raises(CeilingReached, match="tool calls"):
        guard.calling("read", {"n": 4})


def test_the_very_same_call_counts_apart_from_others() -> None:
    guard = Guard(GuardRules(same=2))
    assert [guard.calling("read", {"a": 1, "b": n % 2}) for n in range(4)] == [1, 1, 2, 2]
    with pytest.raises(CeilingReached, match="equal tool calls"):
        guard.calling("read", {"b": 0, "a": 1})


def test_failures_count_in_a_row() -> None:
    guard = Guard(GuardRules(errors=3))
    for failed in (True, True, False, True, True):
        guard.called(failed=failed)
    with pytest.raises(CeilingReached, match="in a row"):
        guard.called(failed=True)


def test_tokens_are_counted_over_the_run() -> None:
    guard = Guard(GuardRules(tokens=100))
    guard.used(60)
    guard.used(40)
    with pytest.raises(CeilingReached, match="tokens"):
        guard.used(1)
