"""What was typed before is kept, privately, and never in the way."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.terminal.history import LARGE, MOST_LINES, History


def kept(file: Path) -> list[str]:
    """Oldest first."""
    return list(History(file).load_history_strings())[::-1]


def test_typed_lines_are_there_next_time(tmp_path: Path) -> None:
    file = tmp_path / "history"
    history = History(file)
    history.append_string("first")
    history.append_string("several\nlines")
    assert kept(file) == ["first", "several\nlines"]


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    file = tmp_path / "history"
    History(file).append_string("a line")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    History(file).append_string("another")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@given(junk=st.binary(max_size=300))
def test_a_damaged_file_is_read_as_far_as_it_goes(
    junk: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.mktemp("damaged") / "history"
    file.write_bytes(junk)
    history = History(file)
    list(history.load_history_strings())
    history.append_string("after all")
    assert kept(file)[-1] == "after all"


def test_without_a_usable_file_lines_are_remembered_while_it_lasts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "history"
    file.mkdir()
    history = History(file)
    assert list(history.load_history_strings()) == []
    history.append_string("one")
    history.append_string("two")
    assert history.get_strings() == ["one", "two"]
    assert len(caplog.records) == 1


def test_a_large_file_is_cut_down_to_its_newest_lines(tmp_path: Path) -> None:
    file = tmp_path / "history"
    with file.open("w") as out:
        for n in range(3 * MOST_LINES):
            out.write(f"\n# then\n+line {n} {'x' * (LARGE // MOST_LINES // 2)}\n")
    newest = kept(file)
    assert len(newest) == MOST_LINES
    assert newest[-1].startswith(f"line {3 * MOST_LINES - 1} ")
    assert file.stat().st_size < LARGE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert kept(file) == newest
    assert [entry.name for entry in tmp_path.iterdir()] == ["history"]
