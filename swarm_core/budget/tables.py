"""Rows of money: caps, shares, accounts, open holds, raises; and how facts make them."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from swarm_core.budget import events as ev
from swarm_core.budget.joining import ACCOUNTS as ACCOUNTS
from swarm_core.budget.joining import NOTHING, account_now
from swarm_core.budget.joining import PROJECTORS as JOINING
from swarm_core.budget.model import SHARES, UNATTENDED
from swarm_core.budget.rules import split_day, unattended_of
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Tally, Tx

migrations = Migrations("budget")
_encode = msgspec.json.Encoder().encode

CAPS = Tally("caps", "name", ("cap",))


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


@migrations(name="0002_set_and_raised")
def _set_and_raised(db: Database) -> None:
    db.execute("alter table caps rename to caps_before")
    db.execute(
        """create table caps(
            name text primary key, cap integer, configured integer, by text, at integer)
            without rowid"""
    )
    db.execute("insert into caps(name, cap, configured) select name, cap, cap from caps_before")
    db.execute("drop table caps_before")
    db.execute("create table shares(name text primary key, percent integer not null)")
    db.execute("alter table accounts add column raised integer not null default 0")
    db.execute("alter table accounts add column warned integer not null default 0")
    db.execute(
        """create table raises(
            seq integer not null, account text not null, amount integer not null,
            actor text not null, at integer not null, free_hand integer not null,
            primary key(account, seq)) without rowid"""
    )


@migrations(name="0003_payers")
def _payers(db: Database) -> None:
    db.execute("create table payers(payer text primary key, becomes text not null) without rowid")


def _caps_set(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.CapsSet)
    rows = tx.execute("select name, cap, configured, by, at from caps").fetchall()
    kept = {
        name: (cap, by, at)
        for name, cap, configured, by, at in rows
        if by is not None and configured == e.caps.get(name)
    }
    tx.execute("delete from caps")
    for name in sorted({*e.caps, *kept}):
        configured = e.caps.get(name)
        cap, by, at = kept.get(name, (configured, None, None))
        tx.execute("insert into caps values(?,?,?,?,?)", (name, cap, configured, by, at))
    tx.execute("delete from shares")
    for name, percent in e.shares.items():
        tx.execute("insert into shares values(?,?)", (name, percent))
    _split(tx)


def _cap_changed(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.CapChanged)
    row = tx.execute("select configured from caps where name = ?", (e.name,)).fetchone()
    configured = row[0] if row else None
    by, at = (None, None) if e.cap == configured else (fact.actor, fact.at)
    tx.execute("insert or replace into caps values(?,?,?,?,?)", (e.name, e.cap, configured, by, at))
    _split(tx)


def _split(tx: Tx) -> None:
    """The caps of the shares follow from that of the day."""
    row = tx.execute("select cap from caps where name = 'day'").fetchone()
    shares = dict(tx.execute("select name, percent from shares").fetchall())
    for share in (*SHARES, UNATTENDED):
        tx.execute("delete from caps where name = ?", (f"{share}_day",))
    day = row[0] if row else None
    for name, cap in {**split_day(day, shares), **unattended_of(day, shares)}.items():
        tx.execute("insert into caps(name, cap) values(?,?)", (name, cap))
    tx.tallies.reread(CAPS)


def _raised(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.CapRaised)
    for scope in e.scopes:
        account = account_now(tx, scope.account)
        row = tx.tallies.get(ACCOUNTS, account) or (scope.cap, *NOTHING)
        name, held, spent, overrun, frozen, raised, warned = row
        new = (name, held, spent, overrun, frozen, raised + e.amount, warned)
        tx.tallies.set(ACCOUNTS, account, new)
        tx.execute(
            "insert into raises values(?,?,?,?,?,?)",
            (fact.seq, account, e.amount, fact.actor, fact.at, e.free_hand),
        )


def _held(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.BudgetHeld)
    whole, get, put = e.most, tx.tallies.get, tx.tallies.set
    for scope in e.scopes:
        account = account_now(tx, scope.account)
        most = whole if scope.most is None else scope.most
        name, held, spent, overrun, frozen, raised, warned = get(ACCOUNTS, account) or (
            scope.cap,
            *NOTHING,
        )
        new = (name, held + most, spent, overrun, frozen, raised, warned)
        put(ACCOUNTS, account, new)
    tx.execute(
        "insert into holds(id, task, run, most, scopes, at) values(?,?,?,?,?,?)",
        (e.hold, fact.task, fact.run, whole, _encode(e.scopes).decode(), fact.at),
    )


def _settled(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.BudgetSettled)
    if tx.execute("delete from holds where id = ?", (e.hold,)).rowcount != 1:
        raise ValueError(f"hold {e.hold} is not open")
    get, put = tx.tallies.get, tx.tallies.set
    for scope in e.scopes:
        account = account_now(tx, scope.account)
        most, cost, over = e.most, e.cost, e.overrun
        if scope.most is not None and scope.cost is not None:
            most, cost = scope.most, scope.cost
            over = MicroUSD(max(0, cost - most))
        name, held, spent, overrun, frozen, raised, warned = get(ACCOUNTS, account) or (
            scope.cap,
            *NOTHING,
        )
        if held < most:
            raise ValueError(f"hold {e.hold} is above what {account} holds")
        frozen = frozen or int(e.overrun > 0)
        new = (name, held - most, spent + cost, overrun + over, frozen, raised, warned)
        put(ACCOUNTS, account, new)


def _warned(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.BudgetWarned)
    row = tx.tallies.get(ACCOUNTS, e.account)
    assert row
    tx.tallies.set(ACCOUNTS, e.account, (*row[:6], e.percent))


def _thawed(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.BudgetThawed)
    for account in e.accounts:
        if row := tx.tallies.get(ACCOUNTS, account):
            tx.tallies.set(ACCOUNTS, account, (*row[:4], 0, *row[5:]))


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.CapsSet: _caps_set,
    ev.CapChanged: _cap_changed,
    ev.CapRaised: _raised,
    ev.BudgetHeld: _held,
    ev.BudgetSettled: _settled,
    ev.BudgetWarned: _warned,
    ev.BudgetThawed: _thawed,
    **JOINING,
}

TABLES = RoomTables(
    name="budget",
    migrations=migrations,
    tables=dict.fromkeys(("caps", "shares", "accounts", "holds", "raises", "payers"), "projection"),
    projectors=PROJECTORS,
)
