"""The chain: different facts never serialise to the same bytes."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.ids import SeededEntropy
from swarm_core.store.chain import GENESIS, link
from swarm_core.store.verifying import Report
from swarm_core.testing import FakeClock
from tests.examples import few
from tests.store.things import ThingSeen, things_store

numbers = st.integers(0, 2**63 - 1)
maybe = st.none() | st.integers(0, 3) | numbers
rows = st.tuples(
    numbers,
    st.integers(-(2**63), 2**63 - 1),
    st.text(max_size=6),
    st.integers(1, 99),
    st.text(max_size=6),
    maybe,
    maybe,
    maybe,
    st.binary(max_size=6),
)
BASE = (1, 2, "ab", 1, "cd", None, None, None, b"ef")


def changed(**fields: object) -> tuple[object, ...]:
    names = ("seq", "at", "kind", "version", "actor", "task", "run", "cause", "payload")
    return tuple(fields.get(name, value) for name, value in zip(names, BASE, strict=True))


@few(100)
@given(rows, rows)
@example(BASE, changed(kind="a", actor="bcd"))
@example(BASE, changed(kind="abc", actor="d"))
@example(BASE, changed(actor="c", payload=b"def"))
@example(BASE, changed(kind="abcd", actor=""))
@example(BASE, changed(actor="cdef", payload=b""))
@example(BASE, changed(task=0))
@example(BASE, changed(run=0))
@example(BASE, changed(cause=0))
@example(changed(task=1), changed(run=1))
@example(changed(task=1, cause=2), changed(task=2, cause=1))
@example(BASE, changed(seq=2, at=1))
def test_two_different_facts_have_different_hashes(one: tuple, two: tuple) -> None:  # type: ignore[type-arg]
    assume(one != two)
    assert link(GENESIS, *one) != link(GENESIS, *two)


@given(rows, st.binary(min_size=32, max_size=32))
def test_the_hash_depends_on_everything_before(row: tuple, prev: bytes) -> None:  # type: ignore[type-arg]
    assume(prev != GENESIS)
    assert link(GENESIS, *row) != link(prev, *row)


def head_of(base: Path, *, person: str = "1", name: str = "x", task: int | None = None) -> Report:
    async def run() -> Report:
        async with things_store(base, clock=FakeClock(), entropy=SeededEntropy(1)) as store:
            actor = Actor(surface="terminal", space="local", person=person)
            await store.write(lambda tx: tx.append(ThingSeen(name=name), actor, task=task))
            return await store.verify()

    return asyncio.run(run())


@pytest.mark.parametrize("other", [{"person": "2"}, {"name": "y"}, {"task": 1}, {"task": 0}])
def test_journals_that_differ_in_one_field_have_different_heads(other: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        same = head_of(Path(one))
        assert same.ok
        assert same.head != head_of(Path(two), **other).head  # type: ignore[arg-type]


def test_the_same_facts_at_the_same_time_have_the_same_head() -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        assert head_of(Path(one)).head == head_of(Path(two)).head
