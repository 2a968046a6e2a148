"""What a step leaves on record beside its end: data, use, what was tried before it had to wait."""

from __future__ import annotations

import errno
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.errors import (
    AnswerLost,
    BadUrl,
    OverBudget,
    ReplayDiverged,
    TooManyFiles,
)
from swarm_core.kernel.ids import RunId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps import deciding, tables
from swarm_core.steps.attempt import acted
from swarm_core.steps.live import LiveRun
from swarm_core.steps.model import Answer, Call, Conclusion, Failure, Grant, Outcome, Run, Tokens
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER, FakeClock, MemoryCourier, ScriptedModel, finish
from tests.steps.test_trying import Flaky, held_and_spent, tries
from tests.worlds import (
    UNSHARED,
    Custom,
    Gate,
    a_call,
    answer,
    ask,
    awake,
    concluded,
    in_virtual_time,
    over,
    parked,
    virtual,
)

USED = Tokens(input=1000, output=200, cached=300, written=50, reasoning=20)
FULL = Answer(
    text="ok", data={"b": [1, "two"], "a": None}, cost=MicroUSD(40), model="really-1", tokens=USED
)


async def use(swarm: Swarm, day: str) -> list[tuple[Any, ...]]:
    rows = await swarm.store.read(lambda rows: tables.use_since(rows, day))
    return [msgspec.structs.astuple(row) for row in rows]


async def test_what_came_before_an_interruption_comes_back_whole_and_is_not_done_again(
    tmp_path: Path,
) -> None:
    gate, acts, seen = Gate(), list[int](), list[Outcome]()

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def first(_: Grant) -> Answer:
            acts.append(1)
            return FULL

        async def second(_: Grant) -> Answer:
            acts.append(2)
            await gate()
            return answer("end")

        seen.append(await run.step(a_call(1), first))
        return concluded(await run.step(a_call(2, effect="pure"), second, last=concluded))

    async with awake(tmp_path, Custom(carry)) as swarm:
        task = (await ask(swarm, "keep it")).task
        await gate.reached.wait()
    gate.open()
    async with awake(tmp_path, Custom(carry)) as swarm:
        await over(swarm, task)
        view = await swarm.views.task(task)
    before, after = seen
    assert acts == [1, 2, 2]
    assert (before.answer, before.replayed) == (FULL, False)
    assert after.answer == Answer(text="ok", data=FULL.data, cost=MicroUSD(40))
    assert (after.n, after.state, after.failure, after.replayed) == (1, "done", None, True)
    assert (view.task.result, view.task.steps) == ("end", 2)


async def test_a_run_whose_last_step_is_on_record_ends_with_it(tmp_path: Path) -> None:
    gate, acts = Gate(), list[int]()

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def act(_: Grant) -> Answer:
            acts.append(1)
            return answer("the end")

        if not acts:
            await run.step(a_call(), act)
            await gate()
        return concluded(await run.step(a_call(), act, last=concluded))

    async with awake(tmp_path, Custom(carry)) as swarm:
        task = (await ask(swarm, "once")).task
        await gate.reached.wait()
    async with awake(tmp_path, Custom(carry)) as swarm:
        await over(swarm, task)
        view = await swarm.views.task(task)
        doubt = await swarm.store.read(lambda rows: deciding.in_doubt(rows, RunId(1), 1))
    assert acts == [1]
    assert (view.task.state, view.task.result) == (TaskState.DONE, "the end")
    assert (view.task.cost, view.task.steps) == (40, 1)
    assert doubt is None


async def test_a_run_knows_which_of_its_next_steps_are_on_record(tmp_path: Path) -> None:
    gate, known = Gate(), list[str | None]()

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def act(_: Grant) -> Answer:
            return answer()

        known.append(run.recorded)
        await run.step(a_call(1, name="one"), act)
        known.append(run.recorded)
        await run.step(a_call(2, name="two"), act)
        known.append(run.recorded)
        await gate()
        return Conclusion(state="done")

    async with awake(tmp_path, Custom(carry)) as swarm:
        task = (await ask(swarm, "know")).task
        await gate.reached.wait()
    gate.open()
    async with awake(tmp_path, Custom(carry)) as swarm:
        await over(swarm, task)
    assert known == [None, None, None, "one", "two", None]


