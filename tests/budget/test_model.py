"""The ledger against a simple model: random holds, bills, caps, days, undone writes."""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from swarm_core.budget.events import CapRaised
from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import Hold, Scope
from swarm_core.kernel.errors import OverBudget, ScopeFrozen
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Tx
from swarm_core.testing import OWNER, FakeClock
from tests.budget.test_ledger import Purse, open_purse, paying
from tests.examples import few

people = st.sampled_from(["ana", "ben"])
tasks = st.integers(1, 3)
amounts = st.integers(0, 60)
names = st.sampled_from(["total", "month", "day", "session", "person_day", "worker_day"])
caps = st.dictionaries(names, st.integers(0, 150))
shares = st.sampled_from(
    [{}, {"work": 50, "personal": 25, "headroom": 25}, {"work": 0, "personal": 99, "headroom": 1}]
)
categories = st.sampled_from(["work", "personal"])
task_caps = st.none() | st.integers(0, 80)


class Money(RuleBasedStateMachine):
    """What the ledger must do, said in dictionaries."""

    holds = Bundle("holds")

    @initialize(first=caps, shared=shares)
    def open(self, first: dict[str, int], shared: dict[str, int]) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.session = "0"
        self.held: dict[str, int] = defaultdict(int)
        self.spent: dict[str, int] = defaultdict(int)
        self.frozen: set[str] = set()
        self.settled: list[Hold] = []
        self.raised: dict[str, int] = defaultdict(int)
        self.configured, self.changed, self.shares = first, dict[str, int | None](), shared
        self._enter()
        self._run(self.purse.caps(shared, **first))

    @property
    def in_force(self) -> dict[str, int]:
        """What binds: what a person has set, else what is configured."""
        both = {**self.configured, **self.changed}
        return {name: cap for name, cap in both.items() if cap is not None}

    def _day(self) -> str:
        return f"{self.clock.now():%Y-%m-%d}"

    def _split(self, category: str, most: int) -> list[tuple[str, int]] | None:
        """Which share bears how much; None when it does not fit."""
        own, rest = f"{category}_day/{self._day()}", f"headroom_day/{self._day()}"
        if not self.shares or "day" not in self.in_force:
            return [(own, most)]
        day = self.in_force["day"]
        limits = {name: day * self.shares[name] // 100 for name in ("work", "personal")}
        free = max(0, limits[category] + self.raised[own] - self.held[own] - self.spent[own])
        left = day - sum(limits.values()) + self.raised[rest] - self.held[rest] - self.spent[rest]
        if most > free + max(0, left):
            return None
        part = min(free, most)
        return [(name, n) for name, n in ((own, part), (rest, most - part)) if n]

    def _run(self, thing):  # type: ignore[no-untyped-def]
        return self.loop.run_until_complete(thing)

    def _enter(self) -> None:
        self.context = open_purse(Path(self.folder.name), self.clock, self.session)
        self.purse: Purse = self._run(self.context.__aenter__())

    def _leave(self) -> None:
        self._run(self.context.__aexit__(None, None, None))

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self._leave()
            self._run(self.loop.shutdown_default_executor())
            self.loop.close()
            self.folder.cleanup()

    def _accounts(self, person: str, task: int) -> list[tuple[str, str]]:
        day = f"{self.clock.now():%Y-%m-%d}"
        return [
            ("total", "total"),
            ("month", f"month/{day[:7]}"),
            ("day", f"day/{day}"),
            ("session", f"session/{self.session}"),
            ("channel_day", f"channel_day/terminal/local/{day}"),
            ("person_day", f"person_day/{person}/{day}"),
            ("worker_day", f"worker_day/fox/{day}"),
            ("task", f"task/{task}"),
        ]

    @rule(target=holds, person=people, task=tasks, most=amounts, cap=task_caps, kind=categories)
    def hold(self, person: str, task: int, most: int, cap: int | None, kind: str):  # type: ignore[no-untyped-def]
        parts = self._split(kind, most)
        bound = ("channel_day", "person_day", "worker_day")
        accounts = [
            (sort, name)
            for sort, name in self._accounts(person, task)
            if sort not in bound or sort in self.in_force
        ]
        binding = {**self.in_force, "task": cap} if cap is not None else self.in_force
        limits = {
            name: binding[sort] + self.raised[name] for sort, name in accounts if sort in binding
        }
        rooms = {
            name: limit - self.held[name] - self.spent[name] - most
            for name, limit in limits.items()
        }
        payer = paying(person, category=kind)
        asking = self.purse.hold(most, person=payer, task=task, cap=cap)
        frozen = [name for _, name in accounts if name in self.frozen]
        if most == 0:
            assert self._run(asking) is None
            return multiple()
        if frozen:
            with pytest.raises(ScopeFrozen) as froze:
                self._run(asking)
            assert froze.value.data == {"scope": frozen[0]}
            return multiple()
        if parts is None or (rooms and min(rooms.values()) < 0):
            with pytest.raises(OverBudget) as over:
                self._run(asking)
            scope = str(over.value.data["scope"])
            if scope not in rooms:
                assert scope == f"{kind}_day/{self._day()}"
                assert parts is None
                return multiple()
            assert rooms[scope] == min(rooms.values())
            assert over.value.data == {
                "scope": scope,
                "cap": limits[scope],
                "held": self.held[scope],
                "spent": self.spent[scope],
                "most": most,
            }
            return multiple()
        hold = self._run(asking)
        for name, part in [*((name, most) for _, name in accounts), *parts]:
            self.held[name] += part
        return hold

    @rule(hold=consumes(holds), part=st.integers(0, 100))
    def settle(self, hold: Hold, part: int) -> None:
        self._settle(hold, hold.most * part // 100)

    @rule(hold=consumes(holds), more=st.integers(1, 5))
    def settle_above(self, hold: Hold, more: int) -> None:
        self._settle(hold, hold.most + more)
        self.frozen |= {scope.account for scope in hold.scopes}

    def _settle(self, hold: Hold, cost: int) -> None:
        self._run(self.purse.settle(hold, cost))
        self.settled.append(hold)
        split = [scope for scope in hold.scopes if scope.most is not None]
        left = cost
        for scope in hold.scopes:
            part = hold.most if scope.most is None else scope.most
            paid = cost
            if scope in split:
                paid = left if scope is split[-1] else min(left, part)
                left -= paid
            self.held[scope.account] -= part
            self.spent[scope.account] += paid

    @rule()
    def settle_again(self) -> None:
        for hold in self.settled[-2:]:
            with pytest.raises(ValueError, match="not open"):
                self._run(self.purse.settle(hold, 0))

    @rule(new=caps, shared=shares)
    def set_caps(self, new: dict[str, int], shared: dict[str, int]) -> None:
        self._run(self.purse.caps(shared, **new))
        old = self.configured
        for name in [n for n in self.changed if old.get(n) != new.get(n)]:
            del self.changed[name]
        self.configured, self.shares = new, shared

    @rule(name=names, cap=st.none() | st.integers(0, 150))
    def change_cap(self, name: str, cap: int | None) -> None:
        self._run(
            self.purse.store.write(lambda tx: self.purse.ledger.change_cap(tx, OWNER, name, cap))  # type: ignore[arg-type]
        )
        self.changed[name] = cap
        if self.configured.get(name) == cap:
            del self.changed[name]

    @rule(amount=st.integers(1, 50), task=tasks, of_day=st.booleans())
    def raise_cap(self, amount: int, task: int, of_day: bool) -> None:
        today = self._day()
        scopes = (
            (Scope("day", f"day/{today}"), Scope("headroom_day", f"headroom_day/{today}"))
            if of_day
            else (Scope("task", f"task/{task}"),)
        )
        raised = CapRaised(scopes=scopes, amount=MicroUSD(amount), free_hand=True)
        self._run(self.purse.store.write(lambda tx: tx.append(raised, OWNER)))
        for scope in scopes:
            self.raised[scope.account] += amount

    @rule()
    def thaw(self) -> None:
        self._run(self.purse.store.write(lambda tx: self.purse.ledger.thaw(tx, OWNER)))
        self.frozen.clear()

    @rule(new=caps, most=amounts)
    def undone(self, new: dict[str, int], most: int) -> None:
        def fn(tx: Tx) -> None:
            self.purse.ledger.set_caps(tx, new)  # type: ignore[arg-type]
            self.purse.holding(most, "ana", 1, None)(tx)
            raise LookupError

        with pytest.raises((LookupError, OverBudget, ScopeFrozen)):
            self._run(self.purse.store.write(fn))

    @rule(hours=st.sampled_from([1, 12, 24, 24 * 31]))
    def wait(self, hours: int) -> None:
        self.clock.move(timedelta(hours=hours))

    @rule()
    def restart(self) -> None:
        self._leave()
        self.session = str(int(self.session) + 1)
        self._enter()
        assert isinstance(self.purse.ledger, Ledger)

    @invariant()
    def accounts_are_as_they_must_be(self) -> None:
        if not hasattr(self, "purse"):
            return
        found = self._run(self.purse.accounts())
        names = {name for name in self.held if self.held[name] or self.spent[name]}
        assert names <= set(found)
        for name, account in found.items():
            assert (account.held, account.spent) == (self.held[name], self.spent[name]), name
            assert account.frozen == (name in self.frozen), name


TestMoney = Money.TestCase
TestMoney.settings = few(8, stateful_step_count=30)
TestMoney.pytestmark = [pytest.mark.slow]
