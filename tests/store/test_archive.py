"""The archive of a store: what moves, what is refused, what is left when files are lost."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import io
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.errors import ArchiveFailed, BadBackup, BrokenJournal, RestoreFailed
from swarm_core.kernel.ids import TaskId
from swarm_core.store import (
    ARCHIVE,
    Archive,
    Fact,
    Rebuilding,
    RoomTables,
    Store,
    Tx,
    bundled,
    make_backup,
    open_store,
    packing,
    parts_of,
    past,
    rebuild,
    replay,
    restore,
    segments,
    sweep,
)
from swarm_core.store.anchor import Head, write_down
from swarm_core.store.bundle import Member, read_manifest, unpack_bundle
from swarm_core.store.chain import link
from swarm_core.store.replay import ReplayTx
from swarm_core.store.segments import Row, Segment, SegmentWriter, leading_to, opened_all
from tests.store.things import (
    ANA,
    THINGS,
    ThingMade,
    ThingSeen,
    folder,
    make,
    names,
    things_store,
)

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


async def fill(store: Store, first: int, last: int) -> None:
    def fn(tx: Tx) -> None:
        for n in range(first, last + 1):
            make(f"{n}", task=TaskId(n))(tx)

    await store.write(fn)


def archive_of(base: Path) -> Path:
    return folder(base) / ARCHIVE


def the(base: Path, end: str) -> Path:
    (found,) = archive_of(base).glob(f"*{end}")
    return found


async def moved(base: Path, until: int = 4, rooms: RoomTables = THINGS) -> None:
    """Six facts, of which those up to `until` are in the archive."""
    async with things_store(base, rooms) as store:
        await fill(store, 1, 6)
        assert await Archive(store).move(until)


def altered(base: Path, statement: str) -> None:
    other = sqlite3.connect(folder(base) / "waggle.db")
    other.execute(statement)
    other.commit()
    other.close()


Found = tuple[str, str, str]


async def findings(base: Path) -> set[Found]:
    """Kind, place and what."""
    async with things_store(base) as store:
        found = (await store.verify()).findings
        return {(each.kind, each.where, each.what) for each in found}


async def test_what_moved_in_blocks_and_files_is_read_and_verified_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "BLOCK", 2)
    monkeypatch.setattr(packing, "MOST", 4)
    monkeypatch.setattr(packing, "_PAGE", 3)
    monkeypatch.setattr(replay, "_CHUNK", 2)
    async with things_store(tmp_path) as store:
        await fill(store, 1, 9)
        before = [await store.history(TaskId(n)) for n in range(1, 10)]
        archive = Archive(store)
        first, second = await archive.move(7), await archive.move(7)
        assert first
        assert second
        assert (first.number, first.first, first.last, first.low, first.high) == (1, 1, 4, 1, 4)
        assert (second.number, second.first, second.last) == (2, 5, 7)
        assert first.newest == before[3][0].at
        assert await archive.move(7) is None
        assert [await store.history(TaskId(n)) for n in range(1, 10)] == before
        report = await store.verify()
        assert (report.ok, report.begin, report.archived, report.facts) == (True, 0, 7, 11)
        segment = Segment(archive_of(tmp_path) / first.name)
        assert [row.stored[0] for row in segment.rows(3)] == [3, 4]
        assert [row.stored[0] for row in segment.rows(2)] == [1, 2, 3, 4]
        assert [row.stored[0] for row in segment.of_task(3)] == [3]
        await archive.drop(first)
        assert not (archive_of(tmp_path) / first.name).exists()
        assert await store.history(TaskId(1)) == []
        assert await store.history(TaskId(5)) == before[4]
        assert (await store.verify()).ok
        (archive_of(tmp_path) / second.name).unlink()
        await archive.drop(second)
        assert (await store.verify()).ok, "that it was lost before is no matter any more"
    assert rebuild(folder(tmp_path), [THINGS]).begin == 7


class Held:
    """A room whose fold stands still when it is replayed, until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self.room = dataclasses.replace(THINGS, projectors={ThingMade: self._fold})

    def _fold(self, tx: Any, fact: Fact) -> None:
        if isinstance(tx, ReplayTx):
            self.entered.set()
            assert self.go_on.wait(10)


