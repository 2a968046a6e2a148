"""Texts go when their time is over, not before, and not those that are still needed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from swarm_core.kernel.actor import Place
from swarm_core.kernel.ids import TaskId
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, FakeClock, ScriptedModel, request
from tests.worlds import ask, awake, over

DAY = timedelta(days=1)


async def text_of(swarm: Swarm, task: TaskId) -> str | None:
    return (await swarm.views.task(task)).task.text


async def ended(swarm: Swarm, text: str) -> TaskId:
    task = (await ask(swarm, text)).task
    await over(swarm, task)
    return task


async def test_after_31_days_gone_over_a_restart_and_after_29_kept(tmp_path: Path) -> None:
    clock = FakeClock()
    async with awake(tmp_path, ScriptedModel(), clock=clock) as swarm:
        old = await ended(swarm, "an old request")
        clock.move(2 * DAY)
        young = await ended(swarm, "a young request")
    clock.move(29 * DAY)
    async with awake(tmp_path, ScriptedModel(), clock=clock, serve=False) as swarm:
        assert await swarm.keeping.retention.sweep() == 1
        assert await swarm.keeping.retention.sweep() == 0
        assert await text_of(swarm, old) is None
        assert await text_of(swarm, young) == "a young request"
        assert (await swarm.views.task(old)).task.cost == 40
        assert (await swarm.store.verify()).ok


@pytest.mark.parametrize(("text", "gone"), [("5m", 1), ("365d", 0), (None, 0)])
async def test_it_is_as_the_settings_say(tmp_path: Path, text: str | None, gone: int) -> None:
    clock = FakeClock()
    rules = {"text": text, "dm_text": None}
    async with awake(tmp_path, ScriptedModel(), clock=clock, retention=rules) as swarm:
        await ended(swarm, "a request")
        clock.move(31 * DAY)
        assert await swarm.keeping.retention.sweep() == gone


async def test_private_messages_go_earlier(tmp_path: Path) -> None:
    clock = FakeClock()
    async with awake(tmp_path, ScriptedModel(), clock=clock) as swarm:
        place = Place(surface="discord", space="dm/7")
        private = (await swarm.intake.submit(OWNER, request("in private", join=False))).task
        await over(swarm, private)
        other = await ended(swarm, "in the open")
        await swarm.store.write(
            lambda tx: tx.execute(
                "update tasks set surface = ?, space = ? where id = ?",
                (place.surface, place.space, private),
            )
        )
        clock.move(8 * DAY)
        assert await swarm.keeping.retention.sweep() == 1
        assert await text_of(swarm, private) is None
        assert await text_of(swarm, other) == "in the open"


async def test_what_has_not_ended_keeps_its_text_however_old(tmp_path: Path) -> None:
    clock = FakeClock()
    async with awake(tmp_path, ScriptedModel(), clock=clock, serve=False) as swarm:
        task = (await ask(swarm, "still to be done")).task
        clock.move(400 * DAY)
        assert await swarm.keeping.retention.sweep() == 0
        assert await text_of(swarm, task) == "still to be done"
