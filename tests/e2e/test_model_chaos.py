"""Chaos with models in small, and the faults that its checks must find."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.chaos import Rules
from tests.e2e.model_chaos import play_models
from tests.e2e.mutants import OF_MODELS
from tests.womb import Womb

pytestmark = pytest.mark.slow


async def test_models_may_fail_and_the_swarm_be_killed_and_nothing_is_lost(
    tmp_path: Path, model_swarms: Womb
) -> None:
    result = await play_models(Rules(seed=11, kills=4, tasks=40), tmp_path, model_swarms)
    assert result.findings == []
    assert result.kills.total() == 4
    assert result.tasks >= 40
    assert result.unknown
    assert result.samples
    assert result.acts


FOUND = {
    "refund": "is booked",
    "cut-free": "is booked",
    "one-hold": "is booked",
}
"""What shows each fault: the books say less than was served."""


@pytest.mark.parametrize("mutant", OF_MODELS)
async def test_books_that_are_wrong_on_purpose_are_found_out(
    tmp_path: Path, model_swarms: Womb, mutant: str
) -> None:
    result = await play_models(
        Rules(seed=4, kills=20, tasks=100, mutant=mutant), tmp_path, model_swarms
    )
    assert any(FOUND[mutant] in finding for finding in result.findings)
