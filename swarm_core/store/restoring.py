"""A backup put back.

It works under the folder's lock, so never below a live swarm, and leaves the old or the new,
whenever the process is killed: everything is prepared beside the database and then put in place by
one rename, the old files linked aside before.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.clock import SystemClock
from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import (
    BadBackup,
    DamagedStore,
    ForeignStore,
    RestoreFailed,
    StateThere,
)
from swarm_core.kernel.ids import SystemEntropy
from swarm_core.store import anchor, bundle, files
from swarm_core.store.bundled import fetch, put
from swarm_core.store.copying import SETTINGS
from swarm_core.store.past import ARCHIVE
from swarm_core.store.reader import connect_read_only
from swarm_core.store.schema import STORE_TABLES, RoomTables, StateRestored, projectors_of
from swarm_core.store.segments import SEGMENT
from swarm_core.store.tx import Subscribers, Tx
from swarm_core.store.verifying import Finding, Report, verify

STAGING = ".restoring-"
_BESIDE = ("-wal", "-shm")


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What was put back: `made` and `seq` of the backup, what was checked, where the state lies
    that was there before (None: there was none), where the settings of then lie. Files of the
    archive that lay nowhere are `missing`: what is in them is not in the state."""

    folder: str
    made: int
    seq: int
    report: Report
    before: str | None
    settings: str | None
    missing: tuple[str, ...] = ()


