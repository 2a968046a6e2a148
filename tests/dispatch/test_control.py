"""Cancel, retry, stop, resume: each at once, each kept."""

from __future__ import annotations

import asyncio
import gc
import weakref
from pathlib import Path

import pytest

from swarm_core.dispatch.events import EVERYTHING
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import AlreadyEnded, IllegalTransition, NotAllowed, NotFound
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Answer, Conclusion, Grant, Run
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER, MemoryCourier, ScriptedModel, finish, request
from tests.worlds import (
    LONGEST,
    Custom,
    Gate,
    a_call,
    answer,
    ask,
    awake,
    concluded,
    in_virtual_time,
    kinds,
    parked,
    virtual,
)

ANA = Actor(surface="terminal", space="local", person="1", roles=frozenset({"owner"}))
STRANGER = Actor(surface="terminal", space="local", person="2")


class Standing:
    """A model whose call `at` stands still until it is let go."""

    def __init__(self, at: int = 1, calls: int = 1) -> None:
        self.gate = Gate()
        self.calls: list[int] = []
        self.interrupted = asyncio.Event()
        self._at = at
        self.model = ScriptedModel(calls=calls, play=self._play)

    async def _play(self, assignment: Assignment, n: int) -> Answer:
        self.calls.append(n)
        if n == self._at:
            try:
                await self.gate()
            except asyncio.CancelledError:
                self.interrupted.set()
                raise
        return answer(f"ok {n}")


async def test_cancelling_interrupts_the_act_at_once_and_charges_it_in_full(
    tmp_path: Path,
) -> None:
    standing, courier = Standing(at=2, calls=3), MemoryCourier()
    async with awake(tmp_path, standing.model, courier=courier) as swarm:
        task = (await ask(swarm, "long")).task
        await standing.gate.reached.wait()
        await swarm.control.cancel(OWNER, task)
        await standing.interrupted.wait()
        await courier.ended(task)
        view = await swarm.views.task(task)
        total = (await swarm.views.money(OWNER.key))[0]
    assert view.task.state is TaskState.CANCELLED
    assert view.task.failure == "cancelled_by"
    assert view.task.failure_data == {"actor": OWNER.key}
    assert (view.task.cost, view.task.steps) == (140, 2)
    assert (total.held, total.spent) == (0, 140)
    assert standing.calls == [1, 2]


async def test_a_task_can_be_cancelled_while_queued_ready_or_waiting(tmp_path: Path) -> None:
    standing, courier = Standing(), MemoryCourier()
    async with awake(tmp_path, standing.model, courier=courier, limits={"concurrency": 1}) as swarm:
        running = (await ask(swarm, "running")).task
        await standing.gate.reached.wait()
        ready = (await ask(swarm, "ready")).task
        waiting = (await ask(swarm, "waiting")).task
        await swarm.control.stop(OWNER, waiting)
        queued = (await ask(swarm, "queued", needs=(running,))).task
        for task, was in ((queued, "queued"), (ready, "ready"), (waiting, "waiting")):
            assert (await swarm.views.task(task)).task.state == was
            await swarm.control.cancel(OWNER, task)
            await courier.ended(task)
            assert (await swarm.views.task(task)).task.state is TaskState.CANCELLED
        standing.gate.open()
        await courier.ended(running)
    assert standing.calls == [1]


