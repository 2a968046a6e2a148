"""Which accounts a call is charged to, how a day is shared, what a time will have cost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from swarm_core.budget.model import HEADROOM, SHARES, STANDING, UNATTENDED, Payer, Scope
from swarm_core.kernel.money import MicroUSD

MARKS = (90, 70)
"""Percents of a cap at which people are told, the highest first."""
WARNED = frozenset({"total", "month", "day", "person_day"})

LEAST_GONE = {"month": timedelta(days=1)}
"""A forecast takes at least so much of the time for gone, so that the first call of a month does
not foretell ruin; an hour for days."""


class Above:
    """The accounts above the calls of one payer on one day: the whole swarm's, which every call
    is charged to; those that are kept only while a cap is on them, since each costs time in every
    call; the category's own share; the headroom."""

    __slots__ = ("capped", "headroom", "own", "swarm")

    def __init__(
        self, swarm: tuple[Scope, ...], capped: tuple[Scope, ...], own: Scope, headroom: Scope
    ) -> None:
        self.swarm = swarm
        self.capped = capped
        self.own = own
        self.headroom = headroom


def above(now: datetime, payer: Payer, session: str) -> Above:
    """Every account above a call of `payer` but the task's. A day is a UTC day at the hold."""
    return _above(now.date(), payer, session)


@lru_cache(maxsize=1024)
def _above(date: date, payer: Payer, session: str) -> Above:
    day = date.isoformat()
    person = Scope("person_day", f"person_day/{payer.person}/{day}")
    unattended = (standing_scope(payer.standing, day), share_scope(UNATTENDED, day))
    return Above(
        swarm=(
            Scope("total", "total"),
            Scope("month", f"month/{day[:7]}"),
            Scope("day", f"day/{day}"),
            Scope("session", f"session/{session}"),
        ),
        capped=(
            Scope("channel_day", f"channel_day/{payer.place}/{day}"),
            *(() if payer.owner else (person,)),
            *(unattended if payer.standing else ()),
            Scope("worker_day", f"worker_day/{payer.worker}/{day}"),
        ),
        own=share_scope(payer.category, day),
        headroom=share_scope(HEADROOM, day),
    )


def own_cap(account: str) -> str:
    """The name of a cap for the days of this account alone, `channel_day/chat/10`; where there
    is one it stands in for the cap of all of its sort."""
    return account.rpartition("/")[0]


def share_scope(share: str, day: str) -> Scope:
    """The account of a share of a day, `2026-01-31`."""
    return Scope(f"{share}_day", f"{share}_day/{day}")


def standing_scope(name: str, day: str) -> Scope:
    """The account of the month of a day, `2026-01-31`, of a standing priority."""
    return Scope(STANDING, f"{STANDING}/{name}/{day[:7]}")


def share_of(account: str) -> str | None:
    """The share of the day whose account this is, the headroom's among them."""
    share = account.partition("/")[0].removesuffix("_day")
    return share if share in SHARES and account.startswith(f"{share}_day/") else None


def unattended_of(day: int | None, shares: Mapping[str, int]) -> dict[str, MicroUSD]:
    """The cap of what is spent unattended on a day of `day`; none without one of the day."""
    if day is None or UNATTENDED not in shares:
        return {}
    return {f"{UNATTENDED}_day": MicroUSD(day * shares[UNATTENDED] // 100)}


def split_day(day: int | None, shares: Mapping[str, int]) -> dict[str, MicroUSD]:
    """Caps of the shares of a day of `day`. What rounding leaves over is headroom, so together
    they are exactly the day. Nothing when there is no day cap, or all of it is headroom."""
    if day is None or shares.get(HEADROOM, 100) == 100:
        return {}
    caps = {
        f"{share}_day": MicroUSD(day * shares.get(share, 0) // 100)
        for share in SHARES
        if share != HEADROOM
    }
    return {**caps, f"{HEADROOM}_day": MicroUSD(day - sum(caps.values()))}


def billed(scopes: tuple[Scope, ...], cost: MicroUSD) -> tuple[Scope, ...]:
    """The scopes of a hold with each one's part of the bill: the category's own share pays first,
    up to what it holds, the headroom the rest."""
    left, found = int(cost), list[Scope]()
    for place, scope in enumerate(scopes):
        if scope.most is None:
            found.append(scope)
            continue
        last = all(later.most is None for later in scopes[place + 1 :])
        part = left if last else min(left, scope.most)
        left -= part
        found.append(Scope(scope.cap, scope.account, scope.most, MicroUSD(part)))
    return tuple(found)


def renewal(account: str) -> datetime | None:
    """When the day or month of an account is over and a new, empty one takes its place; None
    for accounts that are not of a time."""
    period = _period(account)
    return period[1] if period else None


def forecast(account: str, spent: int, held: int, now: datetime) -> MicroUSD | None:
    """What an account of a time will have spent at its end, if it goes on like this: spent,
    times the length of the time, by how much of it is gone; at least what is spent and held."""
    period = _period(account)
    if period is None:
        return None
    begin, end = period
    least = LEAST_GONE.get(account.partition("/")[0], timedelta(hours=1))
    second = timedelta(seconds=1)
    gone, length = max(now - begin, least) // second, (end - begin) // second
    return MicroUSD(max(spent + held, spent * length // min(gone, length)))


def _period(account: str) -> tuple[datetime, datetime] | None:
    cap, _, rest = account.partition("/")
    time = rest.rpartition("/")[2]
    if cap == "day" or cap.endswith("_day"):
        begin = datetime.fromisoformat(time).replace(tzinfo=UTC)
        return begin, begin + timedelta(days=1)
    if cap == "month" or cap.endswith("_month"):
        begin = datetime.fromisoformat(f"{time}-01").replace(tzinfo=UTC)
        return begin, (begin + timedelta(days=32)).replace(day=1)
    return None
