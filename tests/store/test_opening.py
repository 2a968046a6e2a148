"""Opening: one swarm a folder, and a file that is not right is refused as it was found."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from swarm_core.kernel.errors import (
    DamagedStore,
    ForeignStore,
    NewerStore,
    StoreLocked,
    StoreUnwritable,
)
from swarm_core.store.schema import STORE_TABLES
from swarm_core.store.verifying import verify
from tests.store.things import THINGS, folder, make, names, things_store

ROOT = Path(__file__).parents[2]
NOBODY = 65534


def contents(base: Path) -> dict[str, bytes]:
    """Every file of the state folder but the lock, which is taken before anything is looked at."""
    return {p.name: p.read_bytes() for p in folder(base).iterdir() if p.name != "waggle.lock"}


async def refused(base: Path, error: type[Exception]) -> Exception:
    """What opening raises; and nothing was written."""
    before = contents(base)
    with pytest.raises(error) as caught:
        async with things_store(base):
            pass
    assert contents(base) == before
    return caught.value


def raw(base: Path) -> sqlite3.Connection:
    folder(base).mkdir(exist_ok=True)
    return sqlite3.connect(folder(base) / "waggle.db", isolation_level=None)


async def filled(base: Path, count: int = 300) -> Path:
    async with things_store(base) as store:
        fns = [make(str(n), "text " * 50) for n in range(count)]
        await store.write(lambda tx: [fn(tx) for fn in fns])
        return store.path


async def test_a_blank_folder_becomes_a_store_for_its_owner_only(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
        assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


async def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    await filled(tmp_path)
    before = contents(tmp_path)
    for _ in range(2):
        async with things_store(tmp_path) as store:
            assert (await store.verify()).ok
    assert contents(tmp_path) == before


async def test_after_a_close_everything_is_in_the_one_file(tmp_path: Path) -> None:
    await filled(tmp_path)
    assert set(contents(tmp_path)) == {"waggle.db"}


async def test_an_empty_file_is_a_store_that_was_not_begun(tmp_path: Path) -> None:
    folder(tmp_path).mkdir()
    (folder(tmp_path) / "waggle.db").touch()
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
        assert await store.read(names) == ["one"]


async def test_a_store_whose_maker_was_killed_at_once_opens(tmp_path: Path) -> None:
    connection = raw(tmp_path)
    connection.execute(f"pragma application_id={0x57474C31}")
    connection.close()
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
        assert (await store.verify()).ok


@pytest.mark.parametrize("text", ["hello\n", "# notes\n" * 2000, "SQLite format 3, they say\n"])
async def test_a_text_file_is_refused(tmp_path: Path, text: str) -> None:
    folder(tmp_path).mkdir()
    (folder(tmp_path) / "waggle.db").write_text(text)
    await refused(tmp_path, ForeignStore)


@pytest.mark.parametrize("mode", ["delete", "wal"])
async def test_the_database_of_another_program_is_refused(tmp_path: Path, mode: str) -> None:
    connection = raw(tmp_path)
    connection.execute(f"pragma journal_mode={mode}")
    connection.execute("create table theirs(x)")
    connection.close()
    await refused(tmp_path, ForeignStore)


@pytest.mark.parametrize("name", ["0002_of_next_year", "0001_things_and_more"])
async def test_a_store_of_a_newer_version_is_refused(tmp_path: Path, name: str) -> None:
    await filled(tmp_path)
    connection = raw(tmp_path)
    connection.execute(
        "insert into _sqlite_migrations(migration_set, name, applied_at) values('things', ?, 'x')",
        (name,),
    )
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    error = await refused(tmp_path, NewerStore)
    assert f"things/{name}" in str(error)


async def test_a_store_with_a_room_nobody_knows_is_refused(tmp_path: Path) -> None:
    await filled(tmp_path)
    connection = raw(tmp_path)
    connection.execute(
        "insert into _sqlite_migrations(migration_set, name, applied_at)"
        " values('elsewhere', '0001', 'x')"
    )
    connection.close()
    await refused(tmp_path, NewerStore)


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
async def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, part: float) -> None:
    path = await filled(tmp_path)
    os.truncate(path, int(path.stat().st_size * part))
    await refused(tmp_path, DamagedStore)


def overwrite(path: Path, *tables: str) -> None:
    """Overwrite the root pages of these tables behind SQLite's back."""
    connection = sqlite3.connect(path, isolation_level=None)
    (size,) = connection.execute("pragma page_size").fetchone()
    pages = [
        connection.execute("select rootpage from sqlite_master where name = ?", (table,)).fetchone()
        for table in tables
    ]
    connection.close()
    with path.open("r+b") as file:
        for (page,) in pages:
            file.seek((page - 1) * size)
            file.write(b"\xff" * size)


