"""Projections come anew from the journal, or stay as they are."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from swarm_core.build import ROOMS
from swarm_core.kernel.crash import KEEPING_POINTS
from swarm_core.kernel.errors import BrokenJournal, NoState, StoreLocked
from swarm_core.store import rebuild
from tests.keeping.states import a_state, backed_up, verified
from tests.project.tree import ROOT
from tests.worlds import awake


def spoil(state: Path, *statements: str) -> None:
    with sqlite3.connect(state / "waggle.db") as db:
        for statement in statements:
            assert db.execute(statement).rowcount
    db.close()


async def test_wrong_rows_are_right_again_and_working_tables_stay(tmp_path: Path) -> None:
    state = await a_state(tmp_path)
    spoil(
        state,
        "update accounts set spent = spent + 7",
        "delete from tasks where id = 1",
        "insert into remembered(person, playbook, key, value, at) values('p', 'b', 'k', '1', 1)",
    )
    assert not (await verified(state)).ok

    made = rebuild(state, ROOMS)

    report = await verified(state)
    assert (report.ok, report.facts, report.rows) == (True, made.facts, made.rows)
    with sqlite3.connect(state / "waggle.db") as db:
        assert db.execute("select value from remembered").fetchone() == ("1",)
    db.close()


@pytest.mark.parametrize(
    "statement",
    [
        "update journal set actor = 'x' where seq = 4",
        "delete from journal where seq = 4",
        "delete from journal where seq > 10",
        "update journal set payload = '{}' where seq = 4",
    ],
)
async def test_a_journal_that_is_not_whole_changes_nothing(tmp_path: Path, statement: str) -> None:
    state = await a_state(tmp_path)
    spoil(state, statement)
    with sqlite3.connect(state / "waggle.db") as db:
        before = list(db.iterdump())
    db.close()

    with pytest.raises(BrokenJournal):
        rebuild(state, ROOMS)

    with sqlite3.connect(state / "waggle.db") as db:
        assert list(db.iterdump()) == before
    db.close()


async def test_it_refuses_a_live_swarm_and_a_folder_without_state(tmp_path: Path) -> None:
    async with awake(tmp_path):
        with pytest.raises(StoreLocked):
            rebuild(tmp_path / "state", ROOMS)
    with pytest.raises(NoState):
        rebuild(tmp_path / "nothing", ROOMS)
    assert not (tmp_path / "nothing").exists()


PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from swarm_core.build import ROOMS
from swarm_core.kernel.crash import arm
from swarm_core.store import rebuild, restore
arm(sys.argv[1])
if sys.argv[1].startswith("rebuild"):
    rebuild(Path(sys.argv[2]), ROOMS)
else:
    restore(Path(sys.argv[3]), Path(sys.argv[2]), ROOMS, replace=True, now=datetime.now(UTC))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "point", [point for point in KEEPING_POINTS if not point.startswith("archive.")]
)
def test_a_kill_leaves_the_old_or_the_new(tmp_path: Path, point: str) -> None:
    state = asyncio.run(a_state(tmp_path))
    kept = backed_up(state, tmp_path / "backups")
    spoil(state, "update accounts set spent = spent + 7")

    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, point, state, kept.file],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=180,
        check=False,
    )

    assert killed.returncode == -signal.SIGKILL
    report = asyncio.run(verified(state))
    new = point in ("restore.swap.after", "rebuild.commit.after")
    assert report.ok is new, report
    assert {finding.kind for finding in report.findings} <= {"projection"}
    again = subprocess.run(
        [sys.executable, "-c", PROGRAM, point + ":9", state, kept.file],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=180,
        check=False,
    )
    assert again.returncode == 0
    assert asyncio.run(verified(state)).ok
    assert not list(state.glob(".restoring-*"))
