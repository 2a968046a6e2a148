"""What a store does at its edges: texts of the same batch, files that go, what fails on its way."""

from __future__ import annotations

import asyncio
import fcntl
import os
import resource
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from swarm_core.kernel.errors import (
    BackupFailed,
    Closing,
    DamagedStore,
    StoreGone,
    StoreUnwritable,
    TooManyFiles,
    WriterDied,
)
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.store import Store, Tx, anchor, faults, files
from swarm_core.store.copying import backups_in, make_backup, sweep
from swarm_core.store.health import BALLAST
from swarm_core.store.reader import connect_read_only, looked_at
from swarm_core.store.replay import Decoder
from swarm_core.store.tallies import MOST, Tally
from swarm_core.store.writer import CROWD
from tests.store.test_faults import error_of
from tests.store.test_opening import filled, overwrite
from tests.store.test_writing import Gate, behind_a_gate
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
async def test_a_write_after_a_file_has_gone_runs_nothing(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    ran: list[int] = []
    async with things_store(tmp_path) as store:
        await store.write(make("before"))
        (folder(tmp_path) / name).unlink()
        with pytest.raises(StoreGone):
            await store.write(lambda tx: ran.append(1))
        with pytest.raises(StoreGone):
            await store.compact()
    assert ran == []
    assert "the writer died" not in caplog.text


async def test_a_file_that_goes_while_it_is_written_is_missed_before_anybody_is_told(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path) as store:
        with pytest.raises(StoreGone):
            await store.write(lambda tx: (folder(tmp_path) / files.LOCK).unlink())
        with pytest.raises(StoreGone):
            await store.write(make("after"))


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
    assert Decoder([THINGS]).kinds == ("thing.made", "thing.seen")
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


async def test_one_write_after_a_crowd_is_made(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await behind_a_gate(store, [make(f"{n}") for n in range(CROWD + 1)])
        await store.empty_log()  # what the crowd has knocked for is heard by then
        assert await store.write(make("alone")) == CROWD + 2


async def test_one_write_after_two_crowds_is_made(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await behind_a_gate(store, [make(f"{n}") for n in range(CROWD)])
        await store.empty_log()  # what the crowd has knocked for is heard by then
        await asyncio.gather(*(store.write(make(f"then {n}")) for n in range(CROWD)))
        assert await store.write(make("alone")) == 2 * CROWD + 1


async def test_what_a_person_waits_for_goes_before_what_only_workers_wait_for(
    tmp_path: Path,
) -> None:
    gate = Gate()
    async with things_store(tmp_path) as store:
        held = asyncio.ensure_future(store.write(gate))
        await gate.entered()
        usual = asyncio.ensure_future(store.write(make("usual")))
        urgent = asyncio.ensure_future(store.write(make("urgent"), first=True))
        await asyncio.sleep(0)
        gate.open()
        await held
        assert (await usual, await urgent) == (2, 1)


async def test_a_simulated_store_tells_what_it_recorded_after_the_write(tmp_path: Path) -> None:
    heard: list[str] = []
    async with things_store(tmp_path, inline=True) as store:
        store.listen((ThingMade,), lambda fact: heard.append(fact.event.name))  # type: ignore[attr-defined]
        await store.write(make("one"))
        await asyncio.sleep(0)
        assert heard == ["one"]
        await store.write(lambda tx: None)
        await store.empty_log()
        await asyncio.sleep(0)
        assert heard == ["one"]
    with pytest.raises(Closing):
        await store.empty_log()


def test_what_only_reads_changes_nothing_not_even_for_itself(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    sqlite3.connect(path).execute("create table a(b)").connection.close()
    connection = connect_read_only(path)
    for statement in ("insert into a values(1)", "create temp table c(d)"):
        with pytest.raises(sqlite3.OperationalError):
            connection.execute(statement)
    connection.close()


def test_sweeping_goes_on_over_what_it_cannot_take_away(tmp_path: Path) -> None:
    (tmp_path / ".waggle-a.work").touch()
    (tmp_path / ".waggle-b.work").mkdir()
    (tmp_path / ".waggle-b.work" / "half").touch()
    (tmp_path / ".x.waggle.part").touch()
    (tmp_path / "x.waggle").touch()
    sweep(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [".waggle-a.work", "x.waggle"]


@pytest.mark.parametrize(
    ("code", "machine"),
    [
        (sqlite3.SQLITE_CORRUPT, True),
        (sqlite3.SQLITE_IOERR_FSYNC, True),
        (sqlite3.SQLITE_IOERR_WRITE, True),
        (sqlite3.SQLITE_FULL, True),
        (sqlite3.SQLITE_READONLY, True),
        (sqlite3.SQLITE_CONSTRAINT_UNIQUE, False),
        (sqlite3.SQLITE_ERROR, False),
        (sqlite3.SQLITE_INTERRUPT, False),
    ],
)
def test_a_wrong_statement_is_not_the_machines_fault(code: int, machine: bool) -> None:
    assert faults.is_machine(error_of(code)) is machine


def test_an_error_without_a_code_is_not_the_machines_fault() -> None:
    assert not faults.is_machine(sqlite3.ProgrammingError("of the driver itself"))


async def test_compacting_leaves_the_connection_as_it_was(tmp_path: Path) -> None:
    def settings(tx: Tx) -> list[int]:
        names = ("temp_store", "synchronous", "secure_delete", "busy_timeout")
        return [tx.execute(f"pragma {name}").fetchone()[0] for name in names]

    async with things_store(tmp_path) as store:
        before = await store.write(settings)
        await store.compact()
        assert await store.write(settings) == before


async def test_a_reader_opens_the_file_once(tmp_path: Path) -> None:
    def opened() -> int:
        return sum(file.path.endswith(files.DATABASE) for file in psutil.Process().open_files())

    async with things_store(tmp_path) as store:
        for _ in range(5):
            await store.read(names)
        assert opened() <= 3, "the writer and two readers"


def test_a_file_that_cannot_be_opened_for_want_of_a_number_says_how_many_there_may_be(
    tmp_path: Path,
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    error, path = error_of(sqlite3.SQLITE_CANTOPEN_ISDIR), tmp_path / files.DATABASE
    resource.setrlimit(resource.RLIMIT_NOFILE, (1, hard))
    try:
        found = faults.meaning(error, path, 0)
        full = faults.meaning(error_of(sqlite3.SQLITE_IOERR_WRITE), path, 0)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert isinstance(found, TooManyFiles)
    assert found.data == {"limit": 1}
    assert type(full) is StoreUnwritable
    assert type(faults.meaning(error, path, 0)) is StoreUnwritable


async def test_nothing_is_the_text_of_no_body(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:

        def fn(tx: Tx) -> list[str | None]:
            ref = tx.put_body("some words")
            return [tx.body(ref.id), tx.body(None)]

        assert await store.write(fn) == ["some words", None]


async def test_a_row_that_a_failed_write_has_set_without_a_look_is_not_there(
    tmp_path: Path,
) -> None:
    def fails(tx: Tx) -> None:
        tx.tallies.set(COUNTS, "all", (7,))
        raise LookupError

    async with things_store(tmp_path) as store:
        with pytest.raises(LookupError):
            await store.write(fails)
        assert await store.write(lambda tx: tx.tallies.get(COUNTS, "all")) is None


async def test_a_fact_is_read_with_what_caused_it(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        first = await store.write(make("one", task=TaskId(1)))
        await store.write(make("two", task=TaskId(1), run=RunId(3), cause=first))
        found = await store.history(TaskId(1))
        assert [(f.seq, f.task, f.run, f.cause) for f in found] == [
            (1, 1, None, None),
            (2, 1, 3, 1),
        ]
