"""P4: kill -9 with much queued and running; how soon the next process works again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Answer, Conclusion, Run
from swarm_core.testing import ScriptedModel
from tests.bench.measure import ROOT, Result, Sample, Sizes, environment, fresh, spread
from tests.bench.worlds import running, submit


def run(sizes: Sizes) -> Iterator[Result]:
    samples = [_repeat(sizes.queued, sizes.running) for _ in range(sizes.repeats)]
    yield from spread(
        f"recovery, {sizes.queued:,} queued and {sizes.running} running:",
        samples,
        {"new task started": ("s", "< 2"), "leases recovered": ("s", "< 5")},
    )


def _repeat(queued: int, under_way: int) -> Sample:
    """Start a swarm, kill it at work, start it again; times from the start of the second."""
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        about = {"folder": folder, "queued": queued, "under_way": under_way}
        victim = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.bench.child", "recovery:victim", json.dumps(about)],
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert victim.stdout
        with victim:
            ready = victim.stdout.readline()
            victim.send_signal(signal.SIGKILL)
        if not ready:
            raise SystemExit("the swarm to be killed did not come to work")
        return fresh("recovery:survivor", started=time.time(), **about)


class Remembering(ScriptedModel):
    """Notes when the first run that is new began, and when the last resumed one did: those of
    the first `under_way` tasks, which start in the order in which they come. `all_there` is set
    when they run, and after a kill something new does too."""

    def __init__(self, under_way: int, *, for_ever: bool) -> None:
        super().__init__(play=self._answer)
        self._for_ever = for_ever
        self._under_way = under_way
        self.resumed: dict[int, float] = {}
        self.new: float | None = None
        self.all_there = asyncio.Event()

    async def run(self, assignment: Assignment, run: Run) -> Conclusion:
        if assignment.task <= self._under_way:
            self.resumed[assignment.task] = time.time()
        elif self.new is None:
            self.new = time.time()
        if len(self.resumed) == self._under_way and (self._for_ever or self.new):
            self.all_there.set()
        return await super().run(assignment, run)

    async def _answer(self, assignment: Assignment, n: int) -> Answer:
        if self._for_ever:
            await asyncio.Event().wait()
        return Answer(text="ok")


def victim(folder: str, queued: int, under_way: int) -> Sample:
    """Work on `under_way` tasks, with `queued` behind them, say so, and wait to be killed."""
    asyncio.run(_victim(Path(folder), queued, under_way))
    return {}


async def _victim(folder: Path, queued: int, under_way: int) -> None:
    model = Remembering(under_way, for_ever=True)
    async with running(folder, model, concurrency=under_way) as (swarm, _):
        for begin in range(0, queued + under_way, 500):
            numbers = range(begin, min(begin + 500, queued + under_way))
            await asyncio.gather(*(submit(swarm, n) for n in numbers))
        await model.all_there.wait()
        sys.stdout.write(f"{os.getpid()} is at work\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def survivor(folder: str, queued: int, under_way: int, started: float) -> Sample:
    """Open the same folder and wait until what was running and something new is under way."""
    return asyncio.run(_survivor(Path(folder), under_way, started))


async def _survivor(folder: Path, under_way: int, started: float) -> Sample:
    model = Remembering(under_way, for_ever=False)
    async with running(folder, model, concurrency=under_way):
        await model.all_there.wait()
    assert model.new
    return {
        "new task started": model.new - started,
        "leases recovered": max(model.resumed.values()) - started,
    }
