"""What the machine does to an open store: files taken away, no room, a writer that dies."""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from swarm_core.kernel.errors import (
    Closing,
    DamagedStore,
    DiskFull,
    StoreGone,
    StoreUnwritable,
    TooManyFiles,
    WriterDied,
)
from swarm_core.store import Store, batch, files, health
from swarm_core.store.faults import complaint, is_damage, meaning
from tests.store.things import make, names, things_store

ENDLESS = 2**62
"""More bytes than any disk has: asked for as a reserve, the disk is always full."""


def error_of(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("told by a test")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_CORRUPT, DamagedStore),
        (sqlite3.SQLITE_CORRUPT_INDEX, DamagedStore),
        (sqlite3.SQLITE_NOTADB, DamagedStore),
        (sqlite3.SQLITE_IOERR_READ, DamagedStore),
        (sqlite3.SQLITE_IOERR_SHORT_READ, DamagedStore),
        (sqlite3.SQLITE_IOERR_FSYNC, DamagedStore),
        (sqlite3.SQLITE_IOERR_WRITE, StoreUnwritable),
        (sqlite3.SQLITE_FULL, DiskFull),
        (sqlite3.SQLITE_READONLY, StoreUnwritable),
        (sqlite3.SQLITE_READONLY_DBMOVED, StoreGone),
        (sqlite3.SQLITE_CANTOPEN, StoreUnwritable),
    ],
)
def test_each_code_of_sqlite_is_the_files_fault_or_the_machines(
    tmp_path: Path, code: int, kind: type[Exception]
) -> None:
    error = error_of(code)
    assert type(meaning(error, tmp_path / "waggle.db", 0)) is kind
    assert is_damage(error) == (kind is DamagedStore)


async def broken(store: Store) -> None:
    """Wait until the store says that it is."""
    something = asyncio.Event()
    stop = store.health.watch(something.set)
    if store.health.broken is None:
        await something.wait()
    stop()


@pytest.mark.parametrize("name", ["waggle.db", "waggle.db-wal", "waggle.lock"])
@pytest.mark.parametrize("how", ["taken", "replaced"])
async def test_a_commit_to_a_file_that_is_not_there_any_more_is_not_acknowledged(
    tmp_path: Path, name: str, how: str
) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
        file = store.path.with_name(name)
        copy = tmp_path / "copy"
        shutil.copy(file, copy)
        if how == "taken":
            file.unlink()
        else:
            copy.replace(file)
        with pytest.raises(StoreGone):
            await store.write(make("two"))
        with pytest.raises(StoreGone):
            await store.write(make("three"))
        assert isinstance(store.health.broken, StoreGone)


async def test_a_folder_that_is_removed_stops_all_writing(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
        shutil.rmtree(store.folder)
        with pytest.raises(StoreGone):
            await store.write(make("two"))


async def test_below_its_reserve_nothing_new_is_admitted_and_what_is_under_way_is_written(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path, least=ENDLESS) as store:
        with pytest.raises(DiskFull) as refused:
            await store.write(lambda tx: store.health.admit())
        assert refused.value.data["least"] == ENDLESS
        assert await store.keep(make("one")) == 1


async def test_when_there_is_room_again_it_goes_on_by_itself_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PAUSE", 0.001)
    async with things_store(tmp_path, least=ENDLESS) as store:
        changes: list[bool] = []
        well = asyncio.Event()

        def changed() -> None:
            changes.append(store.health.short is not None)
            if store.health.short is None:
                well.set()

        store.health.watch(changed)
        for _ in range(3):
            with pytest.raises(DiskFull):
                await store.write(lambda tx: store.health.admit())
        store.health.least = 1
        await well.wait()
        await store.write(lambda tx: store.health.admit())
        assert changes == [True, False], "told once, and once when it was over"


async def test_the_ballast_is_given_up_for_a_write_that_finds_no_room(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        assert store.health.take_ballast()
        ballast = store.folder / health.BALLAST
        seen = ballast.stat()
        assert seen.st_size == seen.st_blocks * 512 == health.WEIGHT, "it holds real room"
        assert seen.st_mode & 0o777 == 0o600
        assert isinstance(store.health.failed(error_of(sqlite3.SQLITE_FULL)), DiskFull)
        assert not ballast.exists()


async def test_a_writer_that_dies_tells_everybody_who_waits(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("before"))
        (writer,) = [each for each in threading.enumerate() if each.name == "waggle-writer"]
        end = ctypes.pythonapi.PyThreadState_SetAsyncExc
        assert end(ctypes.c_ulong(writer.ident or 0), ctypes.py_object(SystemExit)) == 1
        waiting = [asyncio.ensure_future(store.write(make(f"{n}"))) for n in range(3)]
        riding = store.ride(make("rides"))
        told = await asyncio.gather(*waiting, riding, return_exceptions=True)
        assert {type(each) for each in told} == {WriterDied}
        with pytest.raises(WriterDied):
            await store.write(make("later"))
        assert isinstance(store.health.broken, WriterDied)
    async with things_store(tmp_path) as store:
        assert await store.read(names) == ["before"]
        assert await store.write(make("after")) == 2
        assert (await store.verify()).ok


async def test_a_verification_that_finds_something_stops_all_writing(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
        other = sqlite3.connect(store.path)
        other.execute("update things set name = 'eno'")
        other.commit()
        other.close()
        assert not (await store.verify()).ok
        await broken(store)
        with pytest.raises(DamagedStore):
            await store.write(make("two"))


def _highest_open() -> int:
    return max(int(file.name) for file in Path("/dev/fd").iterdir())


async def test_a_read_without_a_file_to_open_says_so_and_writing_goes_on(tmp_path: Path) -> None:
    async with things_store(tmp_path, readers=1) as store:
        await store.write(make("one"))
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        highest = _highest_open()
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, hard))
        taken = []
        try:
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            pass
        try:
            with pytest.raises(TooManyFiles):
                await store.read(names)
            assert await store.write(make("two")) == 2
        finally:
            for file in taken:
                os.close(file)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        assert await store.read(names) == ["one", "two"]
        assert store.health.short is None


async def test_what_is_kept_is_not_tried_for_ever_when_the_store_closes(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        pass
    with pytest.raises(Closing):
        await store.keep(make("late"))


async def test_a_log_that_somebody_always_reads_does_not_grow_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 200_000
    monkeypatch.setattr(files, "MOST_LOG", most)
    monkeypatch.setattr(batch, "TIDY_PAUSE", 0.0)
    monkeypatch.setattr(batch, "TIDY_PATIENCE", 1)
    text = "a text that takes room " * 400
    async with things_store(tmp_path) as store:
        reader = sqlite3.connect(f"{store.path.as_uri()}?mode=ro", uri=True, isolation_level=None)
        reader.execute("begin")
        assert names(reader) == []
        for n in range(300):
            await store.write(make(f"{n}", f"{n} {text}", personal=False))
        log = store.path.with_name("waggle.db-wal")
        assert log.stat().st_size > most, "somebody needs all of it"
        reader.execute("rollback")
        for n in range(300, 310):
            await store.write(make(f"{n}", f"{n} {text}", personal=False))
        assert log.stat().st_size <= most
        reader.close()
        assert len(await store.read(names)) == 310
        assert (await store.verify()).ok


def test_a_complaint_that_quotes_what_is_no_text_can_be_read() -> None:
    quoted = UnicodeDecodeError("utf-8", b"malformed: \xff_things", 11, 12, "invalid start byte")
    assert complaint(quoted) == "malformed: \ufffd_things"
    assert complaint(sqlite3.DatabaseError("disk image is malformed")) == (
        "disk image is malformed"
    )
