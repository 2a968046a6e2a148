"""The ledger against a simple model: random holds, bills, caps, days, undone writes."""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
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

from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import Hold
from swarm_core.kernel.errors import OverBudget, ScopeFrozen
from swarm_core.store import Tx
from swarm_core.testing import FakeClock
from tests.budget.test_ledger import Purse, open_purse

people = st.sampled_from(["ana", "ben"])
tasks = st.integers(1, 3)
amounts = st.integers(0, 60)
caps = st.dictionaries(
    st.sampled_from(["total", "month", "day", "session", "person_day"]), st.integers(0, 150)
)
task_caps = st.none() | st.integers(0, 80)


class Money(RuleBasedStateMachine):
    """What the ledger must do, said in dictionaries."""

    holds = Bundle("holds")

    @initialize(first=caps)
    def open(self, first: dict[str, int]) -> None:
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.session = "0"
        self.held: dict[str, int] = defaultdict(int)
        self.spent: dict[str, int] = defaultdict(int)
        self.frozen: set[str] = set()
        self.settled: list[Hold] = []
        self.caps = first
        self._enter()
        self._run(self.purse.caps(**first))

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
            ("work_day", f"work_day/{day}"),
            ("task", f"task/{task}"),
        ]

    @rule(target=holds, person=people, task=tasks, most=amounts, cap=task_caps)
    def hold(self, person: str, task: int, most: int, cap: int | None):  # type: ignore[no-untyped-def]
        accounts = self._accounts(person, task)
        limits = {**self.caps, "task": cap} if cap is not None else self.caps
        rooms = {
            name: limits[kind] - self.held[name] - self.spent[name] - most
            for kind, name in accounts
            if kind in limits
        }
        asking = self.purse.hold(most, person=person, task=task, cap=cap)
        frozen = [name for _, name in accounts if name in self.frozen]
        if most == 0:
            assert self._run(asking) is None
            return multiple()
        if frozen:
            with pytest.raises(ScopeFrozen) as froze:
                self._run(asking)
            assert froze.value.data == {"scope": frozen[0]}
            return multiple()
        if rooms and min(rooms.values()) < 0:
            with pytest.raises(OverBudget) as over:
                self._run(asking)
            scope = str(over.value.data["scope"])
            assert rooms[scope] == min(rooms.values())
            kind = next(k for k, name in accounts if name == scope)
            assert over.value.data == {
                "scope": scope,
                "cap": limits[kind],
                "held": self.held[scope],
                "spent": self.spent[scope],
                "most": most,
            }
            return multiple()
        hold = self._run(asking)
        for _, name in accounts:
            self.held[name] += most
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
        for scope in hold.scopes:
            self.held[scope.account] -= hold.most
            self.spent[scope.account] += cost

    @rule()
    def settle_again(self) -> None:
        for hold in self.settled[-2:]:
            with pytest.raises(ValueError, match="not open"):
                self._run(self.purse.settle(hold, 0))

    @rule(new=caps)
    def set_caps(self, new: dict[str, int]) -> None:
        self._run(self.purse.caps(**new))
        self.caps = new

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
TestMoney.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
