"""How money stands: caps in force, accounts, open holds, what was spent by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from swarm_core.budget.model import HEADROOM, UNATTENDED, Account, Cap, Hold, Scope
from swarm_core.budget.rules import forecast, own_cap, share_of, share_scope
from swarm_core.budget.tables import ACCOUNTS
from swarm_core.kernel.clock import Micros, from_micros
from swarm_core.kernel.ids import HoldId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.store import Rows, Tx

_decode_scopes = msgspec.json.Decoder(tuple[Scope, ...]).decode


def caps(rows: Rows | Tx) -> dict[str, MicroUSD]:
    """The caps in force, those of the shares among them."""
    return dict(rows.execute("select name, cap from caps where cap is not null").fetchall())


def caps_of(rows: Rows | Tx) -> dict[str, Cap]:
    """Every cap there is, with where it comes from; not those of the shares, which follow from
    the day's."""
    found = rows.execute("select name, cap, configured, by, at from caps").fetchall()
    return {
        row[0]: Cap(name=row[0], cap=row[1], configured=row[2], by=row[3], at=row[4])
        for row in found
        if share_of(f"{row[0]}/") is None and row[0] != f"{UNATTENDED}_day"
    }


def configured(rows: Rows | Tx) -> tuple[dict[str, MicroUSD], dict[str, int]]:
    """The caps and shares that the configuration was last seen to have."""
    found = rows.execute("select name, configured from caps where configured is not null")
    given = dict(found.fetchall())
    return given, shares(rows)


def shares(rows: Rows | Tx) -> dict[str, int]:
    """Percents of the day."""
    return dict(rows.execute("select name, percent from shares").fetchall())


def hold(rows: Rows | Tx, hold_id: int | None) -> Hold | None:
    """An open hold."""
    if hold_id is None:
        return None
    row = rows.execute("select most, scopes from holds where id = ?", (hold_id,)).fetchone()
    return Hold(HoldId(hold_id), MicroUSD(row[0]), _decode_scopes(row[1])) if row else None


_ACCOUNT = (
    "select a.account, a.cap_name, c.cap + a.raised, a.held, a.spent, a.overrun, a.frozen,"
    " a.raised from accounts a left join caps c on c.name = a.cap_name"
)


def _account(row: Sequence[Any], now: datetime | None = None) -> Account:
    account, name, cap, held, spent, overrun, frozen, raised = row
    return Account(
        account=account,
        cap_name=name,
        cap=cap,
        held=held,
        spent=spent,
        overrun=overrun,
        frozen=bool(frozen),
        raised=raised,
        forecast=forecast(account, spent, held, now) if now else None,
    )


def accounts(
    rows: Rows | Tx, names: Sequence[str], now: datetime | None = None
) -> dict[str, Account]:
    """The named accounts, as far as anything was ever held against them; with `now` also what
    they will have spent. A task's own cap is not known here."""
    if isinstance(rows, Tx):
        rows.tallies.write()
    marks = ",".join("?" * len(names))
    found = rows.execute(f"{_ACCOUNT} where a.account in ({marks})", tuple(names)).fetchall()
    return {row[0]: _account(row, now) for row in found}


def of_scopes(rows: Rows | Tx, scopes: Sequence[Scope], now: datetime) -> list[Account]:
    """How these stand, also where nothing was ever held."""
    known = accounts(rows, [scope.account for scope in scopes], now)
    binding = caps(rows)
    return [
        known.get(scope.account)
        or Account(
            account=scope.account,
            cap_name=scope.cap,
            cap=binding.get(scope.cap),
            held=ZERO,
            spent=ZERO,
            overrun=ZERO,
            frozen=False,
            forecast=forecast(scope.account, 0, 0, now),
        )
        for scope in scopes
    ]


def swarm_scopes(now: datetime) -> tuple[Scope, Scope]:
    """This month and this day of the whole swarm."""
    day = now.date().isoformat()
    return Scope("month", f"month/{day[:7]}"), Scope("day", f"day/{day}")


def frozen(rows: Rows | Tx) -> tuple[Account, ...]:
    """The accounts that take no holds, by name. Reads every account."""
    if isinstance(rows, Tx):
        rows.tallies.write()
    found = rows.execute("select account from accounts where frozen order by account").fetchall()
    return tuple(accounts(rows, [row[0] for row in found]).values())


def room(rows: Rows | Tx, account: str, task_cap: MicroUSD | None = None) -> Account:
    """The account as one that waits for it sees it: a category's share with the headroom; a
    task's with `task_cap`, and a cap of None where nothing binds."""
    cap_name = account.partition("/")[0]
    names = [account]
    share = share_of(account)
    if share not in (None, HEADROOM):
        names.append(share_scope(HEADROOM, account.rpartition("/")[2]).account)
    known, binding = accounts(rows, names), caps(rows)
    parts = []
    for name in names:
        kind = name.partition("/")[0]
        usual = binding.get(own_cap(name), binding.get(kind))
        cap = task_cap if cap_name == "task" else usual
        found = known.get(name)
        raised = found.raised if found else 0
        if found and cap_name != "task":
            cap = found.cap
        elif cap is not None:
            cap = MicroUSD(cap + raised)
        held, spent = (found.held, found.spent) if found else (ZERO, ZERO)
        parts.append((cap, held, spent, raised, bool(found and found.frozen)))
    limits = [cap for cap, *_ in parts if cap is not None]
    return Account(
        account=account,
        cap_name=cap_name,
        cap=MicroUSD(sum(limits)) if len(limits) == len(parts) else None,
        held=MicroUSD(sum(part[1] for part in parts)),
        spent=MicroUSD(sum(part[2] for part in parts)),
        overrun=ZERO,
        frozen=any(part[4] for part in parts),
        raised=MicroUSD(sum(part[3] for part in parts)),
    )


class DaySpent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    day: str
    spent: MicroUSD
    held: MicroUSD


def days(rows: Rows, since: str, kind: str = "day") -> list[DaySpent]:
    """What was spent on each day from `since` on, in all or of a share, days without any left
    out."""
    found = rows.execute(
        "select substr(account, -10), spent, held from accounts"
        " where account >= ?1 || '/' || ?2 and account < ?1 || '0' order by account",
        (kind, since),
    ).fetchall()
    return [DaySpent(day=row[0], spent=row[1], held=row[2]) for row in found]


def raised(tx: Tx, account: str) -> MicroUSD:
    """By how much an account was raised; read in a write, at no cost to the tallies."""
    row = tx.tallies.get(ACCOUNTS, account)
    return MicroUSD(row[5] if row else 0)


def raised_by_others(rows: Rows | Tx, account: str, since: Micros) -> int:
    """How often an account was raised since then by somebody to whom the limit applies."""
    row = rows.execute(
        "select count(*) from raises where account = ? and at >= ? and not free_hand",
        (account, since),
    ).fetchone()
    return int(row[0])


def midnight(at: Micros) -> Micros:
    """When the UTC day of `at` began."""
    day = from_micros(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return Micros(int(day.timestamp()) * 1_000_000)
