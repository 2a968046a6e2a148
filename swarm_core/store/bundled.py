"""The archive in backups: a file of it is written once and never changed, so it lies once beside
all backups that need it, linked where it can be; each backup has its name and digest. The
projections that go with the newest file are in every backup: without the others it is whole, and
tells less.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from swarm_core.kernel.errors import BadBackup
from swarm_core.store import bundle
from swarm_core.store.archive import parts_of
from swarm_core.store.past import ARCHIVE, TABLES, digest_of_file, last_archived, name_of


class Gathered(msgspec.Struct, frozen=True, kw_only=True):
    """`names` of files of the archive that were put into the backup, `beside` those that lie
    beside it."""

    names: tuple[str, ...]
    beside: tuple[bundle.Member, ...]


def gather(state: Path, copy: Path, work: Path, home: Path | None) -> Gathered:
    """Collect what the database `copy` needs of the archive in `state`: into `work`, the large
    files beside the backups in `home` when there is one. What is missing is left out, as doctor
    tells."""
    db = sqlite3.connect(f"{copy.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        if not db.execute("select 1 from sqlite_master where name = 'segments'").fetchone():
            return Gathered(names=(), beside=())  # what an older Waggle wrote
        parts, last = [p for p in parts_of(db) if p.dropped is None], last_archived(db)
    finally:
        db.close()
    wanted = [name_of(last.number, last.head, TABLES)] if last else []
    wanted += [part.name for part in parts] if home is None else []
    names = [f"{ARCHIVE}/{name}" for name in wanted if (state / ARCHIVE / name).exists()]
    for name in names:
        put(state / name, work / name)
    beside = []
    for part in parts if home is not None else ():
        assert home
        file = state / ARCHIVE / part.name
        if file.exists():
            put(file, home / ARCHIVE / part.name)
            beside.append(bundle.Member(f"{ARCHIVE}/{part.name}", part.size, part.digest))
    return Gathered(names=tuple(names), beside=tuple(beside))


def put(source: Path, target: Path, *, anew: bool = False) -> None:
    """Have `source` at `target`, too: a link where that can be, else a copy, whole or not at all.
    One that is there stays, unless `anew`."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    if not anew and target.exists() and target.stat().st_size == source.stat().st_size:
        return
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        if source.is_symlink():
            raise OSError
        os.link(source, part)
    except OSError:
        with source.open("rb") as read:
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                shutil.copyfileobj(read, file)
                file.flush()
                os.fsync(file.fileno())
    part.replace(target)
    bundle.sync_folder(target.parent)


def fetch(file: Path, manifest: bundle.Manifest, staging: Path) -> tuple[str, ...]:
    """Put what lies beside the backup `file`, or still in the state folder around `staging`, into
    `staging`; the names of what is nowhere. Raises `BadBackup` for one that was changed."""
    missing = []
    for member in manifest.beside:
        found = [
            each
            for each in (file.parent / member.name, staging.parent / member.name)
            if each.is_file() and each.stat().st_size == member.size
        ]
        for each in found:
            if digest_of_file(each) == member.sha256:
                put(each, staging / member.name)
                break
        else:
            if found:
                raise BadBackup(file=str(found[0]), problem=f"{member.name} is not what it was")
            missing.append(Path(member.name).name)
    return tuple(missing)


def prune(home: Path, backups: Iterable[Path]) -> None:
    """Delete what lies in `home` for none of these backups."""
    if not (home / ARCHIVE).is_dir():
        return
    needed: set[str] = set()
    for each in backups:
        try:
            needed |= {Path(member.name).name for member in bundle.read_manifest(each).beside}
        except BadBackup:
            # Nobody knows what it needs.
            return
    for file in (home / ARCHIVE).iterdir():
        if file.is_file() and file.name not in needed:
            file.unlink(missing_ok=True)