def restore(
    file: Path, folder: Path, rooms: Sequence[RoomTables], *, replace: bool, now: datetime
) -> Restored:
    """Put the backup `file` into the state folder `folder`. Blocking.

    It is checked whole first: digests, chain, texts, tables against the journal. Raises
    `BadBackup`, `NewerStore`, `StateThere` unless `replace`, `StoreLocked` over a live swarm,
    `RestoreFailed`; in each case the folder's state is as it was.
    """
    bundle.read_manifest(file)
    fresh = not folder.exists()
    lock = files.FolderLock(folder)
    staging: Path | None = None
    try:
        if files.has_state(folder) and not replace:
            raise StateThere(folder=str(folder))
        for left in folder.glob(f"{STAGING}*"):
            shutil.rmtree(left, ignore_errors=True)
        staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=folder))
        manifest = bundle.unpack_bundle(file, staging)
        missing = fetch(file, manifest, staging)
        report = _prove(file, staging, rooms, manifest, missing)
        crash_point("restore.swap.before")
        before = _swap(staging, folder, now)
        crash_point("restore.swap.after")
        return Restored(
            folder=str(folder),
            made=manifest.made,
            seq=manifest.seq,
            report=report,
            before=str(before) if before else None,
            settings=_keep_settings(staging, folder),
            missing=(*missing, *_left_out(report, manifest)),
        )
    except OSError as error:
        problem = error.strerror or str(error)
        raise RestoreFailed(folder=str(folder), problem=problem) from None
    finally:
        if staging:
            shutil.rmtree(staging, ignore_errors=True)
        lock.release()
        if fresh and not files.has_state(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _keep_settings(staging: Path, folder: Path) -> str | None:
    """The settings of then go beside the database, under a name that nothing reads by itself."""
    if not (staging / SETTINGS).exists():
        return None
    kept = folder / f"{SETTINGS}.restored"
    (staging / SETTINGS).replace(kept)
    return str(kept)


def _prove(
    file: Path,
    staging: Path,
    rooms: Sequence[RoomTables],
    manifest: bundle.Manifest,
    missing: Sequence[str],
) -> Report:
    """Bring the copy up to date, check all of it, and record that it was restored."""
    database = staging / files.DATABASE
    everything = (STORE_TABLES, *rooms)
    try:
        files.check(database, everything)
        _refuse_triggers(file, database, everything)
        connection = files.connect_writer(database, everything)
    except (ForeignStore, DamagedStore) as error:
        problem = str(error.data.get("problem", "its database is not one of a swarm"))
        raise BadBackup(file=str(file), problem=problem) from None
    try:
        connection.execute("pragma wal_checkpoint(truncate)")
        report = verify(database, everything)
        lost = {*missing, *_left_out(report, manifest)}
        wrong = [f for f in report.findings if f.kind != "archive" or f.where not in lost]
        ends = (report.facts, report.head if report.facts else "")
        if not wrong and ends != (manifest.seq, manifest.head):
            raise BadBackup(file=str(file), problem="its journal ends elsewhere than it says")
        if wrong:
            raise BadBackup(file=str(file), problem=_said(wrong))
        _record(connection, everything, manifest)
        connection.execute("pragma wal_checkpoint(truncate)")
    finally:
        connection.close()
    return report


def _left_out(report: Report, manifest: bundle.Manifest) -> tuple[str, ...]:
    """Files of the archive that were lost before the backup was made, which never had them."""
    had = {Path(each.name).name for each in (*manifest.members, *manifest.beside)}
    return tuple(
        each.where
        for each in report.findings
        if each.kind == "archive" and each.where.endswith(SEGMENT) and each.where not in had
    )


def _refuse_triggers(file: Path, database: Path, rooms: Sequence[RoomTables]) -> None:
    """One that is not ours and came along would do its work in the middle of ours."""
    ours = {_plain(trigger) for room in rooms for trigger in room.triggers}
    connection = connect_read_only(database, still=True)
    try:
        found = connection.execute("select sql from sqlite_master where type = 'trigger'")
        if any(_plain(sql) not in ours for (sql,) in found):
            raise BadBackup(file=str(file), problem="its database holds a program of its own")
    finally:
        connection.close()


def _plain(sql: str) -> str:
    return " ".join(sql.split()).casefold()


def _said(findings: Sequence[Finding]) -> str:
    return "; ".join(f"{each.where} {each.what}" for each in findings[:3])


def _record(
    connection: sqlite3.Connection, rooms: Sequence[RoomTables], manifest: bundle.Manifest
) -> None:
    """Say in the journal that what came after was lost: from here on it is another history."""
    tx = Tx(connection, Subscribers(projectors_of(rooms), {}), SystemClock(), SystemEntropy())
    tx.begin_batch()
    connection.execute("begin immediate")
    tx.append(StateRestored(made=manifest.made, seq=manifest.seq, head=manifest.head), SWARM)
    tx.flush()
    connection.execute("commit")


def _swap(staging: Path, folder: Path, now: datetime) -> Path | None:
    """Put the proven files in place. What was there is linked aside first, and is gone from its
    place only by the rename that brings the new database."""
    database = folder / files.DATABASE
    before = None
    if database.exists():
        before = folder / f"before-{now:%Y%m%dT%H%M%S%fZ}"
        before.mkdir(mode=0o700)
        there = [database, *(database.with_name(f"{database.name}{end}") for end in _BESIDE)]
        for each in (*there, folder / anchor.ANCHOR):
            if each.exists():
                os.link(each, before / each.name)
        for each in _archived(folder):
            put(each, before / ARCHIVE / each.name)
        bundle.sync_folder(before)
        bundle.sync_folder(folder)
        # A log that stayed would be taken for the new database's.
        for each in there[1:]:
            each.unlink(missing_ok=True)
    if (staging / anchor.ANCHOR).exists():
        (staging / anchor.ANCHOR).replace(folder / anchor.ANCHOR)
    else:
        (folder / anchor.ANCHOR).unlink(missing_ok=True)
    # Their names have a piece of their hashes: those of the old state stay beside them.
    fresh = {each.name for each in _archived(staging)}
    for name in fresh:
        put(staging / ARCHIVE / name, folder / ARCHIVE / name, anew=True)
    bundle.sync_folder(folder)
    crash_point("restore.rename.before")
    (staging / files.DATABASE).replace(database)
    bundle.sync_folder(folder)
    for each in _archived(folder):
        if each.name not in fresh:
            each.unlink(missing_ok=True)
    return before


def _archived(folder: Path) -> list[Path]:
    return [each for each in (folder / ARCHIVE).glob("[!.]*") if each.is_file()]
