"""What the database alone allows: the road of a task with everything taken away but its writes.

SQLite in WAL mode with `synchronous=FULL`, one writer thread that commits whatever is waiting
together, three transactions and eight hash-chained facts a task, three nested caps, rows kept
beside the facts. No checks, no policy, no steps, nobody who is told. Whatever ours takes beyond
this is what a person's promises cost.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from tests.bench.measure import Sample, percentile

CAPS = ("swarm", "person/1", "place/1")
HOLD = 100
CHOICE = [{"worker": f"worker-{n}", "success": 900, "cost": n, "busy": 0} for n in range(6)]

TABLES = """
create table facts(seq integer primary key, at integer, kind text, actor text, task integer,
    run integer, cause integer, payload text, prev blob, hash blob);
create table tasks(id integer primary key, key text unique, title text, state text,
    priority integer, created integer, worker text, cost integer);
create index tasks_ready on tasks(priority, id) where state = 'ready';
create table leases(task integer primary key, fence integer, until integer);
create table steps(task integer, n integer, state text, request text, answer text,
    cost integer, primary key(task, n));
create table caps(scope text primary key, cap integer, held integer, spent integer,
    check(held + spent <= cap));
create table notices(id integer primary key, task integer, kind text, state text, body text);
"""

Job = tuple[Callable[["Road"], None], "asyncio.Future[None]"]


class Road:
    """The writer thread and its open transaction."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run)
        self.execute: Callable[..., sqlite3.Cursor]
        self.seq, self.head = 0, bytes(32)
        self.writes = self.commits = 0
        self._thread.start()

    def write(self, job: Callable[[Road], None]) -> asyncio.Future[None]:
        future = self._loop.create_future()
        self._jobs.put((job, future))
        return future

    def close(self) -> None:
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        database = sqlite3.connect(self._file, isolation_level=None, cached_statements=256)
        self.execute = execute = database.execute
        execute("pragma journal_mode=wal")
        execute("pragma synchronous=full")
        database.executescript(TABLES)
        for scope in CAPS:
            execute("insert into caps values(?,?,0,0)", (scope, 10**15))
        while (first := self._jobs.get()) is not None:
            jobs = [first]
            try:
                while len(jobs) < 1000 and (job := self._jobs.get_nowait()):
                    jobs.append(job)
            except Empty:
                pass
            execute("begin immediate")
            for act, _ in jobs:
                act(self)
            execute("commit")
            self.writes += len(jobs)
            self.commits += 1
            self._loop.call_soon_threadsafe(_tell, jobs)
        database.close()

    def fact(self, kind: str, task: int, at: int, payload: dict[str, Any]) -> None:
        """Chain one fact."""
        self.seq += 1
        text = json.dumps(payload, separators=(",", ":"))
        head = sha256(
            self.head + f"{self.seq}|{at}|{kind}|me|{task}|{task}|{text}".encode()
        ).digest()
        self.execute(
            "insert into facts values(?,?,?,?,?,?,?,?,?,?)",
            (self.seq, at, kind, "me", task, task, None, text, self.head, head),
        )
        self.head = head


def _tell(jobs: list[Job]) -> None:
    for _, future in jobs:
        future.set_result(None)


def accept(road: Road, task: int, at: int) -> None:
    key, title = f"key-{task}", f"task {task}"
    if road.execute("select 1 from tasks where key = ?", (key,)).fetchone():
        raise ValueError(key)
    road.fact("accepted", task, at, {"key": key, "title": title})
    road.execute("insert into tasks values(?,?,?,'ready',5,?,null,0)", (task, key, title, at))
    road.execute("insert into notices values(null,?,'accepted','pending',?)", (task, title))


def start(road: Road, task: int, at: int) -> None:
    for scope in CAPS:
        cap, held, spent = road.execute(
            "select cap, held, spent from caps where scope = ?", (scope,)
        ).fetchone()
        if held + spent + HOLD > cap:
            raise ValueError(scope)
    road.fact("routed", task, at, {"candidates": CHOICE, "reason": "cheapest"})
    road.fact("leased", task, at, {"worker": "worker-1"})
    road.execute("insert into leases values(?,?,?)", (task, 1, at + 30_000_000))
    road.execute("update tasks set state = 'running', worker = 'worker-1' where id = ?", (task,))
    road.fact("held", task, at, {"most": HOLD, "scopes": CAPS})
    for scope in CAPS:
        road.execute("update caps set held = held + ? where scope = ?", (HOLD, scope))
    road.fact("intended", task, at, {"n": 1, "request": "do it"})
    road.execute("insert into steps values(?,1,'intended','do it',null,0)", (task,))


def end(road: Road, task: int, at: int) -> None:
    road.fact("answered", task, at, {"n": 1, "answer": "ok", "cost": 40})
    road.execute(
        "update steps set state='done', answer='ok', cost=40 where task=? and n=1", (task,)
    )
    road.fact("settled", task, at, {"most": HOLD, "cost": 40, "scopes": CAPS})
    for scope in CAPS:
        road.execute(
            "update caps set held = held - ?, spent = spent + ? where scope = ?", (HOLD, 40, scope)
        )
    road.fact("ended", task, at, {"cost": 40, "answer": "ok"})
    road.execute("update tasks set state = 'done', cost = 40 where id = ?", (task,))
    road.execute("delete from leases where task = ?", (task,))
    road.execute("insert into notices values(null,?,'ended','pending','ok')", (task,))


def throughput(tasks: int, submitters: int) -> Sample:
    """Every task accepted, started and ended, each of the three acknowledged once durable."""
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_drive(Path(folder), tasks, submitters))


async def _drive(folder: Path, tasks: int, submitters: int) -> Sample:
    road = Road(folder / "road.db")
    await road.write(lambda _: None)
    numbers, waits = iter(range(1, tasks + 1)), list[float]()

    async def submit() -> None:
        for task in numbers:
            at = time.time_ns() // 1000
            asked = time.perf_counter()
            await road.write(lambda r, t=task, a=at: accept(r, t, a))  # type: ignore[misc]
            waits.append(time.perf_counter() - asked)
            await road.write(lambda r, t=task, a=at: start(r, t, a))  # type: ignore[misc]
            await road.write(lambda r, t=task, a=at: end(r, t, a))  # type: ignore[misc]

    began, burned = time.perf_counter(), time.process_time()
    await asyncio.gather(*(submit() for _ in range(submitters)))
    wall, cpu = time.perf_counter() - began, time.process_time() - burned
    road.close()
    return {
        "rate": tasks / wall,
        "cpu": cpu / tasks * 1e6,
        "ack_p50": percentile(waits, 50) * 1e3,
        "ack_p99": percentile(waits, 99) * 1e3,
        "facts": road.seq / tasks,
        "writes": road.writes / max(1, road.commits),
    }
