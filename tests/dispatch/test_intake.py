"""What is taken in, what is not, and what is the same request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.errors import (
    BadArgument,
    MissingArgument,
    NotAllowed,
    NotFound,
    TooLarge,
    WaggleError,
)
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.routing.events import TaskRouted
from swarm_core.steps.model import Answer
from swarm_core.tasks.model import MAX_TEXT, Request, TaskState
from swarm_core.testing import OWNER, MemoryCourier, ScriptedModel, finish, request
from tests.worlds import Custom, Gate, answer, ask, awake, kinds

ANA = Actor(surface="terminal", space="local", person="1", roles=frozenset({"owner"}))
STRANGER = Actor(surface="terminal", space="local", person="2")


@pytest.mark.parametrize(
    ("fields", "error", "data"),
    [
        ({"text": " \n\t "}, MissingArgument, {"name": "text"}),
        ({"text": "x" * (MAX_TEXT + 1)}, TooLarge, {"size": MAX_TEXT + 1, "limit": MAX_TEXT}),
        ({"priority": -1}, BadArgument, {"name": "priority", "value": "-1"}),
        ({"priority": 11}, BadArgument, {"name": "priority", "value": "11"}),
        ({"worker": "scriptd"}, NotFound, {"kind": "worker", "near": ("scripted",)}),
        ({"worker": "qqqq"}, NotFound, {"kind": "worker", "near": ()}),
        ({"needs": (TaskId(7),)}, NotFound, {"kind": "task", "name": "7"}),
    ],
)
async def test_a_wrong_request_is_refused_and_leaves_no_trace(
    tmp_path: Path, fields: dict[str, Any], error: type[WaggleError], data: dict[str, Any]
) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        before = (await swarm.store.verify()).facts
        with pytest.raises(error) as refused:
            await ask(swarm, **{"text": "hello", **fields})
        after = await swarm.store.verify()
        assert await swarm.views.listing() == []
    assert data.items() <= refused.value.data.items()
    assert after.ok
    assert after.facts == before


async def test_the_longest_text_and_the_ends_of_priority_are_taken(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        for fields in ({"priority": 0}, {"priority": 10}):
            text = "x" * (MAX_TEXT - 1) + str(fields["priority"] // 10)
            view = await finish(swarm, courier, text, **fields)
            assert view.task.text == text


async def test_a_stranger_is_refused_and_the_refusal_is_on_record(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        with pytest.raises(NotAllowed):
            await swarm.intake.submit(STRANGER, request("let me in"))
        await swarm.store.write(lambda tx: None)  # writes keep their order: the record is in
        decisions = await swarm.store.read(
            lambda rows: rows.execute(
                "select worker_name, action_type, rule_name from decision_log"
            ).fetchall()
        )
        assert await swarm.views.listing() == []
    assert decisions == [(STRANGER.key, "reject", "operators-make-tasks")]


async def test_the_same_event_twice_is_one_task(tmp_path: Path) -> None:
    courier, model = MemoryCourier(), ScriptedModel()
    async with awake(tmp_path, model, courier=courier) as swarm:
        first = await ask(swarm, "once please", key="terminal/1/42")
        await courier.ended(first.task)
        second = await swarm.intake.submit(OWNER, request("once please", key="terminal/1/42"))
        other = await ask(swarm, "once please", key="terminal/1/43")
        await courier.ended(other.task)
    assert (second.task, second.repeated, second.joined) == (first.task, True, False)
    assert second.state is TaskState.DONE
    assert other.task != first.task
    assert model.answers == {first.task: 1, other.task: 1}


async def test_the_same_event_again_after_a_restart_is_still_one_task(tmp_path: Path) -> None:
    courier, model = MemoryCourier(), ScriptedModel()
    async with awake(tmp_path, model, courier=courier) as swarm:
        first = (await finish(swarm, courier, "once", key="k")).task.id
    async with awake(tmp_path, model, courier=courier) as swarm:
        again = await swarm.intake.submit(OWNER, request("once", key="k"))
    assert (again.task, again.repeated) == (first, True)


async def test_an_identical_unfinished_request_is_joined(tmp_path: Path) -> None:
    gate, courier = Gate(), MemoryCourier()

    async def play(assignment: Assignment, n: int) -> Answer:
        await gate()
        return answer()

    model = ScriptedModel(play=play)
    async with awake(tmp_path, model, courier=courier) as swarm:
        first = await ask(swarm, "What is  new?", key="a")
        twin = await swarm.intake.submit(OWNER, request("what is new?", key="b"))
        assert (twin.task, twin.joined, twin.repeated) == (first.task, True, False)
        again = await swarm.intake.submit(OWNER, request("what is new?", key="b"))
        assert (again.task, again.repeated) == (first.task, True)
        gate.open()
        await courier.ended(first.task)
        later = await ask(swarm, "What is new?")
        await courier.ended(later.task)
        facts = await kinds(swarm, first.task)
        assert (await swarm.store.verify()).ok
    assert later.task != first.task
    assert not later.joined
    assert facts.count("task.joined") == 1
    assert model.answers == {first.task: 1, later.task: 1}


@pytest.mark.parametrize(
    "other",
    [
        request("what is new", kind="ask"),
        request("what is new", worker="scripted"),
        request("what is new", join=False),
        Request(text="what is new", place=Place(surface="terminal", space="local", thread="t")),
    ],
    ids=["kind", "worker", "not to be joined", "place"],
)
async def test_a_request_that_differs_is_not_joined(tmp_path: Path, other: Request) -> None:
    async with awake(tmp_path, ScriptedModel(), limits={"concurrency": 1}) as swarm:
        await swarm.control.stop(OWNER, "all")
        first = await ask(swarm, "what is new")
        assert (await swarm.intake.submit(OWNER, other)).task != first.task


async def test_another_persons_identical_request_is_another_task(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        await swarm.control.stop(OWNER, "all")
        first = await ask(swarm, "what is new")
        assert (await swarm.intake.submit(ANA, request("what is new"))).task != first.task


async def test_nothing_is_joined_where_the_settings_say_so(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel(), tasks={"join_identical": False}) as swarm:
        await swarm.control.stop(OWNER, "all")
        first = await ask(swarm, "what is new")
        assert (await ask(swarm, "what is new")).task != first.task


async def test_what_nobody_can_do_fails_at_once_and_people_are_told(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, courier=courier) as swarm:
        receipt = await ask(swarm, "compose a symphony")
        assert receipt.state is TaskState.FAILED
        assert receipt.worker is None
        await courier.ended(receipt.task)
        view = await swarm.views.task(receipt.task)
        facts = await swarm.store.history(receipt.task)
    assert view.task.failure == "no_worker"
    assert view.task.attempts == 0
    routed = [f.event for f in facts if isinstance(f.event, TaskRouted)]
    assert [(e.worker, e.reason) for e in routed] == [(None, "nobody")]


async def test_a_wish_that_cannot_be_met_fails_and_names_it(tmp_path: Path) -> None:
    courier, picky = MemoryCourier(), ScriptedModel("picky", words=("poem",))
    async with awake(tmp_path, picky, ScriptedModel(), courier=courier) as swarm:
        receipt = await ask(swarm, "write prose", worker="picky")
        view = await swarm.views.task(receipt.task)
        granted = await finish(swarm, courier, "poem", worker="picky")
    assert receipt.state is TaskState.FAILED
    assert view.task.failure_data == {"wish": "picky"}
    assert granted.task.worker == "picky"


async def test_the_receipt_has_the_worker_and_the_price_tag(tmp_path: Path) -> None:
    model = ScriptedModel(calls=3, hold=MicroUSD(100))
    async with awake(tmp_path, model) as swarm:
        receipt = await ask(swarm, "dear")
    assert (receipt.worker, receipt.model, receipt.most) == ("scripted", "scripted-1", 300)
    assert receipt.state is TaskState.READY


async def test_a_task_has_the_cap_it_was_given_else_that_of_its_kind(tmp_path: Path) -> None:
    budget = {"task": 3_000, "ask": 2_000}
    async with awake(tmp_path, ScriptedModel(), budget=budget) as swarm:
        tasks = [
            (await ask(swarm, "one")).task,
            (await ask(swarm, "two", kind="ask")).task,
            (await ask(swarm, "three", cap=MicroUSD(0))).task,
        ]
        caps = [(await swarm.views.task(t)).task.cap for t in tasks]
    assert caps == [3_000, 2_000, 0]


async def test_flags_label_a_task_before_words_do(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        by_words = (await ask(swarm, "refactor the code of that class")).task
        flags = {"tags": ("b", "a"), "complexity": "low", "category": "personal"}
        by_flags = (await ask(swarm, "refactor the code of this class", **flags)).task
        one, two = await swarm.views.task(by_words), await swarm.views.task(by_flags)
    assert (one.tags, one.task.complexity, one.task.category) == (("code",), "high", "work")
    assert (two.tags, two.task.complexity, two.task.category) == (("a", "b"), "low", "personal")


async def test_an_accepted_task_runs_although_nothing_served_when_it_was_accepted(
    tmp_path: Path,
) -> None:
    async with awake(tmp_path, ScriptedModel(), serve=False) as swarm:
        task = (await swarm.intake.submit(OWNER, request("later"))).task
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        await courier.ended(task)
        assert (await swarm.views.task(task)).task.state is TaskState.DONE


async def test_the_words_reach_the_worker_as_they_were_written(tmp_path: Path) -> None:
    seen: list[Assignment] = []

    async def carry(assignment: Assignment, run: object) -> Any:
        seen.append(assignment)
        raise MissingArgument(command="task", name="x", example="y")

    text = "  keep\tthis \u202e as it is\x00\ud83d\n"
    courier = MemoryCourier()
    async with awake(tmp_path, Custom(carry), courier=courier) as swarm:
        view = await finish(swarm, courier, text)
    (assignment,) = seen
    assert assignment.text == text
    assert assignment.actor == OWNER
    assert assignment.workspace == tmp_path / "workspace"
    assert view.task.text == text
    assert view.task.failure == "missing_argument"