@pytest.mark.parametrize("table", ["journal", "_sqlite_migrations"])
async def test_a_file_damaged_where_it_is_read_first_is_refused(tmp_path: Path, table: str) -> None:
    overwrite(await filled(tmp_path), table)
    await refused(tmp_path, DamagedStore)


async def test_a_file_whose_very_complaint_is_no_text_is_refused(tmp_path: Path) -> None:
    # SQLite quotes the name of the table that it cannot make out.
    path = await filled(tmp_path)
    content = path.read_bytes()
    assert b"TABLE tally" in content
    path.write_bytes(content.replace(b"TABLE tally", b"TABLE t(\xe5ly"))
    error = await refused(tmp_path, DamagedStore)
    assert "malformed" in str(error)
    report = verify(path, (STORE_TABLES, THINGS))
    assert [finding.kind for finding in report.findings] == ["file"]


async def test_a_header_that_was_overwritten_is_refused(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    with path.open("r+b") as file:
        file.write(b"\x00" * 100)
    await refused(tmp_path, ForeignStore)


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnwritable):
        async with things_store(tmp_path / "file"):
            pass
    assert (tmp_path / "file").read_text() == "in the way"


async def test_a_folder_where_the_database_should_be_is_refused(tmp_path: Path) -> None:
    (folder(tmp_path) / "waggle.db").mkdir(parents=True)
    with pytest.raises(StoreUnwritable):
        async with things_store(tmp_path):
            pass


@contextmanager
def as_nobody() -> Iterator[Path]:
    """A folder in which this process, root or not, has only the rights it is given."""
    base = Path(tempfile.mkdtemp())
    root = os.geteuid() == 0
    try:
        if root:
            os.chown(base, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield base
    finally:
        if root:
            os.seteuid(0)
        folder(base).chmod(0o700)
        shutil.rmtree(base)


async def test_a_read_only_folder_is_refused() -> None:
    with as_nobody() as base:
        await filled(base)
        before = contents(base)
        (folder(base) / "waggle.lock").unlink()
        folder(base).chmod(0o500)
        with pytest.raises(StoreUnwritable):
            async with things_store(base):
                pass
        assert contents(base) == before


async def test_a_read_only_file_is_refused() -> None:
    with as_nobody() as base:
        path = await filled(base)
        path.chmod(0o400)
        before = contents(base)
        with pytest.raises(StoreUnwritable):
            async with things_store(base):
                pass
        assert contents(base)["waggle.db"] == before["waggle.db"]


async def test_a_folder_is_held_by_one_swarm_and_free_after_it(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
        with pytest.raises(StoreLocked) as caught:
            async with things_store(tmp_path):
                pass
        assert caught.value.data["pid"] == str(os.getpid())
        await store.write(make("two"))
    async with things_store(tmp_path) as store:
        assert await store.read(names) == ["one", "two"]


async def test_a_refusal_leaves_the_folder_free(tmp_path: Path) -> None:
    folder(tmp_path).mkdir()
    path = folder(tmp_path) / "waggle.db"
    path.write_text("not a database at all\n")
    await refused(tmp_path, ForeignStore)
    path.unlink()
    async with things_store(tmp_path) as store:
        await store.write(make("one"))


HOLD = """
import asyncio, sys
from pathlib import Path
from tests.store.things import make, things_store

async def main():
    async with things_store(Path(sys.argv[1])) as store:
        await store.write(make("one"))
        print("held", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.slow
async def test_the_lock_of_a_killed_holder_goes_with_it(tmp_path: Path) -> None:
    holder = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", HOLD, str(tmp_path)), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    try:
        assert holder.stdout is not None
        assert await holder.stdout.readline() == b"held\n"
        with pytest.raises(StoreLocked) as caught:
            async with things_store(tmp_path):
                pass
        assert caught.value.data["pid"] == str(holder.pid)
    finally:
        holder.kill()
        await holder.communicate()
    async with things_store(tmp_path) as store:
        assert await store.read(names) == ["one"]
        assert (await store.verify()).ok
