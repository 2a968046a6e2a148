"""Facts about money."""

from __future__ import annotations

from typing import ClassVar

from swarm_core.budget.model import Scope
from swarm_core.kernel.ids import HoldId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Event


class CapsSet(Event, frozen=True, kw_only=True, gc=False):
    """The caps in force from here on, by name; one that is missing does not bind."""

    kind: ClassVar[str] = "budget.caps_set"

    caps: dict[str, MicroUSD]


class BudgetHeld(Event, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "budget.held"

    hold: HoldId
    most: MicroUSD
    scopes: tuple[Scope, ...]


class BudgetSettled(Event, frozen=True, kw_only=True, gc=False):
    """The bill took the hold's place. `overrun` is what it was above the hold; then every
    scope is frozen."""

    kind: ClassVar[str] = "budget.settled"

    hold: HoldId
    most: MicroUSD
    cost: MicroUSD
    overrun: MicroUSD
    scopes: tuple[Scope, ...]


class BudgetThawed(Event, frozen=True, kw_only=True, gc=False):
    """The fact's actor looked at the bills above their holds; these accounts take holds again."""

    kind: ClassVar[str] = "budget.thawed"

    accounts: tuple[str, ...]
