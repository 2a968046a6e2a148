"""The head of the journal beside it: what the chain alone cannot show."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path

from swarm_core.store import Keeper, Report, Store
from swarm_core.store.anchor import ANCHOR, EVERY, MOST, Head, read, write_down
from tests.store.things import make, things_store
from tests.worlds import virtual


async def kept(store: Store) -> None:
    """What the swarm does when it closes."""
    keeper = Keeper(store)
    keeper.start()
    await keeper.close()


def kinds(report: Report) -> list[str]:
    return [finding.kind for finding in report.findings]


async def test_an_older_copy_of_the_whole_file_is_found_to_lack_its_end(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one", "text"))
        file = store.path
    shutil.copy(file, tmp_path / "older")
    async with things_store(tmp_path) as store:
        await store.write(make("two", "text"))
        await kept(store)
        assert (await store.verify()).ok
    shutil.copy(tmp_path / "older", file)
    async with things_store(tmp_path) as store:
        assert kinds(await store.verify()) == ["truncated"]


async def test_what_was_cut_off_stays_missed_after_more_was_written(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one", "text"))
        await store.write(make("two", "text"))
        await kept(store)
        file = store.path
    connection = sqlite3.connect(file)
    connection.execute("delete from journal where seq = 2")
    connection.execute("delete from things where name = 'two'")
    connection.execute("update tally set made = 1")
    connection.commit()
    connection.close()
    async with things_store(tmp_path) as store:
        await store.write(make("another", "text"))
        await kept(store)
        assert kinds(await store.verify()) == ["anchor"]


async def test_a_journal_written_anew_with_good_hashes_is_found(tmp_path: Path) -> None:
    for name in ("truth", "forgery"):
        async with things_store(tmp_path / name) as store:
            await store.write(make(name, "text"))
            await kept(store)
    shutil.copy(
        next((tmp_path / "truth").rglob(ANCHOR)), next((tmp_path / "forgery").rglob(ANCHOR))
    )
    async with things_store(tmp_path / "forgery") as store:
        report = await store.verify()
    assert kinds(report) == ["anchor"]
    assert report.findings[0].where == "fact 1"


async def test_a_line_that_cannot_be_read_is_found(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        (store.folder / ANCHOR).write_text("nonsense\n")
        assert kinds(await store.verify()) == ["anchor"]


async def test_nothing_is_written_down_while_nothing_happens(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await kept(store)
        assert not (store.folder / ANCHOR).exists()
        await store.write(make("one", "text"))
        await kept(store)
        await kept(store)
        assert [head.seq for head in read(store.folder)] == [1]


@virtual
async def test_the_head_is_written_down_every_hour(tmp_path: Path) -> None:
    async with things_store(tmp_path, inline=True) as store:
        keeper = Keeper(store)
        keeper.start()
        await asyncio.sleep(1)
        for hour in range(3):
            await store.write(make(f"thing {hour}", "text"))
            await asyncio.sleep(EVERY)
        assert [head.seq for head in read(store.folder)] == [1, 2, 3]
        await keeper.close()


def test_only_the_newest_lines_are_kept(tmp_path: Path) -> None:
    (tmp_path / ANCHOR).write_text("".join(f"{n} 00 then\n" for n in range(1, MOST + 1)))
    write_down(tmp_path, Head(MOST + 1, "00", "now"))
    heads = read(tmp_path)
    assert len(heads) == MOST
    assert (heads[0].seq, heads[-1].seq) == (2, MOST + 1)
