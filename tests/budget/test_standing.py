"""How money stands, and what no fact can do to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from swarm_core.budget import events as ev
from swarm_core.budget import standing
from swarm_core.budget.model import Scope
from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.errors import OverBudget
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Tx
from swarm_core.testing import OWNER, FakeClock
from tests.budget.test_ledger import DAY, Purse, open_purse, paying


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, 12, 30, 15, 7, tzinfo=UTC))


@pytest.fixture
async def purse(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Purse]:
    async with open_purse(tmp_path, clock) as opened:
        yield opened


async def raised(purse: Purse, amount: int, *, free_hand: bool = False) -> None:
    event = ev.CapRaised(scopes=(Scope("day", DAY),), amount=MicroUSD(amount), free_hand=free_hand)
    await purse.store.write(lambda tx: tx.append(event, SWARM))


@pytest.mark.parametrize("after", [timedelta(), timedelta(hours=23, minutes=59, microseconds=1)])
def test_midnight_is_when_the_day_began(after: timedelta) -> None:
    began = datetime(2026, 3, 29, tzinfo=UTC)
    assert standing.midnight(to_micros(began + after)) == to_micros(began)


async def test_raises_count_from_an_instant_on_and_those_of_a_free_hand_do_not(
    purse: Purse, clock: FakeClock
) -> None:
    await raised(purse, 10)
    first = to_micros(clock.now())
    clock.move(timedelta(hours=1))
    await raised(purse, 20)
    await raised(purse, 40, free_hand=True)

    async def count(since: int, account: str = DAY) -> int:
        return await purse.store.read(
            lambda rows: standing.raised_by_others(rows, account, since)  # type: ignore[arg-type]
        )

    assert await count(first) == 2
    assert await count(first + 1) == 1
    assert await count(to_micros(clock.now()) + 1) == 0
    assert await count(0, "total") == 0
    assert await purse.store.write(lambda tx: standing.raised(tx, DAY)) == 70
    assert await purse.store.write(lambda tx: standing.raised(tx, "total")) == 0


async def test_a_hold_is_settled_for_what_was_held(purse: Purse) -> None:
    hold = await purse.hold(100)
    with pytest.raises(ValueError, match="is above what total holds"):
        await purse.settle(msgspec.structs.replace(hold, most=MicroUSD(101)), 50)
    assert await purse.account("total") == (100, 0)
    await purse.settle(hold, 50)
    assert await purse.account("total") == (0, 50)
    assert await purse.store.read(lambda rows: standing.hold(rows, hold.id)) is None


async def test_an_open_hold_is_read_as_it_was_given(purse: Purse) -> None:
    hold = await purse.hold(100)
    assert await purse.store.read(lambda rows: standing.hold(rows, hold.id)) == hold
    assert await purse.store.read(lambda rows: standing.hold(rows, None)) is None


async def test_to_thaw_what_has_no_account_changes_nothing(purse: Purse) -> None:
    await purse.hold(100)
    before = await purse.accounts()
    await purse.store.write(
        lambda tx: tx.append(
            ev.BudgetThawed(accounts=("day/1999-12-31",)), SWARM, task=TaskId(1), run=RunId(1)
        )
    )
    assert await purse.accounts() == before


@pytest.mark.parametrize(
    ("caps", "least", "held"),
    [
        ({"day": 100}, 60, 100),
        ({"day": 100}, 100, 100),
        ({"day": 100, "month": 80}, 60, 80),
        ({"day": 80, "month": 100}, 60, 80),
        ({"day": 150}, 60, 150),
        ({}, 60, 150),
    ],
)
async def test_as_much_is_held_as_there_is_room_for_from_the_least_on(
    purse: Purse, caps: dict[str, int], least: int, held: int
) -> None:
    await purse.caps(**caps)
    hold = await purse.hold(150, least=least)
    assert hold.most == held
    assert await purse.account(DAY) == (held, 0)


async def test_less_room_than_the_least_holds_nothing_and_says_what_was_wanted(
    purse: Purse,
) -> None:
    await purse.caps(day=100, month=80)
    with pytest.raises(OverBudget) as caught:
        await purse.hold(150, least=81)
    assert caught.value.data == {
        "scope": "month/2026-01",
        "cap": 80,
        "held": 0,
        "spent": 0,
        "most": 81,
    }
    assert await purse.accounts() == {}


async def test_room_in_a_share_and_the_headroom_is_held_together_from_the_least_on(
    purse: Purse,
) -> None:
    await purse.caps({"work": 40, "headroom": 60}, day=100)
    await purse.hold(30, person=paying(category="personal"), task=2)
    hold = await purse.hold(100, least=50)
    assert hold.most == 70
    with pytest.raises(OverBudget) as caught:
        await purse.hold(10, least=1, task=3)
    assert caught.value.data["most"] == 1


@pytest.mark.parametrize(("moved", "warned"), [(timedelta(), 0), (timedelta(microseconds=-1), 1)])
async def test_nobody_is_warned_of_a_day_that_is_over(
    purse: Purse, clock: FakeClock, moved: timedelta, warned: int
) -> None:
    await purse.caps(day=100)
    hold = await purse.hold(100)
    clock.move(datetime(2026, 1, 2, tzinfo=UTC) + moved - clock.now())
    await purse.settle(hold, 100)
    assert (await purse.kinds()).count("budget.warned") == warned


async def test_a_hold_has_the_number_of_its_fact(purse: Purse) -> None:
    await purse.caps(day=1000)
    for _ in range(2):
        hold = await purse.hold(10)
        rows = await purse.store.read(
            lambda r: r.execute(
                "select max(seq) from journal where kind = 'budget.held'"
            ).fetchone()
        )
        assert rows == (hold.id,)


async def test_a_cap_that_is_the_same_is_not_set_again(purse: Purse) -> None:
    for cap in (70, 70, None, None):
        await purse.store.write(
            lambda tx, cap=cap: purse.ledger.change_cap(tx, OWNER, "day", cap)  # type: ignore[misc]
        )
    assert (await purse.kinds()).count("budget.cap_changed") == 2


async def test_what_freezes_and_thaws_in_one_write_takes_holds_again(purse: Purse) -> None:
    await purse.caps(day=1000)
    hold = await purse.hold(10)

    def fn(tx: Tx) -> list[str]:
        purse.ledger.settle(tx, hold, 11, task=1, run=1)  # type: ignore[arg-type]
        return [account.account for account in purse.ledger.thaw(tx, OWNER)]

    assert DAY in await purse.store.write(fn)
    assert await purse.hold(10)


async def test_what_nothing_was_held_of_stands_at_nothing(purse: Purse, clock: FakeClock) -> None:
    await purse.caps(day=1000)
    month, day = standing.swarm_scopes(clock.now())
    assert (month.cap, month.account, day.cap, day.account) == (
        "month",
        "month/2026-01",
        "day",
        DAY,
    )
    found = await purse.store.read(lambda r: standing.of_scopes(r, [month, day], clock.now()))
    assert [(a.cap_name, a.cap, a.held, a.spent, a.raised) for a in found] == [
        ("month", None, 0, 0, 0),
        ("day", 1000, 0, 0, 0),
    ]


async def test_what_was_raised_makes_room_and_no_larger_hold(purse: Purse) -> None:
    await purse.caps(day=100)
    await raised(purse, 50)
    hold = await purse.hold(120)
    assert hold.most == 120
    assert await purse.account(DAY) == (120, 0)
    with pytest.raises(OverBudget) as refused:
        await purse.hold(31)
    assert (refused.value.data["cap"], refused.value.data["held"]) == (150, 120)
    assert (await purse.hold(30)).most == 30


async def test_a_mark_counts_what_was_raised(purse: Purse) -> None:
    await purse.caps(day=100)
    await raised(purse, 100)
    for spent, warned in ((139, []), (1, [70]), (39, [70]), (1, [70, 90])):
        await purse.settle(await purse.hold(spent), spent)
        found = await purse.store.read(
            lambda rows: rows.execute(
                "select payload ->> '$.percent', payload ->> '$.cap' from journal"
                " where kind = 'budget.warned' order by seq"
            ).fetchall()
        )
        assert found == [(percent, 200) for percent in warned]
