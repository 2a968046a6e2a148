"""Verification: is the file whole, is the chain unbroken, do the tables say what the journal says.

Every fact is folded into a scratch database with the same projectors, which is compared row by
row, inside one snapshot of the live file: so it can run beside a working swarm. What is in the
archive is read as well; where some of it is gone, it begins at the projections that were kept.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from swarm_core.kernel.errors import BrokenJournal
from swarm_core.store import anchor
from swarm_core.store.chain import GENESIS
from swarm_core.store.faults import UNSOUND, complaint
from swarm_core.store.past import ARCHIVE, Past, digest_of_file, name_of, past_of, unpack_tables
from swarm_core.store.replay import Folding, link_of, scratch_database
from swarm_core.store.schema import RoomTables
from swarm_core.store.segments import SEGMENT
from swarm_core.store.texts import Texts

MOST_FINDINGS = 50


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as it must be. `kind` is file, chain, truncated, anchor, body,
    projection or archive; `where` a journal position, body, table or file."""

    kind: str
    where: str
    what: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a verification saw. `head` is the hash of the last fact, hex: written down somewhere
    else it later proves that nothing was cut off. Facts up to `begin` were not there to be read,
    those up to `archived` are in files of the archive."""

    facts: int
    head: str
    rows: int
    findings: tuple[Finding, ...]
    begin: int = 0
    archived: int = 0

    @property
    def ok(self) -> bool:
        return not self.findings


def verify(path: Path, rooms: Sequence[RoomTables]) -> Report:
    """Check file, chain, bodies, projections and archive. Blocking: call it off the loop."""
    broken: dict[str, Finding] = {}
    while True:
        try:
            return _verified(path, rooms, broken)
        except BrokenJournal as error:
            # What is in that file cannot be read, so it begins where it can.
            _note(broken, error)


def _verified(path: Path, rooms: Sequence[RoomTables], broken: dict[str, Finding]) -> Report:
    findings, folder = list[Finding](), path.parent
    facts, head, rows, past = 0, "", 0, None
    try:
        with _attached(path, rooms, broken) as (scratch, past, fold):
            findings += _check_file(scratch)
            findings += [
                Finding(kind=kind, where=where, what=what)
                for kind, where, what in anchor.missing(folder, scratch)
            ]
            facts, head, found = _replay(scratch, rooms, past, folder=folder, fold=fold)
            findings += found
            if fold:
                findings += _check_files(folder, scratch, broken)
                rows, found = _compare(scratch, rooms)
                findings += found
    except UNSOUND as error:
        findings.append(Finding(kind="file", where=str(path), what=complaint(error)))
        facts, head, rows = 0, "", 0
    return Report(
        facts=facts,
        head=head,
        rows=rows,
        findings=tuple([*findings, *broken.values()][:MOST_FINDINGS]),
        begin=past.begin if past else 0,
        archived=past.table - 1 if past else 0,
    )


@contextmanager
def _attached(
    path: Path, rooms: Sequence[RoomTables], broken: dict[str, Finding]
) -> Iterator[tuple[sqlite3.Connection, Past, bool]]:
    """A scratch database with what came before the first fact that can be read, the live one
    attached in a snapshot, and whether that is enough to fold the rest."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    with tempfile.TemporaryDirectory(prefix="waggle-") as work:
        look = sqlite3.connect(uri, isolation_level=None, uri=True)
        try:
            past = past_of(path.parent, look, without=broken)
        finally:
            look.close()
        for each in past.broken:
            _note(broken, each)
        file, fold = "", True
        if past.tables:
            try:
                unpack_tables(path.parent, past.tables, Path(work) / "tables")
                file = str(Path(work) / "tables")
            except BrokenJournal as error:
                _note(broken, error)
                fold = False
        scratch = scratch_database(file, rooms)
        _without_indexes(scratch)
        try:
            scratch.execute("attach ? as live", (uri,))
            scratch.execute("begin")
            yield scratch, past, fold
        finally:
            scratch.close()


def _without_indexes(scratch: sqlite3.Connection) -> None:
    """Folds find their rows by their keys. Keeping the other indexes, which nobody asks here,
    would take a third of the time of a replay."""
    for name, statement in scratch.execute(
        "select name, sql from sqlite_master where type = 'index' and sql is not null"
    ).fetchall():
        if "unique" not in statement.lower():
            scratch.execute(f"drop index {name}")


def _note(broken: dict[str, Finding], error: BrokenJournal) -> None:
    where = str(error.data["where"])
    broken[where] = Finding(kind="archive", where=where, what=str(error.data["what"]))


def _check_file(db: sqlite3.Connection) -> list[Finding]:
    lines = [row[0] for row in db.execute("pragma live.integrity_check(20)").fetchall()]
    return [Finding(kind="file", where="database", what=line) for line in lines if line != "ok"]


def _check_files(folder: Path, db: sqlite3.Connection, broken: dict[str, Finding]) -> list[Finding]:
    """Every file of the archive that was not deleted on purpose is there as it was written."""
    found = []
    for number, head, digest in db.execute(
        "select number, head, digest from segments where dropped is null order by number"
    ).fetchall():
        name = name_of(number, head, SEGMENT)
        file = folder / ARCHIVE / name
        if name in broken:
            continue
        if not file.exists():
            found.append(Finding(kind="archive", where=name, what="is missing"))
        elif digest_of_file(file) != digest:
            found.append(Finding(kind="archive", where=name, what="is not what it was"))
    return found


def _replay(
    db: sqlite3.Connection, rooms: Sequence[RoomTables], past: Past, *, folder: Path, fold: bool
) -> tuple[int, str, list[Finding]]:
    findings: list[Finding] = []
    texts: list[Finding] = []
    folding, head, last = Folding(db, rooms), past.head, past.begin
    reading = Texts(db, whole=not past.begin)
    written = {each.seq: each for each in anchor.readable(folder) if each.seq < past.table}
    for stored, prev, digest in past.rows(db, "live"):
        seq = stored[0]
        if seq != last + 1:
            findings.append(_chain(seq, f"follows {last}: facts are missing"))
        elif prev != head or digest != link_of(head, stored):
            findings.append(_chain(seq, "the hash does not fit what is stored"))
        if (known := written.get(seq)) and known.digest != digest.hex():
            what = f"is another one than at {known.at}"
            findings.append(Finding(kind="anchor", where=f"fact {seq}", what=what))
        head, last = digest if isinstance(digest, bytes) else GENESIS, seq
        if len(findings) >= MOST_FINDINGS:
            break
        try:
            fact = folding.fold(stored) if fold else folding.decoded(stored)
        except Exception as error:  # noqa: BLE001  whatever stops it is the finding
            problem = str(error) or type(error).__name__
            findings.append(_chain(seq, f"cannot be replayed: {problem}"))
            continue
        texts += [Finding(kind="body", where=w, what=what) for w, what in reading.wrong(fact)]
    folding.pause()
    return last, head.hex(), findings + texts


def _chain(seq: int, what: str) -> Finding:
    return Finding(kind="chain", where=f"fact {seq}", what=what)


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
