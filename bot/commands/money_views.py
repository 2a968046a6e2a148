"""What commands about money answer, as values; part of `views`."""

from __future__ import annotations

import msgspec

from swarm_core import Account, Burn, Cap, Raised, SpentBy, TaskId


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """`free` of each account is in `free`, in their order, None where nothing binds; `changed`
    are caps that differ from what is configured, since a person has set them; `frozen` are the
    tasks whose bills were above their holds, when anything is frozen. `raisable` are those that
    the asker may have raised, `waiting` their tasks that wait for money."""

    accounts: tuple[Account, ...]
    free: tuple[int | None, ...] = ()
    frozen: tuple[Account, ...] = ()
    changed: tuple[Cap, ...] = ()
    raisable: tuple[str, ...] = ()
    waiting: tuple[TaskId, ...] = ()


class Spending(msgspec.Struct, frozen=True, kw_only=True):
    """`by` is workers, models or people."""

    by: str
    days: int
    rows: tuple[SpentBy, ...]


class Categories(msgspec.Struct, frozen=True, kw_only=True):
    """The shares of the day; of more than one day only what was spent."""

    days: int
    accounts: tuple[Account, ...]


class CapSet(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    cap: int | None
    configured: str


class CapRaised(msgspec.Struct, frozen=True, kw_only=True):
    raised: Raised


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing of `burn` has been written to `file`; `picture` is its bytes."""

    file: str
    burn: Burn
    picture: bytes = b""
