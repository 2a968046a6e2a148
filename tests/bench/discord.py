"""P3 on Discord: how long a command waits for its first answer, beside a bare discord.py bot that
says "ok" to the same command.

The fake Discord is a process of its own, and those who type are another; times are by the fake's
clock, from when it sends the event to when it has the answer. What a command costs is what the
process of the bot took while commands were typed, less what its work takes without them.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.measure import (
    Result,
    Sample,
    Sizes,
    fresh,
    percentile,
    result,
    spread,
)
from tests.bench.typists import People, people_typing

QUEUED, RUNNING = 1_000, 100
"""Tasks while commands are timed; each that runs takes a step a second."""
NAMES = ("ask", "status", "tasks", "history", "search")
QUIET = 5.0
"""Seconds in which the work is measured that goes on without commands."""


def run(sizes: Sizes) -> Iterator[Result]:
    queued, busy = min(QUEUED, sizes.queued), min(RUNNING, sizes.running)
    bare, ours = [], []
    for _ in range(sizes.repeats):
        bare.append(fresh("discord:bare", probes=sizes.probes))
        ours.append(fresh("discord:loaded", queued=queued, busy=busy, probes=sizes.probes))
    prefix = f"discord, {queued:,} queued, {busy} running:"
    beside = {
        "ask p50": ("ms", ""),
        "ask p99": ("ms", "< 250"),
        "ask CPU": ("ms a command", ""),
        "ask CPU of the fake": ("ms a command", ""),
        "ask waiting for a core": ("ms a command", ""),
        "loop held up": ("ms", ""),
    }
    for measure, (unit, goal) in beside.items():
        yield result(
            f"{prefix} {measure}",
            unit,
            [sample[measure] for sample in ours],
            [sample[measure] for sample in bare],
            goal=goal,
        )
    late = {f"{name} late": ("", "0") for name in NAMES}
    pages = {f"{name} p99": ("ms", "< 250") for name in NAMES[1:]}
    costs = {f"{name} CPU": ("ms a command", "") for name in NAMES[1:]}
    rest = {"CPU of the work": ("% of a core", ""), "memory": ("MB", "")}
    yield from spread(prefix, ours, {**late, **pages, **costs, **rest})


def bare(probes: int) -> Sample:
    """discord.py as it comes, with one command."""
    return asyncio.run(_bare(probes))


async def _bare(probes: int) -> Sample:
    import discord

    from tests.fakes.discord.sdk import aimed
    from tests.fakes.discord.settings import TOKEN

    class Bot(discord.Client):
        async def on_interaction(self, event: discord.Interaction) -> None:
            await event.response.send_message("ok")

    async with people_typing() as people:
        hand, there = people.hand, people.there
        with aimed(hand.url):
            bot = Bot(intents=discord.Intents.default(), guild_ready_timeout=0.1)
            started = asyncio.create_task(bot.start(TOKEN))
            await hand.wait("identify")
            await bot.http.bulk_upsert_guild_commands(
                bot.application_id or 0,
                int(there["guild"]),
                [{"name": "ask", "description": "ask", "options": [_TEXT]}],
            )
            async with _watched() as lag:
                sample = await people.tried("ask", probes)
            await bot.close()
            await started
    return sample | {"loop held up": percentile(lag, 99)}


_TEXT: Any = {"name": "text", "description": "text", "type": 3, "required": True}


def loaded(queued: int, busy: int, probes: int) -> Sample:
    """The swarm, with that much to do."""
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_loaded(Path(folder), queued, busy, probes))


async def _loaded(folder: Path, queued: int, busy: int, probes: int) -> Sample:
    from bot.commands.desk import Desk
    from bot.discord.service import Surface
    from bot.messages import Messages
    from swarm_core import TERMINAL, MicroUSD
    from swarm_core.testing import OWNER, ScriptedModel
    from tests.bench.worlds import running
    from tests.fakes.discord.settings import TOKEN

    many = ScriptedModel(words=("look",), calls=1_000, hold=MicroUSD(1), play=_a_step)
    quick = ScriptedModel("fast", words=("quick:",))
    async with (
        people_typing() as people,
        running(folder, many, quick, concurrency=busy, **_settings(people)) as (swarm, _),
    ):
        await asyncio.gather(*(_asked(swarm, people, n) for n in range(queued + busy)))
        ready = asyncio.Event()
        desk = Desk(swarm=swarm, actor=OWNER, place=TERMINAL, messages=Messages.load())
        serving = asyncio.create_task(Surface(desk, TOKEN, lambda _: ready.set()).serve())
        sample: Sample = {}
        try:
            await ready.wait()
            await _at_work(swarm, queued, busy)
            work = await people.work(QUIET)
            async with _watched() as lag:
                for name in NAMES:
                    sample |= await people.tried(name, probes, work)
            await _at_work(swarm, queued, busy)
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
        sample["loop held up"] = percentile(lag, 99)
        sample["CPU of the work"] = work * 100
        sample["memory"] = _resident()
    return sample


async def _asked(swarm: Any, people: People, number: int) -> None:
    """Ask where the commands are typed: there their pages show it."""
    from bot.discord.places import SURFACE, place_of
    from swarm_core import Actor
    from swarm_core.testing import request
    from tests.bench.worlds import words

    there = people.there
    ana = Actor(
        surface=SURFACE,
        space=there["guild"],
        person=there["ana"],
        roles=frozenset({"owner"}),
    )
    place = place_of(int(there["guild"]), int(there["channel"]))
    wanted = msgspec.structs.replace(request(words(number, "look")), place=place)
    receipt = await swarm.intake.submit(ana, wanted)
    swarm.outbox.replied(receipt.task)


async def _at_work(swarm: Any, queued: int, busy: int) -> None:
    """Return when so many run; ends the bench when what else was asked for does not stand behind
    them: it would measure commands beside nothing."""
    from swarm_core import TaskState

    states = Counter[str]()
    for _ in range(100):
        states = Counter(task.state for task in await swarm.views.listing(most=10_000))
        if (states[TaskState.READY], states[TaskState.RUNNING]) == (queued, busy):
            return
        await asyncio.sleep(0.1)
    raise SystemExit(f"{queued} queued and {busy} running were asked for; there are {states}")


async def _a_step(assignment: Any, n: int) -> Any:
    from swarm_core.steps.model import Answer

    await asyncio.sleep(1.0)
    return Answer(text="ok")


def _settings(people: People) -> dict[str, Any]:
    api = f"{people.hand.url}/api/v10"
    return {"discord": {"api_url": api}, "owner": {"discord": people.there["ana"]}}


@asynccontextmanager
async def _watched() -> AsyncIterator[list[float]]:
    """Milliseconds by which the loop was late, each hundredth of a second."""
    lag: list[float] = []

    async def look() -> None:
        while True:
            due = time.perf_counter() + 0.01
            await asyncio.sleep(0.01)
            lag.append((time.perf_counter() - due) * 1e3)

    looking = asyncio.create_task(look())
    try:
        yield lag
    finally:
        looking.cancel()


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
