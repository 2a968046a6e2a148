"""The log of a process: sentences on standard error, private lines of JSON in a file."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot import logs
from swarm_core.kernel.about import about
from swarm_core.kernel.redaction import HIDDEN, keep_secret
from swarm_core.kernel.secret import Secret

log = logging.getLogger("bot.somewhere")


@pytest.fixture
def bare_root() -> Iterator[logging.Logger]:
    """The root logger without handlers, put back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield root
    root.handlers[:] = before
    root.setLevel(level)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / logs.LOG).read_text().splitlines()]


def test_a_chat_is_not_logged_into_but_the_file_has_every_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bare_root: logging.Logger
) -> None:
    bare_root.handlers.clear()  # here, since the test runner adds its own before each call
    logs.to_stderr(logging.WARNING)
    with logs.in_file(tmp_path):
        with logs.quiet_terminal():
            log.warning("while chatting, with half a letter \udcff")
        assert capsys.readouterr().err == ""
        log.warning("beside it")
        log.info("for the file alone")
    assert [line["event"] for line in lines(tmp_path)] == [
        "while chatting, with half a letter \\udcff",
        "beside it",
        "for the file alone",
    ]
    log.warning("afterwards")
    said = capsys.readouterr().err
    assert "WARNING bot.somewhere: beside it" in said
    assert "for the file alone" not in said
    assert "WARNING bot.somewhere: afterwards" in said


def test_a_line_has_when_how_grave_what_where_and_the_work_at_hand(tmp_path: Path) -> None:
    with logs.in_file(tmp_path), about(task=7, run=9):
        with about(step=2):
            log.warning("something", extra={"fields": {"result": "odd"}})
        log.error("another")
    first, second = lines(tmp_path)
    assert first.pop("at").endswith("+00:00")
    assert first == {
        "level": "warning",
        "event": "something",
        "logger": "bot.somewhere",
        "task": 7,
        "run": 9,
        "step": 2,
        "result": "odd",
    }
    assert "step" not in second


def test_a_traceback_is_in_the_line_and_its_secrets_are_not(tmp_path: Path) -> None:
    keep_secret([Secret("correct horse battery")])
    with logs.in_file(tmp_path):
        try:
            raise ValueError("cannot log in with correct horse battery")
        except ValueError:
            log.exception("it failed")
    (line,) = lines(tmp_path)
    assert "Traceback" in line["error"]
    assert f"cannot log in with {HIDDEN}" in line["error"]
    assert "horse" not in (tmp_path / logs.LOG).read_text()


def test_the_file_is_private_and_rotated_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LARGEST", 1000)
    (tmp_path / logs.LOG).touch(mode=0o644)
    with logs.in_file(tmp_path):
        for n in range(100):
            log.warning("line %s of a long evening", n)
    assert sorted(path.name for path in tmp_path.iterdir()) == [logs.LOG, f"{logs.LOG}.1"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert lines(tmp_path)[-1]["event"] == "line 99 of a long evening"


@pytest.mark.parametrize("how", ["deleted", "moved"])
def test_a_file_that_is_taken_away_is_begun_anew(how: str, tmp_path: Path) -> None:
    with logs.in_file(tmp_path):
        log.warning("before")
        if how == "deleted":
            (tmp_path / logs.LOG).unlink()
        else:
            (tmp_path / logs.LOG).rename(tmp_path / "elsewhere")
        log.warning("after")
    assert [line["event"] for line in lines(tmp_path)] == ["after"]
    assert stat.S_IMODE((tmp_path / logs.LOG).stat().st_mode) == 0o600


def test_libraries_are_asked_to_be_short_and_the_level_can_change(tmp_path: Path) -> None:
    with logs.in_file(tmp_path, "warning") as at:
        log.info("too light")
        at("info")
        log.info("heavy enough")
        logging.getLogger("httpx2").info("each request")
    assert [line["event"] for line in lines(tmp_path)] == ["heavy enough"]
