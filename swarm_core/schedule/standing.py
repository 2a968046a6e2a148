"""How priorities stand: their next and last instants, what they have spent and may spend."""

from __future__ import annotations

from collections.abc import Mapping

from swarm_core.budget import standing as money
from swarm_core.budget.model import UNATTENDED, Account
from swarm_core.budget.rules import share_scope, standing_scope
from swarm_core.kernel.clock import Micros, from_micros
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.schedule import rows as stored
from swarm_core.schedule.model import PriorityStanding
from swarm_core.schedule.rows import Kept
from swarm_core.store import Rows, Tx


def usual(rows: Rows | Tx, name: str) -> MicroUSD | None:
    """What its last runs have cost on average; None when none was done."""
    row = rows.execute(
        "select avg(cost) from (select cost from instants where priority = ? and state = 'ran'"
        " and outcome = 'done' order by at desc limit 20)",
        (name,),
    ).fetchone()
    return None if row[0] is None else MicroUSD(round(row[0]))


def left(rows: Rows | Tx, name: str, now: Micros) -> tuple[MicroUSD | None, MicroUSD | None]:
    """What may still be held for it this month, and today for all that is done unattended; None
    for no limit."""
    day = from_micros(now).date().isoformat()
    own = money.room(rows, standing_scope(name, day).account).free
    return own, money.room(rows, share_scope(UNATTENDED, day).account).free


def spent_month(rows: Rows | Tx, found: list[str], now: Micros) -> Mapping[str, MicroUSD]:
    """What each of these has spent this month."""
    day = from_micros(now).date().isoformat()
    accounts = {name: standing_scope(name, day).account for name in found}
    known: dict[str, Account] = money.accounts(rows, list(accounts.values())) if accounts else {}
    return {
        name: known[account].spent if account in known else ZERO
        for name, account in accounts.items()
    }


def standings(rows: Rows | Tx, kept: list[Kept], now: Micros) -> tuple[PriorityStanding, ...]:
    """How each of these stands."""
    next_of, spent = (
        dict(
            rows.execute(
                "select priority, min(at) from instants where state = 'planned' group by priority"
            ).fetchall()
        ),
        spent_month(rows, [each.priority.name for each in kept], now),
    )
    return tuple(
        PriorityStanding(
            priority=each.priority,
            paused=each.paused,
            since=each.since,
            next=next_of.get(each.priority.name),
            last=stored.last_ran(rows, each.priority.name),
            missed=stored.count_missed(rows, each.priority.name),
            spent_month=spent[each.priority.name],
            paid_failures=each.paid,
            free_failures=each.free,
        )
        for each in kept
    )
