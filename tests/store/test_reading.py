"""Reading: only what is committed, one snapshot for each function, and no way to write."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from swarm_core.kernel.errors import Closing
from swarm_core.store import Rows, Tx
from tests.store.things import ANA, ThingSeen, make, names, things_store


async def test_what_is_not_committed_is_not_read(tmp_path: Path) -> None:
    written, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        make("thing")(tx)
        written.set()
        assert go_on.wait(10)

    async with things_store(tmp_path) as store:
        writing = asyncio.ensure_future(store.write(slow))
        assert await asyncio.to_thread(written.wait, 10)
        assert await store.read(names) == []
        go_on.set()
        await writing
        assert await store.read(names) == ["thing"]


async def test_a_read_function_sees_one_snapshot_however_long_it_takes(tmp_path: Path) -> None:
    looked, go_on = threading.Event(), threading.Event()

    def look_twice(rows: Rows) -> tuple[list[str], list[str]]:
        first = names(rows)
        looked.set()
        assert go_on.wait(10)
        return first, names(rows)

    async with things_store(tmp_path) as store:
        await store.write(make("old"))
        reading = asyncio.ensure_future(store.read(look_twice))
        assert await asyncio.to_thread(looked.wait, 10)
        await store.write(make("new"))
        go_on.set()
        assert await reading == (["old"], ["old"])
        assert await store.read(names) == ["old", "new"]


async def test_a_read_after_a_write_sees_it(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        for n in range(20):
            await store.write(make(f"thing {n}"))
            assert len(await store.read(names)) == n + 1


async def test_a_reader_cannot_write(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await store.read(lambda rows: rows.execute("insert into scratch(id) values(1)"))
        assert await store.read(names) == []


async def test_what_a_read_function_raises_comes_back_and_the_reader_lives(tmp_path: Path) -> None:
    def fail(rows: Rows) -> None:
        names(rows)
        raise LookupError

    async with things_store(tmp_path, readers=1) as store:
        for _ in range(3):
            with pytest.raises(LookupError):
                await store.read(fail)
        await store.write(make("thing"))
        assert await store.read(names) == ["thing"]


async def test_the_history_of_a_task_is_all_of_it_in_order(tmp_path: Path) -> None:
    def fn(tx: Tx) -> None:
        for n in range(1500):
            tx.append(ThingSeen(name=str(n)), ANA, task=1 + n % 3 // 2, run=n)

    async with things_store(tmp_path) as store:
        await store.write(fn)
        history = await store.history(1)
        assert [f.event.name for f in history] == [str(n) for n in range(1500) if n % 3 != 2]
        assert [f.run for f in history] == [n for n in range(1500) if n % 3 != 2]
        assert {f.task for f in history} == {1}
        assert await store.history(99) == []


async def test_a_read_under_way_is_finished_at_the_close(tmp_path: Path) -> None:
    entered, go_on = threading.Event(), threading.Event()

    def slow(rows: Rows) -> list[str]:
        entered.set()
        assert go_on.wait(10)
        return names(rows)

    async with things_store(tmp_path) as store:
        await store.write(make("thing"))
        reading = asyncio.ensure_future(store.read(slow))
        assert await asyncio.to_thread(entered.wait, 10)
        go_on.set()
    assert await reading == ["thing"]
    with pytest.raises(Closing):
        await store.read(names)
