"""How a room hands its tables, events and folds to the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from swarm_core.store.migrating import Database, Migrations
from swarm_core.store.model import Event, Fact

Kind = Literal["projection", "working"]
"""projection: a pure fold of the journal, replaced by a rebuild. working: durable but not
journaled (leases, attempts, cursors), kept by a rebuild."""

Projector = Callable[[Any, Fact], None]
"""A pure fold of one fact into the room's own rows: no clock, no randomness, no new events."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Lifts the payload of one version to the next."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RoomTables:
    """One room's part of the database: its migrations, what each table is, its events' folds.

    `upcasters` is keyed by the kind and the version it reads; `triggers` are the statements that
    make those it has: a file with any other is not ours to work on.
    """

    name: str
    migrations: Migrations
    tables: Mapping[str, Kind]
    projectors: Mapping[type[Event], Projector] = field(default_factory=dict)
    events: Sequence[type[Event]] = ()
    upcasters: Mapping[tuple[str, int], Upcaster] = field(default_factory=dict)
    triggers: Sequence[str] = ()


class StateRestored(Event, frozen=True, kw_only=True, gc=False):
    """The journal up to fact `seq`, whose hash is `head`, came from a backup made at `made`. What
    had happened since then is not in it."""

    kind: ClassVar[str] = "state.restored"

    made: int
    seq: int
    head: str


class JournalArchived(Event, frozen=True, kw_only=True, gc=False):
    """The facts `first` to `last` went into the file `number` of the archive. `digest` is that of
    the file, `prev` and `head` are the hashes before and after, `low` and `high` the tasks there
    are facts of, `newest` the instant of the last, and `tables` is the digest of the file with
    every projection as of `last`."""

    kind: ClassVar[str] = "journal.archived"

    number: int
    first: int
    last: int
    prev: str
    head: str
    digest: str
    size: int
    low: int
    high: int
    newest: int
    tables: str


class ArchiveDropped(Event, frozen=True, kw_only=True, gc=False):
    """The file `number` of the archive was deleted, as the time of what is in it was over."""

    kind: ClassVar[str] = "archive.dropped"

    number: int


def _archived(tx: Any, fact: Fact) -> None:
    event = fact.event
    assert isinstance(event, JournalArchived)
    values = (event.number, event.first, event.last, event.head, event.digest, event.size)
    tx.execute(
        "insert into segments(number, first, last, head, digest, size, low, high,"
        " newest, at, dropped)"
        " values(?,?,?,?,?,?,?,?,?,?,null)",
        (*values, event.low, event.high, event.newest, fact.at),
    )


def _dropped(tx: Any, fact: Fact) -> None:
    event = fact.event
    assert isinstance(event, ArchiveDropped)
    tx.execute("update segments set dropped = ? where number = ?", (fact.at, event.number))


migrations = Migrations("store")


@migrations(name="0001_journal_and_bodies")
def _journal_and_bodies(db: Database) -> None:
    db.execute(
        """create table journal(
            seq integer primary key, at integer not null, kind text not null,
            version integer not null, actor text not null, task integer, run integer,
            cause integer, payload text not null, prev blob not null, hash blob not null)"""
    )
    db.execute("create index journal_task on journal(task, seq) where task is not null")
    db.execute(
        """create table bodies(
            id integer primary key, salt blob not null, personal integer not null,
            size integer not null, content, blob text)"""
    )
    db.execute("create table blobs(digest text primary key, content blob not null) without rowid")
    db.execute("create table meta(name text primary key, value blob not null) without rowid")


@migrations(name="0002_archive_and_whose_bodies")
def _archive_and_whose_bodies(db: Database) -> None:
    """Whose a text is stands beside it: the facts that said so may have gone to the archive."""
    db.execute(
        """create table segments(
            number integer primary key, first integer not null, last integer not null,
            head text not null, digest text not null, size integer not null,
            low integer not null, high integer not null, newest integer not null,
            at integer not null, dropped integer)"""
    )
    db.execute("alter table bodies add column task integer")
    db.execute("alter table bodies add column actor text")
    db.execute(
        """update bodies set task = r.task, actor = r.actor from (
            select f.value ->> '$.id' as body, j.task, j.actor, min(j.seq)
            from journal j, json_each(j.payload) f
            where f.type = 'object' and f.value ->> '$.digest' is not null group by 1) r
        where r.body = bodies.id"""
    )
    db.execute("create index bodies_task on bodies(task) where task is not null")


STORE_TABLES = RoomTables(
    name="store",
    migrations=migrations,
    tables={
        "journal": "working",
        "bodies": "working",
        "blobs": "working",
        "meta": "working",
        "segments": "projection",
    },
    events=(StateRestored,),
    projectors={JournalArchived: _archived, ArchiveDropped: _dropped},
)


def projectors_of(rooms: Iterable[RoomTables]) -> dict[type[Event], list[Projector]]:
    """Every event the rooms may record, with its folds."""
    found: dict[type[Event], list[Projector]] = {}
    for room in rooms:
        for event in room.events:
            found.setdefault(event, [])
        for event, projector in room.projectors.items():
            found.setdefault(event, []).append(projector)
    return found