async def test_a_task_that_has_ended_cannot_be_cancelled(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        task = (await finish(swarm, courier, "done")).task.id
        before = await kinds(swarm, task)
        with pytest.raises(AlreadyEnded) as refused:
            await swarm.control.cancel(OWNER, task)
        assert await kinds(swarm, task) == before
    assert refused.value.data == {"task": task, "state": "done"}


async def test_a_result_that_comes_after_the_cancelling_is_not_recorded(tmp_path: Path) -> None:
    """The worker ignores that it is interrupted, and answers all the same."""
    gate, late = Gate(), asyncio.Event()

    async def play(assignment: Assignment, n: int) -> Answer:
        if assignment.text == "stubborn":
            try:
                await gate()
            except asyncio.CancelledError:
                late.set()
        return answer("too late")

    courier, model = MemoryCourier(), ScriptedModel(calls=2, play=play)
    async with awake(tmp_path, model, courier=courier) as swarm:
        task = (await ask(swarm, "stubborn")).task
        await gate.reached.wait()
        await swarm.control.cancel(OWNER, task)
        await late.wait()
        await courier.ended(task)
        again = await finish(swarm, courier, "again", join=False)
        facts = await kinds(swarm, task)
        view = await swarm.views.task(task)
        assert (await swarm.store.verify()).ok
    assert facts.count("step.ended") == 1
    assert [s.state for s in view.steps] == ["ambiguous"]
    assert view.task.result is None
    assert model.answers[task] == 1, "nothing more is done for it"
    assert again.task.state is TaskState.DONE


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
async def test_a_retry_is_a_new_run_with_a_record_of_its_own(tmp_path: Path, ending: str) -> None:
    gate, courier, lives = Gate(), MemoryCourier(), list[int]()

    async def play(assignment: Assignment, n: int) -> Answer:
        lives.append(n)
        if n == 2 and lives.count(2) == 1:
            if ending == "cancelled":
                await gate()
            raise RuntimeError("bad luck")
        return answer(f"ok {n}")

    model = ScriptedModel(calls=2, price=MicroUSD(40), hold=MicroUSD(100), play=play)
    async with awake(tmp_path, model, courier=courier) as swarm:
        task = (await ask(swarm, "try")).task
        if ending == "cancelled":
            await gate.reached.wait()
            await swarm.control.cancel(OWNER, task)
        await courier.ended(task)
        assert (await swarm.views.task(task)).task.state == ending
        receipt = await swarm.control.retry(OWNER, task)
        await courier.until(lambda all_: len([d for d in all_ if d.kind == "ended"]) == 2)
        view = await swarm.views.task(task)
    assert (receipt.task, receipt.state, receipt.worker) == (task, TaskState.READY, "scripted")
    assert lives == [1, 2, 1, 2]
    assert view.task.state is TaskState.DONE
    assert (view.task.failure, view.task.failure_data) == (None, {})
    assert view.task.attempts == 2
    assert {step.run for step in view.steps} == {1, 2}
    assert (view.task.cost, view.task.steps) == (140 + 80, 4), "both runs"


async def test_only_what_failed_or_was_cancelled_is_retried(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        task = (await finish(swarm, courier, "fine")).task.id
        with pytest.raises(IllegalTransition):
            await swarm.control.retry(OWNER, task)


async def test_a_retry_that_nobody_can_do_fails_again_at_once(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, courier=courier) as swarm:
        task = (await ask(swarm, "compose a symphony")).task
        receipt = await swarm.control.retry(OWNER, task)
        await courier.until(lambda all_: len([d for d in all_ if d.kind == "ended"]) == 2)
        assert receipt.state is TaskState.FAILED
        assert (await swarm.views.task(task)).task.failure == "no_worker"


async def test_a_retry_goes_to_a_worker_that_came_since(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, courier=courier) as swarm:
        task = (await finish(swarm, courier, "compose a symphony")).task.id
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        await swarm.control.retry(OWNER, task)
        await courier.ended(task)
        assert (await swarm.views.task(task)).task.state is TaskState.DONE


@pytest.mark.parametrize("number", [2**63 - 1, 2**63, 10**30])
async def test_a_number_beyond_all_tasks_is_one_that_is_not_there(
    tmp_path: Path, number: int
) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        task, control, views = TaskId(number), swarm.control, swarm.views
        for asked in (
            *(control.cancel(OWNER, task), control.retry(OWNER, task)),
            *(control.stop(OWNER, task), control.resume(OWNER, task)),
            *(control.decide(OWNER, task, "fail"), views.task(task), views.why(task)),
            ask(swarm, "after it", needs=(task,)),
        ):
            with pytest.raises(NotFound) as refused:
                await asked
            assert refused.value.data == {"kind": "task", "name": str(number), "near": ()}
        assert await views.cards([task]) == []
        first = (await ask(swarm, "first")).task
        assert [t.id for t in await views.listing(before=task)] == [first]


@pytest.mark.parametrize("action", ["cancel", "retry", "stop", "resume"])
async def test_nobody_controls_what_is_not_there_or_not_theirs(tmp_path: Path, action: str) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        act = getattr(swarm.control, action)
        with pytest.raises(NotFound):
            await act(OWNER, TaskId(7))
        task = (await ask(swarm, "mine")).task
        with pytest.raises(NotAllowed):
            await act(STRANGER, task)


@pytest.mark.parametrize("scope", ["one", "mine", "everything"])
async def test_a_stop_holds_across_a_restart_and_a_resume_goes_on_at_the_next_step(
    tmp_path: Path, scope: str
) -> None:
    standing, courier = Standing(at=2, calls=3), MemoryCourier()
    async with awake(tmp_path, standing.model, courier=courier) as swarm:
        task = (await ask(swarm, "long")).task
        await standing.gate.reached.wait()
        what = {"one": task, "mine": OWNER.key, "everything": EVERYTHING}[scope]
        assert await swarm.control.stop(OWNER, what) == 1
        await standing.interrupted.wait()
        await parked(courier, task)
        view = await swarm.views.task(task)
        named = f"task/{task}" if scope == "one" else what
        assert (view.task.waiting, view.task.waiting_data) == ("stopped", {"scope": named})
    standing.gate.open()
    courier = MemoryCourier()
    async with awake(tmp_path, standing.model, courier=courier) as swarm:
        other = (await swarm.intake.submit(OWNER, request("another"))).task
        assert (await swarm.views.task(task)).task.state is TaskState.WAITING
        if scope == "one":
            await courier.ended(other)
        else:
            assert (await swarm.views.status()).stops == (what,)
            assert (await swarm.views.task(other)).task.state is TaskState.READY
        assert await swarm.control.resume(OWNER, what) == 1
        await courier.ended(task)
        await courier.ended(other)
        view = await swarm.views.task(task)
        assert (await swarm.views.status()).stops == ()
    mine = [(s.n, s.state) for s in view.steps]
    assert mine == [(1, "done"), (2, "ambiguous"), (2, "done"), (3, "done")]
    assert view.task.attempts == 1


async def test_stopping_one_person_leaves_the_others_at_work(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        await swarm.control.stop(OWNER, ANA.key)
        hers = (await swarm.intake.submit(ANA, request("hers"))).task
        assert (await finish(swarm, courier, "mine")).task.state is TaskState.DONE
        assert (await swarm.views.task(hers)).task.state is TaskState.READY
        await swarm.control.resume(OWNER, ANA.key)
        await courier.ended(hers)


async def test_a_stop_of_everything_outlasts_the_resume_of_one_person(tmp_path: Path) -> None:
    standing, courier = Standing(), MemoryCourier()
    async with awake(tmp_path, standing.model, courier=courier) as swarm:
        task = (await ask(swarm, "mine")).task
        await standing.gate.reached.wait()
        await swarm.control.stop(OWNER, OWNER.key)
        assert await swarm.control.stop(OWNER, EVERYTHING) == 0
        await swarm.control.resume(OWNER, OWNER.key)
        assert (await swarm.views.task(task)).task.state is TaskState.READY
        standing.gate.open()
        await swarm.control.resume(OWNER, EVERYTHING)
        await courier.ended(task)


async def test_stopping_twice_and_resuming_what_is_not_stopped_do_no_harm(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        for _ in range(2):
            assert await swarm.control.stop(OWNER, EVERYTHING) == 0
        for _ in range(2):
            assert await swarm.control.resume(OWNER, EVERYTHING) == 0
        task = (await finish(swarm, courier, "on we go")).task.id
        with pytest.raises(IllegalTransition):
            await swarm.control.stop(OWNER, task)
        with pytest.raises(IllegalTransition):
            await swarm.control.resume(OWNER, task)


@virtual
async def test_a_worker_that_never_stops_does_not_keep_the_swarm_from_closing(
    tmp_path: Path,
) -> None:
    reached, released = asyncio.Event(), asyncio.Event()

    async def play(assignment: Assignment, n: int) -> Answer:
        reached.set()
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue
        return answer("far too late")

    async with in_virtual_time(tmp_path, ScriptedModel(play=play)) as swarm:
        task = (await ask(swarm, "for ever")).task
        await reached.wait()
    released.set()
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, ScriptedModel(), courier=courier) as swarm:
        await courier.ended(task)
        view = await swarm.views.task(task)
    assert [s.state for s in view.steps] == ["ambiguous", "done"]
    assert view.task.result == "ok 1: for ever"


async def test_a_stopped_run_that_would_not_listen_records_nothing(tmp_path: Path) -> None:
    gate, courier, late = Gate(), MemoryCourier(), asyncio.Event()

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def act(_: Grant) -> Answer:
            if not gate.reached.is_set():
                try:
                    await gate()
                except asyncio.CancelledError:
                    late.set()
                return answer("from the stopped one")
            return answer("from the resumed one")

        return concluded(await run.step(a_call(), act, last=concluded))

    async with awake(tmp_path, Custom(carry), courier=courier) as swarm:
        task = (await ask(swarm, "stubborn")).task
        await gate.reached.wait()
        await swarm.control.stop(OWNER, task)
        await late.wait()
        await swarm.control.resume(OWNER, task)
        await courier.ended(task)
        view = await swarm.views.task(task)
    assert view.task.result == "from the resumed one"
    assert [(s.attempt, s.state) for s in view.steps] == [(1, "ambiguous"), (2, "done")]


async def test_a_cancelled_run_that_will_not_let_go_keeps_its_place_until_it_does(
    tmp_path: Path,
) -> None:
    """What it waits for may be held by nobody but itself: it is not thrown away for that."""
    at_work, unmoved = Gate(), asyncio.Event()
    answers: list[weakref.ref[asyncio.Future[None]]] = []

    async def stubborn(assignment: Assignment, run: Run) -> Conclusion:
        try:
            await at_work()
        except asyncio.CancelledError:
            coming: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            answers.append(weakref.ref(coming))
            unmoved.set()
            await coming
        return Conclusion(state="done", text="at last")

    async with awake(tmp_path, Custom(stubborn)) as swarm:
        task = (await ask(swarm, "do it")).task
        await at_work.reached.wait()
        await swarm.control.cancel(OWNER, task)
        await unmoved.wait()
        gc.collect()
        answer_to = answers[0]()
        assert answer_to is not None
        assert swarm.pool.busy["custom"] == 1
        answer_to.set_result(None)
        del answer_to
        async with asyncio.timeout(LONGEST):
            while swarm.pool.busy["custom"]:
                await swarm.store.write(lambda tx: None)
        assert (await swarm.views.task(task)).task.state is TaskState.CANCELLED
