"""What people do to caps: set, raise, unfreeze; what waits goes on; who may; what is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import AlreadyEnded, NoRaise, NotAllowed, NotFound
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Answer, Tokens
from swarm_core.tasks.model import TaskState
from swarm_core.testing import OWNER, FakeClock, MemoryCourier, ScriptedModel, finish
from tests.worlds import UNSHARED, ask, awake, parked

STRANGER = Actor(surface="discord", space="1", person="9")
DAY = "2026-01-01"


def usd(amount: int) -> MicroUSD:
    return MicroUSD(amount)


async def state(swarm, task: TaskId) -> TaskState:  # type: ignore[no-untyped-def]
    return (await swarm.views.task(task)).task.state


async def test_a_cap_that_is_set_holds_at_once_and_what_waits_goes_on(tmp_path: Path) -> None:
    courier = MemoryCourier()
    budget = {"day": 50, **UNSHARED}
    async with awake(tmp_path, ScriptedModel(), courier=courier, budget=budget) as swarm:
        task = (await ask(swarm, "dear")).task
        await parked(courier, task)
        await swarm.money.set_cap(OWNER, "day", usd(100))
        await courier.ended(task)
        await swarm.money.set_cap(OWNER, "day", usd(10))
        second = (await ask(swarm, "more")).task
        await parked(courier, second)
        (changed,) = await swarm.money.changed_caps()
        assert (changed.cap, changed.configured, changed.by) == (10, 50, OWNER.key)
        await swarm.money.set_cap(OWNER, "day", None)
        await courier.ended(second)
        assert (await swarm.store.verify()).ok


async def test_a_set_cap_stays_over_a_start_until_its_configured_value_changes(
    tmp_path: Path,
) -> None:
    def day(swarm):  # type: ignore[no-untyped-def]
        return swarm.views.money(OWNER.key)

    async with awake(tmp_path, budget={"day": 50, "month": 70}) as swarm:
        await swarm.money.set_cap(OWNER, "day", usd(60))
        await swarm.money.set_cap(OWNER, "month", None)
    async with awake(tmp_path, budget={"day": 50, "month": 70}) as swarm:
        assert [a.cap for a in await day(swarm)][1:3] == [None, 60]
    async with awake(tmp_path, budget={"day": 51, "month": 70}) as swarm:
        assert [a.cap for a in await day(swarm)][1:3] == [None, 51]
        assert [cap.name for cap in await swarm.money.changed_caps()] == ["month"]
        assert (await swarm.store.verify()).ok


async def test_a_raise_of_the_day_lets_a_full_share_go_on_and_ends_at_midnight(
    tmp_path: Path,
) -> None:
    courier, clock = MemoryCourier(), FakeClock()
    async with awake(
        tmp_path, ScriptedModel(), courier=courier, clock=clock, budget={"day": 120}
    ) as swarm:
        task = (await ask(swarm, "work")).task
        await parked(courier, task)
        (card,) = await swarm.views.cards([task])
        assert card.lacking is not None
        assert card.lacking.scope == f"work_day/{DAY}"
        assert (card.lacking.free, card.lacking.short) == (90, 10)
        raised = await swarm.money.raise_cap(OWNER, card.lacking.scope, usd(card.lacking.short))
        assert (raised.account.account, raised.account.cap) == (f"day/{DAY}", 130)
        await courier.ended(task)
        clock.move(timedelta(days=1))
        assert (await swarm.views.money(OWNER.key))[2].cap == 120
        assert (await swarm.store.verify()).ok


async def test_a_raise_of_one_task_wakes_it_when_it_fits(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        task = (await ask(swarm, "dear", cap=usd(60))).task
        await parked(courier, task)
        raised = await swarm.money.raise_cap(OWNER, task, usd(10))
        assert (raised.account.free, raised.woken) == (70, False)
        assert await state(swarm, task) is TaskState.WAITING
        assert (await swarm.money.raise_cap(OWNER, f"task/{task}", usd(30))).woken
        await courier.ended(task)
        with pytest.raises(AlreadyEnded):
            await swarm.money.raise_cap(OWNER, task, usd(30))
        with pytest.raises(NotFound):
            await swarm.money.raise_cap(OWNER, TaskId(99), usd(30))
        assert (await swarm.store.verify()).ok


async def test_whom_nobody_knows_neither_raises_nor_sets_a_cap(tmp_path: Path) -> None:
    async with awake(tmp_path, clock=FakeClock(), budget={"day": 120}) as swarm:
        with pytest.raises(NotAllowed):
            await swarm.money.raise_cap(STRANGER, "day", usd(1))
        with pytest.raises(NotAllowed):
            await swarm.money.set_cap(STRANGER, "day", usd(1))
        assert await swarm.deciding.latest() == []


@pytest.mark.parametrize(
    "scope",
    [
        "task/x",
        *("month", "total", "session/1", "nonsense", "day/2025-12-31", "person_day"),
        *(f"worker_day/fox/{DAY}", "work_day/2025-12-31", f"owner_day/x/{DAY}"),
    ],
)
async def test_what_is_not_of_today_or_not_bound_is_not_raised(tmp_path: Path, scope: str) -> None:
    async with awake(tmp_path, clock=FakeClock()) as swarm:
        with pytest.raises(NoRaise):
            await swarm.money.raise_cap(OWNER, scope, usd(1))


async def test_a_cap_nobody_knows_is_not_set(tmp_path: Path) -> None:
    async with awake(tmp_path) as swarm:
        with pytest.raises(NotFound) as caught:
            await swarm.money.set_cap(OWNER, "dya", usd(1))
    assert "day" in caught.value.data["near"]  # type: ignore[operator]


async def test_after_a_look_at_an_overrun_what_waited_goes_on(tmp_path: Path) -> None:
    async def play(_: object, n: int) -> Answer:
        return Answer(text="ok", cost=usd(150 if not bills else 50))

    courier, bills = MemoryCourier(), list[int]()
    async with awake(tmp_path, ScriptedModel(play=play), courier=courier) as swarm:
        await finish(swarm, courier, "first")
        bills.append(1)
        waits = (await ask(swarm, "second")).task
        await parked(courier, waits)
        await courier.until(lambda all_: any(d.kind == "frozen" for d in all_))
        (told,) = [d for d in courier.delivered if d.kind == "frozen"]
        assert told.about == {"most": 100, "cost": 150}
        assert (await swarm.control.thaw(OWNER))[1] == 1
        await courier.ended(waits)
        assert (await swarm.store.verify()).ok


async def test_the_owner_is_warned_once_at_each_mark(tmp_path: Path) -> None:
    courier = MemoryCourier()
    budget = {"total": 100, "day": None, "month": None}
    exact = ScriptedModel(hold=usd(40))
    async with awake(tmp_path, exact, courier=courier, budget=budget) as swarm:
        await finish(swarm, courier, "one")
        await finish(swarm, courier, "two")
        third = (await ask(swarm, "three")).task
        await parked(courier, third)
        await swarm.money.set_cap(OWNER, "total", usd(130))
        await courier.ended(third)
        await courier.until(lambda all_: sum(d.kind == "warned" for d in all_) == 2)
    async with awake(tmp_path, exact, courier=courier, budget=budget) as swarm:
        await swarm.money.set_cap(OWNER, "total", usd(200))
        await finish(swarm, courier, "four")
    first, second = (d.about for d in courier.delivered if d.kind == "warned")
    assert first == {
        "account": "total",
        "percent": 70,
        "spent": 80,
        "held": 0,
        "cap": 100,
        "forecast": None,
    }
    assert (second["percent"], second["spent"], second["cap"]) == (90, 120, 130)


async def answered(_: object, n: int) -> Answer:
    return Answer(text="ok", cost=usd(40), model="big-1", tokens=Tokens(input=5, output=n))


async def test_spending_is_told_by_worker_person_and_category(tmp_path: Path) -> None:
    courier, clock = MemoryCourier(), FakeClock()
    async with awake(tmp_path, ScriptedModel(play=answered), courier=courier, clock=clock) as swarm:
        await finish(swarm, courier, "today")
        clock.move(timedelta(days=1))
        await finish(swarm, courier, "tomorrow", category="personal")
        (one,) = await swarm.money.spent_by("workers", 1)
        (both,) = await swarm.money.spent_by("workers", 2)
        (person,) = await swarm.money.spent_by("people", 2)
        shares = {a.cap_name: a.spent for a in await swarm.money.categories(2)}
        burn = await swarm.money.burn(7)
    assert (one.name, one.spent, both.spent) == ("scripted", 40, 80)
    assert (person.name, person.spent) == (OWNER.key, 80)
    assert shares == {"identity_day": 0, "work_day": 40, "personal_day": 40, "headroom_day": 0}
    assert [(d.day, d.spent) for d in burn.days] == [("2026-01-01", 40), ("2026-01-02", 40)]
    assert (burn.since, burn.month.spent, burn.day.cap) == ("2025-12-27", 80, 5_000_000)
