"""The old part of the journal goes into files, and whoever asks for it finds it there."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard

from swarm_core import Filters, search_words
from swarm_core.build import ROOMS
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.crash import KEEPING_POINTS
from swarm_core.kernel.errors import BrokenJournal, NotAllowed, PastGone
from swarm_core.store import open_store, rebuild
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER
from tests.keeping.states import a_model, backed_up, put_back, verified, work
from tests.project.tree import ROOT
from tests.worlds import Custom, Gate, a_call, answer, ask, awake, concluded, kinds

ALL = timedelta(0)


async def archived(base: Path, count: int = 2) -> Path:
    """A state folder of which all but the last fact is in the archive."""
    async with awake(base, a_model(), tasks={"link_similar": False}) as swarm:
        await work(swarm, count)
        assert (await moved(swarm)).facts
        return swarm.store.folder


async def moved(swarm: Swarm):  # type: ignore[no-untyped-def]
    await swarm.finder.keep()
    return await swarm.keeping.archive.move(OWNER, ALL)


async def exported(swarm: Swarm, what: str) -> list[tuple[object, ...]]:
    return [row async for page in swarm.keeping.exports.pages(OWNER, what) for row in page.rows]


def files_of(state: Path, end: str = "journal") -> list[Path]:
    return sorted((state / "archive").glob(f"*.waggle-{end}"))


def spoil(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 0xFF
    file.unlink()
    file.write_bytes(content)


async def test_what_reads_the_journal_reads_on_as_if_nothing_had_moved(tmp_path: Path) -> None:
    async with awake(tmp_path, a_model(), tasks={"link_similar": False}) as swarm:
        await work(swarm, 3)
        facts = await swarm.store.history(2)
        before = {what: await exported(swarm, what) for what in ("journal", "decisions", "spend")}

        done = await moved(swarm)

        assert (done.facts, done.kept, len(done.files)) == (len(before["journal"]), 1, 1)
        assert await swarm.store.history(2) == facts
        after = {what: await exported(swarm, what) for what in before}
        assert after["journal"][: done.facts] == before.pop("journal")
        assert {what: after[what] for what in before} == before
        report = await swarm.store.verify()
        assert (report.ok, report.begin, report.archived) == (True, 0, done.facts)
        assert stat.S_IMODE(files_of(swarm.store.folder)[0].stat().st_mode) == 0o600
        await work(swarm, 1, "go on with")
        assert (await moved(swarm)).facts
        assert (await swarm.store.verify()).ok
        assert len(files_of(swarm.store.folder, "tables")) == 1
        assert (await moved(swarm)).facts == 0


async def test_nothing_goes_that_something_open_needs(tmp_path: Path) -> None:
    gate = Gate()

    async def waits(assignment, run):  # type: ignore[no-untyped-def]
        async def act(_):  # type: ignore[no-untyped-def]
            if assignment.task == 2:
                await gate()
            return answer()

        return concluded(await run.step(a_call(), act, last=concluded))

    async with awake(tmp_path, Custom(waits)) as swarm:
        await work(swarm, 1)
        held = (await ask(swarm, "take long")).task
        await gate.reached.wait()
        await ask(swarm, "after it")

        done = await moved(swarm)

        assert "task.accepted" in await kinds(swarm, held)
        (first,) = await swarm.store.read(
            lambda rows: rows.execute("select task, kind from journal order by seq").fetchone()[:1]
        )
        assert done.facts
        assert first == held
        assert (await moved(swarm)).facts == 0
        gate.open()


async def test_what_is_younger_stays(tmp_path: Path) -> None:
    async with awake(tmp_path, a_model()) as swarm:
        await work(swarm, 2)
        assert (await swarm.keeping.archive.move(OWNER, timedelta(days=1))).facts == 0
        assert (await swarm.keeping.archive.sweep()) == 0
        assert not (swarm.store.folder / "archive").exists()
        with pytest.raises(NotAllowed):
            await swarm.keeping.archive.move(
                Actor(surface="terminal", space="local", person="7"), ALL
            )


async def test_tables_come_anew_from_the_archive_or_from_what_was_kept(tmp_path: Path) -> None:
    state = await archived(tmp_path)
    with sqlite3.connect(state / "waggle.db") as db:
        db.execute("update accounts set spent = spent + 7")
        db.execute("delete from segments")
    db.close()
    assert not (await verified(state)).ok

    made = rebuild(state, ROOMS)
    assert made.begin == 0
    assert (await verified(state)).ok

    (file,) = files_of(state)
    file.unlink()
    with sqlite3.connect(state / "waggle.db") as db:
        db.execute("delete from tasks")
    db.close()
    made = rebuild(state, ROOMS)
    report = await verified(state)
    assert report.begin == made.begin > 0
    assert {finding.kind for finding in report.findings} == {"archive"}

    (tables,) = files_of(state, "tables")
    spoil(tables, 100)
    with pytest.raises(BrokenJournal):
        rebuild(state, ROOMS)
    async with open_store(state, ROOMS) as store:
        found = await store.verify()
        # It cannot be checked, but nothing is known to be wrong: so writing goes on.
        assert {finding.kind for finding in found.findings} == {"archive"}
        assert store.health.broken is None


@pytest.mark.parametrize("place", [0, 40, -200, -3])
async def test_a_changed_file_is_found_and_what_was_kept_takes_its_place(
    tmp_path: Path, place: int
) -> None:
    state = await archived(tmp_path)
    spoil(files_of(state)[0], place)

    report = await verified(state)

    assert report.begin > 0
    assert {(found.kind, found.where) for found in report.findings} == {
        ("archive", files_of(state)[0].name)
    }
    async with open_store(state, ROOMS) as store:
        with pytest.raises(BrokenJournal):
            await store.history(1)


async def test_a_beginning_that_was_cut_off_is_no_archive(tmp_path: Path) -> None:
    async with awake(tmp_path, a_model()) as swarm:
        await work(swarm, 1)
    with sqlite3.connect(tmp_path / "state" / "waggle.db") as db:
        db.execute("delete from journal where seq < 4")
    db.close()
    assert "chain" in {found.kind for found in (await verified(tmp_path / "state")).findings}


async def test_texts_of_archived_tasks_are_found_and_erased_everywhere(tmp_path: Path) -> None:
    secret = "the-heron-flies-at-noon"
    async with awake(tmp_path, a_model(), tasks={"link_similar": False}) as swarm:
        await work(swarm, 2, secret)
        await moved(swarm)
        found = await swarm.finder.search(search_words(secret.split("-")[1]), Filters())
        assert found.total == 2
        folder = swarm.store.folder

        done = await swarm.keeping.erasing.erase(OWNER, OWNER.key)

        assert done.texts >= 4
        assert (await swarm.store.verify()).ok
    assert not [file for file, content in everything(folder) if secret.encode() in content]


def everything(folder: Path) -> Iterable[tuple[Path, bytes]]:
    """Each file, also as it is unpacked."""
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            yield file, content
            for at in range(len(content)):
                if content[at : at + 4] == b"\x28\xb5\x2f\xfd":
                    reader = zstandard.ZstdDecompressor().decompressobj()
                    yield file, reader.decompress(content[at:])


async def test_backups_share_the_archive_and_bring_it_back(tmp_path: Path) -> None:
    state = await archived(tmp_path / "here")
    (file,) = files_of(state)
    first = backed_up(state, tmp_path / "backups")
    beside = tmp_path / "backups" / "archive" / file.name
    assert beside.samefile(file)

    restored = put_back(first, tmp_path / "there")
    assert (restored.missing, restored.report.begin) == ((), 0)
    assert (await verified(tmp_path / "there")).ok

    beside.unlink()
    restored = put_back(first, tmp_path / "alone")
    assert restored.missing == (file.name,)
    assert restored.report.begin > 0

    whole = backed_up(state, tmp_path / "one.waggle")
    assert put_back(whole, tmp_path / "third").report.begin == 0
    assert (await verified(tmp_path / "third")).ok


async def test_a_backup_replaces_a_state_with_another_archive(tmp_path: Path) -> None:
    state = await archived(tmp_path)
    kept = backed_up(state, tmp_path / "backups")
    names = {file.name for file in files_of(state)}
    async with awake(tmp_path, a_model()) as swarm:
        await work(swarm, 2, "later")
        await moved(swarm)
    assert len(files_of(state)) == 2

    restored = put_back(kept, state, replace=True)

    assert restored.before
    assert {file.name for file in files_of(state)} == names
    assert (await verified(state)).ok
    assert len(files_of(Path(restored.before))) == 2
    assert (await verified(Path(restored.before))).ok


async def test_a_backup_replaces_a_database_that_is_damaged(tmp_path: Path) -> None:
    state = await archived(tmp_path)
    kept = backed_up(state, tmp_path / "backups")
    database = state / "waggle.db"
    database.write_bytes(b"\xff" * 5000 + database.read_bytes()[5000:])

    restored = put_back(kept, state, replace=True)

    assert restored.before
    assert (Path(restored.before) / "waggle.db").read_bytes()[:5000] == b"\xff" * 5000
    assert (await verified(state)).ok


async def test_amounts_go_when_their_time_is_over_and_only_then(tmp_path: Path) -> None:
    state = await archived(tmp_path)
    backed_up(state, tmp_path / "backups")
    (file,) = files_of(state)
    async with awake(tmp_path, a_model(), retention={"amounts": "1d"}) as swarm:
        assert await swarm.keeping.archive.sweep() == 0
        assert file.exists()
        part = (await swarm.keeping.archive.state()).files
        assert part == 1
        swarm.keeping.archive._rules = swarm.keeping.archive._rules.model_copy(
            update={"amounts": ALL}
        )

        assert await swarm.keeping.archive.sweep() == 1

        assert not file.exists()
        seen = await swarm.keeping.archive.state()
        assert (seen.files, seen.dropped, seen.missing) == (0, 1, ())
        with pytest.raises(PastGone):
            await swarm.views.why(1)  # type: ignore[arg-type]
        report = await swarm.store.verify()
        assert (report.ok, report.begin > 0) == (True, True)
    assert rebuild(state, ROOMS).begin > 0


PROGRAM = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
from swarm_core.kernel.crash import arm
from swarm_core.testing import OWNER
from tests.worlds import awake
from tests.keeping.states import a_model

async def main():
    async with awake(Path(sys.argv[2]), a_model(), tasks={"link_similar": False}) as swarm:
        await swarm.finder.keep()
        archive = swarm.keeping.archive
        await archive.move(OWNER, timedelta(0))
        archive._rules = archive._rules.model_copy(update={"amounts": timedelta(0)})
        await archive.sweep()
        print(await swarm.store.verify())

arm(sys.argv[1])
asyncio.run(main())
"""
POINTS = [point for point in KEEPING_POINTS if point.startswith("archive.")]


def run(point: str, base: Path) -> int:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", PROGRAM, point, str(base)]
    return subprocess.run(
        command, cwd=ROOT, env=environment, timeout=180, check=False, capture_output=True
    ).returncode


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_kill_leaves_the_journal_whole(tmp_path: Path, point: str) -> None:
    async def before() -> Path:
        async with awake(tmp_path, a_model(), tasks={"link_similar": False}) as swarm:
            await work(swarm, 2)
            return swarm.store.folder

    state = asyncio.run(before())

    assert run(point, tmp_path) == -signal.SIGKILL
    report = asyncio.run(verified(state))
    assert report.ok, report
    rebuild(state, ROOMS)
    assert run(f"{point}:9", tmp_path) == 0
    assert asyncio.run(verified(state)).ok
    assert {file.name for file in (state / "archive").iterdir()} == {
        *(file.name for file in files_of(state, "tables")),
    }
