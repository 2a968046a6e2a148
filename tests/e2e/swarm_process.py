"""A swarm in a process of its own, told what to do by lines on stdin, to be killed.

`submit KEY TEXT`, `redo KEY` (cancel and try again), `settle` (be the person who tries again what
waits for one, until nothing runs), `reload`, `close`. On stdout: `ready`, `accepted KEY ID` only
after the submission returned, `quiet` whenever nothing is left that could run, `settled`. Each
delivery is a line in the file of deliveries before it counts as made.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from pathlib import Path

from swarm_core.build import World, open_swarm
from swarm_core.identities import load_roster
from swarm_core.kernel.crash import arm
from swarm_core.kernel.errors import AlreadyEnded, IllegalTransition, WaggleError
from swarm_core.kernel.ids import TaskId
from swarm_core.notices.events import NoticeQueued, NoticesEnded
from swarm_core.notices.model import Delivery
from swarm_core.people import TERMINAL
from swarm_core.playbooks import load_book
from swarm_core.settings import Settings
from swarm_core.store import Fact, Rows, files
from swarm_core.swarm import Swarm
from swarm_core.tasks.events import TaskAccepted, TaskEnded, TaskParked, TaskRetried
from swarm_core.testing import OWNER, request
from tests.e2e.mutants import apply
from tests.e2e.workers import callers
from tests.playbooks.twins import ScriptedTools

PLAYBOOKS = Path(__file__).parent / "playbooks"


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


class FileCourier:
    """Writes each delivery as one appended line before it returns."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def deliver(self, delivery: Delivery) -> str:
        line = f"{delivery.notice} {delivery.kind} {delivery.task} {int(delivery.repeat)}\n"
        os.write(self._file, line.encode())
        return f"line-{delivery.notice}"


class Process:
    """Carries out what the lines say, many at once."""

    def __init__(self, swarm: Swarm) -> None:
        self._swarm = swarm
        self._ids: dict[str, TaskId] = {}
        self._doing: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._quiet = asyncio.Event()
        facts = (TaskAccepted, TaskEnded, TaskParked, TaskRetried, NoticeQueued, NoticesEnded)
        swarm.store.listen(facts, self._on_fact)

    def _on_fact(self, _: Fact) -> None:
        self._changed.set()

    async def obey(self, lines: asyncio.StreamReader) -> None:
        """Do what comes until `close` or the end of the lines."""
        watch = asyncio.create_task(self._watch())
        async for line in lines:
            word, *rest = line.decode().split(maxsplit=2)
            if word == "close":
                break
            self._quiet.clear()
            self._changed.set()
            doing = asyncio.create_task(self._do(word, rest))
            self._doing.add(doing)
            doing.add_done_callback(self._done)
        watch.cancel()
        await asyncio.gather(watch, *self._doing, return_exceptions=True)

    def _do(self, word: str, rest: list[str]) -> Coroutine[None, None, None]:
        match word:
            case "submit":
                return self._submit(*rest)
            case "redo":
                return self._redo(*rest)
            case "reload":
                return self._reload()
            case _:
                return self._settle()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._doing.discard(task)
        self._changed.set()
        if not task.cancelled() and (error := task.exception()):
            say(f"failed {type(error).__name__}: {error}")

    async def _submit(self, key: str, text: str) -> None:
        receipt = await self._swarm.intake.submit(OWNER, request(text, key=key))
        say(f"accepted {key} {receipt.task}")
        self._ids[key] = receipt.task
        self._swarm.outbox.replied(receipt.task)

    async def _redo(self, key: str) -> None:
        if key in self._ids:
            await self._again(self._ids[key])

    async def _again(self, task: TaskId) -> None:
        with contextlib.suppress(AlreadyEnded):
            await self._swarm.control.cancel(OWNER, task)
        with contextlib.suppress(IllegalTransition):  # it was done before the cancelling
            await self._swarm.control.retry(OWNER, task)

    async def _reload(self) -> None:
        """One place less or more, so that there is something to put in force."""
        swarm = self._swarm
        limits = swarm.settings.limits
        limits = limits.model_copy(update={"concurrency": 7 - limits.concurrency})
        await swarm.reloading.apply(swarm.settings.model_copy(update={"limits": limits}))

    async def _settle(self) -> None:
        while True:
            await self._quiet.wait()
            stuck = await self._swarm.store.read(_stuck)
            if not stuck:
                say("settled")
                return
            self._quiet.clear()
            for task in stuck:
                await self._again(task)

    async def _watch(self) -> None:
        self._changed.set()
        while True:
            await self._changed.wait()
            self._changed.clear()
            busy = any(task.get_coro().__name__ != "_settle" for task in self._doing)  # type: ignore[union-attr]
            quiet = not busy and await self._swarm.store.read(_nothing_to_do)
            if quiet and not self._changed.is_set() and not self._quiet.is_set():
                say("quiet")
                self._quiet.set()


def _nothing_to_do(rows: Rows) -> bool:
    found = rows.execute(
        "select 1 from tasks where state in ('queued', 'ready', 'running')"
        " union all select 1 from notices where state = 'pending' limit 1"
    )
    return found.fetchone() is None


def _stuck(rows: Rows) -> list[TaskId]:
    """What waits for a person, and what one had cancelled when the process died."""
    found = rows.execute(
        "select id from tasks where state = 'cancelled'"
        " or (state = 'waiting' and waiting = 'undecided') order by id"
    ).fetchall()
    return [TaskId(row[0]) for row in found]


def settings(state: Path, port: int, cap: int | None, lease: float) -> Settings:
    return Settings.model_validate(
        {
            "state": state,
            "workspace": state.parent,
            "egress": {"allow": (f"127.0.0.1:{port}",)},
            "playbooks": {"folders": (PLAYBOOKS,)},
            "limits": {"concurrency": 4},
            "lease": {"duration": timedelta(seconds=lease)},
            "budget": {"total": cap, "day": None, "month": None, "task": None},
            "tasks": {"link_similar": False},
        }
    )


async def stdin() -> asyncio.StreamReader:
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    return lines


async def live(given: argparse.Namespace) -> None:
    lines = await stdin()
    state: Path = given.state
    world = World(extra=tuple(caller.extra for caller in callers(given.port)), drain=given.drain)
    chosen = settings(state, given.port, given.cap, given.lease)
    async with open_swarm(chosen, world) as swarm:
        await swarm.outbox.attach(TERMINAL.surface, FileCourier(given.deliveries))
        say("ready")
        await Process(swarm).obey(lines)


def warm() -> None:
    """Import what a swarm imports late, and read what every swarm reads that comes with it."""
    import anyio._backends._asyncio
    import h11
    import ruamel.yaml.mergevalue
    import truststore

    import swarm_core.tools.fetch

    _ = anyio, h11, ruamel, truststore, swarm_core
    world = World()
    load_book([*world.playbooks, PLAYBOOKS], ScriptedTools())
    load_roster(world.identities)


def main(args: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("state", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--deliveries", type=Path, required=True)
    parser.add_argument("--crash", default="")
    parser.add_argument("--mutant", default="")
    parser.add_argument("--cap", type=int)
    parser.add_argument("--drain", type=float, default=5.0)
    parser.add_argument("--lease", type=float, default=30.0)
    parser.add_argument("--log-pages", type=int, default=files.LOG_PAGES)
    given = parser.parse_args(args)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    apply(given.mutant)
    files.LOG_PAGES = given.log_pages
    if given.crash:
        arm(given.crash)
    try:
        asyncio.run(live(given))
    except WaggleError as error:
        say(f"refused {error.code}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
