"""Verify: whatever somebody changes behind the swarm's back is found and named."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.store import Report
from tests.examples import few
from tests.store.things import ANA, ThingSeen, make, things_store

LONG = "a page of text " * 1000


async def tampered(base: Path, tamper: Callable[[sqlite3.Connection], object]) -> Report:
    """What a running store's verify says after another program changed its file."""
    async with things_store(base) as store:
        await store.write(make("one", "the first text", task=1, run=1))
        await store.write(make("two", "the second text"))
        await store.write(lambda tx: tx.append(ThingSeen(name="between"), ANA, cause=2))
        await store.write(make("three", LONG, personal=False))
        await store.write(make("four", LONG, personal=True))
        before = await store.verify()
        assert before.ok, before.findings
        assert before.facts == 5
        assert before.rows == 5
        connection = sqlite3.connect(store.path, isolation_level=None)
        tamper(connection)
        connection.close()
        return await store.verify()


def sql(*statements: str) -> Callable[[sqlite3.Connection], object]:
    def run(connection: sqlite3.Connection) -> None:
        for statement in statements:
            assert connection.execute(statement).rowcount != 0, statement

    return run


SWAP = (
    "update {0} set {1} = (select {1} from {0} o where o.{2} = {3} + {4} - {0}.{2})"
    " where {2} in ({3}, {4})"
)
AGAIN = """insert into journal
    select 6, at, kind, version, actor, task, run, cause, payload, hash, hash
    from journal where seq = 5"""
SALTED = """update bodies set salt = cast(salt || 'the first ' as blob), content = 'text'
    where id = 1"""

UNSIZED = zstandard.ZstdCompressor(write_content_size=False).compress(b"x" * 3000).hex()
"""Compressed without its length, so that the one in the row is believed."""
ENDLESS = f"update bodies set content = x'{UNSIZED}', size = 1 << 62 where id = 4"

TAMPERINGS = {
    "an edited payload": ("update journal set payload = replace(payload, 'one', 'eno')", "chain"),
    "an edited instant": ("update journal set at = at + 1 where seq = 3", "chain"),
    "an edited actor": ("update journal set actor = 'terminal/local/2' where seq = 3", "chain"),
    "an edited kind": ("update journal set kind = 'thing.made' where seq = 3", "chain"),
    "an edited version": ("update journal set version = 2 where seq = 3", "chain"),
    "an edited task": ("update journal set task = 2 where seq = 1", "chain"),
    "a task where there was none": ("update journal set task = 0 where seq = 3", "chain"),
    "a task taken away": ("update journal set task = null where seq = 1", "chain"),
    "a run where there was none": ("update journal set run = 0 where seq = 3", "chain"),
    "an edited cause": ("update journal set cause = 1 where seq = 3", "chain"),
    "an edited hash": ("update journal set hash = zeroblob(32) where seq = 3", "chain"),
    "an edited previous hash": ("update journal set prev = zeroblob(32) where seq = 3", "chain"),
    "a fact removed": ("delete from journal where seq = 3", "chain"),
    "the first fact removed": ("delete from journal where seq = 1", "chain"),
    "the last fact removed": ("delete from journal where seq = 5", "projection"),
    "all facts removed": ("delete from journal", "projection"),
    "facts swapped": (SWAP.format("journal", "payload", "seq", 1, 2), "chain"),
    "a fact added": (AGAIN, "chain"),
    "a fact moved": ("update journal set seq = 9 where seq = 5", "chain"),
    "a row edited": ("update things set name = 'eno' where name = 'one'", "projection"),
    "a row removed": ("delete from things where name = 'one'", "projection"),
    "a row added": ("insert into things(id, name, at) values(77, 'made up', 1)", "projection"),
    "rows swapped": (SWAP.format("things", "body", "id", 1, 2), "projection"),
    "a sum edited": ("update tally set made = made + 1", "projection"),
    "a column emptied": ("update things set body = null where id = 1", "projection"),
    "a body edited": ("update bodies set content = 'another text' where id = 1", "body"),
    "a body removed": ("delete from bodies where id = 1", "body"),
    "bodies swapped": (SWAP.format("bodies", "content", "id", 1, 2), "body"),
    "a salt edited": ("update bodies set salt = zeroblob(16) where id = 1", "body"),
    "text moved into the salt": (SALTED, "body"),
    "a size edited": ("update bodies set size = 5 where id = 4", "body"),
    "the size of a short text edited": ("update bodies set size = 5 where id = 1", "body"),
    "a text given to somebody else": ("update bodies set actor = 'x/y/z' where id = 2", "body"),
    "a text given to nobody": ("update bodies set actor = null where id = 1", "body"),
    "a text given to another task": ("update bodies set task = 9 where id = 1", "body"),
    "a text taken from its task": ("update bodies set task = null where id = 1", "body"),
    "a compressed body that is none": ("update bodies set content = x'00' where id = 4", "body"),
    "a compressed body longer than any memory": (ENDLESS, "body"),
    "a shared blob edited": ("update blobs set content = zeroblob(20)", "body"),
    "a shared blob lost": ("delete from blobs", "body"),
    "a table dropped": ("drop table tally", "file"),
    "a payload that is no JSON": ("update journal set payload = '{' where seq = 3", "chain"),
    "a payload that is no text": ("update journal set payload = x'00' where seq = 3", "chain"),
    "an instant that is no number": ("update journal set at = 'noon' where seq = 3", "chain"),
    "a hash that is no hash": ("update journal set hash = 'x' where seq = 5", "chain"),
    "a number below zero": ("update journal set version = -1 where seq = 3", "chain"),
}