async def test_a_move_that_is_cancelled_ends_and_leaves_the_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "_PAGE", 1)
    held = Held()
    async with things_store(tmp_path, held.room) as store:
        await fill(store, 1, 3)
        moving = asyncio.create_task(Archive(store).move(3))
        await asyncio.to_thread(held.entered.wait, 10)
        moving.cancel()
        await asyncio.sleep(0)
        held.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await moving
        assert list(archive_of(tmp_path).iterdir()) == []
        assert (await store.head())[0] == 3
        assert await Archive(store).move(3)


async def test_what_a_kill_left_in_the_archive_is_swept(tmp_path: Path) -> None:
    await moved(tmp_path)
    there = archive_of(tmp_path)
    kept = sorted(there.iterdir())
    (there / ".work-left").mkdir()
    (there / "notes").mkdir()
    (there / "mine.txt").touch()
    for end in (segments.SEGMENT, past.TABLES):
        (there / f"0009-00000000{end}").touch()
    async with things_store(tmp_path) as store:
        await Archive(store).tidy()
        assert sorted(there.iterdir()) == sorted([*kept, there / "notes", there / "mine.txt"])
        shutil.rmtree(there)
        await Archive(store).tidy()


async def test_an_archive_that_cannot_be_written_is_said_and_nothing_moves(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await fill(store, 1, 3)
        archive_of(tmp_path).touch()
        with pytest.raises(ArchiveFailed) as refused:
            await Archive(store).move(3)
        assert refused.value.data == {
            "folder": str(archive_of(tmp_path)),
            "problem": "File exists",
        }
        assert (await store.verify()).facts == 3


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update journal set payload = '{}' where seq = 2", "the hash does not fit"),
        ("update journal set prev = x'00' where seq = 2", "the hash does not fit"),
    ],
)
async def test_a_fact_that_was_changed_does_not_move(
    tmp_path: Path, statement: str, what: str
) -> None:
    async with things_store(tmp_path) as store:
        await fill(store, 1, 3)
        altered(tmp_path, statement)
        with pytest.raises(BrokenJournal) as refused:
            await Archive(store).move(3)
        assert refused.value.data["folder"] == str(folder(tmp_path))
        assert refused.value.data["where"] == "fact 2"
        assert what in str(refused.value.data["what"])


def _refuses(tx: Any, fact: Fact) -> None:
    if isinstance(tx, ReplayTx):
        raise ValueError(f"not at {tx.now:%Y}")


async def test_a_fact_that_cannot_be_replayed_neither_moves_nor_is_rebuilt(tmp_path: Path) -> None:
    room = dataclasses.replace(THINGS, projectors={ThingMade: _refuses})
    async with things_store(tmp_path, room) as store:
        await fill(store, 1, 2)
        year = f"{(await store.head())[2]:%Y}"
        with pytest.raises(BrokenJournal) as refused:
            await Archive(store).move(2)
        assert refused.value.data["what"] == f"cannot be replayed: not at {year}"
    with pytest.raises(BrokenJournal) as refused:
        rebuild(folder(tmp_path), [room])
    assert refused.value.data["where"] == "fact 1"
    assert "cannot be replayed" in str(refused.value.data["what"])


async def test_tables_that_are_lost_are_folded_again_from_the_older_files(tmp_path: Path) -> None:
    await moved(tmp_path, until=3)
    the(tmp_path, past.TABLES).unlink()
    async with things_store(tmp_path) as store:
        assert await Archive(store).move(5)
        assert (await store.verify()).ok
    for each in archive_of(tmp_path).glob(f"*{segments.SEGMENT}"):
        each.unlink()
    assert {(kind, what) for kind, _, what in await findings(tmp_path)} == {
        ("archive", "is missing")
    }
    the(tmp_path, past.TABLES).unlink()
    async with things_store(tmp_path) as store:
        with pytest.raises(BrokenJournal):
            await Archive(store).move(6)
        assert await store.read(names) == [f"{n}" for n in range(1, 7)]


