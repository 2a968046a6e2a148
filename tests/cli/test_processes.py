"""Whole processes: a service and the commands that talk to it, signals, closed streams."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from bot.control.client import Client
from tests.cli.programs import COMMAND, TIMEOUT, environment, running, start, waggle

pytestmark = pytest.mark.slow


PATIENT = """
name: check-url
summary: Is an address up? Asked over and over, since one request is given up after seconds.
examples: ["check https://example.com"]
triggers: ["check {url}"]
params: {url: {type: url, required: true, description: The address}}
limits: {steps: 50}
steps:
  - id: page
    tool: http_get
    args: {url: "{{ params.url }}"}
    foreach: range(50) | list
    most: 50
    on_error: continue
output: It never answered.
"""


@contextmanager
def mute_host(folder: Path) -> Iterator[tuple[str, threading.Event]]:
    """An address that takes connections and never answers, allowed by the settings; and what is
    set once somebody has asked there. A task to check it goes on for longer than a test."""
    (folder / "patient").mkdir()
    (folder / "patient" / "check-url.yaml").write_text(PATIENT)
    (folder / "waggle.yaml").write_text(
        "egress: {allow: [127.0.0.1]}\nplaybooks: {folders: [patient]}\n"
    )
    listening = socket.create_server(("127.0.0.1", 0))
    asked, kept = threading.Event(), []

    def take() -> None:
        while True:
            try:
                kept.append(listening.accept()[0])
            except OSError:
                return
            asked.set()

    taking = threading.Thread(target=take)
    taking.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/", asked
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        taking.join()
        for connection in kept:
            connection.close()


def test_a_service_answers_and_ends_in_order(tmp_path: Path) -> None:
    with running(tmp_path, whole=True) as up:
        state = tmp_path / "data" / "state"
        assert stat.S_IMODE((state / "waggle.sock").stat().st_mode) == 0o600
        done = waggle(tmp_path, "task", "standup", "--wait", "--json", whole=True)
        assert done.returncode == 0
        assert json.loads(done.stdout)["state"] == "done"
        assert waggle(tmp_path, "task", "standup").stdout == "#2 accepted, for standup.\n"
        status = json.loads(waggle(tmp_path, "status", "--json").stdout)
        assert (status["pid"], status["serving"]) == (up.pid, True)
        doctor = waggle(tmp_path, "doctor", "--verify")
        assert doctor.returncode == 0, doctor.stdout
        assert f"process {up.pid}" in doctor.stdout
        up.send_signal(signal.SIGTERM)
        _, err = up.communicate(timeout=TIMEOUT)
        assert (up.returncode, err) == (0, "")
    assert not (state / "waggle.sock").exists()
    assert waggle(tmp_path, "task", "standup").returncode == 3


def test_a_second_service_on_the_same_folder_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with running(tmp_path) as up:
        second = waggle(tmp_path, "up")
        assert second.returncode == 1
        assert f"process {up.pid}" in second.stderr.replace("\n", " ")
        assert "Traceback" not in second.stderr


def test_a_killed_service_leaves_a_folder_that_starts_again(tmp_path: Path) -> None:
    with mute_host(tmp_path) as (url, asked):
        with running(tmp_path) as up:
            assert waggle(tmp_path, "task", f"check {url}").returncode == 0
            assert asked.wait(TIMEOUT)
            up.kill()
            up.wait()
        assert (tmp_path / "data" / "state" / "waggle.sock").exists()
        shown = waggle(tmp_path, "show", "1")
        assert "[running]" in shown.stdout
        with running(tmp_path):
            assert waggle(tmp_path, "cancel", "1").returncode == 0
            why = waggle(tmp_path, "why", "1").stdout
            assert "cut off after" in why
            assert "went on with attempt 1" in why


@pytest.mark.parametrize(
    "point", ["intake.commit.before", "step.result.before", "step.result.after"]
)
def test_a_crash_can_be_armed_and_nothing_accepted_is_lost(point: str, tmp_path: Path) -> None:
    with running(tmp_path, env=environment(WAGGLE_CRASH=point)) as up:
        lost = waggle(tmp_path, "task", "standup", "--wait")
        # After the commit the answer may have left before the kill.
        assert lost.returncode in ((0, 1) if point == "step.result.after" else (1,))
        assert up.wait(TIMEOUT) == -signal.SIGKILL
    assert waggle(tmp_path, "doctor", "--verify").returncode == 0
    with running(tmp_path):
        for task in json.loads(waggle(tmp_path, "tasks", "--json").stdout)["tasks"]:
            client = Client(tmp_path / "data" / "state")
            (event,) = client.wait(task["id"], progress=False)
            assert event.view["state"] == "done"


def test_an_interrupted_wait_leaves_the_task_running_and_says_so(tmp_path: Path) -> None:
    with mute_host(tmp_path) as (url, asked), running(tmp_path):
        waiting = start(tmp_path, "task", f"check {url}", "--wait")
        assert asked.wait(TIMEOUT)
        waiting.send_signal(signal.SIGINT)
        out, err = waiting.communicate(timeout=TIMEOUT)
        assert (waiting.returncode, out) == (130, "")
        assert "#1 goes on without this command" in err.replace("\n", " ")
        assert "[running]" in waggle(tmp_path, "show", "1").stdout
        waggle(tmp_path, "cancel", "1")


def test_an_interrupted_task_without_a_service_is_kept(tmp_path: Path) -> None:
    with mute_host(tmp_path) as (url, asked):
        alone = start(tmp_path, "task", f"check {url}", "--wait")
        assert asked.wait(TIMEOUT)
        assert json.loads(waggle(tmp_path, "status", "--json").stdout)["pid"] == alone.pid
        alone.send_signal(signal.SIGINT)
        alone.send_signal(signal.SIGINT)
        assert "kept and goes on" in alone.communicate(timeout=TIMEOUT)[1].replace("\n", " ")
        assert alone.returncode == 130
    shown = json.loads(waggle(tmp_path, "show", "1", "--json").stdout)
    assert shown["task"]["task"]["state"] == "running"


def test_a_second_signal_ends_a_service_at_once(tmp_path: Path) -> None:
    with mute_host(tmp_path) as (url, asked), running(tmp_path) as up:
        waggle(tmp_path, "task", f"check {url}")
        assert asked.wait(TIMEOUT)
        up.send_signal(signal.SIGINT)
        assert up.stderr
        assert "Finishing what is under way" in up.stderr.readline()
        up.send_signal(signal.SIGINT)
        assert up.wait(TIMEOUT) == -signal.SIGINT


def test_playbooks_that_are_wrong_are_named_and_the_rest_runs(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "bad.yaml").write_text("name: bad\nsteps: 3\n")
    (tmp_path / "waggle.yaml").write_text("playbooks: {folders: [mine]}\n")
    up = start(tmp_path, "up", "--headless")
    assert up.stdout
    assert "Waggle is ready" in up.stdout.readline()
    assert waggle(tmp_path, "task", "standup", "--wait").returncode == 0
    assert "bad.yaml" in waggle(tmp_path, "doctor").stdout
    up.terminate()
    assert "bad.yaml" in up.communicate(timeout=TIMEOUT)[1]


def test_a_folder_that_cannot_be_used_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "waggle.db").write_bytes(b"not a database, but somebody's notes" * 50)
    for state, says in (("file", "cannot be written"), ("foreign", "is not a Waggle database")):
        done = waggle(tmp_path, "--state", state, "up")
        assert done.returncode == 1
        assert says in done.stderr.replace("\n", " ")
        assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_read_only_state_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o500)
    done = waggle(tmp_path, "--state", "state", "up")
    assert (done.returncode, "cannot be written" in done.stderr) == (1, True)


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    command = f"{' '.join(COMMAND)} config | head -1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_closed_streams_are_no_error(tmp_path: Path) -> None:
    for words, closed in (
        ("help", ">&-"),
        ("help", "2>&-"),
        ("help", "</dev/null >/dev/full"),
        ("status", ">&- 2>&-"),
    ):
        command = f"{' '.join(COMMAND)} {words} {closed}"
        done = subprocess.run(
            ["bash", "-c", command], cwd=tmp_path, env=environment(), timeout=TIMEOUT, check=False
        )
        assert done.returncode == 0, closed


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_stream_that_cannot_write_every_character_is_no_error(
    encoding: str, tmp_path: Path
) -> None:
    env = environment(PYTHONIOENCODING=encoding, PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    done = waggle(tmp_path, "task", "search for \u4f60\u597d", "--wait", env=env, whole=True)
    assert "Traceback" not in done.stderr
    assert "UnicodeEncodeError" not in done.stderr
    made = waggle(tmp_path, "tasks", "--all", "--json", env=env, whole=True)
    assert json.loads(made.stdout)["tasks"][0]["text"] == "search for \u4f60\u597d"


def test_a_path_too_long_for_a_socket_works_as_well(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 90)
    deep.mkdir()
    with running(deep):
        assert json.loads(waggle(deep, "status", "--json").stdout)["serving"]
        assert (deep / "data" / "state" / "waggle.socket").exists()
    assert not (deep / "data" / "state" / "waggle.socket").exists()


def test_many_short_looks_do_not_keep_a_service_from_starting(tmp_path: Path) -> None:
    looks = [start(tmp_path, "status") for _ in range(3)]
    with running(tmp_path):
        ends = [look.communicate(timeout=TIMEOUT)[1] for look in looks]
    for look, end in zip(looks, ends, strict=True):
        # One may come before there is anything to look at.
        assert look.returncode == 0 or "no swarm has worked there" in " ".join(end.split()), end


def test_an_idle_service_is_light(tmp_path: Path) -> None:
    with running(tmp_path, whole=True) as up:
        assert psutil.Process(up.pid).memory_info().rss < 100 * 1024 * 1024
