"""What a person sees of a disk that fails, in a process of its own."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.programs import TIMEOUT, running, waggle

pytestmark = pytest.mark.slow


def test_a_swarm_whose_files_are_taken_away_says_so_and_ends(tmp_path: Path) -> None:
    with running(tmp_path, "--state", "s", "up") as swarm:
        (tmp_path / "s" / "waggle.db").unlink()
        refused = waggle(tmp_path, "--state", "s", "task", "standup")
        assert refused.returncode in (1, 3, 4)  # 3: it has noticed by itself, and is gone
        assert swarm.wait(TIMEOUT) == 4
        assert swarm.stderr
        assert "was taken away or replaced" in swarm.stderr.read()


def test_damage_that_a_doctor_finds_ends_the_swarm_and_the_next_start_says_why(
    tmp_path: Path,
) -> None:
    with running(tmp_path, "--state", "s", "up") as swarm:
        assert waggle(tmp_path, "--state", "s", "task", "standup", "--wait").returncode == 0
        db = sqlite3.connect(tmp_path / "s" / "waggle.db")
        db.execute("update journal set at = at + 1 where seq = 2")
        db.commit()
        db.close()
        looked = waggle(tmp_path, "--state", "s", "doctor", "--verify", "--json")
        assert looked.returncode == 1
        assert not json.loads(looked.stdout.splitlines()[-1])["ok"]
        assert swarm.wait(TIMEOUT) == 4
        assert swarm.stderr
        assert "is damaged" in swarm.stderr.read()


def test_a_reserve_that_no_disk_has_refuses_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").write_text("store:\n  reserve: 1000000 MiB\n")
    with running(tmp_path, "--state", "s", "up"):
        refused = waggle(tmp_path, "--state", "s", "task", "standup")
        assert refused.returncode == 1
        assert "Free some space" in " ".join(refused.stderr.split())
        status = waggle(tmp_path, "--state", "s", "status")
        assert "Nothing new is begun" in " ".join(status.stdout.split())
        doctor = waggle(tmp_path, "--state", "s", "doctor")
        assert "Open files" in doctor.stdout
