"""The tool is held to what it says: faults are real, small, named alike whatever lines move."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.cores import plugin
from tests.cores.main import JUDGED, Judged, Seen, draw, main
from tests.cores.mutating import code_of, mutants, mutated
from tests.cores.rooms import CHECKOUT, ROOMS, sources
from tests.cores.running import Reached

SOURCE = '''
LIMIT = 10
NAMES = ("one", "two")

class Thing:
    """A thing."""

    def small(self, n: int) -> bool:
        log.info("asked")
        assert isinstance(n, int)
        def inner() -> int:
            return n + 1
        return n < LIMIT and inner() > 2

def find(rows):
    for row in rows("select a from b where c <= ? and d is null order by e desc"):
        if row:
            return pair(row, rows)
    raise ValueError("nothing there")
'''


def changes(function: str) -> set[str]:
    return {m.change for m in mutants("thing.py", SOURCE) if m.function == function}


def test_faults_of_a_module_a_method_and_what_is_in_it() -> None:
    assert changes("") == {"`10` -> `11`"}
    assert changes("Thing.small") == {
        "`return n < LIMIT and inner() > 2` -> `return None`",
        "`n < LIMIT and inner() > 2` -> `n < LIMIT or inner() > 2`",
        "`n < LIMIT` -> `n <= LIMIT`",
        "`inner() > 2` -> `inner() >= 2`",
        "`2` -> `3`",
    }
    assert changes("Thing.small.<locals>.inner") == {
        "`return n + 1` -> `return None`",
        "`n + 1` -> `n - 1`",
        "`1` -> `2`",
    }


def test_sql_has_faults_and_the_words_of_errors_have_none() -> None:
    found = changes("find")
    assert {
        "`if row` -> `if not row`",
        "`pair(row, rows)` -> `pair(rows, row)`",
        "`raise ValueError('nothing there')` -> `pass`",
    } <= found
    sql = [change for change in found if "select" in change or "order by" in change]
    assert len(sql) == 4
    assert not [change for change in found if "there~" in change]


def test_a_fault_keeps_its_name_when_lines_move() -> None:
    before = [m.name for m in mutants("thing.py", SOURCE)]
    assert before == [m.name for m in mutants("thing.py", f"# more\n\n{SOURCE}")]
    assert len(set(before)) == len(before)


@pytest.mark.slow
def test_every_fault_of_every_room_is_other_code_in_a_function_that_is_found() -> None:
    for room in ROOMS:
        for file in sources(CHECKOUT, room)[:3]:
            text = (CHECKOUT / file).read_text(encoding="utf-8")
            whole = compile(text, str(file), "exec", dont_inherit=True)
            for mutant in mutants(str(file), text)[::7]:
                module = mutated(text, str(file), mutant.index)
                if mutant.root:
                    assert code_of(module, mutant.root) != code_of(whole, mutant.root), mutant.name
                else:
                    assert module != whole, mutant.name


def test_the_same_seed_draws_the_same_mutants() -> None:
    first = draw(CHECKOUT, ["policy", "budget"], 20, 7)
    assert first == draw(CHECKOUT, ["policy", "budget"], 20, 7)
    assert sum(map(len, first.values())) == 20
    assert first != draw(CHECKOUT, ["policy", "budget"], 20, 8)


def test_a_mutant_is_tried_by_what_reaches_its_line_the_own_tests_first() -> None:
    inside, outside = (
        next(m for m in mutants("thing.py", SOURCE) if m.function == name) for name in ("find", "")
    )
    slow, quick, own = "tests/b/t.py::slow", "tests/b/t.py::quick", "tests/a/t.py::own"
    reached = Reached(
        room="a",
        took={slow: 2.0, quick: 0.1, own: 0.5},
        failed=[],
        lines={"thing.py": {inside.line: [slow, quick, "broken"], 1: [own]}},
    )
    assert [name for name, _ in reached.tests(inside)] == [quick, slow]
    assert [name for name, _ in reached.tests(outside)] == [own, quick, slow]


@pytest.mark.slow
def test_a_module_with_a_fault_is_imported_instead(tmp_path: Path) -> None:
    (tmp_path / "thing.py").write_text("LIMIT = 10\n")
    (tmp_path / "test_thing.py").write_text(
        "import thing\n\ndef test_limit():\n    assert thing.LIMIT == 10\n"
    )
    told = json.dumps({"file": "thing.py", "index": 0})
    for variables, code in (({plugin.FAULTY: told}, 1), ({}, 0)):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "tests.cores.plugin", "-p", "no:cacheprovider"],
            cwd=tmp_path,
            env={"PYTHONPATH": f"{CHECKOUT}:{tmp_path}", **variables},
            capture_output=True,
            check=False,
        )
        assert done.returncode == code, done.stdout


FROZEN = """
import gc
def pytest_collection_modifyitems():
    gc.freeze()
