"""Backup, export, restore and erasing as one types them, beside a swarm and without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.programs import running, waggle

pytestmark = pytest.mark.slow


def test_beside_a_running_swarm(tmp_path: Path) -> None:
    with running(tmp_path, "up", "--headless"):
        assert waggle(tmp_path, "task", "standup", "--wait").returncode == 0
        made = waggle(tmp_path, "backup", "--to", "mine.waggle", "--json")
        assert json.loads(made.stdout)["backup"]["file"] == str(tmp_path / "mine.waggle")
        live = waggle(tmp_path, "export", "tasks").stdout
        assert json.loads(live)["text"] == "standup"
        assert waggle(tmp_path, "export", "journal", "--format", "csv", "--out", "j.csv").stdout
        assert waggle(tmp_path, "export", "nonsense").returncode == 2
        refused = waggle(tmp_path, "restore", "mine.waggle", "--replace")
        assert (refused.returncode, "mine" in refused.stderr) == (1, False)
        assert waggle(tmp_path, "rebuild").returncode == 1
        assert waggle(tmp_path, "erase", "person", "me", "--yes").returncode == 0
    assert (tmp_path / "j.csv").read_text("utf-8").startswith("seq,at,kind,")
    assert json.loads(waggle(tmp_path, "export", "tasks").stdout)["text"] is None
    assert waggle(tmp_path, "restore", "mine.waggle", "--replace").returncode == 0
    assert waggle(tmp_path, "export", "tasks").stdout == live
    assert waggle(tmp_path, "rebuild").returncode == 0
    assert waggle(tmp_path, "doctor", "--verify").returncode == 0


def test_where_no_swarm_has_been_nothing_is_made(tmp_path: Path) -> None:
    for words in (("backup",), ("export", "tasks"), ("rebuild",), ("erase", "person", "me")):
        done = waggle(tmp_path, *words)
        assert (done.returncode, "no swarm" in done.stderr.replace("\n", " ")) == (1, True)
    assert list(tmp_path.iterdir()) == []
