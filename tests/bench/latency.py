"""P3: how long until something happens, while much else does."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from pathlib import Path

from swarm_core import EVERYTHING, Swarm
from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Answer, Conclusion, Run
from swarm_core.testing import OWNER, ScriptedModel
from tests.bench.measure import Result, Sample, Sizes, fresh, percentile, spread
from tests.bench.worlds import Postman, running, submit

QUEUED, BUSY = 1_000, 100
"""Tasks that wait while others are timed; people who keep asking while a command is timed."""
STILL = "look into"
"""How the words of ordinary tasks begin."""


def run(sizes: Sizes) -> Iterator[Result]:
    samples = [
        fresh("latency:quiet", queued=min(QUEUED, sizes.queued), probes=sizes.probes)
        for _ in range(sizes.repeats)
    ]
    yield from spread(
        f"latency, {min(QUEUED, sizes.queued):,} queued:",
        samples,
        {
            "start p50": ("ms", ""),
            "start p99": ("ms", "< 20"),
            "cancel": ("ms", "≤ 2,000"),
            "stop": ("ms", "≤ 2,000"),
        },
    )
    busy = min(BUSY, sizes.running)
    samples = [fresh("latency:loud", busy=busy, probes=sizes.probes) for _ in range(sizes.repeats)]
    yield from spread(
        f"latency, {busy} people asking:",
        samples,
        {
            "task p50": ("ms", ""),
            "task p99": ("ms", "< 100"),
            "status p99": ("ms", "< 100"),
            "cancel p99": ("ms", "< 100"),
        },
    )


class Watched(ScriptedModel):
    """Notes when each of its runs began and was interrupted."""

    def __init__(self, name: str, words: str, play: Callable[..., Awaitable[Answer]]) -> None:
        super().__init__(name, words=(words,), play=play)
        self.begun: dict[int, float] = {}
        self.ended: dict[int, float] = {}
        self.moved = asyncio.Event()

    async def run(self, assignment: Assignment, run: Run) -> Conclusion:
        self.begun[assignment.task] = time.perf_counter()
        try:
            return await super().run(assignment, run)
        finally:
            self.ended[assignment.task] = time.perf_counter()
            self.moved.set()


async def _for_ever(assignment: Assignment, n: int) -> Answer:
    await asyncio.Event().wait()
    raise AssertionError


async def _at_once(assignment: Assignment, n: int) -> Answer:
    return Answer(text="ok")


def quiet(queued: int, probes: int) -> Sample:
    """Start of a task while others stand in another queue; cancel one; stop all that runs."""
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_quiet(Path(folder), queued, probes))


async def _quiet(folder: Path, queued: int, probes: int) -> Sample:
    slow = Watched("slow", STILL, _for_ever)
    quick = Watched("quick", "quick:", _at_once)
    places = max(2, queued // 10)
    async with running(folder, slow, quick, concurrency=places) as (swarm, postman):
        first, *_ = await asyncio.gather(*(submit(swarm, n) for n in range(queued + places)))
        starts = []
        for n in range(probes):
            receipt = await submit(swarm, n, "quick:")
            acknowledged = time.perf_counter()
            await postman.ended(receipt.task)
            starts.append(max(0.0, quick.begun[receipt.task] - acknowledged))
        cancel = await _until(swarm.control.cancel(OWNER, first.task), slow, 1)
        under_way = len(slow.begun) - len(slow.ended)
        stop = await _until(swarm.control.stop(OWNER, EVERYTHING), slow, under_way)
    return {
        "start p50": percentile(starts, 50) * 1e3,
        "start p99": percentile(starts, 99) * 1e3,
        "cancel": cancel * 1e3,
        "stop": stop * 1e3,
    }


async def _until(command: Awaitable[object], model: Watched, runs: int) -> float:
    """Seconds from a command to the moment the last of `runs` runs was interrupted."""
    asked, before = time.perf_counter(), len(model.ended)
    await command
    while len(model.ended) < before + runs:
        model.moved.clear()
        await model.moved.wait()
    return max(model.ended.values()) - asked


def loud(busy: int, probes: int) -> Sample:
    """Acknowledgement of one person's commands while `busy` others keep the swarm at work."""
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_loud(Path(folder), busy, probes))


async def _loud(folder: Path, busy: int, probes: int) -> Sample:
    crowded = ScriptedModel(words=(STILL,))
    slow = ScriptedModel("slow", words=("slow:",), play=_for_ever)
    async with running(folder, crowded, slow) as (swarm, postman):
        numbers = count()
        crowd = [asyncio.create_task(_keep_asking(swarm, postman, numbers)) for _ in range(busy)]
        waits: dict[str, list[float]] = {"task": [], "status": [], "cancel": []}
        for n in range(probes):
            asked = time.perf_counter()
            receipt = await submit(swarm, n, "slow:")
            told = time.perf_counter()
            await swarm.views.status()
            looked = time.perf_counter()
            await swarm.control.cancel(OWNER, receipt.task)
            ended = time.perf_counter()
            waits["task"].append(told - asked)
            waits["status"].append(looked - told)
            waits["cancel"].append(ended - looked)
        for one in crowd:
            one.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
    return {
        "task p50": percentile(waits["task"], 50) * 1e3,
        "task p99": percentile(waits["task"], 99) * 1e3,
        "status p99": percentile(waits["status"], 99) * 1e3,
        "cancel p99": percentile(waits["cancel"], 99) * 1e3,
    }


async def _keep_asking(swarm: Swarm, postman: Postman, numbers: Iterator[int]) -> None:
    for number in numbers:
        await postman.ended((await submit(swarm, number)).task)
