"""Which accounts a call is charged to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from swarm_core.budget.model import Scope


def scopes(now: datetime, *, person: str, task: int, session: str) -> tuple[Scope, ...]:
    """Every account above a call of `task`, widest first. A day is a UTC day at the hold."""
    total, month, this_day = _swarm_scopes(now.date())
    day = this_day.account[4:]
    return (
        total,
        month,
        this_day,
        Scope("session", f"session/{session}"),
        Scope("person_day", f"person_day/{person}/{day}"),
        Scope("task", f"task/{task}"),
    )


@lru_cache(maxsize=4)
def _swarm_scopes(date: date) -> tuple[Scope, Scope, Scope]:
    day = date.isoformat()
    return Scope("total", "total"), Scope("month", f"month/{day[:7]}"), Scope("day", f"day/{day}")


def renewal(account: str) -> datetime | None:
    """When the day or month of an account is over and a new, empty one takes its place; None
    for accounts that are not of a time."""
    cap, _, rest = account.partition("/")
    time = rest.rpartition("/")[2]
    if cap in ("day", "person_day"):
        return datetime.fromisoformat(time).replace(tzinfo=UTC) + timedelta(days=1)
    if cap == "month":
        late = datetime.fromisoformat(f"{time}-28").replace(tzinfo=UTC) + timedelta(days=4)
        return late.replace(day=1)
    return None