def removed(file: Path) -> None:
    file.unlink()


def a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def other_bytes(file: Path) -> None:
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content[:-1] + b"?")


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (removed, "is missing"),
        (a_folder, "[Errno 21] Is a directory"),
        (other_bytes, "is not what it was"),
    ],
)
async def test_tables_that_cannot_be_had_are_found_where_nothing_older_tells(
    tmp_path: Path, spoil: Callable[[Path], None], what: str
) -> None:
    await moved(tmp_path)
    the(tmp_path, segments.SEGMENT).unlink()
    tables = the(tmp_path, past.TABLES).name
    spoil(the(tmp_path, past.TABLES))
    found = await findings(tmp_path)
    assert [w for k, w, said in found if k == "archive" and said.startswith(what)] == [tables]


async def test_a_file_that_is_none_any_more_is_told_as_that(tmp_path: Path) -> None:
    await moved(tmp_path)
    file = the(tmp_path, segments.SEGMENT)
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(b"W" + content[1:])
    assert await findings(tmp_path) == {("archive", file.name, "is not a part of a journal")}


async def test_a_file_packed_otherwise_is_not_what_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await moved(tmp_path)
    file = the(tmp_path, segments.SEGMENT)
    rows = list(Segment(file).rows())
    file.unlink()
    monkeypatch.setattr(segments, "BLOCK", 2)
    again = SegmentWriter(file)
    for row in rows:
        again.add(row)
    again.close()
    assert await findings(tmp_path) == {("archive", file.name, "is not what it was")}


async def test_heads_that_were_written_down_are_held_against_the_archive(tmp_path: Path) -> None:
    await moved(tmp_path)
    write_down(folder(tmp_path), Head(2, "00" * 32, "noon"))
    assert await findings(tmp_path) == {("anchor", "fact 2", "is another one than at noon")}
    with pytest.raises(BrokenJournal) as refused:
        rebuild(folder(tmp_path), [THINGS])
    assert refused.value.data == {
        "folder": str(folder(tmp_path)),
        "where": "fact 2",
        "what": "is not what was written down of it",
    }
    write_down(folder(tmp_path), Head(9, "11" * 32, "night"))
    with pytest.raises(BrokenJournal):
        rebuild(folder(tmp_path), [THINGS])
    (folder(tmp_path) / "journal.head").unlink()
    write_down(folder(tmp_path), Head(9, "11" * 32, "night"))
    assert await findings(tmp_path) == {("truncated", "fact 9", "was there at night and is gone")}
    with pytest.raises(BrokenJournal) as refused:
        rebuild(folder(tmp_path), [THINGS])
    assert refused.value.data["where"] == "fact 9"


async def test_a_rebuild_goes_on_from_what_was_kept_where_a_file_cannot_be_read(
    tmp_path: Path,
) -> None:
    await moved(tmp_path)
    file = the(tmp_path, segments.SEGMENT)
    content = bytearray(file.read_bytes())
    content[20] ^= 0xFF
    file.unlink()
    file.write_bytes(content)
    altered(tmp_path, "update things set name = 'x' where id = 5")
    assert rebuild(folder(tmp_path), [THINGS]) == Rebuilding(facts=3, rows=8, begin=4)
    async with things_store(tmp_path) as store:
        assert await store.read(names) == [f"{n}" for n in range(1, 7)]


async def test_while_nothing_has_moved_what_lies_in_the_archive_is_nobodys_concern(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path) as store:
        await fill(store, 1, 2)
    archive_of(tmp_path).mkdir()
    (archive_of(tmp_path) / f"0001-00000000{segments.SEGMENT}").write_text("left by a kill")
    assert await findings(tmp_path) == set()


