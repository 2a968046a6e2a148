"""A budget that a bill above its hold froze: what people are told, and the line that mends it."""

from __future__ import annotations

from pathlib import Path

from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Answer
from swarm_core.testing import ScriptedModel
from tests.commands.desks import desk, said, typed
from tests.worlds import answer, parked


async def test_the_budget_tells_what_froze_it_and_resume_lets_it_go_on(tmp_path: Path) -> None:
    bills = [250_000, 40]

    async def play(assignment: object, n: int) -> Answer:
        return answer(cost=bills.pop(0))

    async with desk(tmp_path, ScriptedModel(hold=MicroUSD(100_000), play=play)) as (at, courier):
        assert "No budget is frozen." in await said(at, "/resume budget")
        await typed(at, "/task dear")
        await courier.ended(TaskId(1))
        await typed(at, "/task next")
        await parked(courier, TaskId(2))
        shown = await said(at, "/show 2", width=300)
        budget = await said(at, "/budget", width=300)
        resumed = await said(at, "/resume budget", width=300)
        await courier.ended(TaskId(2))
        why = await said(at, "/why 2", width=300)
        after = await said(at, "/budget", width=300)
    assert "/resume budget" in shown
    because = "It was frozen because task #1 cost $0.15 more than was held for it."
    assert because in budget
    assert because in resumed
    assert "one task that waited for it goes on" in resumed
    assert "takes spending again, so it goes on" in why
    assert "frozen" not in after
