"""P1: tasks a second from accepted to seen by who asked, beside the bare database."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from swarm_core import Swarm
from swarm_core.testing import OWNER, ScriptedModel
from tests.bench.happens import waits_for
from tests.bench.measure import Result, Sample, Sizes, fresh, in_turns, percentile, result
from tests.bench.worlds import running, submit

GOALS = {"rate": "ratio ≥ 0.5", "ack_p50": "ratio ≤ 1.4"}


def run(sizes: Sizes) -> Iterator[Result]:
    for submitters in sizes.submitters:
        size = {"tasks": sizes.tasks, "submitters": submitters}
        bare, ours = in_turns(
            sizes.repeats,
            lambda size=size: fresh("reference:throughput", **size),  # type: ignore[misc]
            lambda size=size: fresh("throughput:road", **size),  # type: ignore[misc]
        )
        name = f"throughput, {submitters} submitters:"
        for key, what, unit in (
            ("rate", "tasks", "tasks/s"),
            ("cpu", "CPU", "µs/task"),
            ("ack_p50", "acknowledged p50", "ms"),
            ("ack_p99", "acknowledged p99", "ms"),
            ("facts", "facts", "per task"),
            ("writes", "writes", "per commit"),
        ):
            mine, theirs = [s[key] for s in ours], [s[key] for s in bare]
            yield result(f"{name} {what}", unit, mine, theirs, goal=GOALS.get(key, ""))
        yield result(f"{name} findings of verify", "findings", [s["findings"] for s in ours])


def road(tasks: int, submitters: int, listening: int = 0) -> Sample:
    """The whole road for each task, then a verification of everything that was written. With
    `listening` standing priorities that wait for facts of it."""
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_drive(Path(folder), tasks, submitters, listening))


async def _drive(folder: Path, tasks: int, submitters: int, listening: int) -> Sample:
    async with running(folder, ScriptedModel()) as (swarm, postman):
        for number in range(listening):
            await swarm.priorities.add(OWNER, waits_for(number))
        numbers, waits = iter(range(tasks)), list[float]()

        async def ask() -> None:
            for number in numbers:
                asked = time.perf_counter()
                receipt = await submit(swarm, number)
                waits.append(time.perf_counter() - asked)
                await postman.ended(receipt.task)

        before = await _standing(swarm)
        began, burned = time.perf_counter(), time.process_time()
        await asyncio.gather(*(ask() for _ in range(submitters)))
        wall, cpu = time.perf_counter() - began, time.process_time() - burned
        after = await _standing(swarm)
        report = await swarm.store.verify()
        if not report.ok:
            raise SystemExit(f"the store does not verify: {report.findings[:3]}")
        done = (await swarm.views.status()).ended
        if done != {"done": tasks}:
            raise SystemExit(f"{tasks} tasks were asked for and ended as {done}")
    return {
        "rate": tasks / wall,
        "cpu": cpu / tasks * 1e6,
        "ack_p50": percentile(waits, 50) * 1e3,
        "ack_p99": percentile(waits, 99) * 1e3,
        "facts": (after[0] - before[0]) / tasks,
        "writes": (after[2] - before[2]) / max(1, after[1] - before[1]),
        "findings": len(report.findings),
    }


async def _standing(swarm: Swarm) -> tuple[int, int, int]:
    """Facts, commits and writes so far."""
    batch = swarm.store.batch
    return await swarm.store.write(lambda tx: tx.seq), batch.commits, batch.writes
