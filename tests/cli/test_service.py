"""The swarm as a service: whole processes, started, asked, reloaded, ended and killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.control.client import Client
from swarm_core.store.files import holder_of
from tests.cli.programs import TIMEOUT, environment, waggle
from tests.cli.test_processes import mute_host

pytestmark = pytest.mark.slow


def state(folder: Path) -> Path:
    return folder / "data" / "state"


@contextmanager
def daemon(folder: Path, env: Mapping[str, str] | None = None) -> Iterator[int]:
    """A swarm in the background; ended on leaving, if it still runs."""
    begun = waggle(folder, "--json", "up", "--daemon", env=env)
    assert begun.returncode == 0, begun.stderr
    try:
        yield json.loads(begun.stdout)["pid"]
    finally:
        assert waggle(folder, "down", "--now").returncode in (0, 3)


def log_lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (state(folder) / "waggle.log").read_text().splitlines()]


def over(process: psutil.Process) -> bool:
    """Whether it ends, which is a moment after it let go of its folder. Nobody may be there to
    bury it."""
    for _ in range(int(TIMEOUT / 0.05)):
        with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            if process.status() != psutil.STATUS_ZOMBIE:
                process.wait(0.05)
                return True
        if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
            return True
    return False


def test_it_runs_apart_from_its_terminal_and_its_files_are_private(tmp_path: Path) -> None:
    with daemon(tmp_path) as pid:
        process = psutil.Process(pid)
        assert os.getsid(pid) == pid
        assert process.terminal() is None
        files = {f.path for f in process.open_files()}
        assert str(state(tmp_path) / "waggle.log") in files
        task = waggle(tmp_path, "task", "standup", "--wait", "--json")
        assert json.loads(task.stdout)["state"] == "done"
        status = json.loads(waggle(tmp_path, "status", "--json").stdout)
        assert (status["pid"], status["service"]["draining"]) == (pid, False)
        again = waggle(tmp_path, "up", "--daemon")
        assert again.returncode == 1
        assert f"process {pid}" in again.stderr.replace("\n", " ")
        ended = waggle(tmp_path, "down")
        assert (ended.returncode, f"process {pid}" in ended.stdout) == (0, True)
        assert over(process)
        assert holder_of(state(tmp_path)) is None
        assert {path.stat().st_mode & 0o077 for path in state(tmp_path).iterdir()} == {0}
        assert [line["event"] for line in log_lines(tmp_path)] == ["ready", "ending", "ended"]
    assert waggle(tmp_path, "down").returncode == 3


def test_a_start_that_fails_says_why_and_with_which_code(tmp_path: Path) -> None:
    (tmp_path / "waggle.yaml").write_text("budget: {day: lots}\n")
    failed = waggle(tmp_path, "up", "--daemon")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert '"lots" is not an amount' in failed.stderr.replace("\n", " ")
    (tmp_path / "waggle.yaml").write_text("")
    state(tmp_path).mkdir(parents=True)
    (state(tmp_path) / "waggle.db").write_text("this is no database, but it is long enough\n" * 9)
    assert waggle(tmp_path, "up", "--daemon").returncode == 1


def test_killed_it_is_known_to_be_gone_and_starts_again(tmp_path: Path) -> None:
    with daemon(tmp_path) as pid:
        process = psutil.Process(pid)
        assert waggle(tmp_path, "task", "standup").returncode == 0
        os.kill(pid, signal.SIGKILL)
        assert over(process)
        assert (state(tmp_path) / "waggle.sock").exists()
        assert "not running" in waggle(tmp_path, "status").stdout
        assert waggle(tmp_path, "down").returncode == 3
        restarted = waggle(tmp_path, "--json", "restart")
        assert restarted.returncode == 0, restarted.stderr
        client = Client(state(tmp_path))
        (event,) = client.wait(1, progress=False)
        assert event.view["state"] == "done"
    assert waggle(tmp_path, "doctor", "--verify").returncode == 0


def test_an_end_in_time_names_what_it_interrupted_and_that_goes_on_later(tmp_path: Path) -> None:
    with mute_host(tmp_path) as (url, asked), daemon(tmp_path):
        waggle(tmp_path, "task", f"check {url}")
        assert asked.wait(TIMEOUT)
        ended = waggle(tmp_path, "down", "--within", "0s")
        assert ended.returncode == 0
        assert "Interrupted: #1" in ended.stdout
        status = waggle(tmp_path, "show", "1")
        assert "[running]" in status.stdout
        assert waggle(tmp_path, "up", "--daemon").returncode == 0
        assert "went on with attempt 1" in waggle(tmp_path, "why", "1").stdout


def test_one_that_does_not_answer_is_ended_by_a_signal_or_killed(tmp_path: Path) -> None:
    with daemon(tmp_path) as pid:
        # What a version without this door, or a hanging one, looks like from outside.
        (state(tmp_path) / "waggle.sock").unlink()
        ended = waggle(tmp_path, "down", "--within", "2m")
        assert (ended.returncode, "by a signal" in ended.stdout.replace("\n", " ")) == (0, True)
    with daemon(tmp_path) as pid:
        os.kill(pid, signal.SIGSTOP)
        (state(tmp_path) / "waggle.sock").unlink()
        killed = waggle(tmp_path, "down", "--now")
        assert (killed.returncode, "was killed" in killed.stdout) == (0, True)


def test_a_reload_changes_what_it_can_and_a_wrong_file_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "waggle.yaml"
    with daemon(tmp_path) as pid:
        file.write_text("budget: {day: 7}\nstore: {readers: 3}\n")
        reloaded = json.loads(waggle(tmp_path, "reload", "--json").stdout)
        assert [change["key"] for change in reloaded["done"]["changed"]] == ["budget.day"]
        assert [change["key"] for change in reloaded["done"]["later"]] == ["store.readers"]
        file.write_text("budget: {day: 9}\nnonsense: 1\n")
        refused = waggle(tmp_path, "reload")
        assert refused.returncode == 1
        assert "no setting `nonsense`" in refused.stdout
        value = json.loads(waggle(tmp_path, "config", "budget.day", "--json").stdout)
        assert value["settings"][0]["value"] == "$7.00"
        assert waggle(tmp_path, "restart").returncode == 1
        assert json.loads(waggle(tmp_path, "status", "--json").stdout)["pid"] == pid


def test_systemd_is_told_and_its_signal_reloads(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "n"))
        manager.settimeout(TIMEOUT)
        env = environment(NOTIFY_SOCKET=str(tmp_path / "n"))
        with daemon(tmp_path, env) as pid:
            assert manager.recv(500).decode() == f"READY=1\nSTATUS=ready, process {pid}"
            os.kill(pid, signal.SIGHUP)
            assert manager.recv(500).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
            assert manager.recv(500).startswith(b"READY=1")
            assert waggle(tmp_path, "restart").returncode == 1
            os.kill(pid, signal.SIGTERM)
            assert manager.recv(500).startswith(b"STOPPING=1")


CANARY = "canary-that-sings-4711"
SHAPED = "sk-ant-api03-" + "Zx9Qw8Er7Ty6" * 3


def test_no_secret_comes_out_anywhere(tmp_path: Path) -> None:
    """Planted in the environment, in the settings, in a file a tool reads, in what is asked, and
    in an address that fails."""
    env = environment(ANTHROPIC_API_KEY=CANARY, SOME_TOKEN=f"{CANARY}-too")
    (tmp_path / "notes.txt").write_text(f"TODO remove {CANARY}-too and {SHAPED}\n")
    said: list[str] = []

    def ask(*words: str) -> subprocess.CompletedProcess[str]:
        done = waggle(tmp_path, *words, env=env)
        said.append(done.stdout + done.stderr)
        return done

    (tmp_path / "waggle.yaml").write_text(
        "providers: {anthropic: {key: $ANTHROPIC_API_KEY, base_url: 'http://127.0.0.1:9'}}\n"
        "log: {level: debug, facts: true}\n"
    )
    with daemon(tmp_path, env):
        found = ask("task", "search for TODO", "--wait")
        assert "notes.txt" in found.stdout
        ask("task", f"check http://me:{CANARY}@127.0.0.1:9/{SHAPED}", "--wait")
        ask("ask", f"is {SHAPED} or {CANARY} a good password?")
        for words in (("tasks", "--all"), ("show", "1"), ("why", "1"), ("models",), ("config",)):
            ask(*words)
        ask("doctor")
        (tmp_path / "waggle.yaml").write_text(f"providers: {{a: {{key: {SHAPED}}}}}\n")
        ask("reload")
        ask("logs", "-n", "1000")
        ask("logs", "--json", "-n", "1000")
    log = (state(tmp_path) / "waggle.log").read_text()
    assert log.count("\n") > 10
    with sqlite3.connect(state(tmp_path) / "waggle.db") as database:
        journal = "\n".join(database.iterdump())
    database.close()
    for place, text in (("said", "\n".join(said)), ("log", log), ("database", journal)):
        assert CANARY not in text, place
        assert SHAPED not in text, place


def test_a_new_key_in_the_file_of_keys_is_taken_by_a_reload(tmp_path: Path) -> None:
    keys = tmp_path / "waggle.env"
    (tmp_path / "waggle.yaml").write_text(
        "providers: {anthropic: {key: $MY_KEY, base_url: 'http://127.0.0.1:9'}}\n"
    )
    with daemon(tmp_path):
        models = json.loads(waggle(tmp_path, "models", "--json").stdout)
        assert models["providers"] == []
        keys.write_text(f"MY_KEY={CANARY}\n")
        keys.chmod(0o600)
        assert waggle(tmp_path, "reload").returncode == 0
        models = json.loads(waggle(tmp_path, "models", "--json").stdout)
        assert [each["name"] for each in models["providers"]] == ["anthropic"]
        keys.chmod(0o644)
        refused = waggle(tmp_path, "reload")
        assert (refused.returncode, "waggle.env" in refused.stderr) == (1, True)
        # Nobody has to mend it first to see what runs, and to end it.
        assert waggle(tmp_path, "status").returncode == 0
        assert CANARY not in (state(tmp_path) / "waggle.log").read_text()
