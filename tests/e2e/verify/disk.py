"""The disk fills up at each commit: nothing acknowledged is lost, no paid answer either.

A swarm does paid work. At its first commit, its second, and so on, the disk is full: by a limit
on the size of files, and, where a small disk can be mounted, by somebody else who takes all of
it. New work is refused in words, what was paid for waits, and when there is room everything goes
on by itself. Each moment is a process of its own, some of them at once. A small disk is mounted
where only its process sees it, so it is gone with the process, however that ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import json
import logging
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from swarm_core.kernel.errors import DiskFull, StoreUnwritable, WaggleError
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Event, Fact
from swarm_core.store import health as store_health
from swarm_core.swarm import Swarm
from swarm_core.tasks.events import TaskEnded
from swarm_core.testing import OWNER, ScriptedModel, request, swarm
from tests.e2e.checks import ALL_ROOMS, balanced, look, orphans, sound
from tests.e2e.processes import Said, born
from tests.e2e.swarm_process import say, warm
from tests.e2e.verify.trial import Given, Seen
from tests.womb import Womb, womb

SHORT, LONG = (1, 9, 17), tuple(range(1, 41))
"""Commits at which the disk is full, for each kind."""
LANES = 4
"""Lives at once: most of one is waiting until there is room again."""
TASKS = 12
"""At least; and more until the disk was full."""
SIZE = "24m"
"""Of the small disk: the reserve, and room for the work."""
REFUSALS = 3
"""Refusals after which there is room again."""
ROOM_AGAIN = 2.0
"""Seconds after which there is in any case."""
LONGEST = 300.0
"""Seconds after which a life has come to a stop."""
MODULE = "tests.e2e.verify.disk"
OWN_MOUNTS = 0x00020000
"""CLONE_NEWNS of unshare(2); `os.unshare` came with Python 3.12."""


async def run(given: Given) -> Seen:
    """See `Trial`."""
    seen, counts = Seen(), Counter[str]()
    todo = [(kind, at) for at in (LONG if given.long else SHORT) for kind in ("limit", "small")]
    with womb(MODULE) as lives:

        async def lane() -> None:
            while todo:
                await _life(lives, given.folder, *todo.pop(0), counts, seen)

        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(lane())
    if not counts["small"]:
        seen.sentence = "no small disk may be mounted here; "
    seen.sentence += (
        f"full at {counts['limit']} commits by a limit and at {counts['small']} on a small disk:"
        f" {counts['told']} tasks acknowledged and done, {counts['refused']} refused in words,"
        f" {counts['answers']} paid answers and all on record"
    )
    return seen


async def _life(
    lives: Womb, folder: Path, kind: str, at: int, counts: Counter[str], seen: Seen
) -> None:
    said: Said = asyncio.Queue()
    name = f"{kind}-{at}"
    log = folder / f"{name}.log"
    async with born(lives, said, "life", kind, folder / name, at, log=log) as life:
        word, told = await said.get()
        await life.gone()
    if word == "nowhere":
        return
    if word != "told":
        seen.findings.append(f"{name}: {log.read_text()[-2000:]}")
        return
    counts += Counter(json.loads(told)["counts"])
    seen.findings += [f"{name}: {what}" for what in json.loads(told)["findings"]]


# ── in the process ───────────────────────────────────────────────────────────


def _mount(folder: Path) -> bool:
    """Whether this user may mount a small disk here; nobody but this process sees it."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    if unshare is None or unshare(OWN_MOUNTS):
        return False
    disk = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    for words in (["mount", "--make-rprivate", "/"], disk):
        with contextlib.suppress(OSError):
            if subprocess.run(words, check=False, capture_output=True).returncode == 0:
                continue
        return False
    return True


