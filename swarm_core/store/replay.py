"""Replay: the journal read back, checked, and folded again.

`verify` answers three questions about a store: is the file whole, is the chain unbroken, and do
the projections say exactly what the journal says. It folds every fact into a scratch database
with the same projectors and compares row by row, inside one snapshot of the live file, so it can
run beside a working swarm.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from sqlite_utils import Database

from swarm_core.kernel.clock import Micros, from_micros
from swarm_core.kernel.errors import NewerStore
from swarm_core.kernel.ids import RunId, Seq, TaskId
from swarm_core.store import anchor
from swarm_core.store.bodies import digest_of, unpack
from swarm_core.store.chain import GENESIS, link
from swarm_core.store.model import Event, Fact
from swarm_core.store.schema import Projector, RoomTables, Upcaster
from swarm_core.store.tallies import Tallies

MOST_FINDINGS = 50
_CHUNK = 1_000
"""Facts that are folded before what they changed in memory is written."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it must be. `kind` is file, chain, truncated, anchor, body or
    projection; `where` a journal position, body or table."""

    kind: str
    where: str
    what: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification saw. `head` is the hash of the last fact, hex: written down somewhere
    else it later proves that nothing was cut off."""

    facts: int
    head: str
    rows: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not self.findings


class Decoder:
    """Turns stored payloads of any version into today's events."""

    def __init__(self, rooms: Sequence[RoomTables]) -> None:
        self._events: dict[str, type[Event]] = {}
        self._upcasters: dict[tuple[str, int], Upcaster] = {}
        for room in rooms:
            for event in (*room.events, *room.projectors):
                self._events[event.kind] = event
            self._upcasters.update(room.upcasters)
        self._decoders = {kind: msgspec.json.Decoder(e) for kind, e in self._events.items()}

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of event there is."""
        return tuple(sorted(self._events))

    def __call__(self, kind: str, version: int, payload: str) -> Event:
        """Raises `NewerStore` for a kind or version nobody here knows."""
        event = self._events.get(kind)
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


def verify(
    path: Path, rooms: Sequence[RoomTables], projectors: dict[type[Event], list[Projector]]
) -> Report:
    """Check file, chain, bodies and projections. Blocking: call it off the loop."""
    scratch = sqlite3.connect("", isolation_level=None, uri=True)
    try:
        scratch.execute("pragma journal_mode=off")
        scratch.execute("pragma synchronous=off")
        database = Database(scratch, recursive_triggers=False, execute_plugins=False)
        for room in rooms:
            room.migrations.apply(database)
        findings: list[Finding] = []
        try:
            scratch.execute("attach ? as live", (f"{path.absolute().as_uri()}?mode=ro",))
            scratch.execute("begin")
            findings += _check_file(scratch)
            findings += [
                Finding(kind=kind, where=where, what=what)
                for kind, where, what in anchor.missing(path.parent, scratch)
            ]
            facts, head, found = _replay(scratch, Decoder(rooms), projectors)
            findings += found
            findings += _check_bodies(scratch)
            rows, found = _compare(scratch, rooms)
            findings += found
        except sqlite3.DatabaseError as error:
            findings.append(Finding(kind="file", where=str(path), what=str(error)))
            facts, head, rows = 0, "", 0
        return Report(facts=facts, head=head, rows=rows, findings=tuple(findings[:MOST_FINDINGS]))
    finally:
        scratch.close()


def _check_file(db: sqlite3.Connection) -> list[Finding]:
    lines = [row[0] for row in db.execute("pragma live.integrity_check(20)").fetchall()]
    return [Finding(kind="file", where="database", what=line) for line in lines if line != "ok"]


def _replay(
    db: sqlite3.Connection, decode: Decoder, projectors: dict[type[Event], list[Projector]]
) -> tuple[int, str, list[Finding]]:
    findings: list[Finding] = []
    tx, head, last = ReplayTx(db), GENESIS, 0
    rows = db.cursor().execute(
        f"select {FACT_COLUMNS}, prev, hash from live.journal order by seq"  # noqa: S608
    )
    for row in rows:
        *stored, prev, digest = row
        seq = stored[0]
        if seq != last + 1:
            findings.append(_chain(seq, f"follows {last}: facts are missing"))
        elif prev != head or digest != link_of(head, stored):
            findings.append(_chain(seq, "the hash does not fit what is stored"))
        head, last = digest if isinstance(digest, bytes) else GENESIS, seq
        if len(findings) >= MOST_FINDINGS:
            break
        try:
            fact = fact_of(decode, stored)
            tx.at = fact.at
            for project in projectors.get(type(fact.event), ()):
                project(tx, fact)
        except Exception as error:  # noqa: BLE001  whatever stops it is the finding
            findings.append(_chain(seq, f"cannot be replayed: {error}"))
        if not seq % _CHUNK:
            tx.pause()
    tx.pause()
    return last, head.hex(), findings


def link_of(head: bytes, stored: Sequence[Any]) -> bytes | None:
    """The hash a row should have; None when a field holds what no fact can."""
    seq, at, kind, version, actor, task, run, cause, payload = stored
    try:
        return link(head, seq, at, kind, version, actor, task, run, cause, payload.encode())
    except (struct.error, AttributeError, TypeError):
        return None


def _chain(seq: int, what: str) -> Finding:
    return Finding(kind="chain", where=f"fact {seq}", what=what)


def _check_bodies(db: sqlite3.Connection) -> list[Finding]:
    """Every body an event refers to has the digest the event says, unless it was erased."""
    found = []
    for ref in _body_refs(db):
        row = db.execute(
            "select b.salt, b.size, coalesce(b.content, o.content),"
            " b.blob is not null and o.digest is null from live.bodies b"
            " left join live.blobs o on o.digest = b.blob where b.id = ?",
            (ref[0],),
        ).fetchone()
        if row is None or row[3]:
            found.append(Finding(kind="body", where=f"body {ref[0]}", what="is missing"))
            continue
        salt, size, content, _ = row
        try:
            text = unpack(content, size)
            changed = text is not None and digest_of(salt, _bytes(text)) != ref[1]
        except Exception as error:  # noqa: BLE001  any failure to read it is the finding
            found.append(Finding(kind="body", where=f"body {ref[0]}", what=str(error)))
            continue
        if changed:
            found.append(Finding(kind="body", where=f"body {ref[0]}", what="was changed"))
    return found


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _body_refs(db: sqlite3.Connection) -> Iterator[tuple[int, str]]:
    """References in payloads: an object with exactly an id and a digest, in a field of its own."""
    rows = db.cursor().execute(
        "select f.value ->> '$.id', f.value ->> '$.digest' from live.journal j,"
        " json_each(j.payload) f where f.type = 'object' and f.value ->> '$.digest' is not null"
    )
    yield from rows


def _compare(db: sqlite3.Connection, rooms: Sequence[RoomTables]) -> tuple[int, list[Finding]]:
    rows, findings = 0, list[Finding]()
    for room in rooms:
        for table, kind in room.tables.items():
            if kind != "projection":
                continue
            rows += db.execute(f"select count(*) from live.{table}").fetchone()[0]  # noqa: S608
            for side, other, what in (
                ("live", "main", "is not what the journal says"),
                ("main", "live", "is missing or different"),
            ):
                different = db.execute(
                    f"select * from {side}.{table} except select * from {other}.{table} limit 3"  # noqa: S608
                ).fetchall()
                findings += [
                    Finding(kind="projection", where=table, what=f"row {_key(row)} {what}")
                    for row in different
                ]
    return rows, findings


def _key(row: Sequence[Any]) -> str:
    return ", ".join(str(value) for value in row[:3])


def facts_of_task(execute: Callable[..., Any], decode: Decoder, task: TaskId) -> list[Fact]:
    """What the journal holds about a task, in order."""
    rows = execute(
        f"select {FACT_COLUMNS} from journal where task = ? order by seq",  # noqa: S608
        (task,),
    ).fetchall()
    return [fact_of(decode, row) for row in rows]
