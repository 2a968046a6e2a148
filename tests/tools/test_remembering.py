"""The small memory between runs, and the record of what was done."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import BadToolArguments, TooLarge
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Answer
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, FakeClock, MemoryCourier, ScriptedModel, finish
from swarm_core.tools import ToolContext
from swarm_core.tools.remembering import LARGEST
from tests.worlds import Gate, answer, ask, awake

ANA = Actor(surface="terminal", space="local", person="1", roles=frozenset({"owner"}))


async def call(
    swarm: Swarm, tool: str, actor: Actor = OWNER, task: TaskId | None = None, **arguments: Any
) -> Any:
    context = ToolContext(actor=actor, workspace=None, task=task)
    return (await swarm.toolbox.call(tool, arguments, context)).data


async def test_what_was_remembered_comes_back_after_a_restart(tmp_path: Path) -> None:
    value = {"status": 200, "words": ["ä", None, True], "deep": {"er": 1}}
    async with awake(tmp_path) as swarm:
        assert await call(swarm, "last_result", playbook="p", key="k") is None
        await call(swarm, "remember", playbook="p", key="k", value=value)
    async with awake(tmp_path) as swarm:
        assert await call(swarm, "last_result", playbook="p", key="k") == value


async def test_the_last_value_counts_and_the_same_twice_is_the_same(tmp_path: Path) -> None:
    async with awake(tmp_path) as swarm:
        for value in (1, 2, 2):
            await call(swarm, "remember", playbook="p", key="k", value=value)
        assert await call(swarm, "last_result", playbook="p", key="k") == 2


async def test_persons_playbooks_and_keys_are_kept_apart(tmp_path: Path) -> None:
    async with awake(tmp_path) as swarm:
        await call(swarm, "remember", playbook="p", key="k", value="mine")
        await call(swarm, "remember", ANA, playbook="p", key="k", value="hers")
        assert await call(swarm, "last_result", playbook="p", key="k") == "mine"
        assert await call(swarm, "last_result", ANA, playbook="p", key="k") == "hers"
        assert await call(swarm, "last_result", playbook="q", key="k") is None
        assert await call(swarm, "last_result", playbook="p", key="l") is None


@pytest.mark.parametrize("letter", ["x", "漢"])
async def test_what_is_too_large_in_bytes_is_refused_and_the_old_value_stays(
    tmp_path: Path, letter: str
) -> None:
    size = len(letter.encode())
    fits = letter * ((LARGEST - 2) // size)
    async with awake(tmp_path) as swarm:
        await call(swarm, "remember", playbook="p", key="k", value=fits)
        with pytest.raises(TooLarge):
            await call(swarm, "remember", playbook="p", key="k", value=fits + letter)
        assert await call(swarm, "last_result", playbook="p", key="k") == fits


async def test_activity_counts_what_ended_in_the_span_and_what_is_open(tmp_path: Path) -> None:
    gate, courier, clock = Gate(), MemoryCourier(), FakeClock()

    async def play(assignment: Assignment, n: int) -> Answer:
        if "wait" in assignment.text:
            await gate()
        if "fail" in assignment.text:
            raise RuntimeError
        return answer()

    model = ScriptedModel(play=play, price=MicroUSD(40), hold=MicroUSD(100))
    async with awake(
        tmp_path, model, courier=courier, clock=clock, limits={"concurrency": 1}
    ) as swarm:
        await finish(swarm, courier, "long ago")
        clock.move(timedelta(hours=2))
        await finish(swarm, courier, "fine")
        await finish(swarm, courier, "fail")
        await ask(swarm, "wait")
        await gate.reached.wait()
        stopped = (await ask(swarm, "stopped   in\nthe middle")).task
        await swarm.control.stop(OWNER, stopped)
        await ask(swarm, "ready")
        hour = await call(swarm, "activity", task=TaskId(99), since="1h")
        day = await call(swarm, "activity", task=TaskId(99), since="1d")
        with pytest.raises(BadToolArguments):
            await call(swarm, "activity", since="yesterday")
    assert (hour["done"], hour["failed"], hour["cost_micro_usd"]) == (1, 1, 140)
    assert hour["ready"] == 1
    assert hour["waiting"] == [
        {"task": stopped, "text": "stopped in the middle", "reason": "stopped"}
    ]
    assert hour["by_worker"] == [
        {"worker": "scripted", "done": 1, "failed": 1, "cost_micro_usd": 140}
    ]
    assert {r["text"] for r in hour["recent"]} == {"fine", "fail"}
    assert (day["done"], day["cost_micro_usd"]) == (2, 180)


async def test_activity_leaves_out_the_task_that_asks(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(words=("work",)), courier=courier) as swarm:
        await finish(swarm, courier, "work")
        view = await finish(swarm, courier, "standup")
    assert view.task.worker == "standup"
    assert view.task.result is not None
    assert "1 running" not in view.task.result
    assert "running" not in view.task.result or "0 running" in view.task.result
