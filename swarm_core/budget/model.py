"""Caps, shares, accounts, scopes. All amounts are micro-dollars."""

from __future__ import annotations

import msgspec

from swarm_core.kernel.ids import HoldId
from swarm_core.kernel.money import MicroUSD

CAP_NAMES = (
    "total",
    "month",
    "day",
    "session",
    "channel_day",
    "person_day",
    "worker_day",
    "task",
)
"""What a cap can be on, widest first. `total`, `month`, `day` and `session` are the whole
swarm's; that of a task belongs to the task."""

SETTABLE = tuple(name for name in CAP_NAMES if name != "task")

HEADROOM = "headroom"
SHARES = ("identity", "work", "personal", HEADROOM)
"""What the day is shared among. Each of the first three is a category of tasks; the headroom is
there for any of them whose own share is used up."""
UNATTENDED = "unattended"
"""The part of the day that standing priorities may spend of it, whatever the share."""
STANDING = "standing_month"
"""What one standing priority may spend in a month: `standing_month/<name>`."""


class Payer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Whom a call is charged to besides the swarm and the task. `place` is a surface with a
    space, `chat/10`; the `owner` has no account of a person. `standing` is the standing priority
    that it is for, '' for what a person asked for."""

    person: str
    place: str
    worker: str
    category: str = "work"
    owner: bool = False
    standing: str = ""


class Scope(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One account a call is charged to: the cap that binds it and the account's own name,
    which for a day holds the date, so that a new day is a new, empty account.

    Where a call is split between a category's share and the headroom, `most` is the part of the
    hold that this account bears, and `cost` its part of the bill; None: all of it.
    """

    cap: str
    account: str
    most: MicroUSD | None = None
    cost: MicroUSD | None = None


class Hold(msgspec.Struct, frozen=True, gc=False):
    """What is held for one call, and against which accounts."""

    id: HoldId
    most: MicroUSD
    scopes: tuple[Scope, ...]


class Account(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How a scope stands. `cap` None: nothing limits it; else `raised` is in it, by how much it
    was raised for this account alone. `forecast` is what will be spent when its time is over,
    None for accounts that are not of a time."""

    account: str
    cap_name: str
    cap: MicroUSD | None
    held: MicroUSD
    spent: MicroUSD
    overrun: MicroUSD
    frozen: bool
    raised: MicroUSD = MicroUSD(0)
    forecast: MicroUSD | None = None

    @property
    def free(self) -> MicroUSD | None:
        """What may still be held, never below zero."""
        return None if self.cap is None else MicroUSD(max(0, self.cap - self.held - self.spent))


class Cap(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A cap in force. `configured` is what the configuration says; `by` who has set another one
    since and when, None when nobody has."""

    name: str
    cap: MicroUSD | None
    configured: MicroUSD | None
    by: str | None
    at: int | None
