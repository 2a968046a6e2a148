"""What pytest is told when it runs for `waggle verify cores`; loaded by `-p`, by what the
environment says: to measure, to wait for mutants, or to import one module with a fault in it.

Measuring writes down which test reaches which line, and how long it takes. Waiting collects the
tests once and then, for each mutant that is read from a pipe, forks: the child puts the faulty
code into the functions that stand in memory already, and runs the tests that reach the line, the
quickest first, until one fails.
"""

from __future__ import annotations

import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import coverage
import pytest

from tests.cores.mutating import code_of, mutated

MEASURE, FAULTY, WAIT = "WAGGLE_CORES_MEASURE", "WAGGLE_CORES_FAULTY", "WAGGLE_CORES_WAIT"
LEAST, TIMES = 15.0, 4.0
"""A test that takes so many seconds and so many times what it took when it was measured, which
takes longer itself, hangs."""
_GRACE = 5.0


class Measuring:
    """Writes what each test reaches to a file, and how long each took to another beside it."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._to = Path(told["to"])
        self._cover = coverage.Coverage(
            data_file=str(self._to), branch=True, source=told["source"], config_file=False
        )
        self._took: dict[str, float] = {}
        self._failed: set[str] = set()
        self._cover.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._cover.switch_context(item.nodeid)
        began = time.monotonic()
        found = yield
        self._took[item.nodeid] = time.monotonic() - began
        self._cover.switch_context("")
        return found

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._cover.stop()
        self._cover.save()
        whole = {name: took for name, took in self._took.items() if name not in self._failed}
        told = {"took": whole, "failed": sorted(self._failed)}
        self._to.with_suffix(".part").write_text(json.dumps(told))


class Waiting:
    """Reads mutants from one pipe and writes to another what came of each."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._read = os.fdopen(told["read"], "r")
        self._write = os.fdopen(told["write"], "w")
        self._functions: dict[tuple[str, str, int], list[FunctionType]] = {}

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        gc.unfreeze()  # what is frozen is not listed
        self._find_functions()
        gc.freeze()
        for line in self._read:
            told = json.loads(line)
            outcome, by = self._try(told, items)
            self._write.write(json.dumps({"outcome": outcome, "by": by}) + "\n")
            self._write.flush()
        os._exit(0)

    def _find_functions(self) -> None:
        for each in gc.get_objects():
            if isinstance(each, FunctionType):
                self._functions.setdefault(_key(each.__code__), []).append(each)

    def _try(self, told: dict[str, Any], items: dict[str, pytest.Item]) -> tuple[str, str]:
        room = tempfile.mkdtemp(prefix="waggle-mutant-")
        said, saying = os.pipe()
        child = os.fork()
        if not child:
            os.close(said)
            self._be(told, items, saying, room)
        os.close(saying)
        try:
            by = _heard(said, told["most"] + _GRACE)
            # What it has started itself ends with it.
            if by is None or _pending(child):
                os.killpg(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            if by == "":
                raise RuntimeError(f"the fault could not be put into {told['root']}")
            return _meaning(by, status), (by or "").rpartition("\n")[2]
        finally:
            os.close(said)
            shutil.rmtree(room, ignore_errors=True)

    def _be(
        self, told: dict[str, Any], items: dict[str, pytest.Item], saying: int, room: str
    ) -> None:
        """The child: ends with 0 when no test fails, 1 when one does, 3 when it could not."""
        code = 3
        try:
            os.setsid()
            os.environ["PYTEST_DEBUG_TEMPROOT"] = room
            self._put(told)
            code = _run([items[name] for name, _ in told["tests"]], dict(told["tests"]), saying)
        finally:
            os._exit(code)

    def _put(self, told: dict[str, Any]) -> None:
        file = Path(told["file"]).absolute()
        module = mutated(file.read_text(encoding="utf-8"), str(file), told["index"])
        new = code_of(module, told["root"])
        whole = compile(file.read_text(encoding="utf-8"), str(file), "exec", dont_inherit=True)
        old = code_of(whole, told["root"])
        assert new
        assert old
        if _key(old) not in self._functions:  # nobody has imported it yet
            importlib.import_module(_module(told["file"]))
            self._find_functions()
        for function in self._functions[_key(old)]:
            function.__code__ = new


def _module(file: str) -> str:
    return ".".join(Path(file).with_suffix("").parts).removesuffix(".__init__")


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _run(items: Sequence[pytest.Item], took: dict[str, float], saying: int) -> int:
    failed: list[str] = []

    class Hearing:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                failed.append(report.nodeid)

    if not items:
        return 0
    items[0].config.pluginmanager.register(Hearing())
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for place, item in enumerate(items):
        os.write(saying, f"\n{item.nodeid}".encode())
        signal.setitimer(signal.ITIMER_REAL, LEAST + TIMES * took[item.nodeid])
        following = items[place + 1] if place + 1 < len(items) else None
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if failed:
            return 1
    return 0


def _heard(said: int, most: float) -> str | None:
    """What the child says until it ends; None when it does not end."""
    until, text = time.monotonic() + most, b""
    while (left := until - time.monotonic()) > 0:
        if select.select([said], [], [], left)[0]:
            more = os.read(said, 65536)
            if not more:
                return text.decode()
            text += more
    return None


def _pending(child: int) -> bool:
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None


def _meaning(by: str | None, status: int) -> str:
    if by is None or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM):
        return "hung"
    if os.WIFSIGNALED(status):
        return "died"
    return {0: "survived", 1: "killed"}.get(os.WEXITSTATUS(status), "died")


class _Loader(importlib.machinery.SourceFileLoader):
    index = -1

    def get_code(self, fullname: str) -> CodeType:
        return mutated(Path(self.path).read_text(encoding="utf-8"), self.path, self.index)


class Faulty(importlib.abc.MetaPathFinder):
    """Finds one module with a fault in it."""

    def __init__(self, file: str, index: int) -> None:
        self._path = Path(file).absolute()
        self._name = _module(file)
        self._index = index

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self._name:
            return None
        loader = _Loader(fullname, str(self._path))
        loader.index = self._index
        return importlib.util.spec_from_file_location(fullname, self._path, loader=loader)


def pytest_configure(config: pytest.Config) -> None:
    for variable, plugin in ((MEASURE, Measuring), (WAIT, Waiting)):
        if told := os.environ.pop(variable, ""):
            config.pluginmanager.register(plugin(json.loads(told)))


if told := os.environ.pop(FAULTY, ""):
    sys.meta_path.insert(0, Faulty(**json.loads(told)))
