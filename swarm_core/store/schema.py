"""How a room hands its tables, events and folds to the store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from sqlite_utils import Database, Migrations

from swarm_core.store.model import Event, Fact

Kind = Literal["projection", "working"]
"""projection: a pure fold of the journal, replaced by a rebuild. working: durable but not
journaled (leases, attempts, cursors), kept by a rebuild."""

Projector = Callable[[Any, Fact], None]
"""A pure fold of one fact into the room's own rows: no clock, no randomness, no new events."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""Lifts the payload of one version to the next."""


@dataclass(frozen=True, kw_only=True)
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


STORE_TABLES = RoomTables(
    name="store",
    migrations=migrations,
    tables={"journal": "working", "bodies": "working", "blobs": "working", "meta": "working"},
    events=(StateRestored,),
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