async def test_a_rebuild_that_fails_on_what_was_kept_says_why_and_changes_nothing(
    tmp_path: Path,
) -> None:
    await moved(tmp_path)
    the(tmp_path, segments.SEGMENT).unlink()
    altered(tmp_path, "update journal set payload = '{}' where seq = 6")
    with pytest.raises(BrokenJournal) as refused:
        rebuild(folder(tmp_path), [THINGS])
    assert refused.value.data["where"] == "fact 6"
    async with things_store(tmp_path) as store:
        assert await store.read(names) == [f"{n}" for n in range(1, 7)]


# ── one file by itself ──────────────────────────────────────────────────────


def rows_of(*seqs: int, made: int = 1) -> list[Row]:
    """Facts with good links, whatever their numbers."""
    found, head = [], bytes(32)
    for seq in seqs:
        stored = (seq, made, "thing.seen", 1, ANA.key, None, None, None, '{"name":"a"}')
        digest = link(head, *stored[:8], stored[8].encode())
        found.append(Row(stored, head, digest))
        head = digest
    return found


def written(file: Path, rows: list[Row], change: Callable[[SegmentWriter], None]) -> Path:
    writer = SegmentWriter(file)
    for row in rows:
        writer.add(row)
    change(writer)
    writer.close()
    return file


def as_it_is(writer: SegmentWriter) -> None:
    pass


def smaller(writer: SegmentWriter) -> None:
    writer._flush()
    writer.blocks[0] = msgspec.structs.replace(writer.blocks[0], raw=10)


def no_further(writer: SegmentWriter) -> None:
    writer._flush()
    writer.blocks[0] = msgspec.structs.replace(writer.blocks[0], last=1)


@pytest.mark.parametrize(
    ("rows", "change", "block", "what"),
    [
        ([], as_it_is, 9, "holds nothing"),
        (rows_of(1, 3), as_it_is, 9, "has another fact where 2 belongs"),
        ([Row(rows_of(1)[0].stored, bytes(32), b"?" * 32)], as_it_is, 9, "is not what it was"),
        (rows_of(1, 2), no_further, 9, "is not what it was, between facts 1 and 1"),
        (rows_of(1, 3), as_it_is, 1, "misses what comes after fact 1"),
        ([*rows_of(1), *rows_of(2)], as_it_is, 1, "misses what comes after fact 1"),
        (rows_of(1, 2), smaller, 9, "holds more than it says"),
    ],
)
def test_a_file_that_is_no_part_of_a_journal_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rows: list[Row],
    change: Callable[[SegmentWriter], None],
    block: int,
    what: str,
) -> None:
    monkeypatch.setattr(segments, "BLOCK", block)
    file = written(tmp_path / f"x{segments.SEGMENT}", rows, change)
    with pytest.raises(BrokenJournal) as refused:
        list(Segment(file).rows())
    assert str(refused.value.data["what"]).startswith(what)
    assert refused.value.data["where"] == file.name
    assert refused.value.data["folder"] == str(tmp_path.parent)


def test_what_cannot_be_opened_is_told_beside_what_can(tmp_path: Path) -> None:
    written(tmp_path / f"b{segments.SEGMENT}", rows_of(1), as_it_is)
    (tmp_path / f"a{segments.SEGMENT}").mkdir()
    (tmp_path / f"c{segments.SEGMENT}").write_bytes(b"short")
    found, broken = opened_all(tmp_path)
    assert [each.file.name[0] for each in found] == ["b"]
    assert [error.data["what"] for error in broken] == [
        "Is a directory",
        "is not a part of a journal",
    ]
    found, broken = opened_all(tmp_path, [f"a{segments.SEGMENT}"])
    assert ([each.file.name[0] for each in found], len(broken)) == (["b"], 1)


def test_of_two_histories_the_one_with_the_right_hash_leads_on(tmp_path: Path) -> None:
    for name, rows in (("a", rows_of(1, 2, made=1)), ("b", rows_of(1, 2, made=2))):
        written(tmp_path / f"{name}{segments.SEGMENT}", rows, as_it_is)
    found, _ = opened_all(tmp_path)
    a, b = found
    assert leading_to(found, 3, b.head) == [b]
    assert leading_to(found, 3, a.head) == [a]
    assert leading_to(found, 3, bytes(32)) == []
    assert leading_to(found, 4, b.head) == []
    assert leading_to([b], 2, bytes(32)) == [b], "it may hold that one and more"


