"""Each bench runs and prints what it says it prints. How fast anything is, is not tested."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot import bench
from swarm_core import errors
from tests.bench.__main__ import BENCHES, main
from tests.bench.measure import Result, as_row, percentile, result

TINY = ("--n", "20", "--submitters", "4", "--repeats", "1", "--queued", "20", "--running", "3")
SMALL = ("--stored", "50", "--probes", "3", "--tools", "2")
FIELDS = {"name", "value", "unit", "reference", "ratio", "min", "max", "n", "goal", "machine"}


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_prints_one_object_a_line(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, *TINY, *SMALL, "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines
    for line in lines:
        assert line.keys() == FIELDS
        assert line["name"].startswith(name)
        assert line["min"] <= line["value"] <= line["max"]
        assert (line["ratio"] is None) == (not line["reference"])


@pytest.mark.slow
def test_the_whole_road_is_verified_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    main(["throughput", *TINY, "--json"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    by_name = {line["name"].partition(": ")[2]: line for line in lines}
    assert by_name["findings of verify"]["value"] == 0
    assert by_name["facts"]["reference"] == 8
    assert 8 <= by_name["facts"]["value"] < 11


def test_ratios_are_of_medians() -> None:
    found = result("x", "ms", [4.0, 1.0, 9.0], [2.0, 2.0, 8.0])
    assert (found.value, found.reference, found.ratio) == (4.0, 2.0, 2.0)
    assert (found.min, found.max, found.n) == (1.0, 9.0, 3)


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 50) == 51
    assert percentile(values, 99) == 100
    assert percentile([7.0], 99) == 7


def test_a_row_names_what_was_measured_and_its_goal() -> None:
    row = as_row(Result(name="start p99", value=1.5, unit="ms", goal="< 20"))
    assert row.startswith("start p99")
    assert "1.50 ms" in row
    assert row.endswith("< 20")


def test_an_unknown_bench_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "throughput" in capsys.readouterr().err


def test_without_a_source_tree_it_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(errors.NeedsCheckout):
        bench.main([], root=tmp_path)
