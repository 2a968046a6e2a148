"""What starts when: dependencies, deadlines, places at a worker, order, fairness."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Answer
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import TaskState
from swarm_core.testing import (
    OWNER,
    START,
    FakeClock,
    MemoryCourier,
    ScriptedModel,
    finish,
    request,
)
from tests.worlds import Gate, answer, ask, awake, in_virtual_time, virtual

ANA, BOB = (
    Actor(surface="terminal", space="local", person=n, roles=frozenset({"owner"})) for n in "12"
)


class Line:
    """A model whose calls wait at a gate; `started` is who came, in order."""

    def __init__(self, *, words: tuple[str, ...] = (), name: str = "scripted") -> None:
        self.started: list[str] = []
        self.gate = Gate()
        self.came = asyncio.Condition()
        self.model = ScriptedModel(name, play=self._play, words=words)

    async def _play(self, assignment: Assignment, n: int) -> Answer:
        async with self.came:
            self.started.append(assignment.text)
            self.came.notify_all()
        await self.gate()
        if "fail" in assignment.text:
            raise RuntimeError(assignment.text)
        return answer()

    async def until(self, count: int) -> None:
        async with self.came:
            await self.came.wait_for(lambda: len(self.started) >= count)


async def state(swarm: Swarm, task: TaskId) -> TaskState:
    return (await swarm.views.task(task)).task.state


async def test_a_worker_has_so_many_places_and_the_next_waits_its_turn(tmp_path: Path) -> None:
    line, courier = Line(), MemoryCourier()
    async with awake(tmp_path, line.model, courier=courier) as swarm:
        tasks = [(await ask(swarm, f"number {n}")).task for n in range(7)]
        await line.until(5)
        assert [await state(swarm, t) for t in tasks] == ["running"] * 5 + ["ready"] * 2
        assert swarm.pool.busy["scripted"] == 5
        line.gate.open()
        for task in tasks:
            await courier.ended(task)
    assert len(line.started) == 7


@pytest.mark.parametrize("inline", [False, True])
async def test_a_place_that_becomes_free_is_taken_without_any_other_event(
    tmp_path: Path, inline: bool
) -> None:
    courier, model = MemoryCourier(), ScriptedModel()
    async with awake(
        tmp_path,
        model,
        courier=courier,
        inline=inline,
        limits={"concurrency": 1},
        tasks={"link_similar": False},
    ) as swarm:
        await finish(swarm, courier, "warm up")
        tasks = [(await ask(swarm, f"number {n}")).task for n in range(5)]
        for task in tasks:
            await courier.ended(task)


async def test_one_busy_worker_does_not_hold_up_another(tmp_path: Path) -> None:
    slow, quick = Line(words=("slow",), name="slow"), ScriptedModel("quick", words=("quick",))
    courier = MemoryCourier()
    async with awake(
        tmp_path, slow.model, quick, courier=courier, limits={"concurrency": 1}
    ) as swarm:
        await ask(swarm, "slow one")
        waiting = (await ask(swarm, "slow two")).task
        await slow.until(1)
        assert (await finish(swarm, courier, "quick one")).task.state is TaskState.DONE
        assert await state(swarm, waiting) is TaskState.READY


async def test_a_higher_priority_starts_first(tmp_path: Path) -> None:
    line, courier = Line(), MemoryCourier()
    async with awake(tmp_path, line.model, courier=courier, limits={"concurrency": 1}) as swarm:
        await ask(swarm, "first")
        await line.until(1)
        await ask(swarm, "low", priority=1)
        await ask(swarm, "normal")
        last = (await ask(swarm, "high", priority=9)).task
        line.gate.open()
        await line.until(4)
        await courier.ended(last)
    assert line.started == ["first", "high", "normal", "low"]


async def test_waiting_long_enough_outweighs_priority(tmp_path: Path) -> None:
    line, courier, clock = Line(), MemoryCourier(), FakeClock()
    async with awake(
        tmp_path, line.model, courier=courier, clock=clock, limits={"concurrency": 1}
    ) as swarm:
        await ask(swarm, "first")
        await line.until(1)
        await ask(swarm, "early and low", priority=4)
        clock.move(timedelta(minutes=6))
        await ask(swarm, "late and high", priority=9)
        clock.move(timedelta(minutes=1))
        await ask(swarm, "later and high", priority=10)
        line.gate.open()
        await line.until(4)
    assert line.started == ["first", "early and low", "late and high", "later and high"]


async def test_whoever_brings_many_at_once_is_interleaved_with_others(tmp_path: Path) -> None:
    line, courier, clock = Line(), MemoryCourier(), FakeClock()
    async with awake(
        tmp_path, line.model, courier=courier, clock=clock, limits={"concurrency": 1}
    ) as swarm:
        await ask(swarm, "first")
        await line.until(1)
        for n in range(3):
            await swarm.intake.submit(ANA, request(f"ana {n}"))
        clock.move(timedelta(milliseconds=1))
        for n in range(2):
            await swarm.intake.submit(BOB, request(f"bob {n}"))
        line.gate.open()
        await line.until(6)
    assert line.started == ["first", "ana 0", "bob 0", "ana 1", "bob 1", "ana 2"]


async def test_a_task_waits_for_what_it_needs(tmp_path: Path) -> None:
    line, courier = Line(), MemoryCourier()
    async with awake(tmp_path, line.model, courier=courier) as swarm:
        one = (await ask(swarm, "one")).task
        two = (await ask(swarm, "two")).task
        receipt = await ask(swarm, "both", needs=(one, two))
        assert receipt.state is TaskState.QUEUED
        await line.until(2)
        assert line.started == ["one", "two"]
        line.gate.open()
        await courier.ended(receipt.task)
        view = await swarm.views.task(receipt.task)
    assert line.started[-1] == "both"
    assert [(need.task, need.state) for need in view.needs] == [(one, "done"), (two, "done")]


async def test_what_is_done_already_is_not_waited_for(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        one = (await finish(swarm, courier, "one")).task.id
        assert (await finish(swarm, courier, "two", needs=(one, one))).task.state == "done"


async def test_a_failure_fails_everything_that_waits_for_it_however_far_down(
    tmp_path: Path,
) -> None:
    """Also where one task needs another both directly and through a third."""
    line, courier = Line(), MemoryCourier()
    async with awake(tmp_path, line.model, courier=courier) as swarm:
        root = (await ask(swarm, "fail here")).task
        middle = (await ask(swarm, "middle", needs=(root,))).task
        both = (await ask(swarm, "both", needs=(root, middle))).task
        last = (await ask(swarm, "last", needs=(both, middle))).task
        line.gate.open()
        for task in (root, middle, both, last):
            await courier.ended(task)
        views = [await swarm.views.task(t) for t in (middle, both, last)]
        assert (await swarm.store.verify()).ok
    assert [v.task.failure for v in views] == ["dependency_failed"] * 3
    assert [v.task.failure_data["needs"] for v in views] == [root, root, middle]
    assert line.started == ["fail here"]


async def test_cancelling_the_first_of_a_long_chain_ends_all_of_it(tmp_path: Path) -> None:
    line, courier = Line(), MemoryCourier()
    async with awake(tmp_path, line.model, courier=courier) as swarm:
        chain = [(await ask(swarm, "link 0")).task]
        for n in range(1, 400):
            chain.append((await ask(swarm, f"link {n}", needs=(chain[-1],))).task)
        await swarm.control.cancel(OWNER, chain[0])
        await courier.ended(chain[-1])
        last = await swarm.views.task(chain[-1])
    assert last.task.failure == "dependency_failed"
    assert last.task.failure_data == {"needs": chain[-2]}


async def test_a_failed_chain_can_be_retried_link_by_link(tmp_path: Path) -> None:
    courier = MemoryCourier()
    lives: list[str] = []
    gate = Gate()

    async def play(assignment: Assignment, n: int) -> Answer:
        lives.append(assignment.text)
        if lives == ["one"]:
            raise RuntimeError("the first time")
        await gate()
        return answer()

    async with awake(tmp_path, ScriptedModel(play=play), courier=courier) as swarm:
        one = (await ask(swarm, "one")).task
        two = (await ask(swarm, "two", needs=(one,))).task
        await courier.ended(two)
        assert (await swarm.control.retry(OWNER, two)).state is TaskState.FAILED  # "one" still is
        assert (await swarm.control.retry(OWNER, one)).state is TaskState.READY
        assert (await swarm.control.retry(OWNER, two)).state is TaskState.QUEUED
        gate.open()
        await courier.until(lambda all_: len([d for d in all_ if d.task == two]) == 3)
        assert await state(swarm, two) is TaskState.DONE
    assert lives == ["one", "one", "two"]


def at(seconds: float) -> Micros:
    return to_micros(START + timedelta(seconds=seconds))


@virtual
async def test_a_task_that_has_not_started_by_its_deadline_fails_and_says_so(
    tmp_path: Path,
) -> None:
    line, courier = Line(), MemoryCourier()
    async with in_virtual_time(
        tmp_path, line.model, courier=courier, limits={"concurrency": 1, "task_time": "2h"}
    ) as swarm:
        first = (await ask(swarm, "first", deadline=at(60))).task
        await line.until(1)
        late = (await ask(swarm, "late", deadline=at(60))).task
        later = (await ask(swarm, "later", deadline=at(30))).task
        await courier.ended(late)
        now = to_micros(swarm.store.clock.now())
        assert at(60) <= now < at(61)
        line.gate.open()
        await courier.ended(first)
        ended = [(await swarm.views.task(t)).task for t in (first, late, later)]
    assert [t.failure for t in ended] == [None, "deadline_passed", "deadline_passed"]


@virtual
async def test_a_task_and_what_waits_for_it_may_pass_one_deadline_together(
    tmp_path: Path,
) -> None:
    line, courier = Line(), MemoryCourier()
    async with in_virtual_time(
        tmp_path, line.model, courier=courier, limits={"concurrency": 1, "task_time": "2h"}
    ) as swarm:
        await ask(swarm, "first")
        await line.until(1)
        one = (await ask(swarm, "one", deadline=at(60))).task
        two = (await ask(swarm, "two", needs=(one,), deadline=at(60))).task
        await courier.ended(two)
        ended = [(await swarm.views.task(t)).task for t in (one, two)]
    assert [t.failure for t in ended] == ["deadline_passed", "dependency_failed"]


@virtual
async def test_a_parked_task_that_had_started_in_time_keeps_its_chance(tmp_path: Path) -> None:
    line, courier = Line(), MemoryCourier()
    async with in_virtual_time(tmp_path, line.model, courier=courier) as swarm:
        task = (await ask(swarm, "started in time", deadline=at(60))).task
        await line.until(1)
        await swarm.control.stop(OWNER, task)
        await asyncio.sleep(120)
        assert await state(swarm, task) is TaskState.WAITING
        line.gate.open()
        await swarm.control.resume(OWNER, task)
        await courier.ended(task)
        assert await state(swarm, task) is TaskState.DONE


async def test_a_deadline_that_passed_while_the_swarm_was_down_is_told_at_the_start(
    tmp_path: Path,
) -> None:
    async with awake(tmp_path, ScriptedModel(), clock=FakeClock(), serve=False) as swarm:
        one = (await swarm.intake.submit(OWNER, request("one", deadline=at(60)))).task
        two = (await swarm.intake.submit(OWNER, request("two", needs=(one,), deadline=at(60)))).task
    clock, courier = FakeClock(), MemoryCourier()
    clock.move(timedelta(hours=1))
    async with awake(tmp_path, clock=clock, courier=courier) as swarm:
        await courier.ended(one)
        await courier.ended(two)
        assert (await swarm.views.task(one)).task.state is TaskState.FAILED
