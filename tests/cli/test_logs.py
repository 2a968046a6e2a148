"""The log of a process: standard error, and a private file while a chat has the terminal."""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import logs

log = logging.getLogger("bot.somewhere")


@pytest.fixture
def bare_root() -> Iterator[logging.Logger]:
    """The root logger, whose handlers are put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:]
    yield root
    root.handlers[:] = before


def test_in_a_chat_the_log_goes_to_a_file_and_afterwards_to_the_terminal_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bare_root: logging.Logger
) -> None:
    bare_root.handlers.clear()  # here, since the test runner adds its own before each call
    logs.to_stderr(logging.WARNING)
    with logs.in_file(tmp_path):
        log.warning("while chatting, with half a letter \udcff")
    written = (tmp_path / logs.LOG).read_text()
    assert "WARNING bot.somewhere: while chatting, with half a letter \\udcff" in written
    assert capsys.readouterr().err == ""
    log.warning("afterwards")
    assert "WARNING bot.somewhere: afterwards" in capsys.readouterr().err


def test_the_file_is_private_and_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "LARGEST", 1000)
    (tmp_path / logs.LOG).touch(mode=0o644)
    with logs.in_file(tmp_path):
        for n in range(100):
            log.warning("line %s of a long evening", n)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == [logs.LOG, *(f"{logs.LOG}.{n}" for n in range(1, logs.KEPT + 1))]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert "line 99 of" in (tmp_path / logs.LOG).read_text()
