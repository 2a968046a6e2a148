"""Damage, a full disk, a kill: what was acknowledged stays, and nothing worse is written."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from swarm_core.kernel.errors import DamagedStore, StoreUnwritable
from swarm_core.store import Rows
from tests.store.test_opening import filled, overwrite
from tests.store.test_writing import behind_a_gate
from tests.store.things import make, names, things_store

ROOT = Path(__file__).parents[2]


def look(rows: Rows) -> Any:
    return rows.execute("select count(name) from things where at > 0").fetchone()


async def test_damage_met_by_a_write_stops_all_writing(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    async with things_store(tmp_path) as store:
        overwrite(path, "things")
        outcomes = await behind_a_gate(
            store, [lambda tx: tx.execute("insert into scratch(id) values(1)"), look, lambda tx: 1]
        )
        assert [type(o) for o in outcomes] == [DamagedStore] * 3
        with pytest.raises(DamagedStore):
            await store.write(lambda tx: 1)
        scratch = await store.read(lambda r: r.execute("select id from scratch").fetchall())
        assert scratch == [], "nothing of the batch that met the damage happened"
        report = await store.verify()
        assert "file" in {finding.kind for finding in report.findings}


async def test_damage_met_by_a_read_stops_all_writing(tmp_path: Path) -> None:
    path = await filled(tmp_path)
    async with things_store(tmp_path) as store:
        overwrite(path, "things")
        with pytest.raises(DamagedStore):
            await store.read(look)
        with pytest.raises(DamagedStore):
            await store.write(lambda tx: 1)


@pytest.mark.parametrize(
    "sql", ["select json_extract('{', '$.a')", "select 1 from nowhere", "select ("]
)
async def test_a_statement_that_is_wrong_is_not_damage(tmp_path: Path, sql: str) -> None:
    async with things_store(tmp_path) as store:
        with pytest.raises(sqlite3.OperationalError):
            await store.write(lambda tx: tx.execute(sql).fetchall())
        with pytest.raises(sqlite3.OperationalError):
            await store.read(lambda rows: rows.execute(sql).fetchall())
        assert await store.write(make("one")) == 1


async def test_another_program_that_holds_the_file_delays_but_does_not_break(
    tmp_path: Path,
) -> None:
    async with things_store(tmp_path) as store:
        other = sqlite3.connect(store.path, isolation_level=None, check_same_thread=False)
        other.execute("begin immediate")
        waiting = asyncio.ensure_future(store.write(make("one")))
        await asyncio.to_thread(lambda: None)
        other.execute("rollback")
        other.close()
        assert await waiting == 1


FULL = """
import asyncio, json, resource, sys
from pathlib import Path
from swarm_core.kernel.errors import WaggleError
from tests.store.things import make, names, things_store

async def main():
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    told, refused = [], set()
    async with things_store(Path(sys.argv[1])) as store:
        limit = int(sys.argv[2])
        for n in range(60):
            if n == 20:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            if n == 40:
                resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
            fns = [make(f"{n}/{i}", "a text that takes room " * 400) for i in range(3)]
            done = await asyncio.gather(*map(store.write, fns), return_exceptions=True)
            for i, outcome in enumerate(done):
                if isinstance(outcome, int):
                    told.append(f"{n}/{i}")
                else:
                    refused.add(type(outcome).__name__)
        kept = await store.read(names)
        report = await store.verify()
    print(json.dumps({"told": told, "kept": kept, "refused": sorted(refused),
        "findings": [str(f) for f in report.findings], "facts": report.facts}))

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("limit", [1, 40_000, 200_000, 222_222])
async def test_a_full_disk_refuses_cleanly_and_writing_goes_on_when_there_is_room(
    tmp_path: Path, limit: int
) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", FULL, str(tmp_path), str(limit)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["refused"] == [StoreUnwritable.__name__], "the disk was full for a while"
    assert sorted(seen["kept"]) == sorted(seen["told"]), "kept is what was acknowledged, no less"
    assert {f"{n}/0" for n in (0, 19, 40, 59)} <= set(seen["kept"])
    assert seen["findings"] == []
    assert seen["facts"] == len(seen["told"])
    async with things_store(tmp_path) as store:
        assert await store.read(names) == seen["kept"]
        assert (await store.verify()).ok


KILLED = """
import asyncio, sys
from pathlib import Path
from swarm_core.kernel.crash import arm
from tests.store.things import make, things_store

async def main():
    async with things_store(Path(sys.argv[1])) as store:
        arm(sys.argv[2])
        async def one(n):
            await store.write(make(f"thing {n}", "its text"))
            print(f"thing {n}", flush=True)
        for wave in range(10):
            await asyncio.gather(*(one(10 * wave + i) for i in range(10)))

asyncio.run(main())
"""


@pytest.mark.slow
@pytest.mark.parametrize("point", ["store.commit.before", "store.commit.after"])
@pytest.mark.parametrize("count", [1, 2, 5])
async def test_what_was_acknowledged_before_a_kill_is_there_after_it(
    tmp_path: Path, point: str, count: int
) -> None:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", KILLED, str(tmp_path), f"{point}:{count}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    told = done.stdout.splitlines()
    async with things_store(tmp_path) as store:
        kept = await store.read(names)
        assert set(told) <= set(kept)
        if point == "store.commit.after":
            assert len(kept) > len(told), "the commit under way is whole, though nobody was told"
        report = await store.verify()
        assert report.ok, report.findings
        assert report.facts == len(kept)
        assert await store.write(make("after")) == len(kept) + 1
