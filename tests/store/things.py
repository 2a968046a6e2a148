"""A small room to test the store with: things that are made, and counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

from swarm_core.kernel.actor import Actor
from swarm_core.store import (
    BodyRef,
    Database,
    Event,
    Fact,
    Migrations,
    RoomTables,
    Rows,
    Store,
    Tx,
    open_store,
)

ANA = Actor(surface="terminal", space="local", person="1")


class ThingMade(Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "thing.made"

    name: str
    text: BodyRef | None = None


class ThingSeen(Event, frozen=True, kw_only=True):
    """Has no rows of its own."""

    kind: ClassVar[str] = "thing.seen"

    name: str


migrations = Migrations("things")


@migrations(name="0001_things")
def _things(db: Database) -> None:
    db.execute(
        """create table things(
            id integer primary key, name text not null unique, at integer not null, body integer)"""
    )
    db.execute("create table tally(name text primary key, made integer not null) without rowid")
    db.execute("create table scratch(id integer primary key, value blob)")


def _made(tx: Tx, fact: Fact) -> None:
    event = fact.event
    assert isinstance(event, ThingMade)
    tx.execute(
        "insert into things(id, name, at, body) values(?,?,?,?)",
        (fact.seq, event.name, fact.at, event.text.id if event.text else None),
    )
    tx.execute(
        "insert into tally(name, made) values('all', 1)"
        " on conflict(name) do update set made = made + 1"
    )


THINGS = RoomTables(
    name="things",
    migrations=migrations,
    tables={"things": "projection", "tally": "projection", "scratch": "working"},
    projectors={ThingMade: _made},
    events=(ThingSeen,),
)


def folder(base: Path) -> Path:
    return base / "state"


@asynccontextmanager
async def things_store(base: Path, *rooms: RoomTables, **options: Any) -> AsyncIterator[Store]:
    async with open_store(folder(base), rooms or (THINGS,), **options) as store:
        yield store


def make(name: str, text: str | None = None, *, personal: bool = True, **about: Any) -> Any:
    """A write function that makes a thing and returns the fact's place."""

    def fn(tx: Tx) -> int:
        body = tx.put_body(text, personal=personal) if text is not None else None
        return tx.append(ThingMade(name=name, text=body), ANA, **about)

    return fn


def names(rows: Rows | Tx) -> list[str]:
    return [row[0] for row in rows.execute("select name from things order by id").fetchall()]


def journal(rows: Rows | Tx) -> list[tuple[int, str]]:
    return [tuple(r) for r in rows.execute("select seq, kind from journal order by seq").fetchall()]
