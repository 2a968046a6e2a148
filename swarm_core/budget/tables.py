"""Rows of money: caps, accounts, open holds."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from swarm_core.budget import events as ev
from swarm_core.budget.model import Account, Hold, Scope
from swarm_core.kernel.ids import HoldId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Rows, Tx

migrations = Migrations("budget")
_encode = msgspec.json.Encoder().encode
_decode_scopes = msgspec.json.Decoder(tuple[Scope, ...]).decode


@migrations(name="0001_budget")
def _budget(db: Database) -> None:
    db.execute("create table caps(name text primary key, cap integer not null) without rowid")
    db.execute(
        """create table accounts(
            account text primary key, cap_name text not null,
            held integer not null default 0 check(held >= 0),
            spent integer not null default 0 check(spent >= 0),
            overrun integer not null default 0, frozen integer not null default 0)
            without rowid"""
    )
    db.execute(
        """create table holds(
            id integer primary key, task integer, run integer, most integer not null,
            scopes text not null, at integer not null)"""
    )


def _caps_set(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.CapsSet)
    tx.execute("delete from caps")
    for name, cap in e.caps.items():
        tx.execute("insert into caps(name, cap) values(?,?)", (name, cap))


def _held(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.BudgetHeld)
    most, rows = e.most, list[str | int]()
    for scope in e.scopes:
        rows += (scope.account, scope.cap, most)
    tx.execute(
        "insert into accounts(account, cap_name, held) values"  # noqa: S608
        f" {','.join(['(?,?,?)'] * len(e.scopes))}"
        " on conflict(account) do update set held = held + excluded.held",
        rows,
    )
    tx.execute(
        "insert into holds(id, task, run, most, scopes, at) values(?,?,?,?,?,?)",
        (e.hold, fact.task, fact.run, most, _encode(e.scopes).decode(), fact.at),
    )


def _settled(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.BudgetSettled)
    if tx.execute("delete from holds where id = ?", (e.hold,)).rowcount != 1:
        raise ValueError(f"hold {e.hold} is not open")
    tx.execute(
        "update accounts set held = held - ?, spent = spent + ?, overrun = overrun + ?,"  # noqa: S608
        " frozen = frozen or ? where account in"
        f" ({','.join('?' * len(e.scopes))})",
        (e.most, e.cost, e.overrun, e.overrun > 0, *[scope.account for scope in e.scopes]),
    )


def _thawed(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.BudgetThawed)
    for account in e.accounts:
        tx.execute("update accounts set frozen = 0 where account = ?", (account,))


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.CapsSet: _caps_set,
    ev.BudgetHeld: _held,
    ev.BudgetSettled: _settled,
    ev.BudgetThawed: _thawed,
}

TABLES = RoomTables(
    name="budget",
    migrations=migrations,
    tables={"caps": "projection", "accounts": "projection", "holds": "projection"},
    projectors=PROJECTORS,
)


def caps(rows: Rows | Tx) -> dict[str, MicroUSD]:
    """The caps in force."""
    return dict(rows.execute("select name, cap from caps").fetchall())


def may_not_fit(
    tx: Tx, above: tuple[Scope, ...], most: MicroUSD, task_cap: MicroUSD | None
) -> bool:
    """Whether a hold of `most` could be refused: False is certain, and one cheap question."""
    if task_cap is not None and most > task_cap:
        return True
    names = [scope.account for scope in above]
    (found,) = tx.execute(
        "select exists(select 1 from accounts a left join caps c on c.name = a.cap_name"  # noqa: S608
        f" where a.account in ({','.join('?' * len(names))}) and (a.frozen or a.held + a.spent + ?"
        " > case a.cap_name when 'task' then ? else c.cap end))"
        " or exists(select 1 from caps where cap < ?)",
        (*names, most, task_cap, most),
    ).fetchone()
    return bool(found)


def hold(rows: Rows | Tx, hold_id: int | None) -> Hold | None:
    """An open hold."""
    row = rows.execute("select most, scopes from holds where id = ?", (hold_id,)).fetchone()
    return Hold(HoldId(hold_id or 0), MicroUSD(row[0]), _decode_scopes(row[1])) if row else None


def accounts(rows: Rows | Tx, names: tuple[str, ...]) -> dict[str, Account]:
    """The named accounts, as far as anything was ever held against them."""
    marks = ",".join("?" * len(names))
    found = rows.execute(
        "select a.account, a.cap_name, c.cap, a.held, a.spent, a.overrun, a.frozen"  # noqa: S608
        " from accounts a left join caps c on c.name = a.cap_name"
        f" where a.account in ({marks})",
        names,
    ).fetchall()
    return {
        row[0]: Account(
            account=row[0],
            cap_name=row[1],
            cap=row[2],
            held=row[3],
            spent=row[4],
            overrun=row[5],
            frozen=bool(row[6]),
        )
        for row in found
    }


def frozen(rows: Rows | Tx) -> tuple[Account, ...]:
    """The accounts that take no holds, by name. Reads every account."""
    found = rows.execute("select account from accounts where frozen order by account").fetchall()
    return tuple(accounts(rows, tuple(row[0] for row in found)).values())
