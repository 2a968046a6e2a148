"""What was spent, by whom and on what: reads over accounts and model calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from swarm_core.budget import standing
from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import STANDING, Account, Cap
from swarm_core.budget.standing import DaySpent
from swarm_core.kernel.errors import OverBudget
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.steps.tables import UseRow, use_since
from swarm_core.store import Rows
from swarm_core.tasks.model import Task, TaskState

By = Literal["workers", "models", "people"]


class SpentBy(msgspec.Struct, frozen=True, kw_only=True):
    """What one worker, model or person cost in calls that were answered; one whose answer never
    came is in the accounts alone."""

    name: str
    spent: MicroUSD
    calls: int
    input: int
    output: int


class Lacking(msgspec.Struct, frozen=True, kw_only=True):
    """The money a task waits for: `scope` as it stands now, and by how much it is short of what
    the task needs next, `most`, 0 when it fits. A cap that was set below what is spent is short
    of the difference as well."""

    scope: str
    spent: MicroUSD
    held: MicroUSD
    free: MicroUSD
    short: MicroUSD
    most: MicroUSD


class Burn(msgspec.Struct, frozen=True, kw_only=True):
    """Each day from `since` to today, those without spending left out, and today's caps."""

    since: str
    today: str
    days: tuple[DaySpent, ...]
    day: Account
    month: Account


def first_day(now: datetime, days: int) -> str:
    """The first of so many days, today being the last."""
    return (now.date() - timedelta(days=days - 1)).isoformat()


def spent_by(rows: Rows, by: By, since: str, whose: Callable[[str], str] = str) -> list[SpentBy]:
    """Dearest first, from the day `since` on. A person is one row, whatever accounts they have, by
    one of them; `whose` tells."""
    sums: dict[str, list[int]] = {}
    names: dict[str, str] = {}
    for use in use_since(rows, since):
        name = _name(use, by)
        name = names.setdefault(whose(name), name) if by == "people" else name
        taken = sums.setdefault(name, [0, 0, 0, 0])
        for place, more in enumerate((use.cost, use.calls, use.input, use.output)):
            taken[place] += more
    found = [
        SpentBy(name=name, spent=MicroUSD(cost), calls=calls, input=read, output=written)
        for name, (cost, calls, read, written) in sums.items()
    ]
    return sorted(found, key=lambda each: (-each.spent, -each.calls, each.name))


def _name(use: UseRow, by: By) -> str:
    return {"workers": use.worker, "models": use.model, "people": use.person}[by]


def burn(rows: Rows, now: datetime, days: int) -> Burn:
    """What the last `days` days cost."""
    since, today = first_day(now, days), now.date().isoformat()
    scopes = standing.swarm_scopes(now)
    month, day = standing.of_scopes(rows, scopes, now)
    return Burn(
        since=since,
        today=today,
        days=tuple(standing.days(rows, since)),
        day=day,
        month=month,
    )


def caps(rows: Rows) -> list[Cap]:
    """Caps that a person has set, whatever is configured."""
    found = standing.caps_of(rows).values()
    # That of a standing priority is shown with it.
    return [cap for cap in found if cap.by is not None and not cap.name.startswith(f"{STANDING}/")]


def categories(rows: Rows, ledger: Ledger, now: datetime, days: int) -> list[Account]:
    """The shares of today; with more days what each has spent in all of them."""
    today = ledger.categories(rows, now)
    if days == 1:
        return today
    since = first_day(now, days)
    found = []
    for share in today:
        spent = sum((d.spent for d in standing.days(rows, since, share.cap_name)), ZERO)
        found.append(msgspec.structs.replace(share, spent=MicroUSD(spent), cap=None, forecast=None))
    return found


def lacking(rows: Rows, task: Task) -> Lacking | None:
    """None unless it waits for money."""
    if task.state is not TaskState.WAITING or task.waiting != OverBudget.code:
        return None
    scope, most = task.waiting_data["scope"], task.waiting_data["most"]
    account = standing.room(rows, scope, task.cap)
    left = most if account.cap is None else account.cap - account.held - account.spent
    return Lacking(
        scope=scope,
        spent=account.spent,
        held=account.held,
        free=MicroUSD(max(0, left)),
        short=MicroUSD(max(0, most - left)),
        most=most,
    )
