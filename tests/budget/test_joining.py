"""One person, one purse: payers that become one are never over the one cap."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from swarm_core.budget.model import Hold, Payer
from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.errors import OverBudget
from swarm_core.kernel.money import MicroUSD
from swarm_core.testing import FakeClock
from tests.budget.test_ledger import Purse, open_purse

CAP = 1000
ANA, ANNA, AMY = "person/2", "person/3", "person/4"


def account(person: str) -> str:
    return f"person_day/{person}/2026-01-01"


def paying(person: str) -> Payer:
    return Payer(person=person, place="chat/10", worker="fox")


async def join(purse: Purse, payer: str, into: str) -> None:
    await purse.store.write(lambda tx: purse.ledger.join(tx, SWARM, payer, into))


async def part(purse: Purse, payer: str, other: str) -> None:
    await purse.store.write(lambda tx: purse.ledger.part(tx, SWARM, payer, other))


class Walk:
    """Random holds and bills of some payers, and what they come to by plain sums."""

    def __init__(self, purse: Purse, seed: int) -> None:
        self.purse = purse
        self.dice = random.Random(seed)
        self.open: list[tuple[str, Hold]] = []
        self.spent = dict.fromkeys((ANA, ANNA, AMY), 0)
        self.who = {person: person for person in self.spent}

    def total(self, person: str) -> int:
        """What the person has spent and holds, under whatever names."""
        one = self.who[person]
        names = [name for name, now in self.who.items() if now == one]
        held = sum(hold.most for name, hold in self.open if name in names)
        return held + sum(self.spent[name] for name in names)

    async def step(self) -> None:
        person = self.dice.choice(list(self.spent))
        if self.open and self.dice.random() < 0.4:
            name, hold = self.open.pop(self.dice.randrange(len(self.open)))
            cost = self.dice.randint(0, hold.most)
            await self.purse.settle(hold, cost)
            self.spent[name] += cost
            return
        most = self.dice.randint(1, 300)
        fits = self.total(person) + most <= CAP
        try:
            hold = await self.purse.hold(most, person=paying(person))
        except OverBudget:
            assert not fits
        else:
            assert fits
            self.open.append((person, hold))

    async def join(self, payer: str, into: str) -> None:
        await join(self.purse, payer, into)
        before, now = self.who[payer], self.who[into]
        self.who = {name: now if one == before else one for name, one in self.who.items()}


@pytest.mark.parametrize("seed", range(12))
async def test_no_hold_is_taken_that_the_one_cap_has_no_room_for(tmp_path: Path, seed: int) -> None:
    # `open_purse` compares everything with what the journal says, when it closes.
    async with open_purse(tmp_path, FakeClock()) as purse:
        await purse.caps(person_day=CAP)
        walk = Walk(purse, seed)
        for n in range(60):
            if n == 20:
                await walk.join(ANNA, ANA)
            if n == 40:
                await walk.join(ANA, AMY)
            await walk.step()
        held, spent = await purse.account(account(AMY))
        assert held + spent == walk.total(AMY)
        for gone in (ANA, ANNA):
            assert (await purse.accounts()).get(account(gone)) is None or (
                await purse.account(account(gone))
            ) == (0, 0)


async def test_a_bill_of_a_hold_taken_before_counts_where_it_belongs_now(tmp_path: Path) -> None:
    clock = FakeClock()
    async with open_purse(tmp_path, clock) as purse:
        await purse.caps(person_day=CAP)
        mine = await purse.hold(600, person=paying(ANA))
        hers = await purse.hold(700, person=paying(ANNA))
        await join(purse, ANNA, ANA)
        assert await purse.account(account(ANA)) == (1300, 0)
        await purse.settle(hers, 650)
        await purse.settle(mine, 10)
        assert await purse.account(account(ANA)) == (0, 660)
        with pytest.raises(OverBudget) as over:
            await purse.hold(341, person=paying(ANNA))
        assert over.value.data["scope"] == account(ANA)
    async with open_purse(tmp_path, clock) as purse:
        await purse.hold(340, person=paying(ANNA))
        with pytest.raises(OverBudget):
            await purse.hold(1, person=paying(ANA))


async def test_who_parts_has_spent_today_what_both_had(tmp_path: Path) -> None:
    async with open_purse(tmp_path, FakeClock()) as purse:
        await purse.caps(person_day=CAP)
        await purse.settle(await purse.hold(600, person=paying(ANA)), 600)
        await join(purse, ANNA, ANA)
        under_way = await purse.hold(300, person=paying(ANNA))
        await part(purse, ANA, AMY)
        with pytest.raises(OverBudget):
            await purse.hold(101, person=paying(AMY))
        await purse.hold(100, person=paying(AMY))
        await purse.settle(under_way, MicroUSD(50))
        assert await purse.account(account(ANA)) == (0, 650)
        await purse.hold(350, person=paying(ANA))