async def test_what_models_used_adds_up_by_day_model_worker_and_person(tmp_path: Path) -> None:
    clock, courier = FakeClock(datetime(2026, 1, 31, 23, tzinfo=UTC)), MemoryCourier()
    nameless = msgspec.structs.replace(FULL, model=None, tokens=Tokens(input=7))
    answers = [FULL, FULL, nameless, answer()]

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def act(_: Grant) -> Answer:
            return answers.pop(0)

        return concluded(await run.step(a_call(), act, last=concluded))

    async with awake(tmp_path, Custom(carry), clock=clock, courier=courier) as swarm:
        for n in range(2):
            await finish(swarm, courier, f"on the first day {n}")
        clock.move(timedelta(hours=2))
        for n in range(2):
            await finish(swarm, courier, f"on the second day {n}")
        ours = ("custom", "terminal/local/1000")
        both = ("really-1", *ours, 2, 80, 2000, 400, 600)
        one = ("act", *ours, 1, 40, 7, 0, 0)
        assert await use(swarm, "2026-01-31") == [both, one]
        assert await use(swarm, "2026-02-01") == [one]
        assert await use(swarm, "2026-02-02") == []
        assert (await swarm.store.verify()).ok


@virtual
@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE])
async def test_an_act_that_finds_all_files_open_was_not_served_and_is_tried_again(
    tmp_path: Path, number: int
) -> None:
    flaky = Flaky(a_call(retries=1), lambda: OSError(number, "too many"))
    courier = MemoryCourier()
    async with in_virtual_time(tmp_path, flaky.worker, courier=courier) as swarm:
        view = await finish(swarm, courier, "open")
    assert tries(view) == [("refused", 0), ("done", 40)]
    assert view.steps[0].failure == "too_many_files"


async def test_any_other_fault_of_the_system_in_an_act_is_charged_in_full(tmp_path: Path) -> None:
    flaky = Flaky(a_call(most=100, retries=1), lambda: OSError(errno.EIO, "broken"))
    courier = MemoryCourier()
    async with awake(tmp_path, flaky.worker, courier=courier) as swarm:
        view = await finish(swarm, courier, "open")
        assert await held_and_spent(swarm) == (0, 100)
    assert tries(view) == [("failed", 100)]
    assert view.task.failure == "internal"


class Poor:
    """A worker whose one call is lost and then does not fit; what it does then is told."""

    def __init__(self, *then: Call, lose: bool = True) -> None:
        self.known: str | None = ""
        self.problems: list[str] = []
        self._then = then
        self._lose = lose
        self.worker = Custom(self._carry)

    async def _carry(self, assignment: Assignment, run: Run) -> Conclusion:
        async def lost(_: Grant) -> Answer:
            raise AnswerLost(what="act", problem="cut off")

        async def act(_: Grant) -> Answer:
            return answer(cost=10)

        outcome = None
        with pytest.raises(OverBudget):
            await run.step(a_call(most=100 if self._lose else 500), lost)
        self.known = run.recorded
        for call in self._then:
            try:
                outcome = await run.step(call, act, last=concluded)
            except ReplayDiverged as error:
                self.problems.append(str(error.data["recorded"]))
                raise
        assert outcome
        return concluded(outcome)


def cheap(name: str = "act") -> Call:
    return msgspec.structs.replace(a_call(name=name), most=MicroUSD(20))


@virtual
async def test_what_is_tried_instead_of_a_call_that_must_wait_has_its_number(
    tmp_path: Path,
) -> None:
    poor, courier = Poor(cheap("other"), lose=False), MemoryCourier()
    budget = {"total": "0.000150", **UNSHARED}
    async with in_virtual_time(tmp_path, poor.worker, courier=courier, budget=budget) as swarm:
        view = await finish(swarm, courier, "cheaper")
    assert poor.known is None
    assert [(s.n, s.attempt, s.name, s.state) for s in view.steps] == [(1, 1, "other", "done")]
    assert view.task.steps == 1


@virtual
async def test_tries_before_a_wait_count_for_the_call_that_goes_on(tmp_path: Path) -> None:
    poor, courier = Poor(cheap()), MemoryCourier()
    budget = {"total": "0.000150", **UNSHARED}
    async with in_virtual_time(tmp_path, poor.worker, courier=courier, budget=budget) as swarm:
        view = await finish(swarm, courier, "cheaper")
        assert await held_and_spent(swarm) == (0, 110)
    assert poor.known == "act"
    assert [(s.n, s.attempt, s.state, s.cost) for s in view.steps] == [
        (1, 1, "ambiguous", 100),
        (1, 2, "done", 10),
    ]


@virtual
async def test_another_call_may_not_take_the_number_of_one_that_was_tried(tmp_path: Path) -> None:
    poor, courier = Poor(cheap("other")), MemoryCourier()
    budget = {"total": "0.000150", **UNSHARED}
    async with in_virtual_time(tmp_path, poor.worker, courier=courier, budget=budget) as swarm:
        view = await finish(swarm, courier, "other")
    assert poor.problems == ["act"]
    assert view.task.failure == "replay_diverged"


