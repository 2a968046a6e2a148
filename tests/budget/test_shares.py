"""The day shared among categories: a category's own share first, then the headroom, exactly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.budget import standing
from swarm_core.budget.model import SHARES, Scope
from swarm_core.budget.rules import billed, forecast, split_day
from swarm_core.kernel.errors import OverBudget
from swarm_core.kernel.money import MicroUSD
from swarm_core.testing import FakeClock
from tests.budget.test_ledger import Purse, open_purse, paying

SPLIT = {"identity": 5, "work": 60, "personal": 20, "headroom": 15}
TODAY = "2026-01-01"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@given(st.integers(0, 10**12), st.lists(st.integers(0, 100), min_size=3, max_size=3))
def test_the_shares_are_exactly_the_day(day: int, cuts: list[int]) -> None:
    a, b, c = sorted(cuts)
    shares = dict(zip(SHARES, (a, b - a, c - b, 100 - c), strict=True))
    caps = split_day(day, shares)
    assert not caps or sum(caps.values()) == day
    assert all(cap >= 0 for cap in caps.values())
    assert bool(caps) == (shares["headroom"] != 100)


@given(st.integers(1, 1000), st.integers(1, 1000), st.integers(0, 3000))
def test_parts_of_a_bill_make_the_bill(own: int, rest: int, cost: int) -> None:
    scopes = (
        Scope("day", "day/d"),
        Scope("work_day", "work_day/d", MicroUSD(own)),
        Scope("headroom_day", "headroom_day/d", MicroUSD(rest)),
        Scope("task", "task/1"),
    )
    found = billed(scopes, MicroUSD(cost))
    parts = [scope.cost for scope in found if scope.cost is not None]
    assert sum(parts) == cost
    assert parts[0] == min(own, cost)
    assert [scope.account for scope in found] == [scope.account for scope in scopes]


async def test_what_the_own_share_lacks_the_headroom_bears(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_purse(tmp_path, clock) as purse:
        await purse.caps(shares=SPLIT, day=1000)
        await purse.hold(580)
        split = await purse.hold(100)
        assert await purse.account(f"work_day/{TODAY}") == (600, 0)
        assert await purse.account(f"headroom_day/{TODAY}") == (80, 0)
        await purse.settle(split, 50)
        assert await purse.account(f"work_day/{TODAY}") == (580, 20)
        assert await purse.account(f"headroom_day/{TODAY}") == (0, 30)
        with pytest.raises(OverBudget) as caught:
            await purse.hold(121)
        assert caught.value.data == {
            "scope": f"work_day/{TODAY}",
            "cap": 750,
            "held": 580,
            "spent": 50,
            "most": 121,
        }
        await purse.hold(120)
        assert await purse.account(f"day/{TODAY}") == (700, 50)
        room = await purse.store.read(lambda rows: standing.room(rows, f"work_day/{TODAY}"))
        assert (room.cap, room.held, room.spent) == (750, 700, 50), "with the headroom"


async def test_a_full_headroom_leaves_the_other_shares_alone(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_purse(tmp_path, clock) as purse:
        await purse.caps(shares=SPLIT, day=1000)
        await purse.hold(750)
        with pytest.raises(OverBudget):
            await purse.hold(1)
        with pytest.raises(OverBudget):
            await purse.hold(201, person=paying(category="personal"))
        await purse.hold(200, person=paying(category="personal"))
        await purse.hold(50, person=paying(category="identity"))
        with pytest.raises(OverBudget) as caught:
            await purse.hold(1, person=paying(category="identity"))
        assert str(caught.value.data["scope"]).startswith("day/"), "the day binds them all"


async def test_a_split_hold_is_settled_after_a_restart_and_a_new_day(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_purse(tmp_path, clock) as purse:
        await purse.caps(shares=SPLIT, day=1000)
        hold = await purse.hold(700)
    clock.move(timedelta(days=1))
    async with open_purse(tmp_path, clock, "s2") as purse:
        await purse.caps(shares={**SPLIT, "work": 10, "headroom": 65}, day=50)
        found = await purse.store.write(lambda tx: purse.ledger.open_hold(tx, hold.id))
        assert found == hold
        await purse.settle(found, 650)
        assert await purse.account(f"work_day/{TODAY}") == (0, 600)
        assert await purse.account(f"headroom_day/{TODAY}") == (0, 50)


async def test_a_bill_above_a_split_hold_is_booked_in_full(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_purse(tmp_path, clock) as purse:
        await purse.caps(shares=SPLIT, day=1000)
        await purse.settle(await purse.hold(700), 720)
        accounts = await purse.accounts()
        assert accounts[f"work_day/{TODAY}"].spent == 600
        headroom = accounts[f"headroom_day/{TODAY}"]
        assert (headroom.spent, headroom.overrun, headroom.frozen) == (120, 20, True)


async def test_where_the_day_is_not_shared_every_category_has_all_of_it(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_purse(tmp_path, clock) as purse:
        await purse.caps(shares={"headroom": 100}, day=1000)
        await purse.hold(1000)


async def test_the_owner_is_not_bound_by_the_cap_on_people(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_purse(tmp_path, clock) as purse:
        await purse.caps(person_day=10)
        await purse.hold(1000, person=paying(owner=True))
        with pytest.raises(OverBudget):
            await purse.hold(11, person=paying("discord/1/2"), task=2)


@pytest.mark.parametrize(
    ("account", "spent", "held", "hour", "expected"),
    [
        ("day/2026-01-01", 100, 0, 12, 200),
        ("day/2026-01-01", 100, 0, 0, 2400),
        ("day/2026-01-01", 100, 900, 12, 1000),
        ("day/2026-01-01", 100, 5, 36, 105),
        ("month/2026-01", 100, 0, 12, 3100),
        ("month/2026-01", 100, 0, 24 * 15, 206),
        ("worker_day/fox/2026-01-01", 7, 0, 6, 28),
    ],
)
def test_a_forecast_is_spent_by_the_time_that_is_gone(
    account: str, spent: int, held: int, hour: int, expected: int
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hour)
    assert forecast(account, spent, held, now) == expected


def test_what_has_no_end_has_no_forecast() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert forecast("total", 5, 5, now) is None
    assert forecast("task/3", 5, 5, now) is None


async def warnings(purse: Purse) -> list[tuple[str, int]]:
    found = await purse.store.read(
        lambda rows: rows.execute(
            "select payload ->> '$.account', payload ->> '$.percent' from journal"
            " where kind = 'budget.warned' order by seq"
        ).fetchall()
    )
    return [(row[0], row[1]) for row in found]


async def test_each_mark_is_told_once_also_over_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    async with open_purse(tmp_path, clock) as purse:
        await purse.caps(day=100, total=1000)
        await purse.settle(await purse.hold(69), 69)
        assert await warnings(purse) == []
        await purse.settle(await purse.hold(10), 1)
        await purse.settle(await purse.hold(10), 1)
        assert await warnings(purse) == [(f"day/{TODAY}", 70)]
    async with open_purse(tmp_path, clock, "s2") as purse:
        await purse.settle(await purse.hold(5), 5)
        assert len(await warnings(purse)) == 1
        await purse.settle(await purse.hold(20), 20)
        await purse.settle(await purse.hold(4), 4)
        assert await warnings(purse) == [(f"day/{TODAY}", 70), (f"day/{TODAY}", 90)]
    clock.move(timedelta(days=1))
    async with open_purse(tmp_path, clock, "s3") as purse:
        await purse.settle(await purse.hold(95), 95)
        assert (await warnings(purse))[2:] == [("day/2026-01-02", 90)], "one jump, one warning"
