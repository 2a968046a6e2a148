"""A run that was interrupted goes on from its record: nothing is done or paid twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.errors import Unreachable
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Answer, Conclusion, Effect, Grant, Run
from swarm_core.tasks.events import TaskStarted
from swarm_core.tasks.model import TaskState
from swarm_core.testing import MemoryCourier, ScriptedModel
from tests.worlds import Custom, Gate, a_call, answer, ask, awake, concluded, parked


class Interrupted:
    """A play that stands still at call `at` in each of its first `lives` lives."""

    def __init__(self, at: int, lives: int = 1) -> None:
        self.calls: list[int] = []
        self.gate = Gate()
        self._at = at
        self._left = lives

    async def __call__(self, assignment: Assignment, n: int) -> Answer:
        self.calls.append(n)
        if n == self._at and self._left:
            self._left -= 1
            await self.gate()
        return answer(f"ok {n}")


async def test_a_run_resumes_at_its_next_step_and_never_repeats_a_recorded_one(
    tmp_path: Path,
) -> None:
    play = Interrupted(at=3)
    model = ScriptedModel(calls=4, play=play)
    async with awake(tmp_path, model) as swarm:
        task = (await ask(swarm, "count")).task
        await play.gate.reached.wait()
    courier = MemoryCourier()
    async with awake(tmp_path, model, courier=courier) as swarm:
        await courier.ended(task)
        view = await swarm.views.task(task)
        facts = await swarm.store.history(task)
    assert play.calls == [1, 2, 3, 3, 4]
    assert view.task.state is TaskState.DONE
    assert view.task.result == "ok 4"
    assert [e.resumed for f in facts if isinstance(e := f.event, TaskStarted)] == [False, True]
    assert {fact.run for fact in facts if fact.run is not None} == {1}
    assert view.task.attempts == 1


async def test_a_paid_call_of_unknown_outcome_is_charged_in_full_and_made_once_more(
    tmp_path: Path,
) -> None:
    play = Interrupted(at=2)
    model = ScriptedModel(calls=2, price=MicroUSD(40), hold=MicroUSD(100), play=play)
    async with awake(tmp_path, model) as swarm:
        task = (await ask(swarm, "count")).task
        await play.gate.reached.wait()
    courier = MemoryCourier()
    async with awake(tmp_path, model, courier=courier) as swarm:
        await courier.ended(task)
        view = await swarm.views.task(task)
        money = {a.account: a for a in await swarm.views.money("terminal/local/1000")}
    made = [(s.n, s.attempt, s.state, s.cost) for s in view.steps]
    assert made == [(1, 1, "done", 40), (2, 1, "ambiguous", 100), (2, 2, "done", 40)]
    assert (view.task.cost, view.task.steps) == (180, 2)
    assert (money["total"].spent, money["total"].held) == (180, 0)


async def test_the_second_unknown_outcome_of_a_paid_call_waits_for_a_person(
    tmp_path: Path,
) -> None:
    play = Interrupted(at=1, lives=2)
    model = ScriptedModel(play=play)
    async with awake(tmp_path, model) as swarm:
        task = (await ask(swarm, "pay")).task
        await play.gate.reached.wait()
    play.gate = Gate()
    async with awake(tmp_path, model) as swarm:
        await play.gate.reached.wait()
    courier = MemoryCourier()
    async with awake(tmp_path, model, courier=courier) as swarm:
        await parked(courier, task)
        view = await swarm.views.task(task)
        money = {a.account: a for a in await swarm.views.money("terminal/local/1000")}
    assert play.calls == [1, 1]
    assert view.task.state is TaskState.WAITING
    assert view.task.waiting == "undecided"
    assert view.task.waiting_data == {"n": 1, "name": "scripted-1"}
    assert money["total"].spent == 200
    assert money["total"].held == 0


async def test_what_may_happen_once_waits_for_a_person_after_the_first_unknown_outcome(
    tmp_path: Path,
) -> None:
    play = Interrupted(at=1)
    model = ScriptedModel(play=play)
    model.effect = "once"
    async with awake(tmp_path, model) as swarm:
        task = (await ask(swarm, "post it")).task
        await play.gate.reached.wait()
    courier = MemoryCourier()
    async with awake(tmp_path, model, courier=courier) as swarm:
        await parked(courier, task)
        view = await swarm.views.task(task)
    assert play.calls == [1]
    assert view.task.waiting == "undecided"


@pytest.mark.parametrize("effect", ["pure", "repeatable"])
async def test_what_is_free_to_repeat_is_repeated_after_every_interruption(
    tmp_path: Path, effect: Effect
) -> None:
    play = Interrupted(at=1, lives=3)
    model = ScriptedModel(play=play)
    model.effect = effect
    async with awake(tmp_path, model) as swarm:
        task = (await ask(swarm, "look")).task
        await play.gate.reached.wait()
    for _ in range(2):
        play.gate = Gate()
        async with awake(tmp_path, model):
            await play.gate.reached.wait()
    courier = MemoryCourier()
    async with awake(tmp_path, model, courier=courier) as swarm:
        await courier.ended(task)
        view = await swarm.views.task(task)
    assert play.calls == [1, 1, 1, 1]
    assert view.task.state is TaskState.DONE
    assert [s.state for s in view.steps] == ["ambiguous", "ambiguous", "ambiguous", "done"]


async def test_a_step_that_was_given_up_is_not_made_again_on_resume(tmp_path: Path) -> None:
    """A run that went on after a refused call would diverge if the call succeeded now."""
    acts: list[str] = []
    gate = Gate()

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def refused(_: Grant) -> Answer:
            acts.append("refused")
            raise Unreachable(host="example.org", problem="no answer")

        async def second(_: Grant) -> Answer:
            acts.append("second")
            if acts.count("second") == 1:
                await gate()
            return answer("two")

        first = await run.step(a_call(1, effect="pure", most=0), refused)
        words = first.failure.code if first.failure else "fine"
        call = a_call(2, effect="repeatable", words=words)
        return concluded(await run.step(call, second, last=concluded))

    worker = Custom(carry)
    async with awake(tmp_path, worker) as swarm:
        task = (await ask(swarm, "go on after a failure")).task
        await gate.reached.wait()
    courier = MemoryCourier()
    async with awake(tmp_path, worker, courier=courier) as swarm:
        await courier.ended(task)
        view = await swarm.views.task(task)
    assert acts == ["refused", "second", "second"]
    assert view.task.state is TaskState.DONE


async def test_a_run_that_asks_for_something_else_on_resume_fails_and_says_so(
    tmp_path: Path,
) -> None:
    gate = Gate()
    lives: list[str] = []

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        lives.append("life")

        async def act(_: Grant) -> Answer:
            return answer()

        async def stand(_: Grant) -> Answer:
            await gate()
            return answer()

        await run.step(a_call(1, words=f"life {len(lives)}"), act)
        return concluded(await run.step(a_call(2), stand, last=concluded))

    worker = Custom(carry)
    async with awake(tmp_path, worker) as swarm:
        task = (await ask(swarm, "be steady")).task
        await gate.reached.wait()
    courier = MemoryCourier()
    async with awake(tmp_path, worker, courier=courier) as swarm:
        await courier.ended(task)
        view = await swarm.views.task(task)
    assert view.task.state is TaskState.FAILED
    assert view.task.failure == "replay_diverged"
    assert view.task.failure_data == {"run": 1, "n": 1, "asked": "act", "recorded": "act"}
    assert view.task.cost == 140, "the first call's bill and the second one's hold"


async def test_a_run_killed_between_its_last_step_and_its_end_ends_without_acting(
    tmp_path: Path,
) -> None:
    """The runner concludes by returning: the record is there, the end is not."""
    acts: list[int] = []
    gate = Gate()

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def act(_: Grant) -> Answer:
            acts.append(1)
            return answer("the answer")

        outcome = await run.step(a_call(), act)
        if not outcome.replayed:
            await gate()
        return concluded(outcome)

    worker = Custom(carry)
    async with awake(tmp_path, worker) as swarm:
        task = (await ask(swarm, "end")).task
        await gate.reached.wait()
    courier = MemoryCourier()
    async with awake(tmp_path, worker, courier=courier) as swarm:
        await courier.ended(task)
        view = await swarm.views.task(task)
    assert acts == [1]
    assert view.task.result == "the answer"
    assert (view.task.cost, view.task.steps) == (40, 1)
