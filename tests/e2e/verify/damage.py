"""Something else writes to the files: whatever it changes is found, and then nothing is written.

A finished swarm's folder is damaged in one way after another, by SQL as somebody would who knows
the tables, and byte by byte as a bad disk would; `verify` has to find each that changed the
journal, a body, a blob or a projection. Then a swarm at work is damaged: how long until it writes
nothing any more.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from swarm_core.kernel.errors import WaggleError
from swarm_core.store import anchor
from swarm_core.store.chain import GENESIS, link
from swarm_core.store.faults import UNSOUND, complaint
from swarm_core.store.verifying import verify
from swarm_core.swarm import Swarm
from swarm_core.testing import ScriptedModel, finish, swarm
from tests.e2e.checks import ALL_ROOMS
from tests.e2e.verify.trial import Given, Seen, all_hands

TASKS = 12
SHORT, LONG = 40, 2_000
"""Flipped bytes, in the file and in the log each."""
LIMIT = 1.0
"""Seconds in which a damaged swarm has to stop writing."""
KEPT = {
    "journal": "*",
    # Not `personal`: it says how a text was stored, and nobody reads it again.
    "bodies": "id, salt, size, content, blob, task, actor",
    "blobs": "*",
}
Damage = Callable[[sqlite3.Connection, random.Random], object]


async def run(given: Given) -> Seen:
    """See `Trial`."""
    chance = random.Random(given.seed)
    whole = await _grow(given.folder)
    seen, counts = Seen(), Counter[str]()
    await asyncio.to_thread(_rewrite, whole, chance, counts, seen)
    await asyncio.to_thread(_flip, whole, given, counts, seen)
    slowest = 0.0
    for how in ("journal", "projection", "page"):
        slowest = max(slowest, await _while_running(given.folder / how, how, seen))
    seen.sentence = (
        f"{counts['rewritten']} changes by SQL and {counts['changed']} of {counts['flipped']}"
        f" flipped bytes that changed anything all found, {counts['cut']} of them by the head"
        f" written down; a running swarm wrote for {slowest * 1000:.0f} ms at most after damage"
        " was detected"
    )
    return seen


def _check(state: Path) -> list[str]:
    report = verify(state / "waggle.db", ALL_ROOMS)
    return [found.kind for found in report.findings]


async def _grow(folder: Path) -> dict[str, Path]:
    """A folder that was closed well, and one as a kill leaves it, with its log."""
    model = ScriptedModel(words=("pay",), calls=2)
    killed = folder / "killed"
    (folder / "workspace").mkdir(parents=True, exist_ok=True)
    page = "a line of a page that is long enough to be kept once\n" * 400
    (folder / "workspace" / "page.txt").write_text(page)
    async with swarm(folder, model, tasks={"link_similar": False}) as (opened, courier):
        for number in range(TASKS):
            await finish(opened, courier, f"pay {number}")
        for number in range(2):
            await finish(opened, courier, f"summarise page.txt{' ' * number}", join=False)
        killed.mkdir()
        before, (seq, digest, at) = 0, await opened.store.head()
        # What comes after the head is written down is lost with the end of the log, and nobody
        # can know of it: so there is nothing.
        while before != seq:
            head = anchor.Head(seq, digest.hex(), f"{at:%Y-%m-%dT%H:%M:%SZ}")
            anchor.write_down(opened.store.folder, head)
            for name in ("waggle.db", "waggle.db-wal", anchor.ANCHOR):
                shutil.copy(opened.store.folder / name, killed / name)
            before, (seq, digest, at) = seq, await opened.store.head()
    return {"closed": folder / "state", "killed": killed}


def _fresh(source: Path) -> Path:
    state = source.with_name(f"damaged-{os.getpid()}")
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir()
    for file in source.iterdir():
        if file.name.startswith("waggle.db") or file.name == anchor.ANCHOR:
            shutil.copy(file, state / file.name)
    return state


# ── by SQL ───────────────────────────────────────────────────────────────────


def _one(db: sqlite3.Connection, table: str, chance: random.Random) -> int:
    rows = [row[0] for row in db.execute(f"select rowid from {table}").fetchall()]
    return int(chance.choice(rows))


def _flip_payload(db: sqlite3.Connection, chance: random.Random) -> object:
    seq = _one(db, "journal", chance)
    return db.execute("update journal set payload = payload || ' ' where seq = ?", (seq,))


def _delete(db: sqlite3.Connection, chance: random.Random) -> object:
    return db.execute("delete from journal where seq = ?", (_one(db, "journal", chance),))


def _swap(db: sqlite3.Connection, chance: random.Random) -> object:
    (last,) = db.execute("select max(seq) from journal").fetchone()
    seq = chance.randrange(1, last)
    db.execute("update journal set seq = -1 where seq = ?", (seq,))
    db.execute("update journal set seq = ? where seq = ?", (seq, seq + 1))
    return db.execute("update journal set seq = ? where seq = -1", (seq + 1,))


def _truncate(db: sqlite3.Connection, chance: random.Random) -> object:
    (last,) = db.execute("select max(seq) from journal").fetchone()
    return db.execute("delete from journal where seq > ?", (last - chance.randrange(1, 20),))


def _rewrite_all(db: sqlite3.Connection, chance: random.Random) -> object:
    """The whole chain anew, with good hashes, as somebody would who has read our source."""
    at = _one(db, "journal", chance)
    db.execute("update journal set at = at + 1 where seq = ?", (at,))
    head = GENESIS
    columns = "seq, at, kind, version, actor, task, run, cause, payload"
    for row in db.execute(f"select {columns} from journal order by seq").fetchall():
        *fields, payload = row
        digest = link(head, *fields, payload.encode())
        db.execute("update journal set prev = ?, hash = ? where seq = ?", (head, digest, row[0]))
        head = digest
    return None


def _body(db: sqlite3.Connection, chance: random.Random) -> object:
    del chance
    return db.execute(
        "update bodies set content = 'other words' where id ="
        " (select max(id) from bodies where content is not null)"
    )


def _bodies_swapped(db: sqlite3.Connection, chance: random.Random) -> object:
    del chance
    db.execute("update bodies set id = -1 where id = 1")
    db.execute("update bodies set id = 1 where id = 2")
    return db.execute("update bodies set id = 2 where id = -1")


def _blob(db: sqlite3.Connection, chance: random.Random) -> object:
    del chance
    return db.execute("update blobs set content = zeroblob(length(content))")


def _blob_gone(db: sqlite3.Connection, chance: random.Random) -> object:
    del chance
    return db.execute("delete from blobs")


BY_SQL: dict[str, Damage] = {
    "flip": _flip_payload,
    "delete": _delete,
    "swap": _swap,
    "truncate": _truncate,
    "rewrite": _rewrite_all,
    "body": _body,
    "bodies swapped": _bodies_swapped,
    "blob": _blob,
    "blob gone": _blob_gone,
}


def _projections(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Each column of each projection that has rows."""
    for room in ALL_ROOMS:
        for table, kind in room.tables.items():
            if kind == "projection" and db.execute(f"select 1 from {table}").fetchone():
                for column in db.execute(f"pragma table_info({table})").fetchall():
                    yield table, column[1]