"""
LATE = """
def test_small():
    from thing import small
    assert small(9) and not small(10)
"""


@pytest.mark.slow
@pytest.mark.parametrize("imported", ["import thing\n", ""])
def test_a_function_with_a_fault_is_run_instead_wherever_it_is_in_memory(
    tmp_path: Path, imported: str
) -> None:
    source = "def small(n):\n    return n < 10 if n else True\n"
    (tmp_path / "thing.py").write_text(source)
    (tmp_path / "test_thing.py").write_text(imported + LATE)
    (tmp_path / "conftest.py").write_text(FROZEN)
    named = "test_thing.py::test_small"
    asked = [
        json.dumps(
            {"file": "thing.py", "root": m.root, "index": m.index, "tests": [[named, 1]], "most": 9}
        )
        for m in mutants("thing.py", source)
    ]
    theirs, to = os.pipe()
    back, write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "tests.cores.plugin", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={
            "PYTHONPATH": f"{CHECKOUT}:{tmp_path}",
            plugin.WAIT: json.dumps({"read": theirs, "write": write}),
        },
        stdout=subprocess.DEVNULL,
        pass_fds=(theirs, write),
    )
    os.close(theirs)
    os.close(write)
    with os.fdopen(to, "w") as asking:
        asking.write("\n".join(asked))
    with os.fdopen(back) as told:
        outcomes = [json.loads(line)["outcome"] for line in told]
    assert process.wait() == 0
    changes = [m.change for m in mutants("thing.py", source)]
    assert dict(zip(changes, outcomes, strict=True)) == {
        "`return n < 10 if n else True` -> `return None`": "killed",
        "`if n` -> `if not n`": "killed",
        "`n < 10` -> `n <= 10`": "killed",
        "`10` -> `11`": "killed",
        "`True` -> `False`": "survived",
    }


def test_what_changes_nothing_does_not_count_and_what_hangs_is_noticed() -> None:
    seen = Seen(outcomes=Counter(killed=8, hung=1, survived=1, same=5))
    assert seen.score == 90.0
    assert seen.good
    assert not Seen(outcomes=Counter(killed=8, survived=1)).good
    assert not Seen(gaps=["a line"]).good


def test_what_people_have_judged_is_still_there() -> None:
    judged = Judged.read(JUDGED.read_text(encoding="utf-8"))
    there = {
        mutant.name
        for room in ROOMS
        for file in sources(CHECKOUT, room)
        for mutant in mutants(file.as_posix(), (CHECKOUT / file).read_text(encoding="utf-8"))
    }
    assert set(judged.same) - there == set(), "judge them again, or take them out"
    for file, line in judged.gaps:
        assert line in map(str.strip, (CHECKOUT / file).read_text().splitlines()), (file, line)
    assert all([*judged.same.values(), *judged.gaps.values()])


def test_a_room_that_does_not_exist_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kitchen"]) == 2
    assert "budget" in capsys.readouterr().err
