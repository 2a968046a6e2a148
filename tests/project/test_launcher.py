"""The launcher: sets up once, mends what was interrupted, costs nothing afterwards.

Around a copy of `./waggle` stand an interpreter and an installer that write down what they are
asked, on a PATH that holds nothing else; no test here installs anything.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.project.tree import ROOT

TOOLS = ("sh", "cat", "chmod", "cmp", "cp", "mkdir", "mv", "readlink", "rm")

ENVIRONMENT_PYTHON = """#!/bin/sh
case "$*" in *"-m pip --version"*) exit 0 ;; esac
{
  echo "cwd=$PWD"
  echo "PYTHONPATH=${PYTHONPATH-}"
  for argument; do echo "$argument"; done
  echo end
} >>"$LOG"
case "$*" in *"pip install"*) if [ -e "$BROKEN" ]; then exit 1; fi ;; esac
"""

BASE_PYTHON = """#!/bin/sh
case "$*" in
  *_base_executable*) echo "$BIN/python3.11" ;;
  *"import ensurepip"*) exit 0 ;;
  *flock*) exec "{python}" "$@" ;;
  *"-m venv"*)
    echo "made with venv" >>"$LOG"
    mkdir -p "$4/bin" && cp "$BIN/environment-python" "$4/bin/python" ;;
  *) exit 9 ;;
esac
"""

UV = """#!/bin/sh
for last; do :; done
case "$*" in
  --version) exit 0 ;;
  venv*)
    echo "made with uv" >>"$LOG"
    mkdir -p "$last/bin" && cp "$BIN/environment-python" "$last/bin/python" ;;
  "pip sync"*)
    echo "uv $*" >>"$LOG"
    cat "$last" >>"$LOG"
    if [ -p "$GATE" ]; then echo reached >"$GATE"; cat "$GATE.open" >/dev/null; fi
    if [ -e "$BROKEN" ]; then echo "no such package" >&2; exit 2; fi ;;
  "pip compile"*) echo "uv $*" >>"$LOG" ;;
  *) exit 9 ;;