def _rewrite(
    whole: dict[str, Path], chance: random.Random, counts: Counter[str], seen: Seen
) -> None:
    db = sqlite3.connect(whole["closed"] / "waggle.db")
    columns = list(_projections(db))
    db.close()
    ways: list[tuple[str, Damage]] = list(BY_SQL.items())
    ways += [(f"{t}.{c}", _cell(t, c)) for t, c in columns]
    ways += [(f"a row of {t}", _row(t)) for t in sorted({t for t, _ in columns})]
    for name, damage in ways:
        state = _fresh(whole["closed"])
        db = sqlite3.connect(state / "waggle.db", isolation_level=None)
        changes = db.total_changes
        damage(db, chance)
        changed = db.total_changes - changes
        db.close()
        kinds = _check(state)
        counts["rewritten"] += 1
        counts["cut"] += bool(kinds) and set(kinds) <= {"anchor", "truncated"}
        if not changed:
            seen.findings.append(f"{name}: there was nothing to damage")
        elif not kinds:
            seen.findings.append(f"{name}: not found")


def _cell(table: str, column: str) -> Damage:
    def damage(db: sqlite3.Connection, chance: random.Random) -> object:
        del chance
        first = db.execute(f"pragma table_info({table})").fetchone()[1]
        # Unlike anything it can be; a constraint that forbids it has to be gone round first.
        for value in ("coalesce({0}, 0) + 7919", "'made up'", "x'00'"):
            db.execute("pragma ignore_check_constraints = on")
            try:
                return db.execute(
                    f"update {table} set {column} = {value.format(column)} where {first} ="
                    f" (select {first} from {table} limit 1)"
                )
            except sqlite3.IntegrityError:
                continue
        return None

    return damage


