"""Other settings for a swarm at work, and what it tells of itself."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from bot.logs import in_file
from swarm_core.budget.events import CapsSet
from swarm_core.build import World, open_swarm
from swarm_core.kernel.actor import MEMBER, Actor
from swarm_core.kernel.errors import BadPolicy
from swarm_core.policy import Action, Resource
from swarm_core.steps.model import Answer, Conclusion, Run
from swarm_core.swarm import Swarm
from swarm_core.tasks.model import TaskState
from swarm_core.testing import MemoryCourier, ScriptedModel, settings
from tests.worlds import Custom, Gate, a_call, answer, ask, awake, concluded, over

GREET = """\
name: greet
summary: Says hello.
examples: [greet the bees]
triggers: [greet the bees]
steps:
  - {id: look, tool: activity, args: {since: 1h}}
output: Hello, bees.
"""


async def caps_set(swarm: Swarm) -> int:
    found = await swarm.store.read(
        lambda rows: rows.execute(
            "select count(*) from journal where kind = ?", (CapsSet.kind,)
        ).fetchone()
    )
    return int(found[0])


async def test_caps_playbooks_and_rules_are_swapped_and_what_stays_is_named(
    tmp_path: Path,
) -> None:
    mine = tmp_path / "playbooks"
    mine.mkdir()
    (mine / "greet.yaml").write_text(GREET)
    async with open_swarm(settings(tmp_path)) as swarm:
        before = await caps_set(swarm)
        wanted = settings(
            tmp_path,
            budget={"day": "7"},
            playbooks={"folders": [str(mine)], "disabled": ["search"]},
            confirm={"above": "0.5"},
            store={"readers": 7},
        )
        done = await swarm.reloading.apply(wanted)
        assert {c.key for c in done.changed} == {
            *("budget.day", "playbooks.folders", "playbooks.disabled", "confirm.above"),
        }
        assert [c.key for c in done.later] == ["store.readers"]
        assert (done.come, done.gone, done.altered) == (("greet",), ("search",), ())
        assert swarm.settings.budget.day == 7_000_000
        assert swarm.settings.store.readers != 7
        assert await caps_set(swarm) == before + 1
        receipt = await ask(swarm, "greet the bees")
        await over(swarm, receipt.task)
        assert (await swarm.views.task(receipt.task)).task.worker == "greet"

        (mine / "greet.yaml").write_text(GREET.replace("Hello", "Good day"))
        assert (await swarm.reloading.apply(wanted)).altered == ("greet",)
        # The same settings again are no fact.
        assert await caps_set(swarm) == before + 1
        assert (await swarm.store.verify()).ok


MEMBER_OF_ONE = Actor(surface="discord", space="1", person="2", roles=frozenset({MEMBER}))


async def test_policies_and_times_of_approvals_are_swapped_and_a_wrong_policy_changes_nothing(
    tmp_path: Path,
) -> None:
    mine = tmp_path / "policies"
    mine.mkdir()
    rests = mine / "rests.cedar"
    wanted = settings(
        tmp_path, policy={"folders": [str(mine)]}, approvals={"expiry": "2h"}, budget={"day": "7"}
    )

    def may(swarm: Swarm) -> bool:
        return swarm.policy.allows(MEMBER_OF_ONE, Action.CREATE_TASK, Resource("ask"))

    async with open_swarm(settings(tmp_path)) as swarm:
        assert may(swarm)
        rests.write_text("permit (")
        with pytest.raises(BadPolicy):
            await swarm.reloading.apply(wanted)
        assert may(swarm)
        assert swarm.settings.budget.day != 7_000_000
        rests.write_text(
            '@id("rests") @says("Later.") forbid (principal == Person::"discord/1/2",'
            ' action == Action::"task.create", resource);'
        )
        done = await swarm.reloading.apply(wanted)
        assert done.policies is not None
        assert {c.key for c in done.changed} == {"policy.folders", "approvals.expiry", "budget.day"}
        assert not may(swarm)
        assert (await swarm.reloading.apply(wanted)).policies is None
        rests.unlink()
        assert (await swarm.reloading.apply(wanted)).policies == done.policies - 1
        assert may(swarm)


async def test_a_run_ends_as_it_began_and_what_waits_for_who_is_gone_goes_on(
    tmp_path: Path,
) -> None:
    gate = Gate()

    async def carry(_: Any, run: Run) -> Conclusion:
        async def act(_: Any) -> Answer:
            await gate()
            return answer()

        return concluded(await run.step(a_call(), act))

    courier = MemoryCourier()
    limits = {"concurrency": 1}
    async with awake(tmp_path, Custom(carry), courier=courier, limits=limits) as swarm:
        first = await ask(swarm, "begin")
        await gate.reached.wait()
        second = await ask(swarm, "wait for a place")
        await swarm.reloading.apply(settings(tmp_path, limits={"concurrency": 2}))
        gate.open()
        await over(swarm, first.task, second.task)
        states = [(await swarm.views.task(t.task)).task.state for t in (first, second)]
        assert states == [TaskState.DONE, TaskState.DONE]


async def test_providers_that_come_and_go_bring_and_take_their_workers(tmp_path: Path) -> None:
    async with open_swarm(settings(tmp_path)) as swarm:
        before = set(swarm.router.workers())
        old = swarm.models
        desk = {"kind": "openai-compatible", "base_url": "http://127.0.0.1:9/v1", "free": True}
        wanted = settings(tmp_path, providers={"desk": {**desk, "models": ["tiny"]}})
        await swarm.reloading.apply(wanted)
        assert swarm.models is not old
        assert set(swarm.router.workers()) > before
        same = swarm.models
        await swarm.reloading.apply(wanted)
        assert swarm.models is same
        await swarm.reloading.apply(settings(tmp_path))
        assert set(swarm.router.workers()) == before


async def test_reloads_wait_for_each_other(tmp_path: Path) -> None:
    async with open_swarm(settings(tmp_path)) as swarm:
        days = [settings(tmp_path, budget={"day": str(n)}) for n in (2, 3, 4)]
        done = await asyncio.gather(*(swarm.reloading.apply(day) for day in days))
        assert [c.before for each in done for c in each.changed] == ["$5.00", "$2.00", "$3.00"]
        assert swarm.settings.budget.day == 4_000_000


async def test_each_fact_is_one_line_with_the_same_fields(tmp_path: Path) -> None:
    logging.getLogger().setLevel(logging.WARNING)
    log = tmp_path / "log"
    log.mkdir()
    world = World(extra=(ScriptedModel().extra,), drain=0.0)
    with in_file(log):
        async with open_swarm(settings(tmp_path), world) as swarm:
            silent = await ask(swarm, "before anybody listens")
            await over(swarm, silent.task)
            swarm.telemetry.switch(True)
            task = (await ask(swarm, "with an ear")).task
            await over(swarm, task)
            swarm.telemetry.end("normal")
            after = await ask(swarm, "afterwards")
            await over(swarm, after.task)
    lines = [json.loads(line) for line in (log / "waggle.log").read_text().splitlines()]
    told = [line for line in lines if line["logger"] == "swarm_core.telemetry"]
    fields = {"timestamp", "event", "session", "worker", "task", "gate", "result"}
    assert all(fields <= line.keys() for line in told)
    assert [(line["event"], line["result"]) for line in told] == [
        ("session started", None),
        ("task state changed", "ready"),
        ("worker activated", "scripted-1"),
        ("run begun", "new"),
        ("task state changed", "running"),
        ("budget updated", "settled"),
        ("run ended", "done"),
        ("task state changed", "done"),
        ("session ended", "normal"),
    ]
    assert {line["task"] for line in told} == {None, task}
    assert len({line["session"] for line in told}) == 1


@pytest.mark.parametrize(("drained", "how"), [(True, "done"), (False, "left")])
async def test_a_drain_finishes_or_names_what_it_interrupts(
    drained: bool, how: str, tmp_path: Path
) -> None:
    gate = Gate()

    async def carry(_: Any, run: Run) -> Conclusion:
        async def act(_: Any) -> Answer:
            await gate()
            return answer()

        return concluded(await run.step(a_call(), act))

    async with awake(tmp_path, Custom(carry)) as swarm:
        task = (await ask(swarm, "begin")).task
        await gate.reached.wait()
        hurry: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        closing = asyncio.create_task(swarm.dispatcher.close(30.0, hurry))
        if drained:
            gate.open()
        else:
            hurry.set_result(None)
        left = await closing
        assert left == ([] if drained else [task])
        # Taken in while it ends, and kept.
        late = (await ask(swarm, "late")).task
        state = (await swarm.views.task(task)).task.state
        assert (state is TaskState.DONE) == (how == "done")
        assert (await swarm.views.task(late)).task.state is TaskState.READY
