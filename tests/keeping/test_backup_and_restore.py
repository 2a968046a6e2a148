"""A backup comes back elsewhere as it was, and never half."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from swarm_core.build import World, open_swarm
from swarm_core.dispatch import tables as leases
from swarm_core.kernel.errors import (
    BackupFailed,
    BadBackup,
    NewerStore,
    StaleLease,
    StateThere,
    StoreLocked,
)
from swarm_core.kernel.ids import Fence, RunId
from swarm_core.settings import load
from swarm_core.store import backups_in, make_backup
from swarm_core.testing import OWNER
from tests.keeping.states import NOW, a_model, a_state, backed_up, put_back, spent, verified, work
from tests.project.tree import ROOT
from tests.worlds import Custom, Gate, a_call, answer, ask, awake, concluded, kinds, over


async def test_what_comes_back_elsewhere_is_whole_and_its_ledger_adds_up(tmp_path: Path) -> None:
    state = await a_state(tmp_path / "here")
    kept = backed_up(state, tmp_path / "backups")

    restored = put_back(kept, tmp_path / "there")

    assert restored.report.ok
    assert restored.report.facts == kept.seq
    assert (await verified(tmp_path / "there")).ok
    assert await spent(tmp_path / "there") == (160, 160) == await spent(state)


async def test_a_backup_beside_a_working_swarm_holds_one_moment_of_it(tmp_path: Path) -> None:
    async with awake(tmp_path, a_model()) as swarm:
        writing = asyncio.create_task(work(swarm, 20))
        kept = await swarm.keeping.backups.make(OWNER)
        await writing
        assert (await swarm.store.head())[0] > kept.seq

    assert put_back(kept, tmp_path / "there").report.facts == kept.seq
    assert (await verified(tmp_path / "there")).ok


async def test_after_a_restore_it_is_told_and_what_was_under_way_goes_on(tmp_path: Path) -> None:
    gate = Gate()

    async def waits(assignment, run):  # type: ignore[no-untyped-def]
        async def act(_):  # type: ignore[no-untyped-def]
            await gate()
            return answer()

        return concluded(await run.step(a_call(), act, last=concluded))

    async with awake(tmp_path, Custom(waits)) as swarm:
        task = (await ask(swarm, "take long")).task
        await gate.reached.wait()
        kept = await swarm.keeping.backups.make(OWNER)
        held = await swarm.store.read(lambda rows: leases.held(rows))
        (fence,) = await swarm.store.read(
            lambda rows: rows.execute("select fence from leases").fetchone()
        )
    gate.open()
    (run, _) = held[0]
    put_back(kept, tmp_path / "state", replace=True)

    async with awake(tmp_path, Custom(waits)) as swarm:
        await over(swarm, task)
        assert (await kinds(swarm, task))[-2:] != []
        with pytest.raises(StaleLease):
            await swarm.store.write(lambda tx: leases.guard(tx, RunId(run), Fence(fence)))
        found = await swarm.store.read(
            lambda rows: rows.execute(
                "select seq from journal where kind = 'state.restored'"
            ).fetchone()
        )
        assert found == (kept.seq + 1,)


async def test_it_refuses_a_live_swarm_and_state_that_is_there(tmp_path: Path) -> None:
    async with awake(tmp_path, a_model()) as swarm:
        kept = await swarm.keeping.backups.make(OWNER)
        with pytest.raises(StoreLocked):
            put_back(kept, swarm.store.folder, replace=True)
    before = (tmp_path / "state" / "waggle.db").read_bytes()
    with pytest.raises(StateThere):
        put_back(kept, tmp_path / "state")
    assert (tmp_path / "state" / "waggle.db").read_bytes() == before


async def test_what_is_replaced_is_put_aside_whole(tmp_path: Path) -> None:
    state = await a_state(tmp_path)
    kept = backed_up(state, tmp_path / "backups")
    async with awake(tmp_path, a_model()) as swarm:
        await work(swarm, 3, "something else")
        later = (await swarm.store.head())[0]

    restored = put_back(kept, state, replace=True)

    assert restored.before
    aside = await verified(Path(restored.before))
    assert aside.ok
    assert aside.facts >= later
    assert (await verified(state)).ok


async def test_a_backup_of_a_newer_waggle_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    state = await a_state(tmp_path)
    with sqlite3.connect(state / "waggle.db") as db:
        db.execute(
            "insert into _sqlite_migrations(migration_set, name, applied_at)"
            " values('tasks', '9999_later', 'then')"
        )
    db.close()
    kept = backed_up(state, tmp_path / "backups")

    with pytest.raises(NewerStore):
        put_back(kept, tmp_path / "there")
    assert not (tmp_path / "there").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "update journal set payload = replace(payload, ':', ': ') where seq = 5",
        "update accounts set spent = spent + 1",
        "update bodies set content = 'other' where id = 1",
    ],
)
async def test_what_was_changed_before_the_backup_is_found_by_the_restore(
    tmp_path: Path, statement: str
) -> None:
    state = await a_state(tmp_path)
    with sqlite3.connect(state / "waggle.db") as db:
        assert db.execute(statement).rowcount
    db.close()
    kept = backed_up(state, tmp_path / "backups")

    with pytest.raises(BadBackup):
        put_back(kept, tmp_path / "there")


async def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(tmp_path: Path) -> None:
    state = await a_state(tmp_path)
    file = state / "waggle.db"
    content = bytearray(file.read_bytes())
    content[2048 * 3 : 2048 * 20] = b"\xa5" * (2048 * 17)
    file.write_bytes(content)

    with pytest.raises(BackupFailed):
        backed_up(state, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


async def test_a_head_that_is_gone_from_the_journal_stops_a_backup(tmp_path: Path) -> None:
    state = await a_state(tmp_path)
    with sqlite3.connect(state / "waggle.db") as db:
        db.execute("delete from journal where seq > 10")
    db.close()

    with pytest.raises(BackupFailed):
        backed_up(state, tmp_path / "backups")


@pytest.mark.slow
def test_a_full_disk_in_the_middle_leaves_nothing_half(tmp_path: Path) -> None:
    state = asyncio.run(a_state(tmp_path, 4))
    program = (
        "import resource, signal, sys\n"
        "from datetime import UTC, datetime\nfrom pathlib import Path\n"
        "from swarm_core.kernel.errors import BackupFailed\n"
        "from swarm_core.store import make_backup\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "limit = int(sys.argv[3])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "try:\n"
        "    make_backup(Path(sys.argv[1]), Path(sys.argv[2]), datetime.now(UTC))\n"
        "except BackupFailed:\n"
        "    print('refused')\n"
    )
    size = (state / "waggle.db").stat().st_size
    for limit in (4096, size // 2, size - 1):
        done = subprocess.run(
            [sys.executable, "-c", program, state / "waggle.db", tmp_path / "b", str(limit)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert (done.stdout, done.returncode) == ("refused\n", 0), done.stderr
        assert list((tmp_path / "b").iterdir()) == []


async def test_only_so_many_stay_and_what_a_kill_left_is_swept(tmp_path: Path) -> None:
    async with awake(tmp_path, a_model(), backup={"keep": 2}) as swarm:
        folder = swarm.keeping.backups.folder
        folder.mkdir()
        (folder / ".waggle-20260101T000000Z.work").mkdir()
        (folder / ".waggle-20260101T000000Z-1.waggle.part").touch()
        (folder / "mine.txt").touch()
        for n in range(3):
            await work(swarm, 1, f"round {n} of")
            kept = await swarm.keeping.backups.make(OWNER)
        found = backups_in(folder)
        assert len(found) <= 2
        assert found[0].seq == kept.seq
        assert sorted(p.name for p in folder.iterdir() if not p.name.startswith("waggle-")) == [
            "mine.txt"
        ]


async def test_one_that_is_due_is_made_and_none_while_nothing_changed(tmp_path: Path) -> None:
    async with awake(tmp_path, a_model(), serve=False) as swarm:
        backups = swarm.keeping.backups
        every = swarm.settings.backup.every
        assert every
        await backups._due(every)
        assert (await backups.state()).last is not None
        await backups._due(every)
        state = await backups.state()
        assert (state.count, state.changed, state.late) == (1, False, False)


async def test_one_that_fails_by_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with awake(tmp_path, serve=False, backup={"to": tmp_path / "file"}) as swarm:
        backups = swarm.keeping.backups
        every = swarm.settings.backup.every
        assert every
        await backups._due(every)
        assert (await backups.state()).failure == BackupFailed.code


async def test_secrets_written_into_the_settings_are_not_in_a_backup(tmp_path: Path) -> None:
    file = tmp_path / "waggle.yaml"
    file.write_text("providers: {a: {kind: anthropic, key: $KEY}}\n# it was sesame-open\n")
    settings = load(None, environ={"KEY": "sesame-open"}, cwd=tmp_path)
    async with open_swarm(settings, World(serve=False)) as swarm:
        kept = await swarm.keeping.backups.make(OWNER)

    restored = put_back(kept, tmp_path / "there")

    assert restored.settings
    text = (tmp_path / "there" / "waggle.yaml.restored").read_text("utf-8")
    assert "kind: anthropic" in text
    assert "sesame-open" not in text


def test_a_file_that_is_named_is_the_backup(tmp_path: Path) -> None:
    state = asyncio.run(a_state(tmp_path))
    kept = make_backup(state / "waggle.db", tmp_path / "mine.waggle", NOW)
    assert kept.file == str(tmp_path / "mine.waggle")
    assert put_back(kept, tmp_path / "there").report.ok
