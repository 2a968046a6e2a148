"""However the process dies while an instant becomes a task: there is one task for it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from swarm_core.testing import OWNER, FakeClock, MemoryCourier, ScriptedModel, swarm
from tests.cli.programs import environment
from tests.schedule.days import at, priority
from tests.schedule.mortal import DUE

POINTS = (
    "instant.decide.before",
    "instant.decide.after",
    "intake.commit.before",
    "intake.commit.after",
    "step.act.before",
    "step.result.after",
)


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
async def test_a_kill_leaves_one_task_for_an_instant(tmp_path: Path, point: str) -> None:
    mode = {"automation": {"mode": "auto"}}
    async with swarm(tmp_path, ScriptedModel(), clock=FakeClock(), **mode) as (before, _):
        await before.priorities.add(OWNER, priority(report="always"))
    died = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "tests.schedule.mortal", str(tmp_path), point),
        env=environment(),
    )
    assert await died.wait() == -9

    async with swarm(tmp_path, ScriptedModel(), clock=FakeClock(DUE), **mode) as (after, courier):
        assert isinstance(courier, MemoryCourier)
        await courier.until(lambda all_: any(d.kind == "ended" for d in all_))
        shown = await after.priorities.show(OWNER, "chore")
        assert [(each.at, each.state) for each in shown.instants] == [(at(13), "ran")]
        tasks = await after.store.read(
            lambda rows: rows.execute("select id, key from tasks").fetchall()
        )
        assert tasks == [(shown.instants[0].task, f"standing/chore/{at(13)}")]
        assert (await after.store.verify()).findings == ()
