"""What a store does at its edges: texts of the same batch, files that go, what fails on its way."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from swarm_core.kernel.errors import (
    BackupFailed,
    Closing,
    DamagedStore,
    StoreGone,
    WriterDied,
)
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Store, Tx, anchor, faults, files
from swarm_core.store.copying import backups_in, make_backup
from swarm_core.store.health import BALLAST
from swarm_core.store.reader import looked_at
from swarm_core.store.replay import Decoder
from swarm_core.store.schema import STORE_TABLES
from swarm_core.store.tallies import MOST, Tally
from tests.store.test_opening import filled, overwrite
from tests.store.things import ANA, THINGS, ThingMade, ThingSeen, folder, make, names, things_store

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LONG = "the same long text, again and again. " * 200


def texts(tx: Tx, *ids: int) -> list[str | None]:
    return [tx.body(number) for number in ids]


async def blobs(store: Store) -> int:
    (count,) = await store.read(lambda r: r.execute("select count(*) from blobs").fetchone())
    return int(count)


async def test_the_digest_of_a_text_is_that_of_its_event_before_and_after_the_commit(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path) as store:

        def fn(tx: Tx) -> Any:
            ref = tx.put_body("some words")
            return ref, tx.body_digest(ref.id)

        ref, digest = await store.write(fn)
        assert digest == ref.digest
        assert await store.write(lambda tx: tx.body_digest(ref.id)) == ref.digest
        await store.write(lambda tx: tx.erase_bodies([ref.id]))
        assert await store.write(lambda tx: tx.body_digest(ref.id)) is None
        assert await store.write(lambda tx: tx.body_digest(99)) is None


async def test_texts_of_the_same_batch_are_erased_with_their_task_and_no_others(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("old", "stored before", task=TaskId(1)))

        def fn(tx: Tx) -> None:
            make("new", "of this batch", task=TaskId(1))(tx)
            make("other", "of another task", task=TaskId(2))(tx)
            tx.erase(TaskId(1))

        await store.write(fn)
        assert await store.write(lambda tx: texts(tx, 1, 2, 3)) == [None, None, "of another task"]
        assert (await store.verify()).ok


async def test_what_several_texts_share_goes_with_the_last_of_them(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        for name in ("a", "b"):
            await store.write(make(name, LONG, personal=False))
        await store.write(make("c", LONG + "!", personal=False))
        assert await blobs(store) == 2
        await store.write(lambda tx: tx.erase_bodies([1]))
        assert await blobs(store) == 2
        assert await store.write(lambda tx: texts(tx, 1, 2)) == [None, LONG]
        await store.write(lambda tx: tx.erase_bodies([2]))
        assert await blobs(store) == 1
        assert await store.write(lambda tx: texts(tx, 2, 3)) == [None, LONG + "!"]
        assert (await store.verify()).ok


@pytest.mark.parametrize("name", [files.DATABASE, files.LOCK])
async def test_a_write_after_a_file_has_gone_runs_nothing(tmp_path: Path, name: str) -> None:
    ran: list[int] = []
    async with things_store(tmp_path) as store:
        await store.write(make("before"))
        (folder(tmp_path) / name).unlink()
        with pytest.raises(StoreGone):
            await store.write(lambda tx: ran.append(1))
        with pytest.raises(StoreGone):
            await store.compact()
    assert ran == []


async def test_compacting_a_damaged_file_stops_all_writing(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    async with things_store(tmp_path) as store:
        overwrite(path, "things")
        with pytest.raises(DamagedStore):
            await store.compact()
        with pytest.raises(DamagedStore):
            await store.write(make("after"))


async def test_what_follows_a_commit_and_fails_is_logged_and_the_others_are_called(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    called: list[Any] = []

    def fail(value: object) -> None:
        raise ZeroDivisionError(str(value))

    async with things_store(tmp_path) as store:
        store.follow((ThingMade,), lambda tx: "first", fail)
        store.follow((ThingMade,), lambda tx: "second", called.append)
        await store.write(make("a"))
        await store.write(lambda tx: None)
    assert called == ["second"]
    assert "what follows from a commit failed" in caplog.text


async def test_a_watcher_that_fails_keeps_nobody_else_from_hearing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    heard = asyncio.Event()

    def fail() -> None:
        raise ZeroDivisionError

    async with things_store(tmp_path) as store:
        store.health.watch(fail)
        store.health.watch(heard.set)
        first = store.health.breaks(WriterDied(problem="one"))
        assert store.health.breaks(WriterDied(problem="two")) is first
        await heard.wait()
    assert "a watcher of the store's health failed" in caplog.text


async def test_no_ballast_where_it_cannot_be_and_none_is_left_half(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        ballast = folder(tmp_path) / BALLAST
        ballast.mkdir()
        assert not store.health.take_ballast()
        ballast.rmdir()
        store.health.least = 2**62
        assert not store.health.take_ballast()
        assert not ballast.exists()
        store.health.least = 0
        assert store.health.take_ballast()
        store.health.least = 2**62
        assert not store.health.take_ballast()


def test_a_folder_that_is_not_there_has_no_room(tmp_path: Path) -> None:
    assert faults.free(tmp_path) > 0
    assert faults.free(tmp_path / "nowhere") == 0


def test_a_transaction_that_cannot_be_taken_back_is_damage(tmp_path: Path) -> None:
    error = faults.stuck(sqlite3.OperationalError("no such savepoint"), tmp_path / "waggle.db")
    assert isinstance(error, DamagedStore)
    assert error.data == {"file": str(tmp_path / "waggle.db"), "problem": "no such savepoint"}


async def test_who_holds_a_folder_is_who_has_its_lock_now(tmp_path: Path) -> None:
    state = folder(tmp_path)
    assert files.holder_of(state) is None
    async with things_store(tmp_path):
        assert files.holder_of(state) == os.getpid()
    assert (state / files.LOCK).read_text() == f"{os.getpid()}\n"
    assert files.holder_of(state) is None
    with (state / files.LOCK).open("w") as other:
        other.write("nobody knows")
        other.flush()
        fcntl.flock(other, fcntl.LOCK_EX)
        assert files.holder_of(state) == 0


async def test_a_state_that_nobody_works_on_is_looked_at(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
    assert looked_at(
        folder(tmp_path), lambda rows: rows.execute("select name from things").fetchall()
    ) == [("one",)]
    with pytest.raises(sqlite3.OperationalError):
        looked_at(folder(tmp_path), lambda rows: rows.execute("delete from things"))


def test_the_decoder_knows_every_kind_there_is() -> None:
    assert Decoder([STORE_TABLES, THINGS]).kinds == ("state.restored", "thing.made", "thing.seen")
    assert Decoder([THINGS])("thing.seen", 1, '{"name":"a"}') == ThingSeen(name="a")


COUNTS = Tally("tally", "name", ("made",))


async def test_more_rows_than_are_kept_in_memory_are_read_again(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:

        def fill(tx: Tx) -> None:
            for n in range(MOST + 1):
                tx.tallies.set(COUNTS, f"{n}", (n,))

        await store.write(fill)
        read = await store.write(lambda tx: [tx.tallies.get(COUNTS, f"{n}") for n in (0, 7, MOST)])
        assert read == [(0,), (7,), (MOST,)]
        assert await store.write(lambda tx: tx.tallies.get(COUNTS, "none")) is None


class Headless:
    """A journal whose head cannot be had."""

    def __init__(self, folder: Path, error: Exception) -> None:
        self.folder = folder
        self._error = error

    async def head(self) -> tuple[int, bytes, datetime]:
        raise self._error


@pytest.mark.parametrize(
    ("error", "said"), [(Closing(), ""), (OSError("no room"), "could not be written down: no room")]
)
async def test_a_head_that_cannot_be_had_is_not_written_down(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: Exception, said: str
) -> None:
    keeper = anchor.Keeper(Headless(tmp_path, error))
    await keeper.close()
    assert caplog.text == ""
    keeper.start()
    await keeper.close()
    assert (said in caplog.text) if said else caplog.text == ""
    assert not (tmp_path / anchor.ANCHOR).exists()


async def test_a_backup_of_what_is_damaged_is_not_made(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
    path, backups = folder(tmp_path) / files.DATABASE, tmp_path / "backups"
    whole = path.read_bytes()
    db = sqlite3.connect(path)
    db.execute("update journal set payload = '{}'")
    db.commit()
    db.close()
    with pytest.raises(BackupFailed) as caught:
        make_backup(path, backups, NOW)
    assert caught.value.data["problem"] == "fact 1 has another hash"
    db = sqlite3.connect(path)
    db.execute("pragma application_id=7")
    db.close()
    with pytest.raises(BackupFailed) as caught:
        make_backup(path, backups, NOW)
    assert caught.value.data["problem"] == "the database is damaged (ok)"
    assert backups_in(backups) == []
    path.write_bytes(whole)
    (backups / "waggle-by-hand.waggle").touch()
    kept = make_backup(path, backups, NOW)
    assert backups_in(backups) == [kept]
    assert list(backups.glob(".*")) == []


async def test_a_fact_without_a_task_stays_when_a_task_is_erased(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:

        def fn(tx: Tx) -> None:
            tx.append(ThingMade(name="free", text=tx.put_body("free words")), ANA)
            tx.erase(TaskId(1))

        await store.write(fn)
        assert await store.write(lambda tx: tx.body(1)) == "free words"
        assert await store.read(names) == ["free"]
