"""What standing priorities may cost: a run, a month, a day unattended, and whose yes it needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import GateCosts, NothingToSpend
from swarm_core.kernel.money import MicroUSD
from swarm_core.schedule.model import Every, Gate
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER, request
from tests.schedule.days import HOUR, at, daily, days, priority
from tests.worlds import UNSHARED, virtual


@virtual
async def test_a_month_that_is_spent_pauses_it_until_the_next(tmp_path: Path) -> None:
    async with days(tmp_path, price=40) as here:
        await here.add("pay 40", trigger=daily(18), month_cap=MicroUSD(100))
        await here.until(at(19, day=6))
        assert await here.became() == ["ran", "ran", "money"]
        (stands,) = await here.swarm.priorities.listing(OWNER)
        assert (stands.paused, stands.spent_month) == ("money", 80)
        assert stands.next == at(18, month=2)
        (card,) = here.told("paused")
        assert card.about["why"] == "money"

        await here.until(at(19, day=1, month=2))
        assert await here.became() == ["ran", "ran", "money", "ran"]
        (stands,) = await here.swarm.priorities.listing(OWNER)
        assert (stands.paused, stands.spent_month) == ("", 40)


@virtual
async def test_a_larger_cap_of_the_month_lets_it_go_on(tmp_path: Path) -> None:
    async with days(tmp_path, price=40) as here:
        await here.add("pay 40", month_cap=MicroUSD(50))
        await here.until(at(15))
        assert await here.became() == ["ran", "money"]
        await here.swarm.priorities.edit(OWNER, "chore", month_cap=MicroUSD(5_000))
        await here.until(at(16))
        assert await here.became() == ["ran", "money", "ran"]


@virtual
async def test_all_together_spend_no_more_of_the_day_than_its_unattended_part(
    tmp_path: Path,
) -> None:
    budget = {"day": "0.0002", "unattended_share": 30, **UNSHARED}
    async with days(tmp_path, price=40, budget=budget) as here:
        await here.add("pay 40", name="one")
        half_past = Every(period=HOUR, start=Micros(HOUR // 2))
        await here.add("pay 40", name="two", trigger=half_past)
        await here.until(at(14, 30))
        together = [*await here.became("one"), *await here.became("two")]
        assert sorted(together) == ["money", "money", "money", "money", "ran"]
        asked = await here.swarm.intake.submit(OWNER, request("pay 40"))
        await here.until(at(14, 31))
        task = (await here.swarm.views.task(asked.task)).task
        assert task.state is TaskState.DONE, "what a person asks for has the rest of the day"
        await here.until(at(0, 10, day=2))
        assert (await here.became("one"))[-1] == "ran"


@virtual
async def test_in_hybrid_mode_what_costs_asks_unless_its_price_was_agreed_to(
    tmp_path: Path,
) -> None:
    async with days(tmp_path, price=40, automation={"mode": "hybrid"}) as here:
        await here.add("pay 40", name="asks")
        await here.add("pay 40", name="agreed", approved=MicroUSD(40))
        await here.until(at(13))
        (asks,) = await here.instants("asks")
        (agreed,) = await here.instants("agreed")
        assert agreed.outcome == "done"
        assert asks.task
        waiting = (await here.swarm.views.task(asks.task)).task
        assert (waiting.state, waiting.waiting) == (TaskState.WAITING, "price")
        assert [d.task for d in here.told("parked")] == [asks.task]

        await here.until(at(14))
        assert await here.became("asks") == ["ran", "overlap"]
        approval = str(waiting.waiting_data["approval"])
        await here.swarm.deciding.decide(OWNER, approval, "approved")
        await here.until(at(14, 1))
        assert (await here.instants("asks"))[0].outcome == "done"


@virtual
async def test_a_cap_of_nothing_and_a_gate_that_costs_are_refused(tmp_path: Path) -> None:
    async with days(tmp_path, price=40) as here:
        with pytest.raises(NothingToSpend):
            await here.add(cap=MicroUSD(0))
        with pytest.raises(GateCosts):
            await here.add(gate=Gate(run="look around"))
        assert await here.swarm.priorities.listing(OWNER) == []


@virtual
async def test_an_estimate_goes_by_the_cap_and_then_by_what_it_has_cost(tmp_path: Path) -> None:
    async with days(tmp_path, price=40) as here:
        wanted = priority("pay 40", cap=MicroUSD(60), month_cap=MicroUSD(30_000))
        first = await here.swarm.priorities.estimate(OWNER, wanted)
        assert (first.worker, first.most, first.usual, first.free) == ("custom", 40, None, False)
        assert first.month == 30_000, "744 runs of up to 60 are more than its month may cost"
        await here.swarm.priorities.add(OWNER, wanted)
        await here.until(at(14))
        then = await here.swarm.priorities.estimate(OWNER, wanted)
        assert (then.usual, then.month) == (40, 744 * 40)
        reminds = await here.swarm.priorities.estimate(OWNER, priority(action="remind"))
        assert (reminds.free, reminds.month) == (True, 0)
