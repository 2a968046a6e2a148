"""A whole process with a swarm inside, at a terminal of its own and at a pipe."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from tests.project.tree import ROOT

PATIENCE = 180
CHAT = [sys.executable, "-m", "tests.terminal.small_swarm"]

pytestmark = pytest.mark.slow


def at_a_terminal(folder: Path, columns: int) -> pexpect.spawn:
    return pexpect.spawn(
        CHAT[0],
        [*CHAT[1:], str(folder)],
        cwd=str(ROOT),
        dimensions=(24, columns),
        encoding="utf-8",
        timeout=PATIENCE,
    )


@pytest.mark.parametrize("columns", [40, 80])
def test_a_task_is_typed_followed_answered_and_left(columns: int, tmp_path: Path) -> None:
    terminal = at_a_terminal(tmp_path, columns)
    terminal.expect("Ready.")
    terminal.send("wait go\r")
    terminal.expect("#1 accepted, for scripted.")
    terminal.send("half a li")
    terminal.expect(r"#1 wait go.*\[running\]")
    (tmp_path / "go").touch()
    terminal.expect("done with: wait go")
    terminal.expect("half a li")
    terminal.send("ne\r")
    terminal.expect("done with: half a line")
    terminal.send("wait for-ever\r")
    terminal.expect("#3 accepted")
    terminal.send("/quit\r")
    terminal.expect("#3 is not finished")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_the_screen_may_change_its_size_while_cards_are_shown(tmp_path: Path) -> None:
    terminal = at_a_terminal(tmp_path, 80)
    terminal.expect("Ready.")
    terminal.send("wait for-ever\r")
    terminal.expect(r"#1 wait for-ever.*\[running\]")
    for rows, columns in ((10, 40), (2, 5), (50, 200)):
        terminal.setwinsize(rows, columns)
    terminal.expect(r"#1 wait for-ever.*\[running\]")
    terminal.send("\x03\x03")
    terminal.expect("#1 is not finished")
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0


def test_the_program_itself_chats_answers_and_leaves(tmp_path: Path) -> None:
    terminal = pexpect.spawn(
        sys.executable,
        ["-m", "bot.cli", "up"],
        cwd=str(ROOT),
        env={"PATH": "/usr/bin:/bin", "WAGGLE_STATE": str(tmp_path / "state"), "TERM": "xterm"},
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=PATIENCE,
    )
    terminal.expect("Waggle is ready")
    terminal.send("standup\r")
    terminal.expect("#1 accepted, for standup")
    terminal.expect("#1 is done")
    terminal.send("/sho")
    terminal.expect("<number>")
    terminal.send("\t")
    terminal.expect("/show ")
    terminal.send(" 1\r")
    terminal.expect("Asked:")
    terminal.kill(signal.SIGTERM)
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.exitstatus == 0
    assert (tmp_path / "state" / "history").read_text().count("+standup") == 1
    assert stat.S_IMODE((tmp_path / "state" / "waggle.log").stat().st_mode) == 0o600


def piped(folder: Path, typed: str) -> str:
    done = subprocess.run(
        [*CHAT, str(folder)],
        input=typed,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def test_piped_lines_are_carried_out_and_their_answers_awaited(tmp_path: Path) -> None:
    printed = piped(tmp_path, "wait go\n\n  make go")
    assert printed.startswith("#1 accepted, for scripted.\n\n#2 accepted, for scripted.\n\n")
    assert printed.index("done with: make go") < printed.index("done with: wait go")
    assert "\x1b" not in printed
    assert "Ready." not in printed


def test_piped_quit_leaves_at_once_and_the_answer_is_there_next_time(tmp_path: Path) -> None:
    printed = piped(tmp_path, "wait go\n/quit\nnever done\n")
    assert "#1 is not finished" in " ".join(printed.split())
    assert "never" not in printed
    assert "done with: wait go" in piped(tmp_path, "make go\nwait go.seen\n")