@pytest.mark.parametrize("what", TAMPERINGS)
async def test_tampering_is_found(tmp_path: Path, what: str) -> None:
    statement, kind = TAMPERINGS[what]
    report = await tampered(tmp_path, sql(statement))
    assert not report.ok
    assert kind in {finding.kind for finding in report.findings}, report.findings


async def test_the_finding_names_the_place(tmp_path: Path) -> None:
    report = await tampered(tmp_path, sql("update journal set at = at + 1 where seq = 3"))
    assert [f.where for f in report.findings] == ["fact 3"]


async def test_a_gap_is_called_one(tmp_path: Path) -> None:
    report = await tampered(tmp_path, sql("delete from journal where seq = 3"))
    (finding,) = report.findings
    assert (finding.where, finding.what) == ("fact 4", "follows 2: facts are missing")


async def test_a_journal_rewritten_with_good_hashes_does_not_fit_its_projections(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path / "forged") as store:
        await store.write(make("forged"))
        forged = store.path

    def replace(connection: sqlite3.Connection) -> None:
        connection.execute("attach ? as forged", (str(forged),))
        connection.execute("delete from journal")
        connection.execute("insert into journal select * from forged.journal")

    report = await tampered(tmp_path / "real", replace)
    assert {finding.kind for finding in report.findings} == {"projection"}


COLUMNS = {
    "journal": (
        *("seq", "at", "kind", "version", "actor", "task", "run"),
        *("cause", "payload", "prev", "hash"),
    ),
    "things": ("id", "name", "at", "body"),
    "tally": ("name", "made"),
}
ODD = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.integers(-2, 9)
    | st.text(st.characters(codec="utf-8"), max_size=5)
    | st.binary(max_size=40)
    | st.just(float("inf"))
)


@few(25)
@given(st.sampled_from([(t, c) for t, cs in COLUMNS.items() for c in cs]), ODD, st.integers(0, 4))
def test_any_cell_set_to_anything_is_found(cell: tuple[str, str], value: object, row: int) -> None:
    table, column = cell
    changed = False

    def tamper(connection: sqlite3.Connection) -> None:
        nonlocal changed
        before = connection.execute(f"select * from {table}").fetchall()
        try:
            connection.execute(
                f"update {table} set {column} = ? where {COLUMNS[table][0]} ="
                f" (select {COLUMNS[table][0]} from {table} limit 1 offset ?)",
                (value, row),
            )
        except sqlite3.IntegrityError:
            return
        changed = before != connection.execute(f"select * from {table}").fetchall()

    with tempfile.TemporaryDirectory() as base:
        report = asyncio.run(tampered(Path(base), tamper))
    assert report.ok is not changed, (report.findings, table, column, value)


async def test_verifying_beside_a_busy_writer_finds_nothing(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        busy = True

        async def write() -> None:
            n = 0
            while busy:
                n += 1
                await store.write(make(f"thing {n}", "text"))

        writing = asyncio.create_task(write())
        for _ in range(5):
            report = await store.verify()
            assert report.ok, report.findings
        busy = False
        await writing
        assert (await store.verify()).facts > 0


async def test_an_empty_store_verifies(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        report = await store.verify()
        assert report.ok
        assert (report.facts, report.rows, report.head) == (0, 0, "00" * 32)


async def test_findings_are_limited(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:

        def fn(tx: object) -> None:
            for n in range(200):
                make(str(n))(tx)

        await store.write(fn)
        connection = sqlite3.connect(store.path, isolation_level=None)
        connection.execute("update journal set at = at + 1")
        connection.close()
        report = await store.verify()
        assert 0 < len(report.findings) <= 60


async def test_verify_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    async with things_store(tmp_path) as store:
        await store.write(make("one"))
        before = {p.name: p.read_bytes() for p in store.folder.iterdir() if p.suffix != ".db-shm"}
        await store.verify()
        after = {p.name: p.read_bytes() for p in store.folder.iterdir() if p.suffix != ".db-shm"}
        assert before == after
