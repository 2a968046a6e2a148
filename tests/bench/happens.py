"""What standing priorities that wait for facts cost the road: the same tasks with and without."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from swarm_core.people import TERMINAL
from swarm_core.schedule.model import Happens, StandingPriority
from swarm_core.testing import OWNER, ScriptedModel
from tests.bench.measure import Result, Sample, Sizes, fresh, in_turns, percentile, result
from tests.bench.worlds import running, submit

LISTENING = 10
SUBMITTERS = 100
FACTS_A_MINUTE, FACTS_A_TASK = 10_000, 9
_WAITED = (
    Happens(fact="task.ended", where={"outcome": "failed"}),
    Happens(fact="task.ended"),
    Happens(fact="step.ended"),
    Happens(fact="task.accepted", where={"task_kind": "ask"}),
)


def waits_for(number: int) -> StandingPriority:
    """One that waits: for what never comes, or for what comes all the time, with its cooldown."""
    return StandingPriority(
        name=f"waits-{number}",
        text="look at it",
        trigger=_WAITED[number % len(_WAITED)],
        zone="UTC",
        by="",
        place=TERMINAL,
        action="remind",
        report="digest",
    )


def run(sizes: Sizes) -> Iterator[Result]:
    yield from _paced(sizes)
    yield from _as_fast_as_it_can(sizes)


def _paced(sizes: Sizes) -> Iterator[Result]:
    tasks = min(sizes.tasks, 400)
    alone, listened = in_turns(
        sizes.repeats,
        lambda: fresh("happens:road_at_pace", tasks=tasks, listening=0),
        lambda: fresh("happens:road_at_pace", tasks=tasks, listening=LISTENING),
    )
    name = f"happens, {LISTENING} priorities, 10,000 facts a minute:"
    for key, what, unit in (
        ("ack_p50", "acknowledged p50", "ms"),
        ("ended_p50", "ended p50", "ms"),
        ("ended_p99", "ended p99", "ms"),
        ("cpu", "CPU", "µs/task"),
    ):
        goal = "ratio ≤ 1.1" if key == "ended_p50" else ""
        mine, theirs = [s[key] for s in listened], [s[key] for s in alone]
        yield result(f"{name} {what}", unit, mine, theirs, goal=goal)


def _as_fast_as_it_can(sizes: Sizes) -> Iterator[Result]:
    size = {"tasks": sizes.tasks, "submitters": SUBMITTERS}
    alone, listened = in_turns(
        sizes.repeats,
        lambda: fresh("throughput:road", **size),
        lambda: fresh("throughput:road", **size, listening=LISTENING),
    )
    name = f"happens, {LISTENING} priorities, {SUBMITTERS} submitters:"
    for key, what, unit in (("rate", "tasks", "tasks/s"), ("cpu", "CPU", "µs/task")):
        mine, theirs = [s[key] for s in listened], [s[key] for s in alone]
        yield result(f"{name} {what}", unit, mine, theirs)
    facts = [s["rate"] * s["facts"] * 60 for s in listened]
    yield result(f"{name} facts a minute", "facts/min", facts)


def road_at_pace(tasks: int, listening: int) -> Sample:
    """The road with as many tasks as make 10,000 facts a minute."""
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_walk(Path(folder), tasks, listening))


async def _walk(folder: Path, tasks: int, listening: int) -> Sample:
    async with running(folder, ScriptedModel()) as (swarm, postman):
        for number in range(listening):
            await swarm.priorities.add(OWNER, waits_for(number))
        acknowledged, ended = list[float](), list[float]()

        async def one(number: int) -> None:
            began = time.perf_counter()
            receipt = await submit(swarm, number)
            acknowledged.append(time.perf_counter() - began)
            await postman.ended(receipt.task)
            ended.append(time.perf_counter() - began)

        burned = time.process_time()
        async with asyncio.TaskGroup() as group:
            for number in range(tasks):
                group.create_task(one(number))
                await asyncio.sleep(FACTS_A_TASK * 60 / FACTS_A_MINUTE)
        cpu = time.process_time() - burned
    return {
        "ack_p50": percentile(acknowledged, 50) * 1e3,
        "ended_p50": percentile(ended, 50) * 1e3,
        "ended_p99": percentile(ended, 99) * 1e3,
        "cpu": cpu / tasks * 1e6,
    }
