"""Leases: who was presumed dead cannot commit, and what it left is taken up again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.errors import StaleLease
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Answer, Conclusion, Grant, Run
from swarm_core.swarm import Swarm
from swarm_core.tasks.events import TaskStarted
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER, MemoryCourier, ScriptedModel, finish, request
from tests.worlds import (
    Custom,
    Gate,
    a_call,
    answer,
    ask,
    awake,
    concluded,
    in_virtual_time,
    kinds,
    virtual,
)


async def starts(swarm: Swarm, task: TaskId) -> list[tuple[int, bool]]:
    """The fence (the fact's number) of each start, and whether it was a resumption."""
    return [
        (f.seq, f.event.resumed)
        for f in await swarm.store.history(task)
        if isinstance(f.event, TaskStarted)
    ]


@virtual
async def test_a_run_whose_lease_ran_out_is_taken_over_and_its_zombie_records_nothing(
    tmp_path: Path,
) -> None:
    """The runner's task dies without a word and leaves something behind that goes on."""
    lives: list[Run] = []
    refused: list[StaleLease] = []
    go_on, gone_on = asyncio.Event(), asyncio.Event()
    left_behind: list[asyncio.Task[None]] = []

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        lives.append(run)
        mine = f"life {len(lives)}"

        async def act(_: Grant) -> Answer:
            if mine == "life 1":
                await go_on.wait()
            return answer(mine)

        async def zombie() -> None:
            try:
                await run.step(a_call(1, effect="pure"), act, last=concluded)
            except StaleLease as error:
                refused.append(error)
            gone_on.set()

        if mine == "life 1":
            left_behind.append(asyncio.create_task(zombie()))
            await asyncio.sleep(1)
            raise asyncio.CancelledError
        go_on.set()
        await gone_on.wait()
        return concluded(await run.step(a_call(1, effect="pure"), act, last=concluded))

    courier = MemoryCourier()
    async with in_virtual_time(
        tmp_path, Custom(carry), courier=courier, lease={"duration": "30s"}
    ) as swarm:
        task = (await ask(swarm, "live twice")).task
        await courier.ended(task)
        view = await swarm.views.task(task)
        (first, resumed_first), (second, resumed_second) = await starts(swarm, task)
    assert len(refused) == 1
    assert (resumed_first, resumed_second) == (False, True)
    assert second > first
    assert view.task.result == "life 2"
    assert [s.state for s in view.steps] == ["ambiguous", "done"]
    assert view.task.attempts == 1
    assert lives[0].id == lives[1].id


@virtual
async def test_a_zombie_that_begins_another_step_does_nothing_and_leaves_no_intent(
    tmp_path: Path,
) -> None:
    lives: list[Run] = []
    acts: list[str] = []
    refused: list[StaleLease] = []
    go_on, gone_on = asyncio.Event(), asyncio.Event()
    left_behind: list[asyncio.Task[None]] = []

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        lives.append(run)
        mine = f"life {len(lives)}"

        async def act(_: Grant) -> Answer:
            acts.append(mine)
            return answer(mine)

        async def zombie() -> None:
            await go_on.wait()
            try:
                await run.step(a_call(1), act)
            except StaleLease as error:
                refused.append(error)
            gone_on.set()

        if mine == "life 1":
            left_behind.append(asyncio.create_task(zombie()))
            raise asyncio.CancelledError
        go_on.set()
        await gone_on.wait()
        return concluded(await run.step(a_call(1), act, last=concluded))

    courier = MemoryCourier()
    async with in_virtual_time(
        tmp_path, Custom(carry), courier=courier, lease={"duration": "30s"}
    ) as swarm:
        task = (await ask(swarm, "live twice")).task
        await courier.ended(task)
        view = await swarm.views.task(task)
        told = await kinds(swarm, task)
    assert acts == ["life 2"]
    assert len(refused) == 1
    assert [(s.attempt, s.state) for s in view.steps] == [(1, "done")]
    assert told.count("step.intended") == 1
    assert view.task.cost == 40


@virtual
async def test_a_run_that_takes_longer_than_its_lease_keeps_it(tmp_path: Path) -> None:
    async def play(assignment: Assignment, n: int) -> Answer:
        await asyncio.sleep(600)
        return answer()

    courier = MemoryCourier()
    async with in_virtual_time(
        tmp_path, ScriptedModel(play=play), courier=courier, lease={"duration": "30s"}
    ) as swarm:
        task = (await finish(swarm, courier, "slow")).task
        assert len(await starts(swarm, task.id)) == 1
    assert task.state is TaskState.DONE


async def test_every_run_of_a_former_process_goes_on_at_the_next_start(tmp_path: Path) -> None:
    gate, waiting = Gate(), asyncio.Condition()
    here: list[str] = []

    async def play(assignment: Assignment, n: int) -> Answer:
        async with waiting:
            here.append(assignment.text)
            waiting.notify_all()
        await gate()
        return answer()

    model = ScriptedModel(play=play)
    async with awake(tmp_path, model) as swarm:
        tasks = [(await ask(swarm, f"number {n}")).task for n in range(7)]
        async with waiting:
            await waiting.wait_for(lambda: len(here) == 5)
    gate.open()
    courier = MemoryCourier()
    async with awake(tmp_path, model, courier=courier) as swarm:
        for task in tasks:
            await courier.ended(task)
        started = [len(await starts(swarm, task)) for task in tasks]
    assert started == [2] * 5 + [1] * 2


async def test_a_run_whose_worker_is_gone_fails_retryable_with_what_it_cost(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def play(assignment: Assignment, n: int) -> Answer:
        if n == 2:
            await gate()
        return answer()

    async with awake(tmp_path, ScriptedModel("gone", calls=2, play=play)) as swarm:
        task = (await ask(swarm, "begin")).task
        await gate.reached.wait()
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel("here"), courier=courier) as swarm:
        await courier.ended(task)
        view = await swarm.views.task(task)
        assert view.task.failure == "worker_gone"
        assert view.task.failure_data == {"worker": "gone"}
        assert view.task.cost == 140
        await swarm.control.retry(OWNER, task)
        await courier.until(lambda all_: len([d for d in all_ if d.kind == "ended"]) == 2)
        again = await swarm.views.task(task)
    assert again.task.state is TaskState.DONE
    assert again.task.worker == "here"


async def test_a_ready_task_of_a_gone_worker_goes_to_another(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel("gone"), serve=False) as swarm:
        task = (await swarm.intake.submit(OWNER, request("not begun"))).task
        dependent = (await swarm.intake.submit(OWNER, request("after it", needs=(task,)))).task
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel("here"), courier=courier) as swarm:
        await courier.ended(dependent)
        views = [await swarm.views.task(t) for t in (task, dependent)]
    assert [(v.task.state, v.task.worker) for v in views] == [(TaskState.DONE, "here")] * 2


