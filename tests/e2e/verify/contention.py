"""Many at one file: readers, a writer, a backup, checkpoints, a person with a shell.

A swarm takes in and does tasks as fast as it can, while fifty readers ask, backups are taken one
after another, and another process looks with a connection of its own that waits for nobody. No
one may ever hear that the database is locked.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
import time
from collections import Counter
from pathlib import Path

from swarm_core.kernel.errors import WaggleError
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, ScriptedModel, request, swarm
from tests.e2e.checks import sound
from tests.e2e.verify.trial import Given, Seen

READERS = 50
SHORT, LONG = 2.0, 600.0
"""Seconds."""
PACE = 20
"""Tasks given out at once."""

LOOKER = """
import sqlite3, sys
count = 0
while True:
    db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=0)
    try:
        for _ in range(20):
            db.execute("select count(*), max(seq) from journal").fetchone()
            count += 1
    except sqlite3.OperationalError as error:
        print(f"FOUND a person's shell: {error}", flush=True)
        break
    finally:
        db.close()
    print(count, flush=True)
"""


async def run(given: Given) -> Seen:
    """See `Trial`."""
    seen, counts = Seen(), Counter[str]()
    seconds = LONG if given.long else SHORT
    model = ScriptedModel(words=("pay",), calls=1)
    async with swarm(given.folder, model, tasks={"link_similar": False}) as (opened, _):
        until = time.monotonic() + seconds
        await asyncio.gather(
            *(_write(opened, until, number, counts, seen) for number in range(PACE)),
            *(_read(opened, until, number, counts, seen) for number in range(READERS)),
            asyncio.to_thread(_backup, opened.store.path, given.folder, until, counts, seen),
            _look(opened.store.path, until, counts, seen),
        )
        log = opened.store.path.with_name("waggle.db-wal")
        size = log.stat().st_size
    seen.findings += sound(given.folder / "state")
    seen.sentence = (
        f"{counts['written']} tasks taken in, {counts['read']} reads by {READERS} readers,"
        f" {counts['backups']} backups, {counts['looked']} looks of another process in"
        f" {seconds:.0f} s, the log at {size >> 20} MiB, {counts['locked']} times locked"
    )
    return seen


def _failed(who: str, error: Exception, counts: Counter[str], seen: Seen) -> None:
    counts["locked"] += "locked" in str(error) or "busy" in str(error)
    if len(seen.findings) < 20:
        seen.findings.append(f"{who}: {error}")


async def _write(
    opened: Swarm, until: float, number: int, counts: Counter[str], seen: Seen
) -> None:
    while time.monotonic() < until:
        try:
            text = f"pay {number} {counts['written']}"
            await opened.intake.submit(OWNER, request(text, join=False))
            counts["written"] += 1
            await asyncio.sleep(0.01)
        except (sqlite3.Error, WaggleError) as error:
            _failed("a writer", error, counts, seen)
            return


async def _read(opened: Swarm, until: float, number: int, counts: Counter[str], seen: Seen) -> None:
    while time.monotonic() < until:
        try:
            if number % 2:
                await opened.views.status()
            else:
                await opened.store.read(
                    lambda rows: rows.execute(
                        "select kind, count(*) from journal group by kind"
                        if number % 10 == 0
                        else "select * from tasks order by id desc limit 50"
                    ).fetchall()
                )
            counts["read"] += 1
            await asyncio.sleep(0.02)
        except (sqlite3.Error, WaggleError) as error:
            _failed("a reader", error, counts, seen)
            return


def _backup(path: Path, folder: Path, until: float, counts: Counter[str], seen: Seen) -> None:
    while time.monotonic() < until:
        source = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=0)
        source.execute("pragma wal_autocheckpoint=0")
        target = sqlite3.connect(folder / "backup.db")
        try:
            source.backup(target)
            (whole,) = target.execute("pragma quick_check").fetchone()
            if whole != "ok":
                seen.findings.append(f"a backup is damaged: {whole}")
            counts["backups"] += 1
        except sqlite3.Error as error:
            _failed("a backup", error, counts, seen)
            return
        finally:
            source.close()
            target.close()
        time.sleep(0.2)


async def _look(path: Path, until: float, counts: Counter[str], seen: Seen) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOOKER, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        async with asyncio.timeout(until - time.monotonic()):
            async for line in process.stdout:
                said = line.decode().strip()
                if said.startswith("FOUND"):
                    _failed("another process", Exception(said), counts, seen)
                    return
                counts["looked"] = int(said)
    except TimeoutError:
        return
    finally:
        process.kill()
        await process.wait()
