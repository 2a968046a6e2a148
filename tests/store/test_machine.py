"""What fails beneath a store: no room, no rights, a transaction that SQLite itself has ended."""

from __future__ import annotations

import asyncio
import errno
import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Literal

import pytest

from swarm_core.kernel.errors import DamagedStore, DiskFull, StoreUnwritable
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.redaction import SHAPED
from swarm_core.store import Event, Migrations, RoomTables, Tx, faults, files, health, rebuild
from tests.store.test_faults import error_of
from tests.store.test_opening import filled, overwrite
from tests.store.test_writing import behind_a_gate
from tests.store.things import ANA, THINGS, ThingMade, folder, make, names, things_store

TOKEN = "ghp_" + "a1B2c3" * 6


async def test_a_disk_without_room_is_looked_at_until_there_is_some_and_it_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, tries, changes = list[int](), list[int](), list[bool]()
    well = asyncio.Event()

    def statvfs(_: object) -> Any:
        looks.append(1)
        return SimpleNamespace(f_bavail=0 if len(looks) < 5 else 2**40, f_frsize=1)

    async def probe() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise StoreUnwritable(folder="here", problem="not yet")

    async with things_store(tmp_path, least=10) as store:

        def changed() -> None:
            changes.append(store.health.short is not None)
            if not changes[-1]:
                well.set()

        monkeypatch.setattr(health, "PAUSE", 0)
        monkeypatch.setattr(os, "statvfs", statvfs)
        store.health.probe = probe
        store.health.watch(changed)
        first = store.health.failed(error_of(sqlite3.SQLITE_FULL))
        store.health.failed(error_of(sqlite3.SQLITE_READONLY))
        assert store.health.short is first, "the first one counts"
        await well.wait()
    assert changes == [True, False]
    assert len(tries) == 2


async def test_whether_it_can_be_written_is_found_out_by_writing(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
        assert store.health.probe
        await store.health.probe()
        found = await store.read(lambda rows: rows.execute("select * from meta").fetchall())
        assert ("touched", (await store.head())[1]) in found


async def test_what_is_kept_is_tried_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swarm_core.store.store.PAUSE", 0)
    tries: list[int] = []

    def fn(tx: Tx) -> str:
        tries.append(1)
        if len(tries) < 3:
            raise DiskFull(folder="here", free=0, least=1)
        make("one")(tx)
        return "kept"

    async with things_store(tmp_path) as store:
        assert await store.keep(fn) == "kept"
        assert await store.read(names) == ["one"]


def full(tx: Tx) -> None:
    raise error_of(sqlite3.SQLITE_FULL)


async def test_a_disk_that_fills_while_each_function_runs_by_itself_fails_all_of_them(
    tmp_path: Path,
) -> None:
    def changes_and_fails(tx: Tx) -> None:
        make("never")(tx)
        raise LookupError

    async with things_store(tmp_path) as store:
        told = await behind_a_gate(store, [changes_and_fails, make("one"), full, make("two")])
        assert {type(each) for each in told} == {DiskFull}
        assert await store.read(names) == []
        assert await store.write(make("three")) == 1
        assert (await store.verify()).ok


async def test_a_transaction_that_was_ended_beneath_is_not_taken_back_twice(
    tmp_path: Path,
) -> None:
    def ended(tx: Tx) -> None:
        make("never")(tx)
        tx.execute("rollback")
        full(tx)

    async with things_store(tmp_path) as store:
        with pytest.raises(DiskFull):
            await store.write(ended)
        assert await store.write(make("one")) == 1
        assert (await store.verify()).ok


def test_files_that_cannot_be_opened_for_another_reason_are_not_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object) -> int:
        raise OSError(errno.EACCES, "not allowed")

    monkeypatch.setattr(os, "open", refused)
    assert faults.out_of_files() == 0


async def test_a_folder_whose_lock_cannot_be_written_is_refused_and_free_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    with monkeypatch.context() as patch:
        patch.setattr(os, "ftruncate", refused)
        with pytest.raises(StoreUnwritable) as found:
            async with things_store(tmp_path):
                raise AssertionError
    assert found.value.data == {"folder": str(folder(tmp_path)), "problem": "no room"}
    async with things_store(tmp_path) as store:
        assert await store.write(make("one")) == 1


def test_what_turns_out_to_be_no_database_when_it_is_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreUnwritable):
        files.connect_writer(tmp_path, [THINGS])
    (tmp_path / "text").write_text("just words, " * 100)
    with pytest.raises(DamagedStore):
        files.connect_writer(tmp_path / "text", [THINGS])


async def test_a_rebuild_of_a_damaged_file_says_so(tmp_path: Path) -> None:
    overwrite(await filled(tmp_path), "things")
    with pytest.raises(DamagedStore):
        rebuild(folder(tmp_path), [THINGS])


def told_otherwise(path: Path, old: str, new: str) -> None:
    """Another definition of a table, which its rows need not fit."""
    db = sqlite3.connect(path)
    db.execute("pragma writable_schema=on")
    db.execute(
        "update sqlite_master set sql = replace(sql, ?, ?) where name = 'things'", (old, new)
    )
    db.commit()
    db.close()


async def test_rows_that_do_not_fit_their_table_are_a_fault_of_the_file_and_stop_all_writing(
    tmp_path: Path,
) -> None:
    path = await filled(tmp_path)
    whole, loose = "name text not null", "name text"
    told_otherwise(path, whole, loose)
    db = sqlite3.connect(path)
    db.execute("update things set name = null where id = 1")
    db.commit()
    db.close()
    told_otherwise(path, loose, whole)
    async with things_store(tmp_path) as store:
        found = [each for each in (await store.verify()).findings if each.kind == "file"]
        assert [(each.where, each.what) for each in found] == [
            ("database", "NULL value in things.name")
        ]
        with pytest.raises(DamagedStore):
            await store.write(make("after"))


async def test_a_text_of_an_earlier_write_belongs_to_the_first_fact_about_it(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path) as store:
        ref = await store.write(lambda tx: tx.put_body("some words"))
        for n in (3, 4):
            event = ThingMade(name=f"{n}", text=ref)
            await store.write(lambda tx, e=event, n=n: tx.append(e, ANA, task=TaskId(n)))
        await store.write(lambda tx: tx.erase(TaskId(4)))
        assert await store.write(lambda tx: tx.body(ref.id)) == "some words"
        await store.write(lambda tx: tx.erase(TaskId(3)))
        assert await store.write(lambda tx: tx.body(ref.id)) is None


class Odd(Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "odd.word"

    word: Literal["ghp_a1B2c3a1B2c3a1B2c3a1B2c3a1B2c3a1B2c3"]


async def test_no_secret_is_recorded_and_a_word_of_ours_is_none(tmp_path: Path) -> None:
    room = RoomTables(name="odd", migrations=Migrations("odd"), tables={}, events=(Odd,))
    async with things_store(tmp_path, THINGS, room) as store:
        await store.write(make(f"the key {TOKEN}", f"a text with {TOKEN}"))
        await store.write(lambda tx: tx.append(Odd(word=TOKEN), ANA))  # type: ignore[arg-type]
        assert await store.read(names) == [f"the key {SHAPED}"]
        assert await store.write(lambda tx: tx.body(1)) == f"a text with {SHAPED}"
        stored = await store.read(
            lambda rows: rows.execute("select payload from journal order by seq").fetchall()
        )
        assert TOKEN not in stored[0][0]
        assert TOKEN in stored[1][0]
        assert (await store.verify()).ok
