"""Tallies and what is kept for the end of a batch: as if each write had gone to disk by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from swarm_core.store import Rows, Store, Tally, Tx
from tests.store.test_writing import behind_a_gate
from tests.store.things import make, names, things_store

SUMS = Tally("sums", "name", ("total",))


def add(name: str, n: int) -> Any:
    def write(tx: Tx) -> int:
        (total,) = tx.tallies.get(SUMS, name) or (0,)
        tx.tallies.set(SUMS, name, (total + n,))
        return int(total + n)

    return write


def then_fail(*fns: Any) -> Any:
    def write(tx: Tx) -> None:
        for fn in fns:
            fn(tx)
        raise LookupError("of its own")

    return write


def looking(tx: Tx) -> dict[str, int]:
    """What a statement sees in the middle of a batch."""
    tx.tallies.write()
    return dict(tx.execute("select name, total from sums").fetchall())


def stored(rows: Rows) -> dict[str, int]:
    return dict(rows.execute("select name, total from sums").fetchall())


async def with_sums(store: Store) -> None:
    await store.write(lambda tx: tx.execute("create table sums(name text primary key, total)"))


async def test_writes_that_share_a_commit_see_each_others_rows(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await with_sums(store)
        sums = await behind_a_gate(store, [add("a", n) for n in (1, 2, 3)])
        assert sums == [1, 3, 6]
        assert await store.read(stored) == {"a": 6}
        assert await store.write(add("a", 4)) == 10
        assert await store.read(stored) == {"a": 10}


async def test_a_failed_write_takes_its_rows_back_and_the_others_keep_theirs(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path) as store:
        await with_sums(store)
        lost = then_fail(add("a", 100), add("b", 1), looking, make("lost"))
        one, error, two = await behind_a_gate(store, [add("a", 1), lost, add("a", 2)])
        assert (one, two) == (1, 3)
        assert isinstance(error, LookupError)
        assert await store.read(stored) == {"a": 3}
        with pytest.raises(LookupError):
            await store.write(then_fail(add("a", 100)))
        assert await store.write(add("a", 1)) == 4
        assert await store.read(stored) == {"a": 4}


async def test_a_statement_that_looks_sees_what_was_changed_before_it(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await with_sums(store)
        fns = [add("a", 1), looking, then_fail(add("a", 5), looking), looking, add("b", 2)]
        _, before, _, after, _ = await behind_a_gate(store, fns)
        assert before == after == {"a": 1}
        assert await store.read(stored) == {"a": 1, "b": 2}


async def test_a_table_that_a_statement_changed_is_read_again(tmp_path: Path) -> None:
    def replace(tx: Tx) -> None:
        tx.execute("delete from sums")
        tx.execute("insert into sums values('a', 7)")
        tx.tallies.reread(SUMS)

    async with things_store(tmp_path) as store:
        await with_sums(store)
        await store.write(add("a", 1))
        with pytest.raises(LookupError):
            await store.write(then_fail(replace, add("a", 1)))
        assert await store.write(add("a", 1)) == 2
        await store.write(replace)
        assert await store.write(add("a", 1)) == 8


async def test_when_the_commit_fails_the_rows_are_those_on_disk(tmp_path: Path) -> None:
    def spoil(tx: Tx) -> None:
        tx.later("insert into nowhere(value) values(?)", (1,))

    async with things_store(tmp_path) as store:
        await with_sums(store)
        await store.write(add("a", 1))
        outcomes = await behind_a_gate(store, [add("a", 5), spoil])
        assert all(isinstance(outcome, Exception) for outcome in outcomes)
        assert await store.write(add("a", 1)) == 2
        assert await store.read(stored) == {"a": 2}


async def test_what_is_kept_for_the_end_goes_with_a_write_that_fails(tmp_path: Path) -> None:
    def scratch(value: str) -> Any:
        return lambda tx: tx.later("insert into scratch(value) values(?)", (value,))

    async with things_store(tmp_path) as store:
        fns = [scratch("one"), then_fail(scratch("lost")), scratch("two"), make("kept", "text")]
        await behind_a_gate(store, fns)
        found = await store.read(lambda r: r.execute("select value from scratch").fetchall())
        assert found == [("one",), ("two",)]
        assert await store.read(names) == ["kept"]
        assert (await store.verify()).ok


async def test_a_text_can_be_read_in_the_write_that_keeps_it(tmp_path: Path) -> None:
    def keep_and_read(tx: Tx) -> list[str | None]:
        texts = ["short", "", "a\0b", "long " * 2_000]
        kept = [
            tx.put_body(text, personal=personal) for text in texts for personal in (True, False)
        ]
        return [tx.body(ref.id) for ref in kept]

    async with things_store(tmp_path) as store:
        for text in await store.write(keep_and_read):
            assert text in ("short", "", "a\0b", "long " * 2_000)
