"""A task that meets a limit waits, says which, and goes on by itself when it fits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import NotAllowed
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Answer
from swarm_core.tasks.events import TaskWoken
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER, LoopClock, MemoryCourier, ScriptedModel, finish, request
from tests.worlds import (
    UNSHARED,
    Gate,
    answer,
    ask,
    awake,
    in_virtual_time,
    kinds,
    parked,
    told,
    virtual,
)


def model(
    gate: Gate | None = None, *, words: tuple[str, ...] = (), calls: int = 1
) -> ScriptedModel:
    """Holds 100 and bills 40 for each call; whoever asks to wait is held at the gate."""

    async def play(assignment: Assignment, n: int) -> Answer:
        if gate is not None and "wait" in assignment.text:
            await gate()
        return answer()

    return ScriptedModel(
        words=words, price=MicroUSD(40), hold=MicroUSD(100), play=play, calls=calls
    )


async def test_a_task_that_does_not_fit_waits_and_says_which_limit(tmp_path: Path) -> None:
    gate, courier = Gate(), MemoryCourier()
    async with awake(tmp_path, model(gate), courier=courier, budget={"total": 150}) as swarm:
        await ask(swarm, "wait here")
        await gate.reached.wait()
        task = (await ask(swarm, "me too")).task
        await parked(courier, task)
        view = await swarm.views.task(task)
    assert view.task.state is TaskState.WAITING
    assert view.task.waiting == "over_budget"
    assert view.task.waiting_data == {
        "scope": "total",
        "cap": 150,
        "held": 100,
        "spent": 0,
        "most": 100,
    }
    assert view.steps == ()


async def test_the_limit_that_fits_least_is_named(tmp_path: Path) -> None:
    courier = MemoryCourier()
    caps = {"total": 90, "day": 60, "month": 80, **UNSHARED}
    async with awake(tmp_path, model(), courier=courier, budget=caps) as swarm:
        task = (await ask(swarm, "small")).task
        await parked(courier, task)
        view = await swarm.views.task(task)
    assert view.task.waiting_data["scope"].startswith("day/")
    assert view.task.waiting_data["cap"] == 60


async def test_it_goes_on_by_itself_when_another_hold_is_settled(tmp_path: Path) -> None:
    gate, courier = Gate(), MemoryCourier()
    async with awake(tmp_path, model(gate), courier=courier, budget={"total": 150}) as swarm:
        first = (await ask(swarm, "wait here")).task
        await gate.reached.wait()
        second = (await ask(swarm, "me too")).task
        await parked(courier, second)
        gate.open()
        await courier.ended(first)
        await courier.ended(second)
        woken = [
            f.event.reason
            for f in await swarm.store.history(second)
            if isinstance(f.event, TaskWoken)
        ]
        view = await swarm.views.task(second)
    assert woken == ["affordable"]
    assert view.task.state is TaskState.DONE
    assert view.task.attempts == 1


@virtual
async def test_one_freed_hold_wakes_only_what_fits_into_it(tmp_path: Path) -> None:
    gate, courier = Gate(), MemoryCourier()
    async with in_virtual_time(
        tmp_path, model(gate), courier=courier, budget={"total": 150}
    ) as swarm:
        first = (await ask(swarm, "wait here")).task
        await gate.reached.wait()
        others = [(await ask(swarm, f"wait as number {n}")).task for n in range(3)]
        for task in others:
            await parked(courier, task)
        gate.open()
        await courier.ended(first)
        await courier.ended(others[0])
        await asyncio.sleep(60)
        money = (await swarm.views.money("terminal/local/1000"))[0]
        assert [(await swarm.views.task(t)).task.state for t in others[1:]] == [
            TaskState.WAITING,
            TaskState.WAITING,
        ]
    assert (money.spent, money.held) == (80, 0), "80 spent: the next 100 do not fit under 150"


async def test_no_race_of_many_tasks_spends_more_than_the_cap(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, model(), courier=courier, budget={"total": 300}) as swarm:
        tasks = [(await ask(swarm, f"number {n}", join=False)).task for n in range(12)]
        await courier.until(
            lambda _: (
                all(told(courier, "ended", t) or told(courier, "parked", t) for t in tasks)
                and len([d for d in courier.delivered if d.kind == "ended"]) == 6
            )
        )
        money = (await swarm.views.money("terminal/local/1000"))[0]
        states = [(await swarm.views.task(t)).task.state for t in tasks]
        assert (await swarm.store.verify()).ok
    assert (money.spent, money.held) == (240, 0), "six bills of 40; a seventh hold would not fit"
    assert states.count(TaskState.DONE) == 6
    assert states.count(TaskState.WAITING) == 6


async def test_a_raised_cap_lets_what_waits_go_on_at_the_next_start(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, model(), courier=courier, budget={"total": 50}) as swarm:
        task = (await ask(swarm, "dear")).task
        await parked(courier, task)
    courier = MemoryCourier()
    async with awake(tmp_path, model(), courier=courier, budget={"total": 500}) as swarm:
        await courier.ended(task)
        view = await swarm.views.task(task)
    assert view.task.state is TaskState.DONE


async def test_a_new_start_is_a_new_session(tmp_path: Path) -> None:
    courier, scripted = MemoryCourier(), model()
    async with awake(tmp_path, scripted, courier=courier, budget={"session": 120}) as swarm:
        await finish(swarm, courier, "first")
        task = (await ask(swarm, "second")).task
        await parked(courier, task)
    courier = MemoryCourier()
    async with awake(tmp_path, scripted, courier=courier, budget={"session": 120}) as swarm:
        await courier.ended(task)
        assert (await swarm.views.task(task)).task.state is TaskState.DONE


@virtual
async def test_a_day_that_is_spent_lets_the_task_go_on_at_midnight(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with in_virtual_time(
        tmp_path,
        model(),
        courier=courier,
        clock=LoopClock(datetime(2026, 1, 15, 20, tzinfo=UTC)),
        budget={"day": 120, "month": None, **UNSHARED},
    ) as swarm:
        await finish(swarm, courier, "today")
        task = (await ask(swarm, "and more")).task
        await parked(courier, task)
        noon = swarm.store.clock.now()
        await courier.ended(task)
        now = swarm.store.clock.now()
        assert now.date() == noon.date() + timedelta(days=1)
        assert now - now.replace(hour=0, minute=0, second=0) < timedelta(seconds=1)
        assert (await swarm.views.task(task)).task.state is TaskState.DONE


@virtual
async def test_a_month_that_is_spent_lets_the_task_go_on_in_the_next(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with in_virtual_time(
        tmp_path,
        model(),
        courier=courier,
        clock=LoopClock(datetime(2026, 1, 30, 20, tzinfo=UTC)),
        budget={"day": None, "month": 120},
    ) as swarm:
        await finish(swarm, courier, "in January")
        task = (await ask(swarm, "and more")).task
        await parked(courier, task)
        await courier.ended(task)
        now = swarm.store.clock.now()
    assert (now.month, now.day) == (2, 1)


@virtual
async def test_a_task_over_its_own_cap_waits_quietly(tmp_path: Path) -> None:
    """Its own cap never grows by waiting: it must not be woken over and over."""
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, model(), courier=courier) as swarm:
        task = (await ask(swarm, "cheap please", cap=MicroUSD(50))).task
        await parked(courier, task)
        await asyncio.sleep(86_400)
        view = await swarm.views.task(task)
        facts = await kinds(swarm, task)
    assert view.task.waiting == "over_budget"
    assert view.task.waiting_data["scope"] == f"task/{task}"
    assert facts.count("task.parked") == 1
    assert len(told(courier, "parked", task)) == 1


@virtual
async def test_a_task_that_used_up_its_own_cap_waits_quietly(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, model(calls=3), courier=courier) as swarm:
        task = (await ask(swarm, "long", cap=MicroUSD(150))).task
        await parked(courier, task)
        await finish(swarm, courier, "something else")
        await asyncio.sleep(86_400)
        view = await swarm.views.task(task)
        facts = await kinds(swarm, task)
    assert view.task.waiting_data == {
        "scope": f"task/{task}",
        "cap": 150,
        "held": 0,
        "spent": 80,
        "most": 100,
    }
    assert facts.count("task.parked") == 1


async def test_many_that_wait_on_their_own_caps_do_not_hide_one_that_could_go_on(
    tmp_path: Path,
) -> None:
    gate, courier = Gate(), MemoryCourier()
    async with awake(tmp_path, model(gate), courier=courier, budget={"total": 150}) as swarm:
        poor = [
            (await ask(swarm, f"poor {n}", cap=MicroUSD(1), priority=10)).task for n in range(101)
        ]
        for task in poor:
            await parked(courier, task)
        await ask(swarm, "wait here")
        await gate.reached.wait()
        last = (await ask(swarm, "last")).task
        await parked(courier, last)
        gate.open()
        await courier.ended(last)


async def test_many_dear_ones_do_not_hide_a_cheap_one_behind_them(tmp_path: Path) -> None:
    gate, courier = Gate(), MemoryCourier()
    cheap = model(gate, words=("wait", "cheap"))
    dear = ScriptedModel("dear", words=("dear",), hold=MicroUSD(500))
    async with awake(tmp_path, cheap, dear, courier=courier, budget={"total": 150}) as swarm:
        many = [(await ask(swarm, f"dear {n}", priority=10)).task for n in range(120)]
        for task in many:
            await parked(courier, task)
        await ask(swarm, "wait here")
        await gate.reached.wait()
        last = (await ask(swarm, "cheap")).task
        await parked(courier, last)
        gate.open()
        await courier.ended(last)
        assert {(await swarm.views.task(task)).task.state for task in many} == {TaskState.WAITING}
        facts = await kinds(swarm, many[0])
    assert facts.count("task.parked") == 1


async def test_more_than_one_write_can_wake_all_go_on(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, model(), courier=courier, budget={"total": 50}) as swarm:
        many = [(await ask(swarm, f"number {n}", join=False)).task for n in range(130)]
        for task in many:
            await parked(courier, task)
    courier = MemoryCourier()
    async with awake(tmp_path, model(), courier=courier, budget={"total": 1_000_000}) as swarm:
        for task in many:
            await courier.ended(task)
        facts = await kinds(swarm, many[-1])
        assert (await swarm.store.verify()).ok
    assert facts.count("task.woken") == 1


async def test_a_task_that_waits_for_money_can_be_cancelled_with_what_it_cost(
    tmp_path: Path,
) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, model(calls=3), courier=courier, budget={"total": 150}) as swarm:
        task = (await ask(swarm, "long")).task
        await parked(courier, task)
        await swarm.control.cancel(OWNER, task)
        await courier.ended(task)
        view = await swarm.views.task(task)
        (worker,) = [
            w for w in await swarm.views.workers(swarm.pool.busy) if w.worker.name == "scripted"
        ]
    assert view.task.state is TaskState.CANCELLED
    assert (view.task.cost, view.task.steps) == (80, 2)
    assert worker.cost == 80


async def test_a_bill_above_its_hold_is_booked_in_full_and_nothing_more_is_spent(
    tmp_path: Path,
) -> None:
    async def play(assignment: Assignment, n: int) -> Answer:
        return answer(cost=250)

    courier = MemoryCourier()
    dear = ScriptedModel(hold=MicroUSD(100), play=play)
    async with awake(tmp_path, dear, courier=courier) as swarm:
        await finish(swarm, courier, "first")
        second = (await ask(swarm, "second")).task
        await parked(courier, second)
        total = (await swarm.views.money("terminal/local/1000"))[0]
        view = await swarm.views.task(second)
    assert (total.spent, total.overrun, total.frozen) == (250, 150, True)
    assert view.task.waiting == "scope_frozen"


def dear() -> ScriptedModel:
    """Its first bill is above its hold."""
    bills: list[int] = []

    async def play(assignment: Assignment, n: int) -> Answer:
        bills.append(n)
        return answer(cost=250 if len(bills) == 1 else 40)

    return ScriptedModel(hold=MicroUSD(100), play=play)


async def test_what_a_frozen_budget_keeps_waiting_goes_on_when_the_owner_lets_it(
    tmp_path: Path,
) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, dear(), courier=courier) as swarm:
        first = (await finish(swarm, courier, "first")).task.id
        waiting = [(await ask(swarm, text)).task for text in ("second", "third")]
        for task in waiting:
            await parked(courier, task)
        accounts, woken = await swarm.control.thaw(OWNER)
        for task in waiting:
            await courier.ended(task)
        again, none = await swarm.control.thaw(OWNER)
        total = (await swarm.views.money(OWNER.key))[0]
        assert (await swarm.store.verify()).ok
        assert (await swarm.views.task(waiting[0])).task.state is TaskState.DONE
    assert woken == 2
    assert {a.account: a.overrun for a in accounts if a.cap_name == "task"} == {
        f"task/{first}": 150
    }
    assert {a.cap_name for a in accounts} == {
        "total",
        "month",
        "day",
        "session",
        "work_day",
        "task",
    }
    assert (again, none) == ((), 0)
    assert (total.spent, total.overrun, total.frozen) == (330, 150, False)


async def test_only_the_owner_lets_a_frozen_budget_go_on(tmp_path: Path) -> None:
    courier = MemoryCourier()
    stranger = Actor(surface="terminal", space="local", person="2")
    async with awake(tmp_path, dear(), courier=courier) as swarm:
        await finish(swarm, courier, "first")
        with pytest.raises(NotAllowed):
            await swarm.control.thaw(stranger)
        assert (await swarm.views.frozen()) != ()


async def test_one_persons_day_does_not_bind_another(tmp_path: Path) -> None:
    courier = MemoryCourier()
    ana = Actor(surface="discord", space="1", person="1", roles=frozenset({"owner"}))
    bob = Actor(surface="discord", space="1", person="2", roles=frozenset({"owner"}))
    async with awake(tmp_path, model(), courier=courier, budget={"person_day": 120}) as swarm:
        await finish(swarm, courier, "mine")
        first = (await swarm.intake.submit(ana, request("one"))).task
        await courier.ended(first)
        second = (await swarm.intake.submit(ana, request("two"))).task
        await parked(courier, second)
        third = (await swarm.intake.submit(bob, request("three"))).task
        await courier.ended(third)
        view = await swarm.views.task(second)
    assert view.task.waiting_data["scope"].startswith("person_day/discord/1/1/")