# ── backups ─────────────────────────────────────────────────────────────────


async def test_an_archive_beside_backups_is_swept_when_no_backup_needs_it(tmp_path: Path) -> None:
    await moved(tmp_path)
    home = tmp_path / "backups"
    kept = Path(make_backup(folder(tmp_path) / "waggle.db", home, NOW).file)
    (beside,) = (home / ARCHIVE).iterdir()
    (home / ARCHIVE / "old").touch()
    (home / ARCHIVE / "folder").mkdir()
    unreadable = home / "x.waggle"
    unreadable.write_text("nobody knows what it needs")
    sweep(home)
    assert len(list((home / ARCHIVE).iterdir())) == 3
    unreadable.unlink()
    sweep(home)
    assert sorted((home / ARCHIVE).iterdir()) == sorted([beside, home / ARCHIVE / "folder"])
    removed(kept)
    sweep(home)
    assert list((home / ARCHIVE).iterdir()) == [home / ARCHIVE / "folder"]


async def test_a_file_of_the_archive_that_is_missing_is_left_out_and_one_that_changed_refused(
    tmp_path: Path,
) -> None:
    await moved(tmp_path)
    home = tmp_path / "backups"
    kept = Path(make_backup(folder(tmp_path) / "waggle.db", home, NOW).file)
    (beside,) = (home / ARCHIVE).iterdir()
    the(tmp_path, segments.SEGMENT).unlink()
    without = make_backup(folder(tmp_path) / "waggle.db", tmp_path / "other", NOW)
    found = restore(Path(without.file), tmp_path / "a", [THINGS], replace=False, now=NOW)
    assert (found.missing, found.report.begin) == ((beside.name,), 4)
    other_bytes(beside)
    with pytest.raises(BadBackup):
        restore(kept, tmp_path / "b", [THINGS], replace=False, now=NOW)
    beside.unlink()
    found = restore(kept, tmp_path / "b", [THINGS], replace=False, now=NOW)
    assert found.missing == (beside.name,)


async def test_a_backup_for_an_upgrade_and_one_in_a_file_have_the_archive_in_them(
    tmp_path: Path,
) -> None:
    await moved(tmp_path)
    database = folder(tmp_path) / "waggle.db"
    for to, why, inside in (
        (tmp_path / "backups", "", 0),
        (tmp_path / "backups", "upgrade", 1),
        (tmp_path / "one.waggle", "", 1),
    ):
        manifest = read_manifest(Path(make_backup(database, to, NOW, why=why).file))
        ends = [each.name for each in manifest.members if each.name.endswith(segments.SEGMENT)]
        assert (len(ends), len(manifest.beside)) == (inside, 1 - inside)


def test_what_an_older_waggle_wrote_has_no_archive(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "old.db").execute("create table a(b)").connection.close()
    found = bundled.gather(tmp_path, tmp_path / "old.db", tmp_path, tmp_path)
    assert (found.names, found.beside) == ((), ())


async def test_a_restore_that_cannot_be_written_says_so_and_leaves_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await moved(tmp_path)
    kept = Path(make_backup(folder(tmp_path) / "waggle.db", tmp_path / "one.waggle", NOW).file)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "waggle.db").touch()
    with pytest.raises(FileExistsError):
        unpack_bundle(kept, tmp_path / "taken")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.link", full)
        with pytest.raises(RestoreFailed) as refused:
            restore(kept, folder(tmp_path), [THINGS], replace=True, now=NOW)
    assert refused.value.data["problem"] == "No space left on device"
    assert await findings(tmp_path) == set()


async def test_the_last_seen_of_a_thing_survives_the_archive(tmp_path: Path) -> None:
    """Facts without rows and without a task move as well."""
    async with things_store(tmp_path) as store:
        await store.write(lambda tx: tx.append(ThingSeen(name="x"), ANA))
        part = await Archive(store).move(1)
        assert part
        assert (part.low, part.high) == (0, 0)
        assert (await store.verify()).ok


