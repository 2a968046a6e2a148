"""Facts about money."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from swarm_core.budget.model import Scope
from swarm_core.kernel.ids import HoldId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Event


class CapsSet(Event, frozen=True, kw_only=True, gc=False):
    """What the configuration says from here on: caps by name, one that is missing does not bind,
    and `shares` of the day in percent. It ends what a person has set for a cap whose configured
    value is another one now."""

    kind: ClassVar[str] = "budget.caps_set"

    caps: dict[str, MicroUSD]
    shares: dict[str, int] = msgspec.field(default_factory=dict)


class CapChanged(Event, frozen=True, kw_only=True, gc=False):
    """The fact's actor has set one cap, whatever is configured; None: it does not bind."""

    kind: ClassVar[str] = "budget.cap_changed"

    name: str
    cap: MicroUSD | None


class CapRaised(Event, frozen=True, kw_only=True, gc=False):
    """The fact's actor lets `amount` more through these accounts, while they last. `free_hand`:
    no limit for raises applies to them."""

    kind: ClassVar[str] = "budget.cap_raised"

    scopes: tuple[Scope, ...]
    amount: MicroUSD
    free_hand: bool


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


class BudgetWarned(Event, frozen=True, kw_only=True, gc=False):
    """An account has reached `percent` of its cap; `forecast` as in `Account`."""

    kind: ClassVar[str] = "budget.warned"

    account: str
    percent: int
    spent: MicroUSD
    held: MicroUSD
    cap: MicroUSD
    forecast: MicroUSD | None


class BudgetThawed(Event, frozen=True, kw_only=True, gc=False):
    """The fact's actor looked at the bills above their holds; these accounts take holds again."""

    kind: ClassVar[str] = "budget.thawed"

    accounts: tuple[str, ...]


class PayersJoined(Event, frozen=True, kw_only=True, gc=False):
    """Whoever pays as `payer` pays as `into` from here on: what either has spent and holds, today
    and on other days, counts against the one cap, and so do bills of holds taken before."""

    kind: ClassVar[str] = "budget.payers_joined"

    payer: str
    into: str


class PayerParted(Event, frozen=True, kw_only=True, gc=False):
    """`other` pays for themselves from here on. What `payer` has spent and holds on `day` counts
    as spent for both, so that nobody has a cap anew by parting."""

    kind: ClassVar[str] = "budget.payer_parted"

    payer: str
    other: str
    day: str
