"""The disk fills up at each commit: nothing acknowledged is lost, no paid answer either.

A swarm does paid work. At its first commit, its second, and so on, the disk is full: by a limit
on the size of files, and, where a small disk can be mounted, by somebody else who takes all of
it. New work is refused in words, what was paid for waits, and when there is room everything goes
on by itself. Each moment is a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path

from swarm_core.kernel.errors import DiskFull, StoreUnwritable, WaggleError
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Event, Fact
from swarm_core.store import health as store_health
from swarm_core.swarm import Swarm
from swarm_core.tasks.events import TaskEnded
from swarm_core.testing import OWNER, ScriptedModel, request, swarm
from tests.e2e.checks import ALL_ROOMS, balanced, look, orphans, sound
from tests.e2e.processes import ROOT
from tests.e2e.verify.trial import Given, Seen

SHORT, LONG = 3, 40
"""Commits at which the disk is full, of each kind."""
TASKS = 12
SIZE = "24m"
"""Of the small disk: the reserve, and room for the work."""
REFUSALS = 3
"""Refusals after which there is room again."""
ROOM_AGAIN = 2.0
"""Seconds after which there is in any case."""


async def run(given: Given) -> Seen:
    """See `Trial`."""
    seen, counts = Seen(), Counter[str]()
    small = given.folder / "small"
    kinds = ["limit"]
    if _mount(small):
        kinds.append("small")
    try:
        for kind in kinds:
            moments = LONG if given.long else SHORT
            for number in range(moments):
                at = 1 + number if given.long else 1 + number * 8
                folder = (small if kind == "small" else given.folder) / f"{kind}-{at}"
                await _life(kind, folder, at, counts, seen)
    finally:
        if len(kinds) > 1:
            _unmount(small)
    seen.sentence = (
        f"full at {counts['lives']} commits ({', '.join(kinds)}): {counts['told']} tasks"
        f" acknowledged and done, {counts['refused']} refused in words, {counts['answers']} paid"
        f" answers and all on record"
    )
    return seen


def _mount(folder: Path) -> bool:
    """Whether this user may mount a small disk here."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    with contextlib.suppress(OSError):
        return subprocess.run(words, check=False, capture_output=True).returncode == 0
    return False


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=False)


async def _life(kind: str, folder: Path, at: int, counts: Counter[str], seen: Seen) -> None:
    words = [sys.executable, "-m", "tests.e2e.verify.disk", kind, str(folder), str(at)]
    process = await asyncio.create_subprocess_exec(
        *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, log = await process.communicate()
    if process.returncode:
        seen.findings.append(f"{kind} at {at}: {log.decode()[-2000:]}")
        return
    told = json.loads(said)
    counts["lives"] += 1
    for name in ("told", "refused", "answers"):
        counts[name] += told[name]
    found = told["findings"] + sound(folder / "state")
    db = look(folder / "state")
    found += balanced(db) + orphans(db)
    db.close()
    seen.findings += [f"{kind} at {at}: {what}" for what in found]


# ── in the process ───────────────────────────────────────────────────────────


class _Full:
    """Fills the disk and makes room again."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind = kind
        self._folder = folder
        self._rest = folder.parent / "somebody-elses"

    def fill(self) -> None:
        if self._kind == "limit":
            # Nothing may grow any more: every file is as long as it may be, or longer.
            hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
            return
        with self._rest.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            for size in (1 << 20, 4096):
                with contextlib.suppress(OSError):
                    while file.write(bytes(size)):
                        pass

    def free(self) -> None:
        if self._kind == "limit":
            hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        else:
            self._rest.unlink(missing_ok=True)


async def _work(kind: str, folder: Path, at: int) -> dict[str, object]:
    """Do `TASKS`, with the disk full from the commit number `at` on until that was noticed."""
    full = _Full(kind, folder)
    model = ScriptedModel(words=("pay",), calls=2)
    ended: dict[TaskId, str] = {}
    told: list[TaskId] = []
    refused: set[str] = set()
    findings: list[str] = []
    sections = {"store": {"reserve": 4}, "tasks": {"link_similar": False}}
    async with swarm(folder, model, **sections) as (opened, _):
        start, filled, all_done = opened.store.batch.commits, [False], asyncio.Event()

        def on_fact(fact: Fact) -> None:
            if not filled[0] and opened.store.batch.commits - start >= at:
                filled[0] = True
                full.fill()
                # For when nobody has anything to write any more, and so nobody notices.
                asyncio.get_running_loop().call_later(ROOM_AGAIN, full.free)
            if isinstance(fact.event, TaskEnded) and fact.task is not None:
                ended[fact.task] = fact.event.outcome
                all_done.set()

        events: list[type[Event]] = [event for room in ALL_ROOMS for event in room.events]
        events += [event for room in ALL_ROOMS for event in room.projectors]
        opened.store.listen(dict.fromkeys(events), on_fact)
        number = refusals = 0
        while number < TASKS:
            try:
                text = f"pay {number} " + "with some words " * 50
                receipt = await opened.intake.submit(OWNER, request(text, key=f"k{number}"))
                told.append(receipt.task)
                opened.outbox.replied(receipt.task)
                number += 1
            except (DiskFull, StoreUnwritable) as error:
                refused.add(error.code)
                refusals += 1
                if refusals == REFUSALS:
                    full.free()
                await asyncio.sleep(0.02)
        while not set(told) <= set(ended):
            all_done.clear()
            await all_done.wait()
        await _well(opened)
        report = await opened.store.verify()
        findings += [f"{f.kind} {f.where}: {f.what}" for f in report.findings]
        findings += [f"#{task} is {how}" for task, how in ended.items() if how != "done"]
        made = sum(model.answers.values())
        rows = await opened.store.read(
            lambda rows: rows.execute("select state, count(*) from steps group by state").fetchall()
        )
        states = dict(rows)
        if states.get("done", 0) != made:
            findings.append(f"{made} answers were paid for and {states} is on record")
    return {
        "told": len(told),
        "refused": refusals,
        "answers": made,
        "findings": findings,
        "how": sorted(refused),
    }


async def _well(opened: Swarm) -> None:
    """Wait until the store says that it is well again."""
    well = asyncio.Event()
    stop = opened.store.health.watch(well.set)
    while opened.store.health.short:
        well.clear()
        await well.wait()
    stop()


def main() -> int:
    given = argparse.ArgumentParser()
    given.add_argument("kind", choices=("limit", "small"))
    given.add_argument("folder", type=Path)
    given.add_argument("at", type=int)
    chosen = given.parse_args()
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    store_health.PAUSE = 0.05
    chosen.folder.mkdir(parents=True)
    try:
        said = asyncio.run(asyncio.wait_for(_work(chosen.kind, chosen.folder, chosen.at), 60))
    except WaggleError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    os.write(1, json.dumps(said).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