async def test_what_a_kill_left_in_the_table_as_well_is_read_once(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await fill(store, 1, 6)
        archived = packing.pack(store.path, store.rooms, 4, threading.Event())
        assert archived
        await store.write(lambda tx: tx.append(archived, ANA))
        await store.write(lambda tx: tx.execute("delete from journal where seq <= 2"))
        report = await store.verify()
        assert (report.ok, report.begin, report.archived, report.facts) == (True, 0, 2, 7)
        assert len(await store.history(TaskId(3))) == 1


def bytes_of(file: str) -> bytes:
    return Path(file).read_bytes()


async def test_what_moved_is_on_record_to_the_last_byte(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await fill(store, 2, 5)
        await store.write(lambda tx: tx.append(ThingSeen(name="x"), ANA))
        heads = await store.read(lambda r: r.execute("select hash from journal").fetchall())
        part = await Archive(store).move(3)
        assert part
        file = archive_of(tmp_path) / part.name
        assert (part.number, part.first, part.last, part.low, part.high) == (1, 1, 3, 2, 4)
        assert part.name == f"0001-{heads[2][0].hex()[:8]}{segments.SEGMENT}"
        assert part.head == heads[2][0].hex()
        assert part.digest == hashlib.sha256(file.read_bytes()).hexdigest()
        assert part.size == file.stat().st_size
        assert part.dropped is None
        assert await store.read(parts_of) == [part]
        segment = Segment(file)
        assert (segment.first, segment.last) == (1, 3)
        assert (segment.prev, segment.head) == (bytes(32), heads[2][0])
        kept = make_backup(store.path, tmp_path / "backups", NOW, settings="a: 1", why="test")
        manifest = read_manifest(Path(kept.file))
        assert Path(kept.file).name == "waggle-20260131T120000Z-6-test.waggle"
        assert (kept.seq, kept.made) == (6, to_micros(NOW))
        assert kept.size == len(bytes_of(kept.file))
        assert (manifest.waggle_backup, manifest.made, manifest.seq) == (1, kept.made, 6)
        assert manifest.head == (await store.head())[1].hex()
        assert ("things", "0001_things") in manifest.schema
        assert [each.name for each in manifest.members[:2]] == ["waggle.db", "waggle.yaml"]
        assert {each.name.partition("/")[0] for each in manifest.members[2:]} == {ARCHIVE}
    done = restore(Path(kept.file), tmp_path / "there", [THINGS], replace=False, now=NOW)
    assert done.folder == str(tmp_path / "there")
    assert (done.made, done.seq, done.before, done.missing) == (kept.made, 6, None, ())
    assert (done.report.facts, done.report.begin, done.report.archived) == (6, 0, 3)
    assert done.report.head == manifest.head
    assert done.settings == str(tmp_path / "there" / "waggle.yaml.restored")
    assert bytes_of(done.settings) == b"a: 1"
    again = restore(Path(kept.file), tmp_path / "there", [THINGS], replace=True, now=NOW)
    aside = tmp_path / "there" / "before-20260131T120000000000Z"
    assert again.before == str(aside)
    assert (aside / "waggle.db").exists()
    assert (aside / ARCHIVE / part.name).exists()
    async with open_store(tmp_path / "there", [THINGS]) as store:
        (told,) = await store.read(
            lambda r: r.execute(
                "select payload from journal where kind = 'state.restored'"
            ).fetchall()
        )
        assert msgspec.json.decode(told[0]) == {
            "made": kept.made,
            "seq": 6,
            "head": manifest.head,
        }
        assert await store.read(names) == ["2", "3", "4", "5"]


async def test_how_much_a_backup_needs_is_said_when_there_is_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await moved(tmp_path)
    kept = Path(make_backup(folder(tmp_path) / "waggle.db", tmp_path / "one.waggle", NOW).file)
    needed = sum(each.size for each in read_manifest(kept).members)
    (tmp_path / "there").mkdir()

    class Small:
        free = 64 * 1024 * 1024 + 1000

    monkeypatch.setattr(shutil, "disk_usage", lambda _: Small)
    with pytest.raises(BadBackup) as refused:
        unpack_bundle(kept, tmp_path / "there")
    assert refused.value.data == {
        "file": str(kept),
        "problem": f"it needs {needed:,} bytes, 1,000 are free",
    }
    assert list((tmp_path / "there").iterdir()) == []


async def test_settings_without_a_word_are_settings(tmp_path: Path) -> None:
    await moved(tmp_path)
    database = folder(tmp_path) / "waggle.db"
    kept = Path(make_backup(database, tmp_path / "one.waggle", NOW, settings="").file)
    done = restore(kept, tmp_path / "there", [THINGS], replace=False, now=NOW)
    assert done.settings
    assert bytes_of(done.settings) == b""


def a_tar(file: Path, *entries: tuple[tarfile.TarInfo, bytes]) -> Path:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for entry, content in entries:
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    file.write_bytes(zstandard.compress(raw.getvalue()))
    return file


async def test_what_begins_with_anything_but_a_small_manifest_is_no_backup(tmp_path: Path) -> None:
    await moved(tmp_path)
    good = Path(make_backup(folder(tmp_path) / "waggle.db", tmp_path / "one.waggle", NOW).file)
    text = msgspec.json.encode(read_manifest(good))
    link = tarfile.TarInfo("manifest.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    plain = tarfile.TarInfo("manifest.json")
    most = 1024 * 1024
    for number, entries in enumerate(
        [
            [],
            [(tarfile.TarInfo("other.json"), text)],
            [(link, b"")],
            [(plain, text.ljust(most + 1))],
        ]
    ):
        file = a_tar(tmp_path / f"{number}.waggle", *entries)
        with pytest.raises(BadBackup) as refused:
            read_manifest(file)
        assert refused.value.data["problem"] == "it is not a backup of a swarm"
    assert read_manifest(a_tar(tmp_path / "x.waggle", (plain, text.ljust(most)))).seq == 7


async def test_what_the_store_keeps_of_its_archive_is_held_against_the_journal(
    tmp_path: Path,
) -> None:
    await moved(tmp_path)
    altered(tmp_path, "update segments set newest = 1")
    found = await findings(tmp_path)
    assert {(kind, where) for kind, where, _ in found} == {("projection", "segments")}
    assert len(found) == 2


async def test_a_beginning_that_is_gone_is_told_by_where_it_goes_on(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await fill(store, 1, 4)
    altered(tmp_path, "delete from journal where seq <= 2")
    assert ("chain", "fact 3", "follows 0: facts are missing") in await findings(tmp_path)
    async with things_store(tmp_path) as store:
        report = await store.verify()
    assert (report.begin, report.facts) == (0, 4)


def member(name: str, content: bytes) -> Member:
    return Member(name, len(content), hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda _: b"just words " * 100, "its database is not one of a swarm"),
        (lambda whole: whole[: len(whole) // 2], "database disk image is malformed"),
    ],
)
async def test_what_is_wrong_with_the_database_of_a_backup_is_said(
    tmp_path: Path, spoil: Callable[[bytes], bytes], problem: str
) -> None:
    async with things_store(tmp_path) as store:
        await fill(store, 1, 40)
    good = Path(make_backup(folder(tmp_path) / "waggle.db", tmp_path / "one.waggle", NOW).file)
    content = spoil((folder(tmp_path) / "waggle.db").read_bytes())
    manifest = msgspec.structs.replace(read_manifest(good), members=(member("waggle.db", content),))
    bad = a_tar(
        tmp_path / "x.waggle",
        (tarfile.TarInfo("manifest.json"), msgspec.json.encode(manifest)),
        (tarfile.TarInfo("waggle.db"), content),
    )
    with pytest.raises(BadBackup) as refused:
        restore(bad, tmp_path / "there", [THINGS], replace=False, now=NOW)
    assert refused.value.data == {"file": str(bad), "problem": problem}
    assert not (tmp_path / "there").exists()
