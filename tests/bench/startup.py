"""P6: how soon the program answers, and what it holds when it has nothing to do."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Result, Sample, Sizes, environment, spread

PROGRAM = ["-m", "bot.cli"]
IDLE_SECONDS = 2.0
"""How long the swarm is left alone before its memory is read."""


def run(sizes: Sizes) -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        samples = [_repeat(Path(folder) / str(n)) for n in range(sizes.repeats)]
    yield from spread(
        "startup:",
        samples,
        {
            "bare Python": ("ms", ""),
            "help": ("ms", "< 150"),
            "ready": ("ms", "< 1,500"),
            "status": ("ms", "< 300"),
            "idle memory": ("MB", "< 100"),
        },
    )


def _repeat(folder: Path) -> Sample:
    """A swarm from its start to its end, in a folder of its own."""
    folder.mkdir()
    sample = {
        "bare Python": _milliseconds(["-c", ""], folder),
        "help": _milliseconds([*PROGRAM, "--help"], folder),
    }
    began = time.perf_counter()
    swarm = subprocess.Popen(
        [sys.executable, "-P", *PROGRAM, "--state", str(folder / "state"), "up", "--headless"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    with swarm:
        assert swarm.stdout
        if not swarm.stdout.readline():
            raise SystemExit("the swarm did not become ready")
        sample["ready"] = (time.perf_counter() - began) * 1e3
        asked = [*PROGRAM, "--state", str(folder / "state"), "status"]
        sample["status"] = _milliseconds(asked, folder)
        time.sleep(IDLE_SECONDS)
        sample["idle memory"] = _resident(swarm.pid)
        swarm.send_signal(signal.SIGTERM)
    return sample


def _milliseconds(arguments: list[str], folder: Path) -> float:
    """How long Python takes with these arguments. Raises when it fails."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-P", *arguments],
        cwd=folder,
        env=environment(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return (time.perf_counter() - began) * 1e3


def _resident(pid: int) -> float:
    """Megabytes a process holds in memory; where there is no /proc, what `ps` says."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text())
        kilobytes = found[1] if found else "0"
    else:
        said = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(pid)], stdout=subprocess.PIPE, text=True, check=True
        )
        kilobytes = said.stdout
    return int(kilobytes) / 1024
