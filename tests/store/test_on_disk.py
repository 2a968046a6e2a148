"""Files that are kept: on the disk before they have their names, and for their owner only."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import zstandard

from swarm_core.kernel.errors import BadBackup
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Archive, Store, faults, files, make_backup, restore
from swarm_core.store.anchor import Head, write_down
from swarm_core.store.bodies import digest_of
from swarm_core.store.bundle import read_manifest, unpack_bundle
from swarm_core.store.bundled import put
from swarm_core.store.health import WEIGHT
from tests.store.test_faults import error_of
from tests.store.things import THINGS, folder, make, things_store

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Disk:
    """Sees what is synced, with its size, and what gets its name by a link or a rename."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.synced: list[tuple[Path, int]] = []
        self.named: list[tuple[Path, int]] = []
        """With how much was synced by then."""
        self.early: list[Path] = []
        self._sync, self._link, self._replace = os.fsync, os.link, os.replace
        patch.setattr(os, "fsync", self.fsync)
        patch.setattr(os, "link", self.link)
        patch.setattr(os, "replace", self.replace)

    def fsync(self, descriptor: int) -> None:
        self._sync(descriptor)
        at = Path(f"/proc/self/fd/{descriptor}").readlink()
        self.synced.append((at, os.fstat(descriptor).st_size))

    def link(self, source: Path, target: Path) -> None:
        """What is linked was kept before."""
        self._link(source, target)
        self.synced.append((Path(target), Path(target).stat().st_size))

    def replace(self, source: Path, target: Path) -> None:
        if (Path(source), Path(source).stat().st_size) not in self.synced:
            self.early.append(Path(target))
        self._replace(source, target)
        self.named.append((Path(target), len(self.synced)))

    def unsure(self) -> list[Path]:
        """What got its name in a folder that was not synced afterwards."""
        return [
            target
            for target, before in self.named
            if target.parent not in [at for at, _ in self.synced[before:]]
        ]


async def filled(store: Store) -> None:
    for n in range(3):
        await store.write(make(f"{n}", task=TaskId(n + 1)))


async def archived(store: Store) -> Path:
    await filled(store)
    part = await Archive(store).move(2)
    assert part
    return store.folder / "archive" / part.name


async def test_what_is_kept_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with things_store(tmp_path) as store:
        disk = Disk(monkeypatch)
        file = await archived(store)
        assert file in [target for target, _ in disk.named]
        kept = make_backup(store.path, tmp_path / "backups", NOW)
        assert Path(kept.file) in [target for target, _ in disk.named]
        put_aside = file.rename(tmp_path / "elsewhere")
        file.symlink_to(put_aside)
        put(file, tmp_path / "copies" / "copy")
        restore(Path(kept.file), tmp_path / "there", [THINGS], replace=False, now=NOW)
        write_down(tmp_path, Head(1, "00", "today"))
    assert disk.early == []
    assert disk.unsure() == [tmp_path / "journal.head"], "an older head does no harm"


