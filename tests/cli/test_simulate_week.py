"""`waggle simulate week`, as a process without a swarm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.programs import waggle


@pytest.mark.slow
def test_a_week_of_ones_own_is_told_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").write_text(
        "priorities:\n  stand-up:\n    cron: 0 9 * * 1-5\n    zone: Europe/Berlin\n"
        "    run: stand up\n    action: remind\n"
    )
    told = waggle(tmp_path, "simulate", "week", "--calm")
    assert (told.returncode, told.stderr) == (0, "")
    assert "stand-up" in told.stdout
    assert "Nobody would be woken" in told.stdout
    data = json.loads(waggle(tmp_path, "--json", "simulate", "week", "--calm").stdout)
    (mine,) = data["priorities"]
    assert (mine["name"], mine["planned"], mine["ran"]) == ("stand-up", 5, 5)
    assert not (tmp_path / "data" / "state" / "waggle.db").exists()


def test_what_would_be_asked_is_still_simulated_by_its_words(tmp_path: Path) -> None:
    told = waggle(tmp_path, "simulate", "standup", "--json")
    assert told.returncode == 0
    assert "standup" in told.stdout


def test_without_any_recurring_work_it_says_how_to_see_some(tmp_path: Path) -> None:
    told = waggle(tmp_path, "simulate", "week", "--calm")
    assert told.returncode == 0
    assert "--example" in told.stdout