esac
"""


@dataclass(frozen=True)
class House:
    """A copy of the launcher in a folder with a space in its name."""

    root: Path
    bin: Path
    log: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": str(self.bin),
            "BIN": str(self.bin),
            "LOG": str(self.log),
            "BROKEN": str(self.bin / "broken"),
            "GATE": str(self.bin / "gate"),
        }

    def start(
        self, *arguments: str, cwd: Path | None = None, by: Path | None = None, **more: str
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [by or self.root / "waggle", *arguments],
            cwd=cwd or self.root.parent,
            env=self.environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        self.started.append(process)
        return process

    def run(
        self, *arguments: str, cwd: Path | None = None, by: Path | None = None, **more: str
    ) -> tuple[int, str]:
        """The exit code and what was said on stderr."""
        process = self.start(*arguments, cwd=cwd, by=by, **more)
        _, said = process.communicate(timeout=60)
        return process.returncode, said

    def written(self) -> list[str]:
        """What was asked since the last look."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines

    def script(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def lock(self, version: str) -> None:
        (self.root / "requirements.lock").write_text(f"ordinary {version}\n")
        (self.root / "requirements-dev.lock").write_text(f"development {version}\n")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """With uv; `without_uv` takes it away."""
    house = House(tmp_path / "a house", tmp_path / "bin", tmp_path / "log")
    house.root.mkdir()
    house.bin.mkdir()
    shutil.copy2(ROOT / "waggle", house.root / "waggle")
    house.lock("1")
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found
        (house.bin / tool).symlink_to(found)
    house.script("environment-python", ENVIRONMENT_PYTHON)
    house.script("python3.11", BASE_PYTHON.format(python=sys.executable))
    house.script("uv", UV)
    yield house
    for process in house.started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture
def without_uv(house: House) -> House:
    (house.bin / "uv").unlink()
    return house


@pytest.fixture
def ready(house: House) -> House:
    """Set up, and on a PATH on which nothing could be set up again."""
    assert house.run("up")[0] == 0
    house.written()
    (house.bin / "uv").unlink()
    (house.bin / "python3.11").unlink()
    return house


@pytest.fixture
def gate(house: House) -> Iterator[Path]:
    """Installing stops here: it says `reached`, and goes on when the gate is opened."""
    gate = house.bin / "gate"
    os.mkfifo(gate)
    os.mkfifo(f"{gate}.open")
    yield gate
    with suppress(OSError):  # nobody waits there
        os.close(os.open(f"{gate}.open", os.O_WRONLY | os.O_NONBLOCK))


def wait_until_reached(gate: Path) -> None:
    reader = os.open(gate, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert select.select([reader], [], [], 60)[0], "nothing was installed"
    finally:
        os.close(reader)
        gate.unlink()


def open_gate(gate: Path) -> None:
    Path(f"{gate}.open").write_text("go on")


def installs(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("uv pip sync")]


# ── handing over ─────────────────────────────────────────────────────────────


def test_what_is_typed_reaches_the_program_unchanged_and_where_it_was_typed(
    ready: House, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    assert ready.run("up", "two  words", "*", "", cwd=elsewhere) == (0, "")
    assert ready.written() == [
        f"cwd={elsewhere}",
        f"PYTHONPATH={ready.root}",
        *("-P", "-m", "bot.cli", "up", "two  words", "*", "", "end"),
    ]


def test_the_persons_own_pythonpath_comes_after_ours(ready: House) -> None:
    ready.run("up", PYTHONPATH="/theirs")
    assert f"PYTHONPATH={ready.root}:/theirs" in ready.written()


def test_it_finds_its_folder_through_links(ready: House, tmp_path: Path) -> None:
    links = tmp_path / "li nks"
    links.mkdir()
    (links / "direct").symlink_to(ready.root / "waggle")
    (links / "relative").symlink_to("direct")
    (tmp_path / "upwards").symlink_to("li nks/relative")
    for link in (links / "relative", tmp_path / "upwards"):
        assert ready.run("up", by=link) == (0, "")
        assert f"PYTHONPATH={ready.root}" in ready.written()


def test_a_folder_called_bot_where_one_stands_is_not_run(ready: House, tmp_path: Path) -> None:
    for root, answer in ((ready.root, "ours"), (tmp_path, "theirs")):
        (root / "bot").mkdir()
        (root / "bot" / "__init__.py").touch()
        (root / "bot" / "cli.py").write_text(f"print({answer!r})")
    (ready.root / ".venv" / "bin" / "python").unlink()
    (ready.root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    process = ready.start("up", cwd=tmp_path)
    assert process.communicate()[0] == "ours\n"


# ── setting up ───────────────────────────────────────────────────────────────


def test_the_first_use_sets_up_says_so_in_one_line_and_goes_on(house: House) -> None:
    assert house.run("up") == (0, "Setting up Waggle in .venv (once, about a minute)…\n")
    lines = house.written()
    assert lines[0] == "made with uv"
    assert installs(lines) == [lines[1]]
    assert "--require-hashes" in lines[1]
    assert "ordinary 1" in lines
    assert lines[-3:] == ["bot.cli", "up", "end"]


def test_without_uv_pip_installs_by_hash(without_uv: House) -> None:
    assert without_uv.run("up")[0] == 0
    lines = without_uv.written()
    assert lines[0] == "made with venv"
    assert {"pip", "install", "--require-hashes"} <= set(lines)
    assert lines[-3:] == ["bot.cli", "up", "end"]


def test_a_changed_lock_is_installed_and_nothing_more(house: House) -> None:
    house.run("up")
    house.written()
    house.lock("2")
    assert house.run("up") == (
        0,
        "Bringing .venv up to date: Waggle's dependencies have changed…\n",
    )
    lines = house.written()
    assert len(installs(lines)) == 1
    assert "--reinstall" not in lines[0]
    assert "ordinary 2" in lines
    assert house.run("up") == (0, "")
    assert installs(house.written()) == []


def test_an_environment_whose_python_is_gone_is_made_anew(house: House) -> None:
    house.run("up")
    house.written()
    (house.root / ".venv" / "bin" / "python").unlink()
    (house.root / ".venv" / "bin" / "python").symlink_to("/gone/python3.11")
    assert house.run("up")[0] == 0
    assert house.written()[0] == "made with uv"


def test_a_killed_set_up_is_not_trusted_and_done_again(house: House, gate: Path) -> None:
    first = house.start("up")
    wait_until_reached(gate)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    house.written()
    code, said = house.run("up")
    assert (code, said.count("\n")) == (0, 1)
    assert "did not finish" in said
    lines = house.written()
    assert "--reinstall" in installs(lines)[0]
    assert lines[-3:] == ["bot.cli", "up", "end"]


def test_a_second_start_waits_for_the_first_and_installs_nothing(house: House, gate: Path) -> None:
    first = house.start("one")
    wait_until_reached(gate)
    second = house.start("two")
    assert second.stderr
    assert second.stderr.readline() == "Another ./waggle is setting up .venv; waiting for it.\n"
    open_gate(gate)
    assert second.communicate() == ("", "")
    first.communicate()
    assert (first.returncode, second.returncode) == (0, 0)
    lines = house.written()
    assert len(installs(lines)) == 1
    assert {"one", "two"} <= set(lines)


def test_a_start_waits_for_what_a_killed_one_left_installing(house: House, gate: Path) -> None:
    first = house.start("up")
    wait_until_reached(gate)
    first.kill()
    first.wait()
    second = house.start("up")
    assert second.stderr
    assert "waiting" in second.stderr.readline()
    open_gate(gate)
    second.communicate()
    first.communicate()
    assert second.returncode == 0
    lines = house.written()
    assert len(installs(lines)) == 1
    assert lines[-3:] == ["bot.cli", "up", "end"]


def test_a_failed_install_says_so_and_is_not_trusted(house: House) -> None:
    (house.bin / "broken").touch()
    code, said = house.run("up")
    assert code == 1
    assert "no such package" in said
    assert said.splitlines()[-1].startswith("Installing Waggle's packages failed")
    assert "bot.cli" not in house.written()
    (house.bin / "broken").unlink()
    assert house.run("up")[0] == 0
    assert house.written()[-3:] == ["bot.cli", "up", "end"]


def test_without_python_it_says_which_one_is_needed(house: House) -> None:
    (house.bin / "python3.11").unlink()
    house.script("python3", "#!/bin/sh\nexit 1\n")
    code, said = house.run("up")
    assert code == 1
    assert said.startswith("Waggle needs Python 3.11 or newer, and none was found.")
    assert said.count("\n") == 1


def test_without_venv_it_names_the_package_that_has_it(without_uv: House) -> None:
    text = BASE_PYTHON.format(python=sys.executable)
    without_uv.script("python3.11", text.replace('ensurepip"*) exit 0', 'ensurepip"*) exit 1'))
    code, said = without_uv.run("up")
    assert code == 1
    assert said.endswith("On Debian and Ubuntu: apt install python3.11-venv\n")


# ── working on it ────────────────────────────────────────────────────────────


def test_test_runs_pytest_in_the_repository_on_all_cores(house: House) -> None:
    assert house.run("test", "-m", "not slow")[0] == 0
    lines = house.written()
    assert "development 1" in lines
    call = lines[lines.index(f"cwd={house.root}") :]
    assert call[2:5] == ["-P", "-m", "pytest"]
    assert "--numprocesses=logical" in call
    assert call[-3:] == ["-m", "not slow", "end"]


@pytest.mark.parametrize("command", ["test", "chaos", "bench", "verify"])
def test_what_starts_many_processes_keeps_their_bytecode(house: House, command: str) -> None:
    house.script(
        "environment-python",
        ENVIRONMENT_PYTHON + 'echo "bytecode ${PYTHONDONTWRITEBYTECODE-kept}" >>"$LOG"\n',
    )
    assert house.run(command, PYTHONDONTWRITEBYTECODE="1")[0] == 0
    assert house.written()[-1] == "bytecode kept"


def test_development_packages_come_once_and_stay(house: House) -> None:
    house.run("up")
    assert house.run("test") == (0, "Adding the development packages to .venv (once)…\n")
    house.written()
    for command in ("up", "test", "lint", "up"):
        assert house.run(command) == (0, "")
    assert installs(house.written()) == []
    house.lock("2")
    house.run("up")
    assert "development 2" in house.written()
    assert house.run("test") == (0, "")


def test_lint_runs_every_check_even_if_one_fails(house: House) -> None:
    failing = ENVIRONMENT_PYTHON + 'case "$*" in *"ruff check"*) exit 1 ;; esac\n'
    house.script("environment-python", failing)
    assert house.run("lint")[0] == 1
    lines = house.written()
    assert [line for line in lines if line in {"ruff", "mypy", "--no-logo", "pytest"}] == [
        *("ruff", "ruff", "mypy", "--no-logo", "pytest"),
    ]


def test_lock_pins_both_files_without_naming_a_host(house: House) -> None:
    assert house.run("lock", "--upgrade") == (0, "")
    ordinary, development = house.written()
    for line in (ordinary, development):
        assert "--universal --python-version 3.11 --generate-hashes" in line
        assert "--no-header --no-emit-index-url" in line
        assert line.endswith("--upgrade")
    assert "--group dev --constraints requirements.lock" in development


def test_lock_without_uv_says_where_to_get_it(without_uv: House) -> None:
    code, said = without_uv.run("lock")
    assert (code, said) == (1, "./waggle lock needs uv: https://docs.astral.sh/uv/\n")
