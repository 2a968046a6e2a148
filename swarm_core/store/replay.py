"""Replay: stored facts read back, and folded again."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec

from swarm_core.kernel.clock import Micros, from_micros
from swarm_core.kernel.errors import NewerStore
from swarm_core.kernel.ids import RunId, Seq, TaskId
from swarm_core.store.chain import link
from swarm_core.store.migrating import Database
from swarm_core.store.model import Event, Fact
from swarm_core.store.schema import RoomTables, Upcaster, projectors_of
from swarm_core.store.tallies import Tallies

_CHUNK = 1_000
"""Facts that are folded before what they changed in memory is written."""
_CACHE = -64_000
"""KiB of a scratch database that stay in memory."""


class Decoder:
    """Turns stored payloads of any version into today's events."""

    def __init__(self, rooms: Sequence[RoomTables]) -> None:
        self.events: dict[str, type[Event]] = {}
        self._upcasters: dict[tuple[str, int], Upcaster] = {}
        for room in rooms:
            for event in (*room.events, *room.projectors):
                self.events[event.kind] = event
            self._upcasters.update(room.upcasters)
        self._decoders = {kind: msgspec.json.Decoder(e) for kind, e in self.events.items()}

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of event there is."""
        return tuple(sorted(self.events))

    def __call__(self, kind: str, version: int, payload: str) -> Event:
        """Raises `NewerStore` for a kind or version nobody here knows."""
        event = self.events.get(kind)
        if event is None or version > event.version:
            raise NewerStore(file="journal", unknown=f"{kind} v{version}")
        if version == event.version:
            return self._decoders[kind].decode(payload)
        data: dict[str, Any] = msgspec.json.decode(payload)
        for step in range(version, event.version):
            data = self._upcasters[kind, step](data)
        return msgspec.convert(data, event)


class ReplayTx:
    """What a projector is given on replay: rows only, at the instant of the fact."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.execute = self.later = connection.execute
        self.at = Micros(0)
        self.tallies = Tallies(connection)

    @property
    def now(self) -> Any:
        return from_micros(self.at)

    def pause(self) -> None:
        """Write what is kept in memory."""
        self.tallies.write()
        self.tallies.begin()


def fact_of(decode: Decoder, row: Sequence[Any]) -> Fact:
    """A fact from `seq, at, kind, version, actor, task, run, cause, payload`."""
    seq, at, kind, version, actor, task, run, cause, payload = row
    return Fact(
        Seq(seq),
        Micros(at),
        decode(kind, version, payload),
        actor,
        TaskId(task) if task is not None else None,
        RunId(run) if run is not None else None,
        Seq(cause) if cause is not None else None,
    )


FACT_COLUMNS = "seq, at, kind, version, actor, task, run, cause, payload"


def link_of(head: bytes, stored: Sequence[Any]) -> bytes | None:
    """The hash a row should have; None when a field holds what no fact can."""
    seq, at, kind, version, actor, task, run, cause, payload = stored
    try:
        return link(head, seq, at, kind, version, actor, task, run, cause, payload.encode())
    except (struct.error, AttributeError, TypeError):
        return None


class Folding:
    """Folds facts in their order into the tables of a connection, with today's projectors."""

    def __init__(self, connection: sqlite3.Connection, rooms: Sequence[RoomTables]) -> None:
        self._tx = ReplayTx(connection)
        self._decode = Decoder(rooms)
        self._projectors = projectors_of(rooms)
        self._waiting = 0

    def decoded(self, stored: Sequence[Any]) -> Fact:
        """The fact as it is today, not folded."""
        return fact_of(self._decode, stored)

    def fold(self, stored: Sequence[Any]) -> Fact:
        """Raises whatever a fact that cannot be replayed raises."""
        fact = self.decoded(stored)
        self._tx.at = fact.at
        for project in self._projectors.get(type(fact.event), ()):
            project(self._tx, fact)
        self._waiting += 1
        if self._waiting == _CHUNK:
            self.pause()
        return fact

    def pause(self) -> None:
        """Write what is kept in memory; also at the end."""
        self._tx.pause()
        self._waiting = 0


def scratch_database(file: str, rooms: Sequence[RoomTables]) -> sqlite3.Connection:
    """A database to fold into that nobody else looks at, its tables as they are today."""
    connection = sqlite3.connect(file, isolation_level=None, uri=True, check_same_thread=False)
    connection.execute("pragma journal_mode=off")
    connection.execute("pragma synchronous=off")
    connection.execute(f"pragma cache_size={_CACHE}")
    if file:
        _make_tables(connection, rooms)
    else:
        _blank(tuple(rooms)).backup(connection)
    return connection


@cache
def _blank(rooms: tuple[RoomTables, ...]) -> sqlite3.Connection:
    """The tables and nothing in them. To make them takes twice as long as to read a small file
    through, and they are the same each time."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _make_tables(connection, rooms)
    return connection


def _make_tables(connection: sqlite3.Connection, rooms: Sequence[RoomTables]) -> None:
    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    for room in rooms:
        room.migrations.apply(database)


def facts_of_task(execute: Callable[..., Any], decode: Decoder, task: TaskId) -> list[Fact]:
    """What the journal holds about a task, in order."""
    rows = execute(
        f"select {FACT_COLUMNS} from journal where task = ? order by seq",  # noqa: S608
        (task,),
    ).fetchall()
    return [fact_of(decode, row) for row in rows]


def facts_since(
    execute: Callable[..., Any], decode: Decoder, seq: Seq, kind: str, most: int
) -> tuple[list[Fact], Seq]:
    """The first facts of a kind behind `seq`, in order, and the last fact there is."""
    (head,) = execute("select coalesce(max(seq), 0) from journal").fetchone()
    rows = execute(
        f"select {FACT_COLUMNS} from journal where seq > ? and kind = ? order by seq limit ?",  # noqa: S608
        (seq, kind, most),
    ).fetchall()
    return [fact_of(decode, row) for row in rows], Seq(head)