class _Full:
    """Fills the disk and makes room again."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._kind = kind
        self._folder = folder
        self._rest = folder / "somebody-elses"

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


@dataclass
class _Told:
    """What a life has to say."""

    tasks: dict[TaskId, str] = field(default_factory=dict)
    """What was acknowledged, and how it ended."""
    refused: int = 0
    answers: int = 0
    noticed: bool = False
    """Whether the store ever noticed that the disk was full."""
    findings: list[str] = field(default_factory=list)


async def _work(full: _Full, folder: Path, at: int) -> _Told:
    """Do `TASKS`, with the disk full from the commit number `at` on until that was noticed."""
    model, told = ScriptedModel(words=("pay",), calls=2), _Told()
    sections = {"store": {"reserve": 4}, "tasks": {"link_similar": False}}
    async with swarm(folder, model, **sections) as (opened, _):
        store, filled, ended = opened.store, [False], asyncio.Event()
        start = store.batch.commits

        def on_fact(fact: Fact) -> None:
            if not filled[0] and store.batch.commits - start >= at:
                filled[0] = True
                full.fill()
                # For when nobody has anything to write any more, and so nobody notices.
                asyncio.get_running_loop().call_later(ROOM_AGAIN, full.free)
            if isinstance(fact.event, TaskEnded) and fact.task is not None:
                told.tasks[fact.task] = fact.event.outcome
                ended.set()

        def on_health() -> None:
            told.noticed = told.noticed or store.health.short is not None

        events: list[type[Event]] = [event for room in ALL_ROOMS for event in room.events]
        events += [event for room in ALL_ROOMS for event in room.projectors]
        store.listen(dict.fromkeys(events), on_fact)
        store.health.watch(on_health)
        await _ask(opened, full, told)
        while not all(told.tasks.values()):
            ended.clear()
            await ended.wait()
        await _well(opened)
        await _compare(opened, model, told)
    return told


async def _ask(opened: Swarm, full: _Full, told: _Told) -> None:
    """Until all of them are accepted, and the disk was full; there is room again once something
    was refused often enough."""
    while len(told.tasks) < TASKS or not told.noticed:
        number = len(told.tasks)
        text = f"pay {number} " + "with some words " * 50
        try:
            receipt = await opened.intake.submit(OWNER, request(text, key=f"k{number}"))
        except (DiskFull, StoreUnwritable):
            told.refused += 1
            if told.refused == REFUSALS:
                full.free()
            await asyncio.sleep(0.02)
        else:
            told.tasks.setdefault(receipt.task, "")
            opened.outbox.replied(receipt.task)


async def _compare(opened: Swarm, model: ScriptedModel, told: _Told) -> None:
    report = await opened.store.verify()
    told.findings += [f"{f.kind} {f.where}: {f.what}" for f in report.findings]
    told.findings += [f"#{task} is {how}" for task, how in told.tasks.items() if how != "done"]
    told.answers = sum(model.answers.values())
    rows = await opened.store.read(
        lambda rows: rows.execute("select state, count(*) from steps group by state").fetchall()
    )
    states = dict(rows)
    if states.get("done", 0) != told.answers:
        told.findings.append(f"{told.answers} answers were paid for and {states} is on record")


async def _well(opened: Swarm) -> None:
    """Wait until the store says that it is well again."""
    well = asyncio.Event()
    stop = opened.store.health.watch(well.set)
    while opened.store.health.short:
        well.clear()
        await well.wait()
    stop()


async def _life_of(kind: str, folder: Path, at: int) -> dict[str, object]:
    """What a life of `kind` saw and what is wrong with what it left."""
    full = _Full(kind, folder)
    try:
        told = await asyncio.wait_for(_work(full, folder, at), LONGEST)
    finally:
        full.free()  # it may have ended before it met the full disk
    found = told.findings + sound(folder / "state")
    db = look(folder / "state")
    found += balanced(db) + orphans(db)
    db.close()
    counts = {"told": len(told.tasks), "refused": told.refused, "answers": told.answers}
    return {"counts": {**counts, kind: int(told.noticed)}, "findings": found}


def main(args: Sequence[str] | None = None) -> int:
    given = argparse.ArgumentParser()
    given.add_argument("kind", choices=("limit", "small"))
    given.add_argument("folder", type=Path)
    given.add_argument("at", type=int)
    chosen = given.parse_args(args)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    store_health.PAUSE = 0.05
    folder: Path = chosen.folder
    folder.mkdir(parents=True)
    if chosen.kind == "small" and not _mount(folder):
        say("nowhere")
        return 0
    try:
        told = asyncio.run(_life_of(chosen.kind, folder, chosen.at))
    except WaggleError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if told["findings"] and chosen.kind == "small":
        # The small disk is gone in a moment, and what is on it with it.
        shutil.copytree(folder / "state", folder.with_name(f"{folder.name}-left"))
    say(f"told {json.dumps(told)}")
    return 0


__all__ = ["main", "run", "warm"]

if __name__ == "__main__":
    sys.exit(main())
