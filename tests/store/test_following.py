"""Following: what acts once at the end of each transaction, in its own savepoint."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from swarm_core.store import Tx
from tests.store.test_writing import behind_a_gate
from tests.store.things import ThingMade, ThingSeen, make, names, things_store


async def test_a_follower_acts_once_for_all_functions_of_a_commit(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        told: asyncio.Queue[int] = asyncio.Queue()
        store.follow([ThingMade], lambda tx: len(tx.facts), told.put_nowait)
        before = store.batch.commits
        await behind_a_gate(store, [make(f"thing {n}") for n in range(20)])
        assert await told.get() == 20
        assert told.empty()
        assert store.batch.commits == before + 2


async def test_what_a_follower_writes_is_in_the_commit_that_woke_it(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        store.follow([ThingMade], make("followed"), lambda _: None)
        await store.write(make("first"))
        assert await store.read(names) == ["first", "followed"]
        assert store.batch.commits == 1


async def test_a_follower_sleeps_through_other_facts_and_after_its_stop(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        told: list[int] = []
        store.follow([ThingSeen], lambda tx: 1, told.append)
        stop = store.follow([ThingMade], lambda tx: 2, told.append)
        await store.write(make("first"))
        stop()
        await store.write(make("second"))
        assert told == [2]


async def test_a_follower_that_raises_undoes_only_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(tx: Tx) -> None:
        make("lost")(tx)
        raise ValueError("not today")

    async with things_store(tmp_path) as store:
        store.follow([ThingMade], fail, lambda _: None)
        with caplog.at_level(logging.ERROR):
            await store.write(make("kept"))
        assert await store.read(names) == ["kept"]
        assert (await store.verify()).ok
    assert "not today" in caplog.text
