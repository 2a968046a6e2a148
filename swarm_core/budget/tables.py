"""Rows of money: caps, accounts, open holds."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from swarm_core.budget import events as ev
from swarm_core.budget.model import Account, Hold, Scope
from swarm_core.kernel.ids import HoldId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Rows, Tally, Tx

migrations = Migrations("budget")
_encode = msgspec.json.Encoder().encode
_decode_scopes = msgspec.json.Decoder(tuple[Scope, ...]).decode

CAPS = Tally("caps", "name", ("cap",))
ACCOUNTS = Tally("accounts", "account", ("cap_name", "held", "spent", "overrun", "frozen"))


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
    tx.tallies.reread(CAPS)


def _held(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.BudgetHeld)
    most, get, put = e.most, tx.tallies.get, tx.tallies.set
    for scope in e.scopes:
        account = scope.account
        name, held, spent, overrun, frozen = get(ACCOUNTS, account) or (scope.cap, 0, 0, 0, 0)
        put(ACCOUNTS, account, (name, held + most, spent, overrun, frozen))
    tx.execute(
        "insert into holds(id, task, run, most, scopes, at) values(?,?,?,?,?,?)",
        (e.hold, fact.task, fact.run, most, _encode(e.scopes).decode(), fact.at),
    )


def _settled(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.BudgetSettled)
    if tx.execute("delete from holds where id = ?", (e.hold,)).rowcount != 1:
        raise ValueError(f"hold {e.hold} is not open")
    most, cost, over, get, put = e.most, e.cost, e.overrun, tx.tallies.get, tx.tallies.set
    for scope in e.scopes:
        account = scope.account
        name, held, spent, overrun, frozen = get(ACCOUNTS, account) or (scope.cap, 0, 0, 0, 0)
        if held < most:
            raise ValueError(f"hold {e.hold} is above what {account} holds")
        frozen = frozen or int(over > 0)
        put(ACCOUNTS, account, (name, held - most, spent + cost, overrun + over, frozen))


def _thawed(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.BudgetThawed)
    for account in e.accounts:
        if row := tx.tallies.get(ACCOUNTS, account):
            tx.tallies.set(ACCOUNTS, account, (*row[:-1], 0))


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


def hold(rows: Rows | Tx, hold_id: int | None) -> Hold | None:
    """An open hold."""
    row = rows.execute("select most, scopes from holds where id = ?", (hold_id,)).fetchone()
    return Hold(HoldId(hold_id or 0), MicroUSD(row[0]), _decode_scopes(row[1])) if row else None


def accounts(rows: Rows | Tx, names: tuple[str, ...]) -> dict[str, Account]:
    """The named accounts, as far as anything was ever held against them."""
    if isinstance(rows, Tx):
        rows.tallies.write()
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
    if isinstance(rows, Tx):
        rows.tallies.write()
    found = rows.execute("select account from accounts where frozen order by account").fetchall()
    return tuple(accounts(rows, tuple(row[0] for row in found)).values())
