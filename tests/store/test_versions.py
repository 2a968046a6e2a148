"""Versions: old facts read as today's, migrations go forward."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from swarm_core.kernel.errors import NewerStore
from swarm_core.store import Database, Event, Fact, Migrations, RoomTables, Tx
from tests.store.things import ANA, things_store


class MovedV1(Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "box.moved"

    to: str


class Moved(Event, frozen=True, kw_only=True):
    """Version 2 split the place in two, version 3 counts boxes."""

    kind: ClassVar[str] = "box.moved"
    version: ClassVar[int] = 3

    room: str
    shelf: str
    boxes: int


def _migrations(steps: int) -> Migrations:
    migrations = Migrations("boxes")

    @migrations(name="0001_boxes")
    def _one(db: Database) -> None:
        db.execute("create table boxes(id integer primary key, place text not null)")

    def _two(db: Database) -> None:
        db.execute("alter table boxes add column boxes integer not null default 1")

    if steps > 1:
        migrations(name="0002_count")(_two)
    return migrations


def _fold_old(tx: Tx, fact: Fact) -> None:
    assert isinstance(fact.event, MovedV1)
    tx.execute("insert into boxes(id, place) values(?,?)", (fact.seq, fact.event.to))


def _fold(tx: Tx, fact: Fact) -> None:
    e = fact.event
    assert isinstance(e, Moved)
    tx.execute(
        "insert into boxes(id, place, boxes) values(?,?,?)",
        (fact.seq, f"{e.room}/{e.shelf}", e.boxes),
    )


def _split(data: dict[str, Any]) -> dict[str, Any]:
    room, shelf = data.pop("to").split("/")
    return {**data, "room": room, "shelf": shelf}


def _count(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "boxes": 1}


OLD = RoomTables(
    name="boxes",
    migrations=_migrations(1),
    tables={"boxes": "projection"},
    projectors={MovedV1: _fold_old},
)
NEW = RoomTables(
    name="boxes",
    migrations=_migrations(2),
    tables={"boxes": "projection"},
    projectors={Moved: _fold},
    upcasters={("box.moved", 1): _split, ("box.moved", 2): _count},
)


async def old_store(base: Path) -> None:
    async with things_store(base, OLD) as store:
        await store.write(lambda tx: tx.append(MovedV1(to="hall/3"), ANA, task=1))


async def test_a_fact_of_an_old_version_reads_as_one_of_today(tmp_path: Path) -> None:
    await old_store(tmp_path)
    async with things_store(tmp_path, NEW) as store:
        await store.write(lambda tx: tx.append(Moved(room="hall", shelf="4", boxes=2), ANA, task=1))
        events = [fact.event for fact in await store.history(1)]
        assert events == [
            Moved(room="hall", shelf="3", boxes=1),
            Moved(room="hall", shelf="4", boxes=2),
        ]


async def test_old_facts_replay_through_todays_folds(tmp_path: Path) -> None:
    await old_store(tmp_path)
    async with things_store(tmp_path, NEW) as store:
        assert await store.read(lambda r: r.execute("select * from boxes").fetchall()) == [
            (1, "hall/3", 1)
        ]
        report = await store.verify()
        assert report.ok, report.findings
        assert report.facts == 1


async def test_migrations_run_once_and_in_order(tmp_path: Path) -> None:
    await old_store(tmp_path)
    for _ in range(2):
        async with things_store(tmp_path, NEW) as store:
            applied = await store.read(
                lambda r: r.execute(
                    "select name from _sqlite_migrations where migration_set = 'boxes' order by id"
                ).fetchall()
            )
            assert applied == [("0001_boxes",), ("0002_count",)]


async def test_the_older_program_refuses_the_migrated_store(tmp_path: Path) -> None:
    await old_store(tmp_path)
    async with things_store(tmp_path, NEW):
        pass
    with pytest.raises(NewerStore):
        async with things_store(tmp_path, OLD):
            pass


async def test_a_fact_of_a_version_to_come_is_not_guessed_at(tmp_path: Path) -> None:
    async with things_store(tmp_path, NEW) as store:
        await store.write(lambda tx: tx.append(Moved(room="a", shelf="b", boxes=1), ANA, task=1))
    older = RoomTables(
        name="boxes",
        migrations=_migrations(2),
        tables={"boxes": "projection"},
        projectors={MovedV1: _fold_old},
    )
    async with things_store(tmp_path, older) as store:
        with pytest.raises(NewerStore):
            await store.history(1)
        assert {f.kind for f in (await store.verify()).findings} == {"chain", "projection"}


async def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    await old_store(tmp_path)
    broken = Migrations("boxes")

    @broken(name="0001_boxes")
    def _one(db: Database) -> None:
        raise AssertionError("it was applied before")

    @broken(name="0002_broken")
    def _two(db: Database) -> None:
        db.execute("delete from boxes")
        db.execute("alter table boxes add column boxes integer")
        raise LookupError

    room = RoomTables(name="boxes", migrations=broken, tables={"boxes": "projection"})
    with pytest.raises(LookupError):
        async with things_store(tmp_path, room):
            pass
    async with things_store(tmp_path, OLD) as store:
        assert await store.read(lambda r: r.execute("select * from boxes").fetchall()) == [
            (1, "hall/3")
        ]
        assert (await store.verify()).ok