@contextmanager
def open_to_all(patch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Whatever is made without saying for whom is for everybody; what is seen of that in folders
    that are taken away again."""
    seen: list[Path] = []
    remove = shutil.rmtree

    def look(tree: Path, *args: object, **named: object) -> None:
        # The tables to come are SQLite's own, in a folder for their owner.
        seen.extend(each for each in exposed(Path(tree)) if each.name != "tables")
        remove(tree, *args, **named)  # type: ignore[arg-type]

    patch.setattr(shutil, "rmtree", look)
    before = os.umask(0)
    try:
        yield seen
    finally:
        os.umask(before)


def exposed(tree: Path) -> list[Path]:
    """What others than its owner may do anything with, and files that may be run."""
    return [
        each
        for each in (tree, *tree.rglob("*"))
        if each.lstat().st_mode & (0o077 if each.is_dir() else 0o177)
    ]


async def test_nothing_that_is_kept_is_for_anybody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    with open_to_all(monkeypatch) as seen:
        async with things_store(home) as store:
            await archived(store)
            seq, head, _ = await store.head()
            write_down(store.folder, Head(seq, head.hex(), "today"))
            assert store.health.take_ballast()
            kept = make_backup(store.path, home / "backups", NOW, settings="a: 1")
            alone = make_backup(store.path, home / "one.waggle", NOW)
            seen += exposed(home)
        restore(Path(kept.file), folder(home), [THINGS], replace=True, now=NOW)
        restore(Path(alone.file), home / "there", [THINGS], replace=False, now=NOW)
    assert [*seen, *exposed(home)] == []


async def test_the_writer_waits_for_the_disk_and_for_others_and_overwrites_what_is_erased(
    tmp_path: Path,
) -> None:
    settings = {
        "journal_mode": "wal",
        "synchronous": 2,  # full
        "secure_delete": 1,
        "busy_timeout": 5000,
        "wal_autocheckpoint": 4000,
        "journal_size_limit": 64 * 1024 * 1024,
        "temp_store": 2,  # in memory
        "cache_size": -16000,
        "page_size": 2048,
        "recursive_triggers": 0,
    }
    async with things_store(tmp_path) as store:
        found = {
            name: await store.write(lambda tx, n=name: tx.execute(f"pragma {n}").fetchone()[0])
            for name in settings
        }
    assert found == settings


async def test_after_a_close_no_file_of_the_store_is_open_and_nothing_tries_to_mend_it(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path, readers=1) as store:
        await store.read(lambda rows: rows.execute("select 1").fetchone())
        short = asyncio.Event()
        store.health.watch(short.set)
        store.health.failed(error_of(sqlite3.SQLITE_FULL))
        await short.wait()
        assert mending()
    await asyncio.sleep(0)
    assert mending() == []
    opened = [each.path for each in psutil.Process().open_files()]
    assert [each for each in opened if each.startswith(str(store.folder))] == []


def mending() -> list[str]:
    return [t.get_name() for t in asyncio.all_tasks() if t.get_name() == "store-health"]


async def test_a_ballast_that_is_there_needs_no_room_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with things_store(tmp_path, least=100) as store:
        free = SimpleNamespace(f_bavail=100 + WEIGHT, f_frsize=1)
        monkeypatch.setattr(os, "statvfs", lambda _: free)
        free.f_bavail -= 1
        assert not store.health.take_ballast()
        free.f_bavail += 1
        assert store.health.take_ballast()
        free.f_bavail = 100
        assert store.health.take_ballast()
        assert faults.free(store.folder) == 100
        free.f_bavail -= 1
        assert not store.health.take_ballast()


@pytest.mark.parametrize("salt", [b"", b"salt", bytes(range(64))])
@pytest.mark.parametrize("content", [b"", b"some words", bytes(range(256))])
def test_the_digest_of_a_text_is_the_one_of_the_standard(salt: bytes, content: bytes) -> None:
    assert digest_of(salt, content) == hmac.new(salt, content, hashlib.sha256).hexdigest()


async def test_a_file_that_is_put_beside_backups_stays_unless_it_is_wanted_anew(
    tmp_path: Path,
) -> None:
    source, target = tmp_path / "source", tmp_path / "home" / "target"
    source.write_text("one")
    put(source, target)
    assert target.samefile(source)
    source.unlink()
    source.write_text("two")
    put(source, target)
    assert target.read_text() == "one"
    source.write_text("three")
    put(source, target)
    assert target.read_text() == "three", "half of one is not it"
    source.unlink()
    source.write_text("eerht")
    put(source, target, anew=True)
    assert target.read_text() == "eerht"


async def a_backup(base: Path) -> Path:
    async with things_store(base) as store:
        await filled(store)
    return Path(make_backup(store.path, base / "backups", NOW).file)


async def test_a_backup_is_summed_and_leaves_room_when_it_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await a_backup(tmp_path)
    assert zstandard.get_frame_parameters(file.read_bytes()).has_checksum
    needed = sum(member.size for member in read_manifest(file).members)
    disk = SimpleNamespace(free=needed + 64 * 1024 * 1024 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with pytest.raises(BadBackup):
        unpack_bundle(file, tmp_path / "one")
    disk.free += 1
    assert unpack_bundle(file, tmp_path / "two").seq == 3


async def test_what_a_killed_restore_has_left_is_swept_by_the_next(tmp_path: Path) -> None:
    file = await a_backup(tmp_path)
    left = folder(tmp_path) / ".restoring-left"
    left.mkdir()
    (left / files.DATABASE).write_text("half")
    restore(file, folder(tmp_path), [THINGS], replace=True, now=NOW)
    assert list(folder(tmp_path).glob(".restoring-*")) == []
