"""A copy of the database while the swarm writes to it, and a backup made of that.

The copy is taken through a read-only connection that holds one snapshot from its first page to
its last. So it never begins anew because somebody wrote, and the writer does not wait for it; the
write-ahead log grows meanwhile, and is tidied up by the next checkpoint.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from datetime import datetime
from pathlib import Path

import msgspec

from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.errors import BackupFailed, BadBackup
from swarm_core.store import anchor, bundle
from swarm_core.store.bundled import gather, prune
from swarm_core.store.faults import complaint
from swarm_core.store.files import APPLICATION_ID, DATABASE
from swarm_core.store.reader import connect_read_only
from swarm_core.store.replay import FACT_COLUMNS, link_of

SUFFIX = ".waggle"
SETTINGS = "waggle.yaml"
BACKUPS = "backups"
"""The folder for them in a state folder, unless the settings name another."""
BEFORE_UPGRADE = "before-upgrade"
_PAGES = 256
_PAUSE = 0.002
"""Seconds between two slices: other threads get their turn."""
_NAME = re.compile(r"waggle-(\d{8}T\d{6}Z)-(\d+)(?:-[a-z-]+)?\.waggle")


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that lies somewhere: its file, when it was made (microseconds), up to which fact
    of the journal, how large."""

    file: str
    made: int
    seq: int
    size: int


def make_backup(
    database: Path, folder: Path, now: datetime, *, settings: str | None = None, why: str = ""
) -> Kept:
    """Back up `database` and what lies beside it into a new file in `folder`, or in the file
    `folder` when its name ends like one. Such a file has the archive in it; in a folder it lies
    beside all backups, once. Blocking: call it off the loop.

    Raises `BackupFailed`; then nothing half is left.
    """
    to_file = folder.suffix == SUFFIX
    home = folder.parent if to_file else folder
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    work = home / f".waggle-{stamp}.work"
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        work.mkdir(mode=0o700)
        names = _gather(database, work, settings)
        seq, head, schema = _looked_at(work)
        alone = to_file or bool(why)
        more = gather(database.parent, work / DATABASE, work, None if alone else home)
        names += more.names
        manifest = bundle.Manifest(
            waggle_backup=bundle.FORMAT,
            made=to_micros(now),
            seq=seq,
            head=head,
            schema=schema,
            members=tuple(bundle.measure(work / name, name) for name in names),
            beside=more.beside,
        )
        name = f"waggle-{stamp}-{seq}{f'-{why}' if why else ''}{SUFFIX}"
        target = folder if to_file else home / name
        bundle.write_bundle(target, manifest, [work / name for name in names])
        return Kept(file=str(target), made=manifest.made, seq=seq, size=target.stat().st_size)
    except OSError as error:
        raise BackupFailed(folder=str(home), problem=error.strerror or str(error)) from None
    except (sqlite3.Error, UnicodeDecodeError, BadBackup) as error:
        problem = str(error.data["problem"]) if isinstance(error, BadBackup) else complaint(error)
        raise BackupFailed(folder=str(home), problem=problem) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _gather(database: Path, work: Path, settings: str | None) -> list[str]:
    """Put what is backed up into `work`; the names."""
    names = [DATABASE]
    # First: what is written down after the copy was taken must not be missed in it.
    if (heads := database.parent / anchor.ANCHOR).exists():
        _private(work / anchor.ANCHOR, heads.read_bytes())
        names.append(anchor.ANCHOR)
    if settings is not None:
        _private(work / SETTINGS, settings.encode())
        names.append(SETTINGS)
    copy_database(database, work / DATABASE)
    return names


def _private(file: Path, content: bytes) -> None:
    file.touch(mode=0o600)
    file.write_bytes(content)


def copy_database(database: Path, copy: Path) -> None:
    """Copy the database alone, as it is at this moment, also while a swarm has it. Blocking."""
    copy.touch(mode=0o600)
    log = database.with_name(f"{database.name}-wal")
    source = connect_read_only(database, still=not log.exists())
    try:
        target = sqlite3.connect(copy, isolation_level=None)
        try:
            target.execute("pragma journal_mode=off")
            target.execute("pragma synchronous=off")
            source.execute("begin")
            source.execute("select 1 from sqlite_master limit 1").fetchone()
            source.backup(target, pages=_PAGES, progress=lambda *_: time.sleep(_PAUSE))
        finally:
            target.close()
    finally:
        source.close()


def _looked_at(folder: Path) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    """Whether the copy is whole: its pages, its last fact, and every head that was written down
    before. Each hash is recomputed by a restore. Raises `BadBackup`."""
    copy = folder / DATABASE
    db = sqlite3.connect(":memory:", isolation_level=None, uri=True)
    try:
        uri = f"{copy.absolute().as_uri()}?mode=ro&immutable=1"
        db.execute("attach ? as live", (uri,))
        (application,) = db.execute("pragma live.application_id").fetchone()
        (state,) = db.execute("pragma live.quick_check(1)").fetchone()
        if application != APPLICATION_ID or state != "ok":
            raise BadBackup(file=str(copy), problem=f"the database is damaged ({state})")
        lost = anchor.missing(folder, db)
        if lost:
            raise BadBackup(file=str(copy), problem="; ".join(f"{w}: {t}" for _, w, t in lost[:3]))
        row = db.execute(
            f"select {FACT_COLUMNS}, prev, hash from live.journal order by seq desc limit 1"  # noqa: S608
        ).fetchone()
        if row is not None and link_of(row[-2], row[:-2]) != row[-1]:
            raise BadBackup(file=str(copy), problem=f"fact {row[0]} has another hash")
        schema = db.execute(
            "select migration_set, name from live._sqlite_migrations order by rowid"
        ).fetchall()
        seq, head = (row[0], row[-1].hex()) if row else (0, "")
        return seq, head, tuple((each[0], each[1]) for each in schema)
    finally:
        db.close()


def backups_in(folder: Path) -> list[Kept]:
    """The backups that lie in `folder`, by what their names say, the newest first."""
    found = []
    for file in folder.glob(f"waggle-*{SUFFIX}"):
        if named := _NAME.fullmatch(file.name):
            made = datetime.strptime(named[1], "%Y%m%dT%H%M%S%z")
            size = file.stat().st_size
            found.append(Kept(file=str(file), made=to_micros(made), seq=int(named[2]), size=size))
    return sorted(found, key=lambda kept: (kept.made, kept.seq, kept.file), reverse=True)


def sweep(folder: Path) -> None:
    """Take away what a killed backup has left, and files of the archive that no backup needs any
    more. Call it while nobody makes one there."""
    prune(folder, folder.glob(f"*{SUFFIX}"))
    for left in folder.glob(".waggle-*.work"):
        shutil.rmtree(left, ignore_errors=True)
    for left in folder.glob(f".*{SUFFIX}.part"):
        left.unlink(missing_ok=True)
