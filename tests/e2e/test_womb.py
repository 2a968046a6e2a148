"""Lives from a womb are processes like any other."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes import Said, born
from tests.womb import ROOT, Womb, womb

pytestmark = pytest.mark.slow


@pytest.fixture
def mayflies() -> Iterator[Womb]:
    with womb("tests.e2e.mayfly") as lives:
        yield lives


async def test_each_life_has_its_own_process_streams_and_end(
    tmp_path: Path, mayflies: Womb
) -> None:
    said: Said = asyncio.Queue()
    log = tmp_path / "log"
    async with (
        born(mayflies, said, "a", "one", log=log) as a,
        born(mayflies, said, "b", "two", log=log) as b,
    ):
        heard = sorted([await said.get(), await said.get()])
        pids = f"{a.process.pid}", f"{b.process.pid}"
        # Nothing but the three streams is open in either, and neither has the other's.
        assert heard == [("one", f"{pids[0]} 0,1,2"), ("two", f"{pids[1]} 0,1,2")]
        assert len({*pids, f"{os.getpid()}"}) == 3
        a.kill()
        assert await said.get() == ("a-exit", "")
        assert a.process.returncode == -signal.SIGKILL
        b.tell("end 7")
        assert await said.get() == ("b-exit", "")
        assert b.process.returncode == 7
    assert log.read_text() == "ends with 7\n"


async def test_a_life_that_fails_says_why_and_the_next_one_is_none_the_worse(
    tmp_path: Path, mayflies: Womb
) -> None:
    said: Said = asyncio.Queue()
    log = tmp_path / "log"
    async with born(mayflies, said, "a", "one", log=log) as a:
        await said.get()
        a.tell("end badly")
        await said.get()
        assert a.process.returncode == 1
    assert "ValueError" in log.read_text()
    async with born(mayflies, said, "b", "two", log=log):
        assert (await said.get())[0] == "two"


async def test_lives_read_the_end_of_their_input_when_nobody_is_left(
    tmp_path: Path, mayflies: Womb
) -> None:
    said: Said = asyncio.Queue()
    async with born(mayflies, said, "a", "one", log=tmp_path / "log") as a:
        await said.get()
        a.process.stdin.close()  # type: ignore[union-attr]
        await said.get()
        assert a.process.returncode == 0


def test_there_is_no_womb_for_what_starts_threads() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        done = subprocess.run(
            [sys.executable, "-m", "tests.womb", "0", "tests.e2e.mayfly"],
            cwd=ROOT,
            env=os.environ | {"MAYFLY": "restless"},
            stdin=theirs,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr == "tests.e2e.mayfly starts threads when it is imported: no womb for it\n"
