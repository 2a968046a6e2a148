"""What is written down of rounds: the table is made of the file, and a command goes on from it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.chaos import Result, Rules
from tests.e2e.ledger import BEGIN, END, RELIABILITY, Ledger, table_of
from tests.e2e.main import main

RULES = Rules(seed=1, kills=200)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\na former table\n{END}\nafter\n")
    return page


def a_round(seed: int, kills: int = 200, findings: tuple[str, ...] = ()) -> Result:
    points = Counter({"random": kills - 1, "step.act.after": 1})
    return Result(seed, kills=points, tasks=1_600, served=6_000, findings=list(findings))


def test_a_command_goes_on_with_the_kills_and_seeds_that_are_missing(page: Path) -> None:
    ledger = Ledger(page.with_name("runs.jsonl"), page)
    assert (ledger.counted(RULES, False), ledger.next_seed(RULES, False)) == (0, 1)
    ledger.add(RULES, False, a_round(1))
    ledger.add(RULES, False, a_round(2))
    again = Ledger(page.with_name("runs.jsonl"), page)
    assert (again.counted(RULES, False), again.next_seed(RULES, False)) == (400, 3)
    assert (again.counted(RULES, True), again.next_seed(RULES, True)) == (0, 1)


def test_a_round_that_found_something_is_named_and_counts_for_nothing(page: Path) -> None:
    ledger = Ledger(page.with_name("runs.jsonl"), page)
    ledger.add(RULES, False, a_round(1))
    ledger.add(RULES, False, a_round(2, findings=("#7 ended and nobody was told",)))
    assert (ledger.counted(RULES, False), ledger.next_seed(RULES, False)) == (200, 3)
    text = page.read_text()
    assert "| scripted | 1 to 2 | 200 | 1600 | 6000 | 0 | 1 | 200 |" in text
    assert "200 kills with a step in flight: random 199, step.act.after 1." in text
    assert "Seed 2 (scripted," in text
    assert "#7 ended and nobody was told" in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "a former table" not in text


def test_rounds_of_other_rules_have_rows_and_seeds_of_their_own(page: Path) -> None:
    ledger = Ledger(page.with_name("runs.jsonl"), page)
    capped = Rules(seed=900, kills=30, cap=20_000)
    ledger.add(RULES, False, a_round(1))
    ledger.add(capped, False, a_round(900, 30))
    ledger.add(RULES, True, a_round(5, 60))
    rows = [line for line in table_of(ledger.entries()) if line.startswith("| 2")]
    assert [row.split(" | ")[3] for row in rows] == ["scripted", "scripted, cap 20000", "models"]
    assert [row.split(" | ")[-1] for row in rows] == ["200 |", "230 |", "290 |"]
    assert ledger.next_seed(capped, False) == 901


def test_the_table_in_the_docs_is_what_its_file_says() -> None:
    _, _, rest = RELIABILITY.read_text(encoding="utf-8").partition(f"{BEGIN}\n")
    assert rest.partition(f"\n{END}")[0] == "\n".join(table_of(Ledger().entries()))


@pytest.mark.parametrize("words", [["--report"], ["--until", "10"]])
def test_a_swarm_that_is_broken_on_purpose_is_not_written_down(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--mutant", "split", *words]) == 2
    assert "not written down" in capsys.readouterr().err