async def test_a_run_that_ended_with_its_step_is_not_ended_again(tmp_path: Path) -> None:
    known: list[bool] = []

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def act(_: Grant) -> Answer:
            return answer("the end")

        assert isinstance(run, LiveRun)
        outcome = await run.step(a_call(), act, last=concluded)
        known.append(run.concluded)
        await run.conclude(Conclusion(state="failed"))
        return concluded(outcome)

    courier = MemoryCourier()
    async with awake(tmp_path, Custom(carry), courier=courier) as swarm:
        view = await finish(swarm, courier, "once")
        ends = [f for f in await swarm.store.history(view.task.id) if f.event.kind == "task.ended"]
    assert known == [True]
    assert (view.task.state, view.task.result, len(ends)) == (TaskState.DONE, "the end", 1)


async def test_a_failure_comes_back_with_what_it_carries(tmp_path: Path) -> None:
    gate, seen = Gate(), list[Outcome]()

    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def act(_: Grant) -> Answer:
            raise BadUrl(url="x", problem="no scheme")

        seen.append(await run.step(a_call(), act))
        await gate()
        return concluded(seen[-1])

    async with awake(tmp_path, Custom(carry)) as swarm:
        task = (await ask(swarm, "fail")).task
        await gate.reached.wait()
    gate.open()
    async with awake(tmp_path, Custom(carry)) as swarm:
        await over(swarm, task)
        view = await swarm.views.task(task)
    before, after = seen
    assert before.failure == Failure(code="bad_url", data={"url": "x", "problem": "no scheme"})
    assert (after.failure, after.answer, after.replayed) == (before.failure, None, True)
    assert (view.steps[0].failure, view.steps[0].state) == ("bad_url", "failed")


async def test_a_decision_touches_the_try_it_is_about_alone(tmp_path: Path) -> None:
    lost: list[int] = []

    async def play(assignment: Assignment, n: int) -> Answer:
        if assignment.text == "post it" and n == 2 and len(lost) < 2:
            lost.append(n)
            raise AnswerLost(what="the mail", problem="cut off")
        return answer()

    courier, model = MemoryCourier(), ScriptedModel(calls=2, play=play)
    async with awake(tmp_path, model, courier=courier) as swarm:
        other = (await finish(swarm, courier, "before")).task.id
        task = (await ask(swarm, "post it")).task
        await parked(courier, task)
        before = (await swarm.views.task(other)).steps
        await swarm.control.decide(OWNER, task, "repeat", 2)
        await courier.ended(task)
        view = await swarm.views.task(task)
        assert (await swarm.views.task(other)).steps == before
    assert [(s.n, s.attempt, s.state) for s in view.steps] == [
        (1, 1, "done"),
        (2, 1, "ambiguous"),
        (2, 2, "repeated"),
        (2, 3, "done"),
    ]


async def test_a_task_that_ends_without_a_run_has_cost_nothing(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        await swarm.control.stop(OWNER, "all")
        task = (await ask(swarm, "never")).task
        await swarm.control.cancel(OWNER, task)
        view = await swarm.views.task(task)
    assert (view.task.state, view.task.cost, view.task.steps) == (TaskState.CANCELLED, 0, 0)


async def test_what_a_model_said_is_personal_and_what_a_tool_found_is_not(tmp_path: Path) -> None:
    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def found(_: Grant) -> Answer:
            return answer("a page")

        async def said(_: Grant) -> Answer:
            return answer("a private word")

        await run.step(msgspec.structs.replace(a_call(1, effect="pure"), kind="tool"), found)
        return concluded(await run.step(a_call(2), said, last=concluded))

    courier = MemoryCourier()
    async with awake(tmp_path, Custom(carry), courier=courier) as swarm:
        await finish(swarm, courier, "look it up")
        personal = await swarm.store.read(
            lambda rows: dict(rows.execute("select content, personal from bodies").fetchall())
        )
    assert (personal["a page"], personal["a private word"]) == (0, 1)


async def test_a_run_may_conclude_with_other_words_than_its_last_answer(tmp_path: Path) -> None:
    async def carry(assignment: Assignment, run: Run) -> Conclusion:
        async def act(_: Grant) -> Answer:
            return answer("42")

        def last(outcome: Outcome) -> Conclusion:
            return Conclusion(state="done", text="It is 42.")

        return last(await run.step(a_call(), act, last=last))

    courier = MemoryCourier()
    async with awake(tmp_path, Custom(carry), courier=courier) as swarm:
        view = await finish(swarm, courier, "count")
    assert view.task.result == "It is 42."


async def test_where_all_files_are_open_it_is_said_how_many_there_may_be() -> None:
    async def act(_: Grant) -> Answer:
        raise OSError(errno.EMFILE, "too many")

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
    try:
        with pytest.raises(TooManyFiles) as found:
            await acted(act, Grant(key="a key", held=MicroUSD(0)))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert found.value.data == {"limit": soft - 1}
