"""A long time at work: memory and latency of the last tasks are those of the first.

One swarm does task after task, some at once. Each tenth of them is measured by itself: how long
from asking to the end, and how much memory the process holds afterwards.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import time
from pathlib import Path

from swarm_core.store import Fact
from swarm_core.swarm import Swarm
from swarm_core.tasks.events import TaskEnded
from swarm_core.testing import OWNER, ScriptedModel, request, swarm
from tests.e2e.verify.trial import Given, Seen

SHORT, LONG = 500, 100_000
LONGEST = 7_200.0
"""Seconds after which it is over, come what may."""
"""Tasks."""
AT_ONCE = 10
MOST = 1.3
"""The last tenth may take this many times what the first does, once it has run long enough for
that to mean anything."""
PAGE = os.sysconf("SC_PAGE_SIZE")


async def run(given: Given) -> Seen:
    """See `Trial`."""
    tasks = LONG if given.long else SHORT
    model = ScriptedModel(words=("pay",), calls=1)
    memory, latency = list[int](), list[float]()
    # Else the caps would end it: so many tasks cost more than a day may.
    async with swarm(given.folder, model, budget={"day": None, "month": None}) as (opened, courier):
        ends = _Ends(opened)
        for tenth in range(10):
            async with asyncio.timeout(LONGEST / 10):
                took = await _tenth(opened, ends, tenth, tasks // 10)
            courier.delivered.clear()
            # The scripted model and courier count for ever; they are not what is measured.
            model.answers.clear()
            gc.collect()
            latency.append(statistics.median(took))
            memory.append(_resident())
        facts, _, _ = await opened.store.head()
        size = opened.store.path.stat().st_size
    seen = Seen()
    slower, larger = latency[-1] / latency[0], memory[-1] / memory[0]
    if given.long:
        if slower > MOST:
            seen.findings.append(f"the last tenth took {slower:.2f} times as long as the first")
        if larger > MOST:
            seen.findings.append(f"memory grew to {larger:.2f} times that of the first tenth")
    seen.sentence = (
        f"{tasks} tasks, {facts} facts, {size >> 20} MiB; a task's median"
        f" {latency[0] * 1000:.1f} ms in the first tenth and {latency[-1] * 1000:.1f} ms in the"
        f" last ({slower:.2f} times); memory {memory[0] >> 20} and {memory[-1] >> 20} MiB"
        f" ({larger:.2f} times)"
    )
    return seen


class _Ends:
    """Wakes who waits for the end of a task."""

    def __init__(self, opened: Swarm) -> None:
        self._ended: set[int] = set()
        self._waiting: dict[int, asyncio.Event] = {}
        opened.store.listen((TaskEnded,), self._on_ended)

    def _on_ended(self, fact: Fact) -> None:
        assert fact.task is not None
        if fact.task in self._waiting:
            self._waiting[fact.task].set()
        else:
            self._ended.add(fact.task)

    async def of(self, task: int) -> None:
        if task not in self._ended:
            self._waiting[task] = asyncio.Event()
            await self._waiting[task].wait()
            del self._waiting[task]
        self._ended.discard(task)


async def _tenth(opened: Swarm, ends: _Ends, tenth: int, tasks: int) -> list[float]:
    took: list[float] = []
    numbers = iter(range(tasks))

    async def one_after_another() -> None:
        for number in numbers:
            began = time.perf_counter()
            receipt = await opened.intake.submit(OWNER, request(f"pay {tenth} {number}"))
            opened.outbox.replied(receipt.task)
            await ends.of(receipt.task)
            took.append(time.perf_counter() - began)

    await asyncio.gather(*(one_after_another() for _ in range(AT_ONCE)))
    return took


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
