"""Rows of people. What the journal says of them is projected; names and the hashes of codes are
working rows, so that they can be gone for good."""

from __future__ import annotations

from collections.abc import Callable

from swarm_core.people import events as ev
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Tx

migrations = Migrations("people")


@migrations(name="0001_people")
def _people(db: Database) -> None:
    db.execute(
        """create table person_accounts(
            surface text not null, space text not null, account text not null,
            person integer not null, met integer not null,
            primary key(surface, account, space)) without rowid"""
    )
    db.execute(
        """create table person_roles(
            person integer not null, scope text not null, role text not null,
            primary key(person, scope, role)) without rowid"""
    )
    db.execute(
        """create table platform_roles(scope text not null, platform_role text not null,
            role text not null, primary key(scope, platform_role)) without rowid"""
    )
    db.execute(
        """create table wishes(person integer not null, wish text not null, value text not null,
            primary key(person, wish)) without rowid"""
    )
    db.execute(
        """create table places(surface text not null, space text not null, thread text not null,
            key text not null, value text not null,
            primary key(surface, space, thread, key)) without rowid"""
    )
    db.execute("create table person_last(id integer primary key check(id = 1), number integer)")
    db.execute("create table person_names(person integer primary key, name text not null)")
    db.execute(
        """create table pairings(id integer primary key, salt blob not null, hash blob not null,
            role text not null, scope text not null, expires integer not null)"""
    )
    db.execute(
        "create table pairing_tries(surface text not null, account text not null, at integer)"
    )


@migrations(name="0002_one_person")
def _one_person(db: Database) -> None:
    db.execute("create table person_merged(other integer primary key, person integer not null)")
    db.execute("create table person_parted(other integer primary key, person integer not null)")
    db.execute(
        """create table link_codes(id integer primary key, salt blob not null, hash blob not null,
            person integer not null, surface text not null, account text not null,
            told text not null, expires integer not null)"""
    )


def _met(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PersonMet)
    tx.execute(
        "insert into person_accounts(surface, space, account, person, met) values(?1,?2,?3,?4,?5)"
        " on conflict do update set person = ?4",
        (e.surface, e.space, e.account, e.person, fact.at),
    )
    # A number stays whose it was, also when all else is forgotten.
    tx.execute(
        "insert into person_last values(1, ?1) on conflict do update set number = max(number, ?1)",
        (e.person,),
    )
    # An account is one person's, wherever it is seen.
    tx.execute(
        "update person_accounts set person = ? where surface = ? and account = ?",
        (e.person, e.surface, e.account),
    )


def _given(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.RoleGiven)
    tx.execute("insert or ignore into person_roles values(?,?,?)", (e.person, e.scope, e.role))


def _taken(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.RoleTaken)
    tx.execute(
        "delete from person_roles where person = ? and scope = ? and role = ?",
        (e.person, e.scope, e.role),
    )


def _mapped(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.RoleMapped)
    tx.execute(
        "delete from platform_roles where scope = ? and platform_role = ?",
        (e.scope, e.platform_role),
    )
    if e.role is not None:
        row = (e.scope, e.platform_role, e.role)
        tx.execute("insert into platform_roles values(?,?,?)", row)


def _preferred(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PersonPreferred)
    tx.execute("delete from wishes where person = ? and wish = ?", (e.person, e.wish))
    if e.value is not None:
        tx.execute("insert into wishes values(?,?,?)", (e.person, e.wish, e.value))


def _forgotten(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PersonForgotten)
    for table in ("person_roles", "wishes", "person_accounts"):
        tx.execute(f"delete from {table} where person = ?", (e.person,))  # noqa: S608


def _place(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PlaceSet)
    where = (e.surface, e.space, e.thread, e.key)
    tx.execute(
        "delete from places where surface = ? and space = ? and thread = ? and key = ?", where
    )
    if e.value is not None:
        tx.execute("insert into places values(?,?,?,?,?)", (*where, e.value))


def _linked(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.PersonLinked)
    both = (e.person, e.other)
    tx.execute("update person_accounts set person = ? where person = ?", both)
    tx.execute("update or ignore person_roles set person = ? where person = ?", both)
    tx.execute("update or ignore wishes set person = ? where person = ?", both)
    for table in ("person_roles", "wishes"):  # what is left the first one has already
        tx.execute(f"delete from {table} where person = ?", (e.other,))  # noqa: S608
    # A number is written in keys and in other facts for ever, so it leads on.
    tx.execute("update person_merged set person = ? where person = ?", both)
    tx.execute("insert or replace into person_merged(person, other) values(?,?)", both)


def _removed(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, ev.AccountRemoved)
    account = (e.surface, e.account)
    tx.execute(
        "update person_accounts set person = ? where surface = ? and account = ?",
        (e.other, *account),
    )
    tx.execute(
        "update person_roles set person = ?1 where person = ?2 and scope in ("
        " select surface || '/' || space from person_accounts where person = ?1) and scope not in ("
        " select surface || '/' || space from person_accounts where person = ?2)",
        (e.other, e.person),
    )
    tx.execute(
        "insert into person_last values(1, ?1) on conflict do update set number = max(number, ?1)",
        (e.other,),
    )
    tx.execute("insert or replace into person_parted values(?,?)", (e.other, e.person))


PROJECTORS: dict[type[Event], Callable[[Tx, Fact], None]] = {
    ev.PersonMet: _met,
    ev.RoleGiven: _given,
    ev.RoleTaken: _taken,
    ev.RoleMapped: _mapped,
    ev.PersonPreferred: _preferred,
    ev.PersonForgotten: _forgotten,
    ev.PersonLinked: _linked,
    ev.AccountRemoved: _removed,
    ev.PlaceSet: _place,
}

TABLES = RoomTables(
    name="people",
    migrations=migrations,
    tables={
        "person_accounts": "projection",
        "person_roles": "projection",
        "platform_roles": "projection",
        "wishes": "projection",
        "person_last": "projection",
        "person_merged": "projection",
        "person_parted": "projection",
        "places": "projection",
        "person_names": "working",
        "pairings": "working",
        "pairing_tries": "working",
        "link_codes": "working",
    },
    projectors=PROJECTORS,
    events=(ev.PairingMade, ev.PairingUsed),
)
