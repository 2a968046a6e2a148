"""The ledger: hold before, settle after, never over a cap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from swarm_core.budget import standing
from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import CAP_NAMES, Account, Hold, Payer
from swarm_core.build import ROOMS
from swarm_core.kernel.errors import OverBudget, ScopeFrozen
from swarm_core.store import Store, Tx, open_store
from swarm_core.testing import FakeClock

ANA, BEN = "terminal/local/1", "terminal/local/2"
DAY = "day/2026-01-01"


def paying(person: str = ANA, **more: Any) -> Payer:
    return Payer(**{"person": person, "place": "terminal/local", "worker": "fox", **more})


class Purse:
    """A ledger over a real store; each hold and bill is one write."""

    def __init__(self, store: Store, ledger: Ledger) -> None:
        self.store = store
        self.ledger = ledger

    async def caps(self, shares: dict[str, int] | None = None, **caps: Any) -> None:
        await self.store.write(lambda tx: self.ledger.set_caps(tx, caps, shares))

    def holding(
        self, most: int, who: str | Payer, task: int, cap: int | None, least: int | None = None
    ) -> Callable[[Tx], Any]:
        payer = who if isinstance(who, Payer) else paying(who)
        return lambda tx: self.ledger.reserve(
            tx,
            payer,
            task=task,  # type: ignore[arg-type]
            run=task,  # type: ignore[arg-type]
            most=most,  # type: ignore[arg-type]
            task_cap=cap,  # type: ignore[arg-type]
            least=least,  # type: ignore[arg-type]
        )

    async def hold(
        self,
        most: int,
        *,
        person: str | Payer = ANA,
        task: int = 1,
        cap: int | None = None,
        least: int | None = None,
    ) -> Hold:
        return await self.store.write(self.holding(most, person, task, cap, least))

    async def settle(self, hold: Hold | None, cost: int, *, task: int = 1) -> None:
        await self.store.write(lambda tx: self.ledger.settle(tx, hold, cost, task=task, run=task))

    async def accounts(self) -> dict[str, Account]:
        def read(rows: Any) -> dict[str, Account]:
            names = tuple(r[0] for r in rows.execute("select account from accounts").fetchall())
            return standing.accounts(rows, names)

        return await self.store.read(read)

    async def account(self, name: str) -> tuple[int, int]:
        """Held and spent."""
        found = (await self.accounts())[name]
        return found.held, found.spent

    async def kinds(self) -> list[str]:
        return [
            row[0]
            for row in await self.store.read(
                lambda r: r.execute("select kind from journal order by seq").fetchall()
            )
        ]


@asynccontextmanager
async def open_purse(base: Path, clock: FakeClock, session: str = "s1") -> AsyncIterator[Purse]:
    async with open_store(base / "state", ROOMS, clock=clock) as store:
        yield Purse(store, Ledger(session))
        report = await store.verify()
        assert report.ok, report.findings


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def purse(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Purse]:
    async with open_purse(tmp_path, clock) as opened:
        yield opened


async def test_a_hold_counts_in_every_scope_until_the_bill_takes_its_place(purse: Purse) -> None:
    await purse.caps(channel_day=500, person_day=500, worker_day=500)
    hold = await purse.hold(100)
    day = "2026-01-01"
    accounts = await purse.accounts()
    everywhere = {"total", "month/2026-01", DAY, "session/s1", "task/1", f"work_day/{day}"}
    assert set(accounts) == everywhere | {
        *(f"person_day/{ANA}/{day}", f"channel_day/terminal/local/{day}", f"worker_day/fox/{day}"),
    }
    assert {(a.held, a.spent) for a in accounts.values()} == {(100, 0)}
    await purse.settle(hold, 40)
    assert {(a.held, a.spent) for a in (await purse.accounts()).values()} == {(0, 40)}
    assert {scope.cap for scope in hold.scopes} == {*CAP_NAMES, "work_day"}


async def test_what_has_an_account_only_while_capped_is_not_kept_without(purse: Purse) -> None:
    early = await purse.hold(100)
    await purse.caps(worker_day=50)
    late = await purse.hold(50, task=2)
    await purse.caps()
    await purse.settle(early, 100)
    await purse.settle(late, 20, task=2)
    accounts = await purse.accounts()
    assert accounts["worker_day/fox/2026-01-01"].spent == 20
    assert not [name for name in accounts if name.startswith(("person_day", "channel_day"))]


async def test_a_hold_that_just_fits_is_taken_and_one_more_is_not(purse: Purse) -> None:
    await purse.caps(day=100)
    await purse.hold(60)
    await purse.hold(40)
    with pytest.raises(OverBudget) as caught:
        await purse.hold(1)
    assert caught.value.data == {"scope": DAY, "cap": 100, "held": 100, "spent": 0, "most": 1}


async def test_what_was_spent_is_not_free_again_and_what_was_not_is(purse: Purse) -> None:
    await purse.caps(day=100)
    await purse.settle(await purse.hold(100), 30)
    with pytest.raises(OverBudget) as caught:
        await purse.hold(71)
    assert caught.value.data == {"scope": DAY, "cap": 100, "held": 0, "spent": 30, "most": 71}
    await purse.hold(70)


@pytest.mark.parametrize("name", [name for name in CAP_NAMES if name != "task"])
async def test_every_cap_binds_by_itself(purse: Purse, name: str) -> None:
    await purse.caps(**{name: 10})
    with pytest.raises(OverBudget) as caught:
        await purse.hold(11)
    assert str(caught.value.data["scope"]).startswith(name)
    assert caught.value.data["cap"] == 10
    await purse.hold(10)


async def test_the_cap_of_a_task_binds_that_task_only(purse: Purse) -> None:
    with pytest.raises(OverBudget) as caught:
        await purse.hold(11, cap=10)
    assert caught.value.data == {"scope": "task/1", "cap": 10, "held": 0, "spent": 0, "most": 11}
    await purse.hold(10, cap=10)
    await purse.hold(10, task=2, cap=10)
    await purse.hold(1000, task=3)


async def test_a_person_is_bound_by_their_own_day(purse: Purse) -> None:
    await purse.caps(person_day=10)
    await purse.hold(10, person=ANA)
    with pytest.raises(OverBudget):
        await purse.hold(1, person=ANA, task=2)
    await purse.hold(10, person=BEN, task=2)


async def test_without_caps_nothing_binds(purse: Purse) -> None:
    await purse.hold(2**52)


async def test_a_cap_of_nothing_lets_nothing_through(purse: Purse) -> None:
    await purse.caps(day=0)
    with pytest.raises(OverBudget):
        await purse.hold(1)
    assert await purse.hold(0) is None


async def test_the_cap_that_fits_least_is_named(purse: Purse) -> None:
    await purse.caps(total=100, month=50, day=80, session=90)
    with pytest.raises(OverBudget) as caught:
        await purse.hold(95, cap=60)
    assert caught.value.data["scope"] == "month/2026-01"
    await purse.hold(45, task=1, cap=60)
    with pytest.raises(OverBudget) as caught:
        await purse.hold(40, task=2, cap=3)
    assert caught.value.data == {"scope": "task/2", "cap": 3, "held": 0, "spent": 0, "most": 40}


async def test_a_hold_that_does_not_fit_changes_nothing(purse: Purse) -> None:
    await purse.caps(day=10)
    await purse.hold(5)
    before, kinds = await purse.accounts(), await purse.kinds()
    with pytest.raises(OverBudget):
        await purse.hold(6)
    assert await purse.accounts() == before
    assert await purse.kinds() == kinds


async def test_a_call_that_costs_nothing_leaves_no_trace(purse: Purse) -> None:
    assert await purse.hold(0) is None
    await purse.settle(None, 0)
    assert await purse.accounts() == {}
    assert await purse.kinds() == []


async def test_a_bill_needs_a_hold(purse: Purse) -> None:
    with pytest.raises(ValueError, match="without a hold"):
        await purse.settle(None, 1)


async def test_a_hold_pays_for_one_call_only(purse: Purse) -> None:
    await purse.caps(day=100)
    first, second = await purse.hold(50), await purse.hold(50, task=2)
    await purse.settle(first, 50)
    with pytest.raises(ValueError, match="not open"):
        await purse.settle(first, 50)
    assert await purse.account(DAY) == (50, 50)
    await purse.settle(second, 10, task=2)
    assert await purse.account(DAY) == (0, 60)


@pytest.mark.parametrize("amount", [-1, -(10**9)])
async def test_nothing_is_held_or_billed_below_zero(purse: Purse, amount: int) -> None:
    hold = await purse.hold(10)
    with pytest.raises(ValueError):
        await purse.hold(amount)
    with pytest.raises(ValueError):
        await purse.settle(hold, amount)
    assert await purse.account("total") == (10, 0)


async def test_a_bill_above_its_hold_is_booked_in_full_and_freezes(purse: Purse) -> None:
    await purse.caps(day=100)
    await purse.settle(await purse.hold(10), 15)
    accounts = await purse.accounts()
    assert {(a.held, a.spent, a.overrun, a.frozen) for a in accounts.values()} == {(0, 15, 5, True)}
    with pytest.raises(ScopeFrozen) as caught:
        await purse.hold(1)
    assert caught.value.data == {"scope": "total"}
    with pytest.raises(ScopeFrozen):
        await purse.hold(1, person=BEN, task=2)


async def test_a_frozen_scope_stays_frozen_after_a_good_bill_and_a_restart(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_purse(tmp_path, clock) as purse:
        first, second = await purse.hold(10), await purse.hold(10, task=2)
        await purse.settle(first, 11)
        await purse.settle(second, 5, task=2)
        with pytest.raises(ScopeFrozen):
            await purse.hold(1)
    async with open_purse(tmp_path, clock, "s2") as purse:
        with pytest.raises(ScopeFrozen):
            await purse.hold(1, task=3)


async def test_a_new_day_is_a_new_account(purse: Purse, clock: FakeClock) -> None:
    await purse.caps(day=10, month=25)
    late = await purse.hold(10)
    clock.move(timedelta(hours=11, minutes=59, seconds=59))
    with pytest.raises(OverBudget):
        await purse.hold(1, task=2)
    clock.move(timedelta(seconds=1))
    await purse.hold(10, task=2)
    with pytest.raises(OverBudget) as caught:
        await purse.hold(6, task=3)
    assert caught.value.data["scope"] == "day/2026-01-02"
    await purse.settle(late, 7)
    assert await purse.account(DAY) == (0, 7), "the bill goes to the day of its hold"
    assert await purse.account("day/2026-01-02") == (10, 0)
    clock.move(timedelta(days=1))
    with pytest.raises(OverBudget) as caught:
        await purse.hold(9, task=4)
    assert caught.value.data["scope"] == "month/2026-01"
    clock.move(timedelta(days=30))
    await purse.hold(10, task=5)


async def test_a_cap_lowered_below_what_is_spent_lets_nothing_more_through(purse: Purse) -> None:
    await purse.caps(day=100)
    hold = await purse.hold(60)
    await purse.caps(day=50)
    with pytest.raises(OverBudget) as caught:
        await purse.hold(1)
    assert caught.value.data == {"scope": DAY, "cap": 50, "held": 60, "spent": 0, "most": 1}
    await purse.settle(hold, 60)
    with pytest.raises(OverBudget):
        await purse.hold(1)
    await purse.caps(day=61)
    await purse.hold(1)


async def test_a_cap_that_is_lifted_no_longer_binds(purse: Purse) -> None:
    await purse.caps(day=1, month=100)
    await purse.caps(month=100)
    await purse.hold(100)


async def test_caps_are_recorded_when_they_change_and_only_then(purse: Purse) -> None:
    await purse.caps(day=1, month=2)
    await purse.caps(month=2, day=1)
    assert await purse.kinds() == ["budget.caps_set"]
    await purse.caps(day=1, month=3)
    await purse.caps(day=1)
    await purse.caps()
    await purse.caps()
    assert await purse.kinds() == ["budget.caps_set"] * 4


async def test_caps_are_in_force_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    async with open_purse(tmp_path, clock) as purse:
        await purse.caps(day=10, session=5)
        await purse.hold(5)
        with pytest.raises(OverBudget):
            await purse.hold(1)
    async with open_purse(tmp_path, clock, "s2") as purse:
        await purse.hold(5, task=2)
        with pytest.raises(OverBudget) as caught:
            await purse.hold(1, task=3)
        assert caught.value.data["scope"] == DAY, "what was held before the restart still counts"


async def test_caps_of_a_write_that_was_undone_are_not_in_force(purse: Purse) -> None:
    await purse.caps(day=10)

    def undone(tx: Tx) -> None:
        purse.ledger.set_caps(tx, {})
        purse.holding(1000, ANA, 1, None)(tx)
        raise LookupError

    with pytest.raises(LookupError):
        await purse.store.write(undone)
    with pytest.raises(OverBudget):
        await purse.hold(11)


async def test_an_open_hold_is_found_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    async with open_purse(tmp_path, clock) as purse:
        hold = await purse.hold(10)
    clock.move(timedelta(days=1))
    async with open_purse(tmp_path, clock, "s2") as purse:
        found = await purse.store.write(lambda tx: purse.ledger.open_hold(tx, hold.id))
        assert found == hold
        await purse.settle(found, 10)
        assert await purse.store.write(lambda tx: purse.ledger.open_hold(tx, hold.id)) is None
        assert await purse.account(DAY) == (0, 10)
        assert await purse.store.write(lambda tx: purse.ledger.open_hold(tx, None)) is None


async def test_how_everything_stands_is_told_for_a_person(purse: Purse, clock: FakeClock) -> None:
    await purse.caps(day=100, person_day=10)

    async def standing() -> dict[str, tuple[int | None, int, int, int | None]]:
        found = await purse.store.read(
            lambda rows: purse.ledger.standing(rows, clock.now(), paying())
        )
        return {a.cap_name: (a.cap, a.held, a.spent, a.free) for a in found}

    untouched = await standing()
    assert list(untouched) == ["total", "month", "day", "session", "person_day"]
    assert untouched["day"] == (100, 0, 0, 100)
    assert untouched["total"] == (None, 0, 0, None)
    await purse.settle(await purse.hold(5), 3)
    await purse.hold(4, task=2)
    assert (await standing())["person_day"] == (10, 4, 3, 3)
    await purse.caps(day=2)
    assert (await standing())["day"] == (2, 4, 3, 0), "never less than nothing is free"


async def test_a_thousand_at_once_under_three_nested_caps_never_pass_one(purse: Purse) -> None:
    await purse.caps(total=7_000, day=5_000, person_day=3_100)
    people = [ANA, BEN]

    async def call(n: int) -> int:
        try:
            hold = await purse.hold(17, person=people[n % 2], task=n, cap=17)
        except OverBudget:
            return 0
        accounts = await purse.accounts()
        for account in accounts.values():
            assert account.cap is None or account.held + account.spent <= account.cap
        await purse.settle(hold, n % 18, task=n)
        return n % 18

    spent = sum(await asyncio.gather(*(call(n) for n in range(1000))))
    accounts = await purse.accounts()
    assert accounts["total"].spent == spent
    assert {a.held for a in accounts.values()} == {0}
    for account in accounts.values():
        assert account.cap is None or account.spent <= account.cap
    assert spent > 0, "and what fits is let through"


async def test_a_thousand_holds_at_once_fill_the_cap_exactly(purse: Purse) -> None:
    await purse.caps(total=10_000, day=5_000, person_day=2_500)

    async def call(n: int) -> bool:
        try:
            await purse.hold(10, person=(ANA, BEN, "third")[n % 3], task=n)
        except OverBudget as error:
            scope = str(error.data["scope"])
            assert scope == DAY or scope.startswith("person_day")
            return False
        return True

    taken = await asyncio.gather(*(call(n) for n in range(1000)))
    assert sum(taken) == 500
    assert await purse.account(DAY) == (5_000, 0)
