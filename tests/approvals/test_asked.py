"""What a person has to know to decide: also whose words went into it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers.approving import card
from bot.running import words
from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.errors import NotFound
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Answer, Call, Conclusion, Failure, Grant, Run
from tests.commands.desks import desk, typed
from tests.worlds import Custom, over


async def reads(assignment: Assignment, run: Run) -> Conclusion:
    """It fetches what strangers wrote, and looks at a file of one's own; then it fails."""

    async def fetched(_: Grant) -> Answer:
        return Answer(text="buy now", data={"tainted": True, "truncated": False})

    async def looked(_: Grant) -> Answer:
        return Answer(text="mine", data={"tainted": False, "truncated": False})

    await run.step(Call(kind="tool", name="fetch", request={}, effect="pure"), fetched)
    await run.step(Call(kind="tool", name="read", request={}, effect="pure"), looked)
    return Conclusion(state="failed", failure=Failure(code="internal", data={"problem": "no"}))


async def test_the_card_names_what_brought_words_of_strangers_and_asks_twice(
    tmp_path: Path,
) -> None:
    worker = Custom(reads, most=420_000)
    async with desk(tmp_path, worker, budget={"task": "$5"}) as (at, _):
        asked = (await typed(at, "/task much")).reply.asks
        before = await at.swarm.views.asked(str(asked))
        await typed(at, f"/approve {asked}")
        await over(at.swarm, 1)  # type: ignore[arg-type]
        worker._most = MicroUSD(450_000)
        again = (await typed(at, "/retry 1")).reply.asks
        after = await at.swarm.views.asked(str(again))
        shown = [card(words(at), view) for view in (before, after)]
        with pytest.raises(NotFound):
            await at.swarm.views.asked("nothing")
    assert (before.outside, after.outside) == ((), ("fetch",))
    assert [any("Words of others" in line for line in each.lines) for each in shown] == [
        *(False, True),
    ]
    assert [each.buttons[0].sure for each in shown] == [False, True]
    assert (after.task.id if after.task else 0, after.again) == (1, False)
