"""Measuring the rooms, and trying mutants: several processes of pytest, one scratch copy.

What came of each mutant is a line in a file beside the copy, so an interrupted run goes on where
it was, as long as program and tests are the same.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import coverage

from tests.cores import plugin
from tests.cores.mutating import Mutant
from tests.cores.rooms import CHECKOUT, ROOMS, UNTRACED, digest, files

QUICK = "not slow and not long"
START = 60.0
"""Seconds a fresh process may take on top of its tests."""


@dataclass(frozen=True)
class Reached:
    """What the tests of one room reach, how long each takes, which failed by themselves."""

    room: str
    took: dict[str, float]
    failed: list[str]
    lines: dict[str, dict[int, list[str]]]

    def tests(self, mutant: Mutant) -> list[tuple[str, float]]:
        """Those that could notice, the room's own first, the quickest of them first; all that
        reach the file for a fault in the module itself, or all there are."""
        lines = self.lines.get(mutant.file, {})
        if mutant.root:
            names = set(lines.get(mutant.line, ()))
        else:
            # What is only done on import is reached by none of them by name.
            names = {name for found in lines.values() for name in found} or set(self.took)
        names |= {name for name, file in UNTRACED.items() if file == mutant.file}
        return sorted(
            ((name, self.took[name]) for name in names if name in self.took),
            key=lambda each: (not each[0].startswith(f"tests/{self.room}/"), each[1], each[0]),
        )


class Workshop:
    """A folder with a scratch copy of the tree and what was found about it so far."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.gettempdir()) / f"waggle-cores-{digest(CHECKOUT)}"
        self.tree = self.folder / "tree"
        self.results = self.folder / "mutants.jsonl"
        if not self.tree.exists():
            part = self.folder / "part"
            shutil.rmtree(part, ignore_errors=True)
            for file in files(CHECKOUT):
                (part / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(CHECKOUT / file, part / file)
            part.rename(self.tree)

    def measure(self, room: str) -> None:
        """Run the tests of a room and keep what they reach; once."""
        to = self._data(room)
        if to.with_suffix(".json").exists():
            return
        told = {"to": str(to), "source": [str(self.tree / "swarm_core" / each) for each in ROOMS]}
        tests = [*ROOMS[room], *(f"--deselect={name}" for name in UNTRACED)]
        self._pytest({plugin.MEASURE: json.dumps(told)}, tests, self.folder / f"{room}.log")
        to.with_suffix(".part").replace(to.with_suffix(".json"))

    def reached(self, room: str) -> Reached:
        """What was measured."""
        told = json.loads(self._data(room).with_suffix(".json").read_text())
        data = coverage.CoverageData(str(self._data(room)))
        data.read()
        lines = {}
        for name in data.measured_files():
            found = {
                line: [context for context in contexts if context]
                for line, contexts in data.contexts_by_lineno(name).items()
            }
            lines[Path(name).relative_to(self.tree).as_posix()] = found
        took = {**dict.fromkeys(UNTRACED, 1.0), **told["took"]}
        return Reached(room, took, told["failed"], lines)

    def covered(self, rooms: Iterable[str]) -> dict[str, Any]:
        """For each module of these rooms what their tests do not reach, as coverage says it."""
        found: dict[str, Any] = {}
        for room in rooms:
            cover = coverage.Coverage(
                data_file=str(self._data(room)), branch=True, config_file=False
            )
            cover.load()
            report = self.folder / f"{room}.coverage"
            cover.json_report(
                outfile=str(report),
                include=[f"{self.tree}/swarm_core/{room}/*"],
                ignore_errors=True,
            )
            for name, said in json.loads(report.read_text())["files"].items():
                found[Path(name).absolute().relative_to(self.tree).as_posix()] = said
        return found

    def known(self) -> dict[str, dict[str, Any]]:
        """What came of the mutants that were tried before, by their names."""
        if not self.results.exists():
            return {}
        lines = self.results.read_text().splitlines()
        return {found["name"]: found for found in map(json.loads, lines)}

    def try_all(
        self, room: str, mutants: Sequence[Mutant], jobs: int
    ) -> Iterator[tuple[Mutant, dict[str, Any]]]:
        """What comes of each, in any order. What no test reaches survives at once."""
        reached = self.reached(room)
        todo: SimpleQueue[Mutant] = SimpleQueue()
        told: SimpleQueue[tuple[Mutant, dict[str, Any]] | BaseException] = SimpleQueue()
        for mutant in mutants:
            todo.put(mutant)

        def work() -> None:
            server = _Server(self, room)
            try:
                while True:
                    mutant = todo.get_nowait()
                    tests = reached.tests(mutant)
                    if not tests:
                        outcome = {"outcome": "survived", "by": "", "tests": 0}
                    elif mutant.root:
                        outcome = server.ask(mutant, tests)
                    else:
                        outcome = self._fresh(mutant, tests)
                    told.put((mutant, {**outcome, "tests": len(tests)}))
            except Empty:
                pass
            except BaseException as error:
                told.put(error)
                raise
            finally:
                server.close()

        for _ in range(min(jobs, len(mutants))):
            threading.Thread(target=work, daemon=True).start()
        for _ in mutants:
            found = told.get()
            if isinstance(found, BaseException):
                raise found
            with self.results.open("a") as file:
                mutant, outcome = found
                file.write(json.dumps({"name": mutant.name, "line": mutant.line, **outcome}) + "\n")
            yield found

    def _data(self, room: str) -> Path:
        return self.folder / f"{room}.data"

    def command(self, tests: Iterable[str]) -> list[str]:
        return [
            *(
                sys.executable,
                "-P",
                "-m",
                "pytest",
                "-p",
                "tests.cores.plugin",
                "-q",
                "--no-header",
            ),
            *("-p", "no:xdist", "-p", "no:cacheprovider", "-m", QUICK, *tests),
        ]

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        """Of a process that works on the copy."""
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, "PYTHONPATH": str(self.tree), "HYPOTHESIS_PROFILE": "mutants", **more}

    def _pytest(self, more: dict[str, str], tests: Iterable[str], log: Path) -> None:
        with log.open("wb") as out:
            done = subprocess.run(
                self.command(tests),
                cwd=self.tree,
                env=self.environment({**more, "HYPOTHESIS_PROFILE": "mutants"}),
                stdout=out,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode not in (0, 1):
            raise RuntimeError(f"the tests could not be run: see {log}")

    def _fresh(self, mutant: Mutant, tests: Sequence[tuple[str, float]]) -> dict[str, Any]:
        """A fault in what a module does when it is imported needs a process of its own."""
        told = json.dumps({"file": mutant.file, "index": mutant.index})
        most = START + plugin.TIMES * sum(took for _, took in tests)
        with tempfile.TemporaryDirectory(prefix="waggle-mutant-") as room:
            more = {plugin.FAULTY: told, "PYTEST_DEBUG_TEMPROOT": room}
            process = subprocess.Popen(
                [*self.command(_by_file(tests)), "-x"],
                cwd=self.tree,
                env=self.environment(more),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
            try:
                said, _ = process.communicate(timeout=most)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                return {"outcome": "hung", "by": ""}
        outcome = {0: "survived", 5: "survived"}.get(process.returncode, "killed")
        by = [line for line in said.splitlines() if line.startswith(("FAILED", "ERROR", "E  "))]
        return {"outcome": outcome, "by": by[-1][:200] if by and outcome == "killed" else ""}


def _by_file(tests: Sequence[tuple[str, float]]) -> list[str]:
    """The files of these tests, those first in which a test takes least on average."""
    took: dict[str, list[float]] = {}
    for name, seconds in tests:
        took.setdefault(name.partition("::")[0], []).append(seconds)
    return sorted(took, key=lambda file: sum(took[file]))


class _Server:
    """A process of pytest that has collected the tests of a room and waits for mutants. It is
    started when it is first asked, and anew when it has died."""

    def __init__(self, workshop: Workshop, room: str) -> None:
        self._workshop = workshop
        self._room = room
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, mutant: Mutant, tests: Sequence[tuple[str, float]]) -> dict[str, Any]:
        if self._process is None:
            self._start()
        told = {"file": mutant.file, "root": mutant.root, "index": mutant.index, "tests": tests}
        most = sum(plugin.LEAST + plugin.TIMES * took for _, took in tests)
        self._to.write(json.dumps({**told, "most": most}) + "\n")
        self._to.flush()
        line = self._from.readline()
        if not line:
            self.close()
            raise RuntimeError(f"the tests of {self._room} ended by themselves: see its log")
        found: dict[str, Any] = json.loads(line)
        return found

    def _start(self) -> None:
        shop, room = self._workshop, self._room
        theirs, to = os.pipe()
        back, write = os.pipe()
        more = {plugin.WAIT: json.dumps({"read": theirs, "write": write})}
        with (shop.folder / f"{room}.{threading.get_native_id()}.log").open("wb") as log:
            self._process = subprocess.Popen(
                shop.command(ROOMS[room]),
                cwd=shop.tree,
                env=shop.environment(more),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(theirs, write),
            )
        os.close(theirs)
        os.close(write)
        self._to, self._from = os.fdopen(to, "w"), os.fdopen(back)

    def close(self) -> None:
        if self._process:
            self._to.close()
            self._process.wait()
            self._from.close()
            self._process = None
