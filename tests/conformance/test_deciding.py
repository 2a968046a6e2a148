"""What a person has to decide: prices, approvals, budgets that are used up."""

from __future__ import annotations

from pathlib import Path

from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.testing import ScriptedModel
from tests.conformance.hands import Surface
from tests.conformance.surfaces import on
from tests.worlds import over

ONE, TWO = TaskId(1), TaskId(2)
MONEY = {"ask": "$5", "task": "$5", "day": "$50", "person_day": "$20"}


def dear() -> ScriptedModel:
    return ScriptedModel("dear", hold=MicroUSD(420_000))


@on()
async def test_above_the_price_a_yes_is_asked_for_with_the_exact_action_and_counts_once(
    surface: Surface, tmp_path: Path
) -> None:
    model = dear()
    async with surface(tmp_path) as at, at.opened(model, budget=MONEY) as ana:
        await ana.command("/ask much")
        card = await ana.sees("#1 much", "$0.42", "dear-1", "Without a decision")
        assert model.answers == {}
        (approval,) = await ana.swarm.deciding.open_ones()
        await ana.press(card, "Yes")
        await ana.sees("has its yes")
        await ana.sees("ok 1: much")
        await over(ana.swarm, ONE)
        await ana.command(f"/approve {approval.id}")
        await ana.sees("approved already")
        facts = [fact.event.kind for fact in await ana.swarm.store.history(ONE)]
    assert {"Yes", "No"} <= set(card.buttons)
    assert facts.count("approval.decided") == 1
    assert model.answers == {1: 1}


@on()
async def test_a_no_runs_nothing(surface: Surface, tmp_path: Path) -> None:
    model = dear()
    async with surface(tmp_path) as at, at.opened(model, budget=MONEY) as ana:
        await ana.command("/ask much")
        card = await ana.sees("#1 much", "Without a decision")
        await ana.press(card, "No")
        await over(ana.swarm, ONE)
        await ana.sees("#1 is ended")
    assert model.answers == {}


@on("others", "buttons")
async def test_nobody_decides_for_somebody_else(surface: Surface, tmp_path: Path) -> None:
    model = dear()
    async with surface(tmp_path) as at, at.opened(model, budget=MONEY) as ana:
        await ana.command("/ask much")
        card = await ana.sees("#1 much", "Without a decision")
        await ana.ben.press(card, "Yes")
        refused = await ana.ben.sees("may not do that")
        assert model.answers == {}
        (approval,) = await ana.swarm.deciding.open_ones()
    assert refused.alone
    assert approval.state == "open"


@on("posts", "buttons")
async def test_a_decision_changes_what_showed_it(surface: Surface, tmp_path: Path) -> None:
    async with surface(tmp_path) as at, at.opened(dear(), budget=MONEY) as ana:
        await ana.command("/ask much")
        card = await ana.sees("#1 much", "Without a decision")
        await ana.press(card, "Yes")
        await ana.sees("ok 1: much")
        after = await ana.becomes(card, "#1 much", "done")
    assert "Yes" not in after.buttons


@on()
async def test_a_task_that_meets_a_limit_says_why_it_waits_and_what_can_be_done(
    surface: Surface, tmp_path: Path
) -> None:
    model = ScriptedModel("frugal", hold=MicroUSD(60_000), price=MicroUSD(50_000))
    money = {**MONEY, "day": "$0.10"}
    async with surface(tmp_path) as at, at.opened(model, budget=money) as ana:
        await ana.command("/ask first")
        await ana.sees("ok 1: first")
        await ana.command("/ask second")
        await ana.sees("#2 second", "waits for money", "$0.05 is spent", "by itself")
        for way in ("Three ways", "makes room now", "cheaper", "ends it"):
            await ana.sees("#2 second", way)
        assert model.answers == {1: 1}
        await ana.command("/cancel 2")
        await over(ana.swarm, TWO)
