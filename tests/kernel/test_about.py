"""Ids that every line of the log carries, and what is left of them."""

from __future__ import annotations

from collections.abc import Generator
from contextvars import copy_context

from swarm_core.kernel.about import about, at_hand


def test_ids_hold_inside_and_no_longer() -> None:
    with about(task=1):
        with about(run=2):
            assert at_hand() == {"task": 1, "run": 2}
        assert at_hand() == {"task": 1}
    assert at_hand() == {}


def test_work_that_is_thrown_away_elsewhere_ends_without_a_word() -> None:
    ended = []

    def work() -> Generator[None]:
        try:
            with about(task=1):
                yield
        except Exception:
            ended.append("as a fault")
            raise
        finally:
            ended.append("over")

    thrown_away = work()
    copy_context().run(next, thrown_away)
    thrown_away.close()
    assert ended == ["over"]
    assert at_hand() == {}
