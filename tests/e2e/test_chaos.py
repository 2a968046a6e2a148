"""Chaos in small: every named point once, random moments, and checks that can fail."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from swarm_core.kernel.crash import POINTS
from tests.e2e.chaos import Rules, play
from tests.e2e.main import main
from tests.e2e.mutants import MUTANTS
from tests.womb import Womb

pytestmark = pytest.mark.slow


async def test_nothing_is_lost_at_any_named_crash_point(tmp_path: Path, swarms: Womb) -> None:
    result = await play(Rules(seed=1, kills=1, where="points"), tmp_path, swarms)
    assert result.findings == []
    assert set(result.kills) == set(POINTS)


async def test_nothing_is_lost_at_twenty_random_moments(tmp_path: Path, swarms: Womb) -> None:
    result = await play(Rules(seed=2, kills=20, where="random"), tmp_path, swarms)
    assert result.findings == []
    assert result.kills.total() == 20


async def test_a_small_cap_is_never_passed_and_never_below_what_was_served(
    tmp_path: Path, swarms: Womb
) -> None:
    result = await play(Rules(seed=3, kills=4, cap=3_000), tmp_path, swarms)
    assert result.findings == []


FOUND = {
    "split": ("ends with a step under way", "is under way in a run that nobody holds"),
    "unfenced": ("had lost it", "a run that had lost its task", "ends twice"),
    "refund": ("was served and only",),
    "ack-first": ("was served and only", "was accepted as"),
}
"""What shows each fault; any of these."""


@pytest.mark.parametrize("mutant", MUTANTS)
async def test_a_swarm_that_is_broken_on_purpose_is_found_out(
    tmp_path: Path, swarms: Womb, mutant: str
) -> None:
    result = await play(Rules(seed=4, kills=40, mutant=mutant), tmp_path, swarms)
    assert any(sign in finding for finding in result.findings for sign in FOUND[mutant])


def test_the_command_tells_programs_what_it_found(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # it leaves there what it found
    assert main(["--kills", "1", "--mutant", "split", "--json"]) == 1
    said = json.loads(capfd.readouterr().out)
    assert said["ok"] is False
    assert said["findings"]


def test_wrong_usage_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--mutant", "nonesuch"]) == 2
    assert "nonesuch" in capsys.readouterr().err
