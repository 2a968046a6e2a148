"""Rounds of a long trial: what is over is not played again, and what found something counts not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.verify.rounds import MOST, Kept, Part, Round, played


def part(found: dict[int, str]) -> tuple[Part, list[int]]:
    """One of three rounds, of which these find something, and the seeds it was played with."""
    seeds = list[int]()

    async def play(folder: Path, seed: int, size: int) -> Round:
        assert folder.name.endswith(str(seed))
        seeds.append(seed)
        findings = [found[seed]] if seed in found else []
        return Round(Counter({"ends": size, f"{MOST}waited": seed}), findings)

    return Part("cuts", play, (1, 2), (3, 25)), seeds


async def test_a_command_that_was_interrupted_plays_what_is_missing(tmp_path: Path) -> None:
    tried, seeds = part({2: "a doubled answer"})
    kept = Kept(tmp_path / "runs.jsonl")
    first = await played(tried, tmp_path, 1, long=True, kept=kept)
    assert first.findings == ["cuts, seed 2: a doubled answer"]
    again = await played(tried, tmp_path, 1, long=True, kept=kept)
    assert seeds == [1, 2, 3, 4]
    assert not again.findings
    # What a round with a finding saw is not counted.
    assert again.figures == {"ends": 75, f"{MOST}waited": 4}
    await played(tried, tmp_path, 1, long=True, kept=kept)
    assert seeds == [1, 2, 3, 4]


@pytest.mark.parametrize("long", [False, True])
async def test_without_a_file_everything_is_played(tmp_path: Path, long: bool) -> None:
    tried, seeds = part({})
    seen = await played(tried, tmp_path, 7, long=long, kept=Kept(None))
    assert seeds == ([7, 8, 9] if long else [7])
    assert seen.figures["ends"] == (75 if long else 2)
