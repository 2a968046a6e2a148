"""The program as a process, in a folder of its own.

Most tests want what the program does, not how an interpreter starts it: theirs is forked from one
that has imported all. Those about the start itself, about streams in other encodings or about its
weight ask for a `whole` one.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.cli.lives import Life
from tests.project.tree import ROOT

COMMAND = [sys.executable, "-P", "-m", "bot.cli"]
TIMEOUT = 60

Process = Life | subprocess.Popen[str]


def environment(**more: str) -> dict[str, str]:
    """No HOME, no language, nothing of ours but the path."""
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LC_ALL": "C", **more}


def waggle(
    folder: Path, *words: str, env: Mapping[str, str] | None = None, whole: bool = False
) -> subprocess.CompletedProcess[str]:
    process = start(folder, *words, env=env, whole=whole)
    try:
        out, err = process.communicate(timeout=TIMEOUT)
    except BaseException:
        process.kill()
        raise
    assert process.returncode is not None
    return subprocess.CompletedProcess(list(words), process.returncode, out, err)


@contextmanager
def running(
    folder: Path, *words: str, env: Mapping[str, str] | None = None, whole: bool = False
) -> Iterator[Process]:
    """`waggle up`, ready; ended on leaving."""
    process = start(folder, *(words or ("up",)), env=env, whole=whole)
    try:
        assert process.stdout
        assert "Waggle is ready" in process.stdout.readline()
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=TIMEOUT)


def start(
    folder: Path, *words: str, env: Mapping[str, str] | None = None, whole: bool = False
) -> Process:
    env = environment() if env is None else env
    if not whole:
        # How an interpreter opens its streams is settled when it starts.
        assert not {name for name in env if name.startswith("PYTHON")} - {"PYTHONPATH"}
        return Life(folder, words, env)
    return subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
