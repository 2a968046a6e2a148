"""Power is cut: whatever was acknowledged is on the disk, and the books are whole.

A swarm works while strace records each write and sync. From the recording the disk is rebuilt as
a power cut could have left it, at each sync, acknowledgement and paid call, and opened. Thousands
of such disks come to a few hundred different files once SQLite has opened them and taken back
what was torn, so each of those is read through to the last fact once; what was acknowledged and
paid for by then is compared with every disk.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import shutil
import sqlite3
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.e2e import checks
from tests.e2e.audit import Audit
from tests.e2e.processes import child
from tests.e2e.stage import stage
from tests.e2e.verify.recording import Disk, Op, read, strace
from tests.e2e.verify.trial import Given, Seen, all_hands
from tests.e2e.workers import PRICE

FILES = ("waggle.db", "waggle.db-wal", "waggle.db-journal")
LOG_PAGES = 300
"""Pages of the log after which it is moved into the file, a thirteenth of what is usual: cuts in
the middle of that matter, and a long log has only more of what a short one has."""
SHORT, LONG = 12, 150
"""Tasks of a recording."""
STATES = 60
"""Moments that a short trial looks at."""
SOME = 3
"""Disks of a moment of a long trial for which chance says what of the rest is there."""
WORDS = ("pay", "long", "once")


async def run(given: Given) -> Seen:
    """See `Trial`."""
    if not shutil.which("strace"):
        return Seen(skipped="strace is not installed")
    trace = given.folder / "trace"
    tasks = LONG if given.long else SHORT
    problem = await _record(given, trace, tasks)
    if problem:
        return Seen(skipped=problem)
    return await asyncio.to_thread(_cut, given, trace)


async def _record(given: Given, trace: Path, tasks: int) -> str:
    """Let a swarm do `tasks` under strace; returns why it could not."""
    async with stage(given.folder) as on:
        args = (
            *("--port", on.port, "--deliveries", given.folder / "deliveries"),
            *("--log-pages", LOG_PAGES),
        )
        log = given.folder / "swarm.log"
        module = "tests.e2e.swarm_process"
        async with child(
            on._said, "swarm", module, on.state, *args, log=log, under=strace(trace)
        ) as swarm:
            word, _ = await on.hear("ready", "swarm-exit", "refused")
            if word != "ready":
                return "a process may not be traced here"
            accepted, done = 0, False
            for number in range(tasks):
                swarm.tell(f"submit k{number} {WORDS[number % len(WORDS)]} k{number}")
            while not done:
                word, _ = await on.hear("accepted", "quiet")
                accepted += word == "accepted"
                done = word == "quiet" and accepted == tasks
            swarm.tell("close")
            await on.hear("swarm-exit")
    return ""


@dataclass
class _Known:
    """What the world knew at a moment, and what is known of files that were read through."""

    seen: checks.Evidence
    moments: int = 0
    states: int = 0
    most_unsure: int = 0
    read: dict[bytes, list[str]] = field(default_factory=dict)
    """By the digest of the file: what is wrong with it."""
    findings: list[str] = field(default_factory=list)


def _cut(given: Given, trace: Path) -> Seen:
    lanes = (os.cpu_count() or 1) if given.long else 1
    with all_hands(given) as at_once:
        parts: list[_Known] = list(at_once(partial(_lane, given, trace, lanes), range(lanes)))
    ops = read(trace)
    files = {digest for part in parts for digest in part.read}
    syncs = sum(op.kind == "sync" for op in ops)
    writes = sum(op.kind == "write" and op.file in FILES for op in ops)
    moved = sum(op.kind == "sync" and op.file == FILES[0] for op in ops)
    return Seen(
        sentence=f"{writes} writes and {syncs} syncs of {len(parts[0].seen.accepted)} tasks"
        f" recorded, {moved} of them of the file itself,"
        f" {sum(part.states for part in parts)} disks after a power cut at"
        f" {sum(part.moments for part in parts)} moments opened"
        f" (up to {max(part.most_unsure for part in parts)} writes in doubt), which left"
        f" {len(files)} different files, each read through",
        findings=[found for part in parts for found in part.findings],
    )


def _lane(given: Given, trace: Path, lanes: int, lane: int) -> _Known:
    """Look at the moments of the recording that are this one's."""
    return look_at(given, read(trace), lanes, lane)


def look_at(given: Given, ops: list[Op], lanes: int = 1, lane: int = 0) -> _Known:
    """What cuts of the power leave of what was recorded as `ops`. Each moment has a chance of its
    own."""
    chance = random.Random(given.seed)
    moments = [
        place
        for place, op in enumerate(ops)
        if op.kind in ("sync", "say", "send") or chance.random() < 0.1
    ]
    if not given.long:
        moments = sorted(chance.sample(moments, min(STATES, len(moments))))
    at, disk = set(moments[lane::lanes]), Disk(FILES, "state")
    known = _Known(checks.Evidence(price=PRICE), moments=len(at))
    for place, op in enumerate(ops):
        _hear(known.seen, op)
        disk.follow(place, op)
        if place in at and len(known.findings) < 20:
            known.most_unsure = max(known.most_unsure, disk.unsure())
            hows = ("none", "all", *(("some",) * (SOME if given.long else 1)))
            chance = random.Random(f"{given.seed}/{place}")
            # With nothing in doubt they are all the same disk.
            for how in hows if disk.unsure() else hows[:1]:
                found = _look(given.folder / f"crash-{lane}", disk, how, chance, known)
                known.findings += [
                    f"at {place} of {len(ops)}, {how} of the rest: {each}" for each in found
                ]
    return known


def _hear(seen: checks.Evidence, op: Op) -> None:
    if op.kind == "say":
        for line in op.data.decode().splitlines():
            word, *rest = line.split()
            if word == "accepted":
                seen.accepted[rest[0]] = int(rest[1])
    elif op.kind == "send" and op.data.startswith(b"GET "):
        seen.served[op.data.split()[1].decode()] += 1


def _look(folder: Path, disk: Disk, how: str, chance: random.Random, known: _Known) -> list[str]:
    """What is wrong with the files of a crash."""
    known.states += 1
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in disk.crash(how, chance):
        (folder / name).write_bytes(content)
    seen = known.seen
    if not (folder / "waggle.db").exists():
        return ["the file is gone"] if seen.accepted else []
    # Opened for writing, as the next start does: that is what takes back a torn beginning.
    db = sqlite3.connect(folder / "waggle.db")
    try:
        ready = db.execute("select 1 from sqlite_master where name = 'notices'").fetchone()
        if ready is None:
            return [f"{len(seen.accepted)} were accepted and no table"] if seen.accepted else []
        found = checks.at_restart(db, seen, seen.accepted)
    except sqlite3.DatabaseError as error:
        return [f"cannot be read: {error}"]
    finally:
        # The last one to close the file moves the log into it, as far as that is whole.
        db.close()
    return found + _read_through(folder, known.read)


def _read_through(folder: Path, read: dict[bytes, list[str]]) -> list[str]:
    """What is wrong with a file that was opened and closed, whatever was acknowledged."""
    left = sorted(file.name for file in folder.iterdir())
    if left != ["waggle.db"]:
        return [f"opened and closed, it left {', '.join(left)}"]
    digest = hashlib.blake2b((folder / "waggle.db").read_bytes()).digest()
    if digest not in read:
        db = checks.look(folder)
        try:
            audit = Audit()
            audit.feed(db)
            read[digest] = [*audit.problems, *checks.sound(folder)]
        except sqlite3.DatabaseError as error:
            read[digest] = [f"cannot be read: {error}"]
        finally:
            db.close()
    return read[digest]
