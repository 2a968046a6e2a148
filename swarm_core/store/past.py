"""The whole journal, wherever its parts lie: what is in the archive, then what is in the table.

Nothing but hashes says what belongs together, so that a table of files that is wrong cannot hide
a part: from the first fact in the table one file after the other is looked for that ends in the
hash before it. When some are gone, the journal begins with the projections as of the last time
something went into the archive; the fact that says so has their digest.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec
import zstandard

from swarm_core.kernel.errors import BrokenJournal
from swarm_core.store.chain import GENESIS
from swarm_core.store.replay import FACT_COLUMNS
from swarm_core.store.schema import JournalArchived
from swarm_core.store.segments import Row, Segment, leading_to, opened_all

ARCHIVE = "archive"
"""The folder for it in a state folder."""
TABLES = ".waggle-tables"
_PAGE = 1_000


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """Where the journal begins: `begin` is the last fact before what can be read, 0 when all of
    it can, `head` that fact's hash, `tables` the fact that has the digest of the projections as of
    it. `table` is the first fact in the table, `broken` what cannot be read in the archive."""

    begin: int
    head: bytes
    tables: JournalArchived | None
    table: int
    segments: tuple[Segment, ...]
    broken: tuple[BrokenJournal, ...]

    def rows(self, db: sqlite3.Connection, schema: str = "main") -> Iterator[Row]:
        """Every fact after `begin`, read page by page. Raises `BrokenJournal`."""
        for segment in self.segments if not self.begin else ():
            for row in segment.rows():
                if row.stored[0] >= self.table:
                    break
                yield row
        after = max(self.begin, self.table - 1)
        page = (
            f"select {FACT_COLUMNS}, prev, hash from {schema}.journal where seq > ?"  # noqa: S608
            " order by seq limit ?"
        )
        while found := db.execute(page, (after, _PAGE)).fetchall():
            for *stored, prev, digest in found:
                yield Row(stored, prev, digest)
            after = found[-1][0]


def name_of(number: int, head: str, end: str) -> str:
    """The name of a file in the archive. With a piece of its hash, so that the files of two
    histories can lie side by side while a backup is put back."""
    return f"{number:04}-{head[:8]}{end}"


def past_of(
    folder: Path,
    db: sqlite3.Connection,
    schema: str = "main",
    *,
    without: Collection[str] = (),
) -> Past:
    """The past of the journal in `db`, whose archive lies in the state folder `folder`; `without`
    names files in it that cannot be used."""
    row = db.execute(
        f"select seq, prev from {schema}.journal order by seq limit 1"  # noqa: S608
    ).fetchone()
    if row is None or row[0] == 1:
        return Past(begin=0, head=GENESIS, tables=None, table=1, segments=(), broken=())
    table, prev = row
    found, broken = opened_all(folder / ARCHIVE, without)
    segments = tuple(leading_to(found, table, prev))
    if segments and segments[0].first == 1:
        return Past(begin=0, head=GENESIS, tables=None, table=table, segments=segments, broken=())
    last = last_archived(db, schema)
    if last is None:
        # Nothing ever went into an archive: its beginning was cut off, and whoever reads sees it.
        return Past(
            begin=0, head=GENESIS, tables=None, table=table, segments=(), broken=tuple(broken)
        )
    return Past(
        begin=last.last,
        head=bytes.fromhex(last.head),
        tables=last,
        table=table,
        segments=segments,
        broken=tuple(broken),
    )


def last_archived(db: sqlite3.Connection, schema: str = "main") -> JournalArchived | None:
    """What went into the archive last. The fact is always in the table: it came afterwards."""
    row = db.execute(
        f"select payload from {schema}.journal where kind = ? order by seq desc limit 1",  # noqa: S608
        (JournalArchived.kind,),
    ).fetchone()
    return msgspec.json.decode(row[0], type=JournalArchived) if row else None


def digest_of_file(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def pack_tables(database: Path, target: Path) -> None:
    """Write `database` compressed to `target`, and have it on the disk."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file, database.open("rb") as source:
        zstandard.ZstdCompressor(level=3, write_checksum=True).copy_stream(source, file)
        file.flush()
        os.fsync(file.fileno())


def unpack_tables(folder: Path, archived: JournalArchived, target: Path) -> None:
    """Put the projections that went with `archived` into the database `target`. Raises
    `BrokenJournal` when they are gone, or are not those."""
    file = folder / ARCHIVE / name_of(archived.number, archived.head, TABLES)

    def broken(what: str) -> BrokenJournal:
        return BrokenJournal(folder=str(folder), where=file.name, what=what)

    try:
        if digest_of_file(file) != archived.tables:
            raise broken("is not what it was")
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as unpacked, file.open("rb") as packed:
            zstandard.ZstdDecompressor().copy_stream(packed, unpacked)
    except FileNotFoundError:
        raise broken("is missing") from None
    except (OSError, zstandard.ZstdError) as error:
        raise broken(str(error)) from None
