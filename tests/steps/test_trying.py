"""One step: what is held, what is charged, what is tried again, and what that leaves on record."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from swarm_core.budget.events import BudgetSettled
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.errors import AnswerLost, BadUrl, Unreachable, WaggleError
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.events import StepEnded, StepIntended
from swarm_core.steps.model import Answer, Call, Conclusion, Effect, Failure, Grant, Outcome, Run
from swarm_core.swarm import Swarm
from swarm_core.tasks.events import TaskEnded
from swarm_core.tasks.model import TaskState
from swarm_core.testing import MemoryCourier, ScriptedModel, finish
from swarm_core.views import TaskView
from tests.worlds import (
    Custom,
    Gate,
    a_call,
    answer,
    ask,
    awake,
    concluded,
    in_virtual_time,
    parked,
    virtual,
)


def refused() -> WaggleError:
    return Unreachable(host="example.org", problem="busy")


def lost() -> WaggleError:
    return AnswerLost(what="act", problem="cut off")


class Flaky:
    """A worker of one step whose act fails as told, then answers; `at` is when each act was."""

    def __init__(self, call: Call, *errors: Callable[[], Exception]) -> None:
        self.at: list[float] = []
        self._call = call
        self._errors = list(errors)
        self.worker = Custom(self._carry)

    async def _carry(self, assignment: Assignment, run: Run) -> Conclusion:
        return concluded(await run.step(self._call, self._act, last=concluded))

    async def _act(self, _: Grant) -> Answer:
        self.at.append(asyncio.get_running_loop().time())
        if self._errors:
            raise self._errors.pop(0)()
        return answer()


async def held_and_spent(swarm: Swarm) -> tuple[int, int]:
    total = (await swarm.views.money("terminal/local/1000"))[0]
    return total.held, total.spent


def tries(view: TaskView) -> list[tuple[str, int]]:
    return [(step.state, step.cost) for step in view.steps]


@virtual
async def test_a_refused_call_is_made_again_with_growing_pauses(tmp_path: Path) -> None:
    flaky = Flaky(a_call(retries=3), refused, refused, refused)
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, flaky.worker, courier=courier) as swarm:
        view = await finish(swarm, courier, "try")
    pauses = [round(b - a, 6) for a, b in zip(flaky.at, flaky.at[1:], strict=False)]
    assert pauses == [0.5, 1.0, 2.0]
    assert tries(view) == [("refused", 0), ("refused", 0), ("refused", 0), ("done", 40)]
    assert (view.task.cost, view.task.steps) == (40, 1)


@virtual
async def test_a_call_that_is_refused_to_the_end_fails_with_the_last_reason(
    tmp_path: Path,
) -> None:
    flaky = Flaky(a_call(retries=1), refused, refused, refused)
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, flaky.worker, courier=courier) as swarm:
        view = await finish(swarm, courier, "try")
        assert await held_and_spent(swarm) == (0, 0)
    assert len(flaky.at) == 2
    assert tries(view) == [("refused", 0), ("failed", 0)]
    assert view.task.failure == "unreachable"
    assert view.task.failure_data == {"host": "example.org", "problem": "busy"}


async def test_a_call_without_retries_is_made_once(tmp_path: Path) -> None:
    flaky = Flaky(a_call(), refused)
    courier = MemoryCourier()
    async with awake(tmp_path, flaky.worker, courier=courier) as swarm:
        view = await finish(swarm, courier, "try")
    assert len(flaky.at) == 1
    assert view.task.state is TaskState.FAILED


@virtual
async def test_a_lost_answer_to_a_paid_call_is_charged_and_asked_for_once_more(
    tmp_path: Path,
) -> None:
    flaky = Flaky(a_call(most=100), lost)
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, flaky.worker, courier=courier) as swarm:
        view = await finish(swarm, courier, "pay")
        assert await held_and_spent(swarm) == (0, 140)
    assert tries(view) == [("ambiguous", 100), ("done", 40)]
    assert view.task.cost == 140


@virtual
async def test_two_lost_answers_to_a_paid_call_wait_for_a_person(tmp_path: Path) -> None:
    flaky = Flaky(a_call(most=100), lost, lost)
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, flaky.worker, courier=courier) as swarm:
        task = (await ask(swarm, "pay")).task
        await parked(courier, task)
        view = await swarm.views.task(task)
        assert await held_and_spent(swarm) == (0, 200)
    assert len(flaky.at) == 2
    assert view.task.waiting == "undecided"


@virtual
async def test_a_lost_answer_to_what_may_happen_once_waits_for_a_person(tmp_path: Path) -> None:
    flaky = Flaky(a_call(effect="once", retries=5), lost)
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, flaky.worker, courier=courier) as swarm:
        task = (await ask(swarm, "post")).task
        await parked(courier, task)
    assert len(flaky.at) == 1


@virtual
@pytest.mark.parametrize("effect", ["pure", "repeatable"])
async def test_an_answer_that_is_lost_every_time_fails_the_step_in_the_end(
    tmp_path: Path, effect: Effect
) -> None:
    flaky = Flaky(a_call(effect=effect, most=0), *[lost] * 50)
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, flaky.worker, courier=courier) as swarm:
        view = await finish(swarm, courier, "look")
    assert len(flaky.at) == 11
    assert view.task.failure == "answer_lost"


async def test_an_act_that_fails_for_good_is_not_charged_and_not_repeated(tmp_path: Path) -> None:
    flaky = Flaky(a_call(retries=5), lambda: BadUrl(url="x", problem="no scheme"))
    courier = MemoryCourier()
    async with awake(tmp_path, flaky.worker, courier=courier) as swarm:
        view = await finish(swarm, courier, "fetch")
        assert await held_and_spent(swarm) == (0, 0)
    assert tries(view) == [("failed", 0)]
    assert view.task.failure == "bad_url"


async def test_a_bug_in_an_act_fails_its_task_charged_in_full_and_the_swarm_goes_on(
    tmp_path: Path,
) -> None:
    flaky = Flaky(a_call(most=100), lambda: ZeroDivisionError("oops"))
    courier = MemoryCourier()
    async with awake(tmp_path, flaky.worker, courier=courier) as swarm:
        view = await finish(swarm, courier, "divide")
        again = await finish(swarm, courier, "multiply")
        assert await held_and_spent(swarm) == (0, 140)
    assert view.task.failure == "internal"
    assert view.task.failure_data == {"problem": "ZeroDivisionError: oops"}
    assert tries(view) == [("failed", 100)]
    assert again.task.state is TaskState.DONE


async def test_a_bug_in_a_runner_fails_its_task_and_the_swarm_goes_on(tmp_path: Path) -> None:
    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        raise KeyError(assignment.text)

    courier = MemoryCourier()
    async with awake(
        tmp_path, Custom(carry, words=("bad",)), ScriptedModel(words=("good",)), courier=courier
    ) as swarm:
        view = await finish(swarm, courier, "bad")
        again = await finish(swarm, courier, "good")
    assert view.task.failure == "internal"
    assert view.task.failure_data == {"problem": "KeyError: 'bad'"}
    assert again.task.state is TaskState.DONE


async def test_text_that_is_no_text_fails_its_task_and_the_swarm_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Half of a surrogate pair is no text; a task must not hang on it."""
    # Such text in a captured log cannot pass between the processes that run the tests.
    caplog.set_level(logging.CRITICAL, logger="swarm_core")

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        if assignment.text == "raise":
            raise ValueError("\ud800")
        if assignment.text == "conclude":
            return Conclusion(state="done", text="\ud800")

        async def act(_: Grant) -> Answer:
            return answer("\ud800")

        return concluded(await run.step(a_call(), act, last=concluded))

    courier = MemoryCourier()
    async with awake(tmp_path, Custom(carry), courier=courier) as swarm:
        for text in ("raise", "conclude", "answer"):
            receipt = await ask(swarm, text)
            await courier.until(lambda all_, t=receipt.task: any(d.task == t for d in all_))
            view = await swarm.views.task(receipt.task)
            assert view.task.state is not TaskState.RUNNING
            assert view.held == 0