async def test_waiting_tasks_nobody_can_do_any_more_fail_and_people_are_told(
    tmp_path: Path,
) -> None:
    async with awake(tmp_path, ScriptedModel("gone"), serve=False) as swarm:
        task = (await swarm.intake.submit(OWNER, request("not begun"))).task
        dependent = (await swarm.intake.submit(OWNER, request("after it", needs=(task,)))).task
        stopped = (await swarm.intake.submit(OWNER, request("stopped"))).task
        await swarm.control.stop(OWNER, stopped)
    courier = MemoryCourier()
    async with awake(tmp_path, courier=courier) as swarm:
        for each in (task, dependent, stopped):
            await courier.ended(each)
        failures = [(await swarm.views.task(t)).task.failure for t in (task, dependent, stopped)]
    assert failures == ["worker_gone", "dependency_failed", "worker_gone"]


async def test_a_parked_run_of_a_gone_worker_fails_instead_of_waiting_for_ever(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def play(assignment: Assignment, n: int) -> Answer:
        await gate()
        return answer()

    async with awake(tmp_path, ScriptedModel("gone", play=play)) as swarm:
        task = (await ask(swarm, "begun and stopped")).task
        await gate.reached.wait()
        await swarm.control.stop(OWNER, task)
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel("here"), courier=courier) as swarm:
        await courier.ended(task)
        view = await swarm.views.task(task)
    assert view.task.failure == "worker_gone"
    assert view.task.cost == 100


async def test_short_runs_finish_while_the_swarm_closes(tmp_path: Path) -> None:
    gate = Gate()

    async def play(assignment: Assignment, n: int) -> Answer:
        await gate()
        return answer()

    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(play=play), courier=courier, drain=20.0) as swarm:
        task = (await ask(swarm, "nearly there")).task
        await gate.reached.wait()
        asyncio.get_running_loop().call_soon(gate.open)
    assert [d.task for d in courier.delivered if d.kind == "ended"] == [task]
    async with awake(tmp_path, serve=False) as swarm:
        assert (await swarm.views.task(task)).task.state is TaskState.DONE


async def test_nothing_new_starts_while_the_swarm_closes(tmp_path: Path) -> None:
    gate = Gate()

    async def play(assignment: Assignment, n: int) -> Answer:
        await gate()
        return answer()

    model = ScriptedModel(play=play)
    async with awake(tmp_path, model, drain=20.0, limits={"concurrency": 1}) as swarm:
        await ask(swarm, "first")
        second = (await ask(swarm, "second")).task
        await gate.reached.wait()
        asyncio.get_running_loop().call_soon(gate.open)
    assert second not in model.answers
    async with awake(tmp_path, serve=False) as swarm:
        # It may have been leased in the commit that freed the place; then it resumes at a start.
        state = (await swarm.views.task(second)).task.state
        assert state in (TaskState.READY, TaskState.RUNNING)
