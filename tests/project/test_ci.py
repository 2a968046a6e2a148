"""`.ci/run`: installs what is missing, then tests, then lints; the first failure ends it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.project.tree import ROOT

TOOLS = ("bash", "cat", "dirname", "env")
RECORD = '#!/bin/sh\necho "{name} $*" >>"$LOG"\n'


class Machine:
    """A bare Debian machine that writes down what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin, self.log = folder / "re po", folder / "bin", folder / "log"
        (self.root / ".ci").mkdir(parents=True)
        self.bin.mkdir()
        shutil.copy2(ROOT / ".ci" / "run", self.root / ".ci" / "run")
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found
            (self.bin / tool).symlink_to(found)
        self.packages("# none", "")
        self.script(self.root / "waggle")
        self.script(self.bin / "apt-get")
        self.script(self.bin / "python3")
        self.script(self.bin / "dpkg-query", 'case "$*" in *" there") echo installed ;; esac')
        self.script(self.bin / "sudo", '[ "$1" != -n ] || shift', '"$@"')

    def script(self, file: Path, *lines: str) -> None:
        text = (
            RECORD.format(name=file.name) if file.name in {"waggle", "apt-get"} else "#!/bin/sh\n"
        )
        file.write_text(text + "\n".join(lines) + "\n")
        file.chmod(0o755)

    def packages(self, *lines: str) -> None:
        (self.root / ".ci" / "apt.txt").write_text("\n".join(lines))

    def run(self) -> tuple[int, list[str], str]:
        """Exit code, what was asked in order, what was said at the end."""
        done = subprocess.run(
            [self.root / ".ci" / "run"],
            cwd="/",
            env={"PATH": str(self.bin), "LOG": str(self.log)},
            capture_output=True,
            text=True,
            check=False,
        )
        said = (done.stdout + done.stderr).splitlines()[-1]
        return done.returncode, self.log.read_text().splitlines(), said


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_it_tests_then_lints(machine: Machine) -> None:
    assert machine.run() == (0, ["waggle test", "waggle lint"], "CI: all stages passed")


@pytest.mark.parametrize("code", [1, 5], ids=["a test failed", "no tests were found"])
def test_a_failing_suite_ends_it_and_is_named(machine: Machine, code: int) -> None:
    machine.script(machine.root / "waggle", f"exit {code}")
    assert machine.run() == (
        code,
        ["waggle test"],
        f"CI: stage 'test' failed (exit code {code})",
    )


def test_a_failing_lint_is_named(machine: Machine) -> None:
    machine.script(machine.root / "waggle", '[ "$1" != lint ]')
    code, asked, said = machine.run()
    assert (code, asked[-1]) == (1, "waggle lint")
    assert said == "CI: stage 'lint' failed (exit code 1)"


def test_only_missing_packages_are_installed_after_one_update(machine: Machine) -> None:
    machine.packages("# why", "there", "missing  # and why", "", "also-missing")
    _, asked, _ = machine.run()
    assert asked[:2] == [
        "apt-get update --quiet",
        "apt-get install --quiet --yes --no-install-recommends missing also-missing",
    ]
    assert asked[2:] == ["waggle test", "waggle lint"]


def test_a_machine_whose_python_has_no_venv_gets_it(machine: Machine) -> None:
    machine.script(machine.bin / "python3", "exit 1")
    _, asked, _ = machine.run()
    assert asked[1].endswith(" python3 python3-venv")


def test_a_package_that_cannot_be_installed_ends_it(machine: Machine) -> None:
    machine.packages("missing")
    machine.script(machine.bin / "apt-get", "exit 100")
    code, asked, said = machine.run()
    assert (code, asked) == (100, ["apt-get update --quiet"])
    assert said == "CI: stage 'system packages' failed (exit code 100)"