async def test_a_result_is_kept_when_the_runner_fails_on_it(tmp_path: Path) -> None:
    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def act(_: Grant) -> Answer:
            return answer("dear words")

        def last(outcome: Outcome) -> Conclusion | None:
            raise RuntimeError("cannot read this")

        return concluded(await run.step(a_call(), act, last=last))

    courier = MemoryCourier()
    async with awake(tmp_path, Custom(carry), courier=courier) as swarm:
        view = await finish(swarm, courier, "read")
        assert await held_and_spent(swarm) == (0, 40)
    assert tries(view) == [("done", 40)]
    assert view.task.failure == "internal"
    assert view.task.cost == 40


async def test_a_result_is_kept_when_the_end_it_brings_cannot_be_recorded(tmp_path: Path) -> None:
    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def act(_: Grant) -> Answer:
            return answer("dear words")

        def last(outcome: Outcome) -> Conclusion | None:
            return Conclusion(state="failed", failure=Failure(code="odd", data={"what": object()}))

        return concluded(await run.step(a_call(), act, last=last))

    courier = MemoryCourier()
    async with awake(tmp_path, Custom(carry), courier=courier) as swarm:
        task = (await ask(swarm, "odd")).task
        await parked(courier, task)
        view = await swarm.views.task(task)
        assert await held_and_spent(swarm) == (0, 40)
        report = await swarm.store.verify()
    assert tries(view) == [("done", 40)]
    assert view.task.waiting == "result_kept"
    assert report.ok


