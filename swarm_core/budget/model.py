"""Caps, accounts, scopes. All amounts are micro-dollars."""

from __future__ import annotations

import msgspec

from swarm_core.kernel.ids import HoldId
from swarm_core.kernel.money import MicroUSD

CAP_NAMES = ("total", "day", "month", "session", "person_day", "task")
"""What a cap can be on. `total`, `day`, `month` and `session` are the whole swarm's."""


class Scope(msgspec.Struct, frozen=True, gc=False):
    """One account a call is charged to: the cap that binds it and the account's own name,
    which for a day holds the date, so that a new day is a new, empty account."""

    cap: str
    account: str


class Hold(msgspec.Struct, frozen=True, gc=False):
    """What is held for one call, and against which accounts."""

    id: HoldId
    most: MicroUSD
    scopes: tuple[Scope, ...]


class Account(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a scope stands. `cap` None: nothing limits it."""

    account: str
    cap_name: str
    cap: MicroUSD | None
    held: MicroUSD
    spent: MicroUSD
    overrun: MicroUSD
    frozen: bool

    @property
    def free(self) -> MicroUSD | None:
        """What may still be held, never below zero."""
        return None if self.cap is None else MicroUSD(max(0, self.cap - self.held - self.spent))
