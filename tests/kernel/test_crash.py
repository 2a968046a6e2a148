"""Crash points: a test that kills nowhere proves nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from swarm_core.kernel.crash import (
    CHAT_POINTS,
    KEEPING_POINTS,
    POINTS,
    SCHEDULE_POINTS,
    VOICE_POINTS,
    arm,
    crash_point,
)

ROOT = Path(__file__).parents[2]
PASS = """
import sys
from swarm_core.kernel.crash import arm, crash_point

arm(sys.argv[1])
for n in range(5):
    crash_point(sys.argv[2])
    print(n, flush=True)
"""


@pytest.mark.parametrize(
    "spec", ["", "nowhere", "store.commit", "store.commit.before.", "STORE.COMMIT.BEFORE", ":1"]
)
def test_a_point_that_does_not_exist_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="no crash point"):
        arm(spec)


@pytest.mark.parametrize("count", ["0", "-1", "x", "1.5", " "])
def test_a_count_that_kills_nowhere_is_refused(count: str) -> None:
    with pytest.raises(ValueError):
        arm(f"store.commit.before:{count}")


def test_a_point_nobody_armed_does_nothing() -> None:
    for point in (*POINTS, *KEEPING_POINTS, *VOICE_POINTS, *CHAT_POINTS, *SCHEDULE_POINTS):
        crash_point(point)


def test_every_point_is_passed_somewhere_and_no_other_is() -> None:
    passed = set()
    for file in (*(ROOT / "swarm_core").rglob("*.py"), *(ROOT / "bot").rglob("*.py")):
        if file.name != "crash.py":
            passed |= set(re.findall(r'crash_point\("([^"]+)"\)', file.read_text("utf-8")))
    assert passed == {*POINTS, *KEEPING_POINTS, *VOICE_POINTS, *CHAT_POINTS, *SCHEDULE_POINTS}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "point", "seen", "code"),
    [
        ("step.act.after", "step.act.after", 0, -9),
        ("step.act.after:3", "step.act.after", 2, -9),
        ("step.act.after:6", "step.act.after", 5, 0),
        ("step.act.after:1", "step.act.before", 5, 0),
    ],
)
def test_the_process_dies_at_the_point_and_the_time_it_is_told(
    spec: str, point: str, seen: int, code: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PASS, spec, point],
        capture_output=True,
        cwd=ROOT,
        text=True,
        check=False,
    )
    assert (done.returncode, len(done.stdout.split())) == (code, seen), done.stderr
