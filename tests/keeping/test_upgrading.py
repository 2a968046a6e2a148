"""State of former versions opens, is backed up before it is changed, and foreign files stay."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from swarm_core.build import ROOMS
from swarm_core.kernel.errors import BackupFailed, NewerStore, WaggleError
from swarm_core.store import BACKUPS, Kept, backups_in, open_store
from tests.keeping.former_states import FORMER
from tests.keeping.states import a_model, a_state, put_back, verified, work
from tests.worlds import awake


def older(state: Path) -> None:
    """As a Waggle before the last migration of tasks wrote it."""
    with sqlite3.connect(state / "waggle.db") as db:
        db.execute("drop index tasks_poor")
        db.execute("delete from _sqlite_migrations where name = '0002_poor'")
    db.close()


async def test_an_older_state_is_backed_up_and_then_brought_up_to_date(tmp_path: Path) -> None:
    state = await a_state(tmp_path)
    older(state)
    async with awake(tmp_path, a_model()) as swarm:
        (kept,) = backups_in(state / BACKUPS)
        assert "before-upgrade" in kept.file
        await work(swarm, 1, "and one more")
        assert (await swarm.store.verify()).ok
    assert put_back(kept, tmp_path / "there").report.ok


async def test_without_that_backup_it_stays_as_it_is(tmp_path: Path) -> None:
    state = await a_state(tmp_path)
    older(state)
    (state / BACKUPS).write_text("a file where the folder belongs")
    before = (state / "waggle.db").read_bytes()
    with pytest.raises(BackupFailed):
        async with open_store(state, ROOMS):
            pass
    assert (state / "waggle.db").read_bytes() == before


@pytest.mark.parametrize("file", sorted(FORMER.glob("*.waggle")), ids=lambda f: f.stem)
async def test_state_of_every_former_version_opens_and_is_whole(tmp_path: Path, file: Path) -> None:
    shutil.copy(file, tmp_path / "x.waggle")
    kept = Kept(file=str(tmp_path / "x.waggle"), made=0, seq=0, size=0)
    assert put_back(kept, tmp_path / "state").report.ok
    async with awake(tmp_path, a_model()) as swarm:
        await work(swarm, 1, "after the upgrade")
    assert (await verified(tmp_path / "state")).ok


def test_there_is_state_of_a_former_version() -> None:
    assert list(FORMER.glob("*.waggle"))


async def test_one_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path) -> None:
    state = await a_state(tmp_path)
    with sqlite3.connect(state / "waggle.db") as db:
        db.execute(
            "insert into _sqlite_migrations(migration_set, name, applied_at)"
            " values('tasks', '9999_later', 'then')"
        )
    db.close()
    before = (state / "waggle.db").read_bytes()
    with pytest.raises(NewerStore):
        async with open_store(state, ROOMS):
            pass
    assert (state / "waggle.db").read_bytes() == before
    assert not (state / BACKUPS).exists()


async def test_files_of_others_in_the_folder_stay_and_do_no_harm(tmp_path: Path) -> None:
    state = await a_state(tmp_path)
    (state / "notes.txt").write_text("mine")
    (state / "waggle.db-wal.old").write_bytes(b"x" * 100)
    (state / "before-me").mkdir()
    async with awake(tmp_path, a_model()) as swarm:
        await work(swarm, 1, "another")
        assert (await swarm.store.verify()).ok
    assert (state / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("share", [0, 3, 40, 97])
async def test_a_log_that_is_cut_off_loses_its_end_and_no_more(tmp_path: Path, share: int) -> None:
    """As after a power cut: what was not whole in the log never happened."""
    async with awake(tmp_path / "one", a_model(), serve=False) as swarm:
        await swarm.store.empty_log()
        for n in range(20):
            await swarm.store.write(lambda tx: tx.put_body(f"text {n}"))  # noqa: B023
        shutil.copytree(swarm.store.folder, tmp_path / "two" / "state")
    log = tmp_path / "two" / "state" / "waggle.db-wal"
    content = log.read_bytes()
    assert content
    log.write_bytes(content[: len(content) * share // 100])
    (tmp_path / "two" / "state" / "waggle.db-shm").unlink(missing_ok=True)
    try:
        assert (await verified(tmp_path / "two" / "state")).ok
    except WaggleError as error:  # pragma: no cover
        pytest.fail(f"{error}")