def _row(table: str) -> Damage:
    def damage(db: sqlite3.Connection, chance: random.Random) -> object:
        del chance
        (first,) = db.execute(f"pragma table_info({table})").fetchall()[0][1:2]
        return db.execute(f"delete from {table} where {first} = (select max({first}) from {table})")

    return damage


# ── byte by byte ─────────────────────────────────────────────────────────────


def _content(state: Path) -> object:
    """Everything that counts in the file, or why it cannot be read."""
    try:
        db = sqlite3.connect(f"{(state / 'waggle.db').as_uri()}?mode=ro", uri=True)
        tables = [t for room in ALL_ROOMS for t, k in room.tables.items() if k == "projection"]
        return [
            sorted(map(repr, db.execute(f"select {columns} from {table}").fetchall()))
            for table, columns in (KEPT | dict.fromkeys(tables, "*")).items()
        ]
    except UNSOUND as error:
        return complaint(error)
    finally:
        db.close()


def _flip(whole: dict[str, Path], given: Given, counts: Counter[str], seen: Seen) -> None:
    """One byte at a time, in the file of a closed swarm and in the log of a killed one. Each has
    a chance of its own."""
    files = (whole["closed"] / "waggle.db", whole["killed"] / "waggle.db-wal")
    flips = range(LONG if given.long else SHORT)
    jobs = [(file, f"{given.seed}/{file.name}/{number}") for file in files for number in flips]
    with all_hands(given) as at_once:
        for found, kinds in at_once(_flipped, jobs):
            counts["flipped"] += 1
            counts["changed"] += bool(kinds)
            counts["cut"] += bool(kinds) and kinds <= {"anchor", "truncated"}
            seen.findings += [found] if found else []


def _flipped(job: tuple[Path, str]) -> tuple[str, set[str]]:
    """What is wrong when one bit of a file is another one, and what a verification says of it."""
    file, seed = job
    chance = random.Random(seed)
    state = _fresh(file.parent)
    content = bytearray((state / file.name).read_bytes())
    place = chance.randrange(len(content))
    content[place] ^= 1 << chance.randrange(8)
    (state / file.name).write_bytes(content)
    said = f"byte {place} of {file.name} flipped"
    try:
        kinds = set(_check(state))
    except Exception as error:  # noqa: BLE001  a verification says, whatever it meets
        return f"{said}: verify fails: {error!r}", set()
    if not kinds and _content(state) != _whole(file.parent):
        return f"{said}: not found", kinds
    return "", kinds


@lru_cache(maxsize=2)
def _whole(source: Path) -> object:
    return _content(_fresh(source))


# ── at work ──────────────────────────────────────────────────────────────────


async def _while_running(folder: Path, how: str, seen: Seen) -> float:
    """Damage a swarm at work; returns how long it still wrote after that was detected."""
    model = ScriptedModel(words=("pay",))
    async with swarm(folder, model, tasks={"link_similar": False}) as (opened, courier):
        for number in range(TASKS):
            await finish(opened, courier, f"pay {number}")
    # Closed in between, so that what it has read is in the file and no longer in its log.
    async with swarm(folder, model, tasks={"link_similar": False}) as (opened, courier):
        last = [0.0]
        writing = asyncio.create_task(_keep_writing(opened, last))
        await asyncio.to_thread(_damage_live, opened.store.path, how)
        try:
            report = await opened.store.verify()
            if report.ok:
                seen.findings.append(f"a running swarm: damage to its {how} was not found")
        except (WaggleError, sqlite3.DatabaseError) as error:
            seen.findings.append(f"a running swarm: verify failed: {error}")
        detected = time.monotonic()
        done, _ = await asyncio.wait((writing,), timeout=LIMIT)
        if not done:
            writing.cancel()
            seen.findings.append(f"a running swarm still writes {LIMIT} s after its {how} is found")
        return max(0.0, last[0] - detected)


def _damage_live(path: Path, how: str) -> None:
    if how == "page":
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(2048 * 4)
            file.write(bytes(max(0, min(size - 2048 * 4, 2048 * 40))))
        return
    table = "journal set at = at + 1 where seq = 3" if how == "journal" else "tasks set worker='x'"
    db = sqlite3.connect(path, timeout=30)
    db.execute(f"update {table}")
    db.commit()
    db.close()


async def _keep_writing(opened: Swarm, last: list[float]) -> None:
    """Write until the store refuses; `last` is when a write was acknowledged last."""
    while True:
        try:
            await opened.store.write(lambda tx: tx.execute("select 1"))
        except WaggleError:
            return
        last[0] = time.monotonic()