async def test_the_last_result_its_bill_the_end_and_its_notice_are_one_commit(
    tmp_path: Path,
) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(calls=2), courier=courier) as swarm:
        task = (await finish(swarm, courier, "end")).task.id
        facts = await swarm.store.history(task)
    end = next(f for f in facts if isinstance(f.event, TaskEnded))
    together = [f for f in facts if f.at == end.at]
    assert [f.event.kind for f in together] == [
        "step.ended",
        "budget.settled",
        "task.ended",
        "notice.queued",
    ]
    assert [f.seq for f in together] == list(range(together[0].seq, together[0].seq + 4))


async def test_the_hold_is_on_record_before_the_act(tmp_path: Path) -> None:
    gate = Gate()

    async def play(assignment: Assignment, n: int) -> Answer:
        await gate()
        return answer()

    courier = MemoryCourier()
    model = ScriptedModel(hold=MicroUSD(100), play=play)
    async with awake(tmp_path, model, courier=courier) as swarm:
        task = (await ask(swarm, "wait")).task
        await gate.reached.wait()
        assert await held_and_spent(swarm) == (100, 0)
        facts = await swarm.store.history(task)
        assert [f.event.kind for f in facts][-2:] == ["budget.held", "step.intended"]
        intended = facts[-1].event
        assert isinstance(intended, StepIntended)
        assert intended.hold == facts[-2].seq
        gate.open()
        await courier.ended(task)
        assert await held_and_spent(swarm) == (0, 40)
        settled = [f.event for f in await swarm.store.history(task)]
    assert [e.hold for e in settled if isinstance(e, BudgetSettled)] == [intended.hold]
    assert [e.cost for e in settled if isinstance(e, StepEnded)] == [40]


async def test_a_run_stops_at_its_ceiling_of_steps(tmp_path: Path) -> None:
    courier = MemoryCourier()
    model = ScriptedModel(calls=3)
    async with awake(tmp_path, model, courier=courier, limits={"task_steps": 2}) as swarm:
        view = await finish(swarm, courier, "never ends")
    assert model.answers[view.task.id] == 2
    assert view.task.failure == "ceiling_reached"
    assert view.task.failure_data == {"limit": "steps", "value": 2, "unit": "steps"}
    assert (view.task.cost, view.task.steps) == (80, 2)


async def test_a_question_has_a_ceiling_of_its_own(tmp_path: Path) -> None:
    courier = MemoryCourier()
    limits = {"task_steps": 5, "ask_steps": 1}
    async with awake(tmp_path, ScriptedModel(calls=2), courier=courier, limits=limits) as swarm:
        question = await finish(swarm, courier, "why?", kind="ask")
        work = await finish(swarm, courier, "do it")
    assert question.task.failure == "ceiling_reached"
    assert work.task.state is TaskState.DONE


@virtual
async def test_a_run_stops_at_its_time_and_its_open_call_is_charged_in_full(
    tmp_path: Path,
) -> None:
    async def play(assignment: Assignment, n: int) -> Answer:
        await asyncio.sleep(3600 if n == 2 else 1)
        return answer()

    courier = MemoryCourier()
    model = ScriptedModel(calls=2, play=play)
    async with in_virtual_time(
        tmp_path, model, courier=courier, limits={"task_time": "30s"}
    ) as swarm:
        view = await finish(swarm, courier, "slow")
        assert await held_and_spent(swarm) == (0, 140)
    assert view.task.failure == "ceiling_reached"
    assert view.task.failure_data == {"limit": "time", "value": 30, "unit": "seconds"}
    assert tries(view) == [("done", 40), ("ambiguous", 100)]
    assert (view.task.cost, view.task.steps) == (140, 2)


@virtual
async def test_a_time_limit_of_the_runner_itself_is_not_taken_for_ours(tmp_path: Path) -> None:
    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async with asyncio.timeout(1):
            await asyncio.sleep(5)
        return Conclusion(state="done")

    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, Custom(carry), courier=courier) as swarm:
        view = await finish(swarm, courier, "hurry")
    assert view.task.failure == "internal"
