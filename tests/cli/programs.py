"""The program as a process, in a folder of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.project.tree import ROOT

COMMAND = [sys.executable, "-P", "-m", "bot.cli"]
TIMEOUT = 60


def environment(**more: str) -> dict[str, str]:
    """No HOME, no language, nothing of ours but the path."""
    return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "LC_ALL": "C", **more}


def waggle(
    folder: Path, *words: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        cwd=folder,
        env=dict(env or environment()),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=TIMEOUT,
        check=False,
    )


@contextmanager
def running(
    folder: Path, *words: str, env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """`waggle up`, ready; ended on leaving."""
    process = start(folder, *(words or ("up",)), env=env)
    try:
        assert process.stdout
        assert "Waggle is ready" in process.stdout.readline()
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=TIMEOUT)


def start(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, *words],
        cwd=folder,
        env=dict(env or environment()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
