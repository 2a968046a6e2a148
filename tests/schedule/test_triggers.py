"""What starts a priority besides the clock."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from swarm_core.kernel.errors import TooOften, UnknownFact
from swarm_core.schedule.model import MINUTE, Happens, Idle
from swarm_core.testing import OWNER, START, LoopClock, request
from tests.schedule.days import HOUR, at, days
from tests.worlds import virtual


@virtual
async def test_idleness_starts_it_and_again_after_its_cooldown(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        await here.swarm.intake.submit(OWNER, request("work 3600"))
        await here.add(trigger=Idle(after=10 * MINUTE), cooldown=HOUR)
        await here.until(at(13, 9))
        assert await here.became() == []
        await here.until(at(13, 20))
        (first,) = await here.instants()
        assert at(13, 10) <= first.at < at(13, 11)
        await here.until(at(15, 30))
        assert await here.became() == ["ran", "ran", "ran"]


@virtual
async def test_a_fact_starts_it_once_a_cooldown_and_its_own_do_not(tmp_path: Path) -> None:
    trigger = Happens(fact="task.ended", where={"outcome": "failed"})
    async with days(tmp_path) as here:
        await here.swarm.intake.submit(OWNER, request("do it fail"))
        await here.until(at(12))
        await here.add("look into it fail", trigger=trigger)
        await here.until(at(12, 1))
        assert await here.became() == [], "what happened before is not meant"
        for n in range(5):
            await here.swarm.intake.submit(OWNER, request(f"task {n} fail"))
        await here.swarm.intake.submit(OWNER, request("this goes well"))
        await here.until(at(13))
        assert await here.became() == ["ran"]
        await here.swarm.intake.submit(OWNER, request("one more fail"))
        await here.until(at(14))
        assert await here.became() == ["ran", "ran"]


@virtual
async def test_facts_from_before_a_restart_are_read_after_it(tmp_path: Path) -> None:
    clock = LoopClock(START)
    async with days(tmp_path, clock=clock) as here:
        await here.add(trigger=Happens(fact="task.accepted"))
        await here.swarm.intake.submit(OWNER, request("do it"))
    await asyncio.sleep(60)
    async with days(tmp_path, clock=clock) as here:
        await here.until(at(12, 5))
        assert await here.became() == ["ran"]


@virtual
async def test_what_does_not_happen_is_named(tmp_path: Path) -> None:
    async with days(tmp_path) as here:
        with pytest.raises(UnknownFact) as wrong:
            await here.add(trigger=Happens(fact="task.endd"))
        assert "task.ended" in str(wrong.value.data["near"])
        with pytest.raises(UnknownFact):
            await here.add(trigger=Happens(fact="task.ended", where={"outcom": "failed"}))
        with pytest.raises(UnknownFact):
            await here.add(trigger=Happens(fact="instant.ran"))
        with pytest.raises(TooOften):
            await here.add(trigger=Happens(fact="task.ended"), cooldown=0)
        with pytest.raises(TooOften):
            await here.add(trigger=Idle(after=1_000_000))
