"""A swarm that is there for one task, in a folder where another was killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from swarm_core.build import World, open_swarm
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.ids import TaskId
from swarm_core.people import TERMINAL
from swarm_core.steps.model import Answer
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import TaskState
from swarm_core.testing import MemoryCourier, ScriptedModel, settings
from tests.worlds import LONGEST, ask, awake

PLACES = 2


async def killed_with_every_place_taken(folder: Path) -> list[TaskId]:
    """Tasks that were running when their process ended, one for each place of the worker."""
    here: asyncio.Queue[str] = asyncio.Queue()

    async def play(assignment: Assignment, n: int) -> Answer:
        here.put_nowait(assignment.text)
        return await asyncio.Future()

    async with awake(folder, ScriptedModel(play=play), limits={"concurrency": PLACES}) as swarm:
        tasks = [(await ask(swarm, f"number {n}")).task for n in range(PLACES)]
        for _ in tasks:
            await here.get()
    return tasks


@asynccontextmanager
async def alone(folder: Path, courier: MemoryCourier) -> AsyncIterator[Swarm]:
    world = World(extra=(ScriptedModel().extra,), alone=True, drain=0.0)
    limits = settings(folder, limits={"concurrency": PLACES})
    async with asyncio.timeout(LONGEST), open_swarm(limits, world) as swarm:
        await swarm.outbox.attach(TERMINAL.surface, courier)
        yield swarm


async def test_a_request_that_joins_what_a_dead_process_had_begun_makes_that_go_on(
    tmp_path: Path,
) -> None:
    first, other = await killed_with_every_place_taken(tmp_path)
    courier = MemoryCourier()
    async with alone(tmp_path, courier) as swarm:
        receipt = await ask(swarm, "number 0")
        assert (receipt.task, receipt.joined) == (first, True)
        await swarm.dispatcher.admit(receipt.task)
        await courier.ended(first)
        states = [(await swarm.views.task(task)).task.state for task in (first, other)]
    assert states == [TaskState.DONE, TaskState.RUNNING]


async def test_places_that_a_dead_process_had_taken_are_free_for_the_one_task(
    tmp_path: Path,
) -> None:
    await killed_with_every_place_taken(tmp_path)
    courier = MemoryCourier()
    async with alone(tmp_path, courier) as swarm:
        receipt = await ask(swarm, "another")
        await swarm.dispatcher.admit(receipt.task)
        await courier.ended(receipt.task)


async def test_two_who_ask_a_lone_swarm_both_get_their_task_done(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with alone(tmp_path, courier) as swarm:
        before = (await ask(swarm, "before")).task
        after = (await ask(swarm, "after", needs=(before,))).task
        other = (await ask(swarm, "other")).task
        await swarm.dispatcher.admit(after)
        await swarm.dispatcher.admit(other)
        for task in (before, after, other):
            await courier.ended(task)
