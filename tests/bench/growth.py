"""P5: the same work and the same pages, on a store that holds little and one that holds much."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from swarm_core import (
    FINISHED,
    TERMINAL,
    UNFINISHED,
    Filters,
    MicroUSD,
    NoticeId,
    Swarm,
    TaskId,
    TaskState,
    World,
    open_swarm,
    search_words,
)
from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import RunId
from swarm_core.notices.events import NoticesEnded
from swarm_core.routing.model import Wanted
from swarm_core.store import Tx
from swarm_core.tasks import events as ev
from swarm_core.tasks import queue
from swarm_core.tasks.model import Labels
from swarm_core.testing import OWNER, FakeClock, ScriptedModel, settings
from swarm_core.views import Views
from tests.bench.measure import Result, Sample, Sizes, fresh, in_turns, result
from tests.bench.worlds import running, submit

CHUNK = 5_000
SAMPLE = 20_000
"""Up to how many stored tasks the whole store is verified after it was made."""
WORK = ("intake", "route", "claim", "road")
PAGES = ("newest", "open", "of a person", "failed", "older", "status")
FOUND = {
    "search, a word in every task": ("stored", Filters()),
    "search, a word in one": ("777", Filters()),
    "search, both": ("stored 777", Filters()),
    "search, mistyped": ("storde", Filters()),
    "search, a beginning": ("777*", Filters()),
    "search, one's own": ("stored", Filters(person=OWNER.key)),
    "search, what failed": ("stored", Filters(state=TaskState.FAILED)),
    "search, without a word in every task": ("stored -task", Filters()),
}


def run(sizes: Sizes) -> Iterator[Result]:
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as base:
        few, many = Path(base) / "few", Path(base) / "many"
        for folder, stored in ((few, sizes.few), (many, sizes.stored)):
            folder.mkdir()
            fresh("growth:build", folder=str(folder), stored=stored)
        small, large = in_turns(
            sizes.repeats,
            lambda: fresh("growth:probe", folder=str(few), probes=sizes.probes),
            lambda: fresh("growth:probe", folder=str(many), probes=sizes.probes),
        )
    name = f"growth, {sizes.stored:,} tasks stored ({sizes.few:,} as bare):"
    for key in (*WORK, *PAGES, *FOUND, "history", "board"):
        goal = "ratio ≤ 1.2" if key in WORK else "< 50"
        what = f"{key} p50" if key in WORK else f"page {key}"
        ours, bare = [s[key] for s in large], [s[key] for s in small]
        yield result(f"{name} {what}", "ms", ours, bare, goal=goal)


def build(folder: str, stored: int) -> Sample:
    """Fill a store with tasks that were asked for and ended in the course of the last year, by
    the facts that say so, many to a commit."""
    return asyncio.run(_build(Path(folder), stored))


async def _build(folder: Path, stored: int) -> Sample:
    began = time.perf_counter()
    step = timedelta(days=365) / (stored / CHUNK + 2)
    clock = FakeClock(datetime.now(UTC) - timedelta(days=366))
    world = World(clock=clock, serve=False, extra=(ScriptedModel().extra,))
    async with open_swarm(settings(folder), world) as swarm:
        for start in range(1, stored + 1, CHUNK):
            numbers = range(start, min(start + CHUNK, stored + 1))
            await swarm.store.write(lambda tx, numbers=numbers: _live(tx, numbers))  # type: ignore[misc]
            clock.move(step)
        await swarm.finder.keep()
        if stored <= SAMPLE:
            report = await swarm.store.verify()
            if not report.ok:
                raise SystemExit(f"the store does not verify: {report.findings[:3]}")
    return {"seconds": time.perf_counter() - began}


def _live(tx: Tx, numbers: range) -> None:
    """One chunk of tasks from accepted to told."""
    first = tx.next_id("notices")
    for number in numbers:
        task, run = TaskId(tx.next_id("tasks")), RunId(tx.next_id("runs"))
        failed = number % 50 == 0
        tx.append(_accepted(tx, number), OWNER, task=task)
        started = ev.TaskStarted(worker="scripted", model="scripted-1", attempt=1, resumed=False)
        tx.append(started, SWARM, task=task, run=run)
        ended = ev.TaskEnded(
            outcome=TaskState.FAILED if failed else TaskState.DONE,
            place=TERMINAL,
            result=None,
            failure="no_worker" if failed else None,
            failure_data={},
            cost=MicroUSD(40),
            steps=1,
        )
        tx.append(ended, SWARM, task=task, run=run)
    told = tuple((NoticeId(first + n), "") for n in range(1, len(numbers) + 1))
    tx.append(NoticesEnded(state="sent", notices=told), SWARM)
    tx.execute("delete from receipts")


def _accepted(tx: Tx, number: int) -> ev.TaskAccepted:
    return ev.TaskAccepted(
        text=tx.put_body(f"stored task {number}"),
        task_kind="task",
        person=OWNER.key,
        place=TERMINAL,
        labels=Labels(),
        priority=5,
        rank=tx.at + number,
        virtual=tx.at,
        cap=None,
        needs=(),
        blocked=False,
        key=f"stored/{number}",
        request=f"{number:032x}",
        worker="scripted",
        wish=None,
        deadline=None,
        parent=None,
    )


def probe(folder: str, probes: int) -> Sample:
    """Do a little work on a filled store, and look at its pages. Milliseconds."""
    return asyncio.run(_probe(Path(folder), probes))


async def _probe(folder: Path, probes: int) -> Sample:
    async with running(folder, ScriptedModel(), concurrency=5) as (swarm, postman):
        asked, routed, claimed, road = list[float](), list[float](), list[float](), list[float]()
        offset = int(time.time() * 1000)
        for n in range(probes):
            began = time.perf_counter()
            receipt = await submit(swarm, offset + n)
            asked.append(time.perf_counter() - began)
            await postman.ended(receipt.task)
            road.append(time.perf_counter() - began)
            routed.append(_route(swarm, n))
            claimed.append(await swarm.store.write(_claim))
        pages = {name: await _page(swarm.views, name) for name in PAGES}
        for name, (line, filters) in FOUND.items():
            pages[name] = await _found(swarm, line, filters)
        everything = Filters(since=Micros(0))
        pages["history"] = await _slowest(lambda: swarm.finder.history(everything))
        pages["board"] = await _slowest(swarm.views.board)
    lists = {"intake": asked, "route": routed, "claim": claimed, "road": road}
    return {name: statistics.median(values) * 1e3 for name, values in lists.items()} | pages


def _route(swarm: Swarm, n: int) -> float:
    began = time.perf_counter()
    swarm.router.choose(Wanted(text=f"look into {n}", kind="task"), {})
    return time.perf_counter() - began


def _claim(tx: Tx) -> float:
    """What finding the next tasks costs."""
    began = time.perf_counter()
    queue.ready_workers(tx)
    queue.next_ready(tx, "scripted", 5, ())
    return time.perf_counter() - began


async def _found(swarm: Swarm, line: str, filters: Filters) -> float:
    words = search_words(line)
    assert words is not None
    return await _slowest(lambda: swarm.finder.search(words, filters))


async def _page(views: Views, name: str) -> float:
    match name:
        case "newest":
            return await _slowest(views.listing)
        case "open":
            return await _slowest(lambda: views.listing(states=UNFINISHED))
        case "of a person":
            return await _slowest(lambda: views.listing(person=OWNER.key))
        case "failed":
            return await _slowest(lambda: views.listing(states=(TaskState.FAILED,)))
        case "older":
            return await _slowest(lambda: views.listing(states=FINISHED, before=TaskId(500)))
        case _:
            return await _slowest(views.status)


async def _slowest(look: Callable[[], Awaitable[object]]) -> float:
    """The slowest of a few looks, in milliseconds."""
    slowest = 0.0
    for _ in range(5):
        began = time.perf_counter()
        await look()
        slowest = max(slowest, time.perf_counter() - began)
    return slowest * 1e3
