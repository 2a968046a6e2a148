"""A step of unknown outcome waits for a person, whose decision is good for one try."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import (
    AnswerLost,
    DecidedBefore,
    NotAllowed,
    NotFound,
    NothingToDecide,
    Undecided,
)
from swarm_core.kernel.ids import TaskId
from swarm_core.policy import PolicyRefused
from swarm_core.steps.events import StepDecided
from swarm_core.steps.model import Answer, Decision, Effect
from swarm_core.store import Fact
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER, MemoryCourier, ScriptedModel
from tests.worlds import answer, ask, awake, kinds, parked

STRANGER = Actor(surface="terminal", space="local", person="2")


def lossy(times: int, effect: Effect = "once") -> ScriptedModel:
    """Loses the answers of its first `times` calls."""
    lost: list[int] = []

    async def play(assignment: object, n: int) -> Answer:
        if len(lost) < times:
            lost.append(n)
            raise AnswerLost(what="the mail", problem="cut off")
        return answer("sent")

    model = ScriptedModel(play=play)
    model.effect = effect
    return model


async def test_what_was_sent_when_and_what_is_counted_for_it_is_shown(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, lossy(9, "paid"), courier=courier) as swarm:
        task = (await ask(swarm, "post it")).task
        await parked(courier, task)
        view = await swarm.views.task(task)
        (card,) = await swarm.views.cards([task])
    assert view.doubt is not None
    assert view.doubt == card.doubt
    assert (view.doubt.n, view.doubt.attempt, view.doubt.tries) == (1, 2, 2)
    assert view.doubt.request == '{"n":1,"text":"post it"}'
    assert view.doubt.cost == 200
    assert view.doubt.sent == view.steps[1].started


async def test_repeating_is_one_more_try_with_a_hold_of_its_own(tmp_path: Path) -> None:
    courier, model = MemoryCourier(), lossy(1)
    async with awake(tmp_path, model, courier=courier) as swarm:
        task = (await ask(swarm, "post it")).task
        await parked(courier, task)
        await swarm.control.decide(OWNER, task, "repeat", 1)
        await courier.ended(task)
        view = await swarm.views.task(task)
        facts = list(await swarm.store.history(task))
        money = (await swarm.views.money(OWNER.key))[0]
        assert (await swarm.store.verify()).ok
    assert view.task.state is TaskState.DONE
    assert [(s.attempt, s.state, s.cost) for s in view.steps] == [
        (1, "repeated", 100),
        (2, "done", 40),
    ]
    assert (money.spent, money.held) == (140, 0)
    assert view.doubt is None
    (decided,) = [f for f in facts if isinstance(f.event, StepDecided)]
    assert decided.actor == OWNER.key
    assert decided.event == StepDecided(n=1, attempt=1, name="scripted-1", decision="repeat")
    assert [f.event.kind for f in facts].count("budget.held") == 2


@pytest.mark.parametrize("effect", ["once", "paid"])
async def test_a_decision_is_good_for_one_try_alone(tmp_path: Path, effect: Effect) -> None:
    courier, model = MemoryCourier(), lossy(9, effect)
    async with awake(tmp_path, model, courier=courier) as swarm:
        task = (await ask(swarm, "post it")).task
        await parked(courier, task)
        before = model.answers[task]
        await swarm.control.decide(OWNER, task, "repeat")
        await parked(courier, task, times=2)
        assert model.answers[task] == before + 1
        doubt = (await swarm.views.task(task)).doubt
    assert doubt is not None
    assert doubt.attempt == doubt.tries == before + 1


async def test_a_decision_outlives_the_process_and_a_second_death_asks_again(
    tmp_path: Path,
) -> None:
    courier, model = MemoryCourier(), lossy(1)
    async with awake(tmp_path, model, courier=courier) as swarm:
        task = (await ask(swarm, "post it")).task
        await parked(courier, task)
    async with awake(tmp_path, serve=False) as swarm:
        await swarm.control.decide(OWNER, task, "repeat")
    reached = asyncio.Event()

    async def hang(assignment: object, n: int) -> Answer:
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    hanging = ScriptedModel(play=hang)
    hanging.effect = "once"
    async with awake(tmp_path, hanging):
        await reached.wait()
    courier = MemoryCourier()
    async with awake(tmp_path, lossy(0), courier=courier) as swarm:
        await parked(courier, task)
        view = await swarm.views.task(task)
    assert [(s.attempt, s.state) for s in view.steps] == [(1, "repeated"), (2, "ambiguous")]


async def test_taking_it_as_not_done_fails_the_task_and_a_retry_begins_anew(
    tmp_path: Path,
) -> None:
    courier, model = MemoryCourier(), lossy(1)
    async with awake(tmp_path, model, courier=courier) as swarm:
        task = (await ask(swarm, "post it")).task
        await parked(courier, task)
        await swarm.control.decide(OWNER, task, "fail")
        await courier.ended(task)
        failed = (await swarm.views.task(task)).task
        assert model.answers[task] == 1
        await swarm.control.retry(OWNER, task)
        await courier.until(lambda all_: len([d for d in all_ if d.kind == "ended"]) == 2)
        done = await swarm.views.task(task)
        assert (await swarm.store.verify()).ok
    assert (failed.state, failed.failure, failed.cost) == (TaskState.FAILED, "given_up", 100)
    assert failed.failure_data == {"n": 1, "name": "scripted-1", "actor": OWNER.key}
    assert done.task.state is TaskState.DONE


@pytest.mark.parametrize("pressed", [("repeat", "repeat"), ("fail", "fail"), ("repeat", "fail")])
async def test_of_two_presses_one_counts(
    tmp_path: Path, pressed: tuple[Decision, Decision]
) -> None:
    """Which of two at once comes first is open; the other one changes nothing."""
    courier = MemoryCourier()
    async with awake(tmp_path, lossy(9), courier=courier) as swarm:
        task = (await ask(swarm, "post it")).task
        await parked(courier, task)
        both = await asyncio.gather(
            *(swarm.control.decide(OWNER, task, choice, 1) for choice in pressed),
            return_exceptions=True,
        )
        counted = pressed[both.index(None)]
        await (parked(courier, task, times=2) if counted == "repeat" else courier.ended(task))
        with pytest.raises(DecidedBefore if counted == "repeat" else NothingToDecide):
            await swarm.control.decide(OWNER, task, "repeat", 1)
        facts = await kinds(swarm, task)
    assert both.count(None) == 1
    assert facts.count("step.decided") == 1


async def test_a_plain_resume_asks_for_the_decision(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, lossy(9), courier=courier) as swarm:
        task = (await ask(swarm, "post it")).task
        await parked(courier, task)
        before = await kinds(swarm, task)
        with pytest.raises(Undecided):
            await swarm.control.resume(OWNER, task)
        assert await kinds(swarm, task) == before


async def test_nobody_decides_about_what_is_not_there_or_not_theirs(tmp_path: Path) -> None:
    refused: list[Fact] = []
    courier = MemoryCourier()
    async with awake(tmp_path, lossy(9), courier=courier) as swarm:
        swarm.store.listen((PolicyRefused,), refused.append)
        with pytest.raises(NotFound):
            await swarm.control.decide(OWNER, TaskId(7), "repeat")
        task = (await ask(swarm, "post it")).task
        await parked(courier, task)
        with pytest.raises(NotAllowed):
            await swarm.control.decide(STRANGER, task, "repeat")
        assert (await swarm.views.task(task)).doubt is not None
    assert [fact.event.action for fact in refused] == ["step.decide"]  # type: ignore[attr-defined]
