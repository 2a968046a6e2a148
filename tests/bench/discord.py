"""P3 on Discord: how long a command waits for its first answer, beside a bare discord.py bot that
says "ok" to the same command.

The fake Discord is a process of its own; times are by its clock, from when it sends the event to
when it has the answer.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.bench.measure import (
    ROOT,
    Result,
    Sample,
    Sizes,
    environment,
    fresh,
    percentile,
    result,
    spread,
)

QUEUED, RUNNING = 1_000, 100
"""Tasks while commands are timed; each that runs takes a step a second."""
AT_ONCE = 5
"""People who type at the same time."""
NAMES = ("ask", "status", "tasks", "history", "search")


def run(sizes: Sizes) -> Iterator[Result]:
    queued, busy = min(QUEUED, sizes.queued), min(RUNNING, sizes.running)
    bare, ours = [], []
    for _ in range(sizes.repeats):
        bare.append(fresh("discord:bare", probes=sizes.probes))
        ours.append(fresh("discord:loaded", queued=queued, busy=busy, probes=sizes.probes))
    prefix = f"discord, {queued:,} queued, {busy} running:"
    for measure, unit, goal in (
        ("p50", "ms", ""),
        ("p99", "ms", "< 250"),
        ("CPU a command", "ms", ""),
    ):
        yield result(
            f"{prefix} answered {measure}",
            unit,
            [sample[f"ask {measure}"] for sample in ours],
            [sample[f"ask {measure}"] for sample in bare],
            goal=goal,
        )
    late = {f"{name} late": ("", "0") for name in NAMES}
    pages = {f"{name} p99": ("ms", "< 250") for name in NAMES[1:]}
    yield from spread(
        prefix, ours, {**late, **pages, "loop held up": ("ms", ""), "memory": ("MB", "")}
    )


@asynccontextmanager
async def _fake() -> AsyncIterator[tuple[Any, dict[str, str]]]:
    """A fake of its own process, a hand on it, and who and what is there."""
    from tests.fakes.discord.client import Client

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "tests.fakes.discord", "--guild", "Hive"),
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        url = (await process.stdout.readline()).split()[1].decode()
        async with Client.at(url) as hand:
            guild = await hand.guild("Bench")
            there = {
                "guild": guild,
                "channel": await hand.channel(guild),
                "ana": await hand.person("ana", guild),
            }
            yield hand, there
    finally:
        process.stdin.close()
        await process.wait()


async def _tried(hand: Any, there: dict[str, str], name: str, probes: int) -> Sample:
    """So many commands: milliseconds until the first answer to each, and what this process took."""
    since, cpu = await hand.now(), time.process_time()
    numbers = iter(range(probes))

    async def type_them() -> None:
        for number in numbers:
            given = {"search": {"words": "look"}, "ask": {"text": f"quick: {number}"}}.get(name, {})
            asked = await hand.command(there["channel"], there["ana"], name, **given)
            # One that nobody answered in time is missing below.
            with suppress(TimeoutError):
                await hand.answered(asked)

    await asyncio.gather(*(type_them() for _ in range(AT_ONCE)))
    cpu = (time.process_time() - cpu) * 1e3 / probes
    record = await hand.record(since)
    asked = {each["id"]: each["at"] for each in record if each["kind"] == "interaction"}
    first: dict[str, float] = {}
    for each in record:
        if each["kind"] == "answer":
            first.setdefault(each["id"], each["at"])
    times = [(first[one] - at) * 1e3 for one, at in asked.items() if one in first]
    if not times:
        raise SystemExit(f"no /{name} was answered within the three seconds that Discord gives")
    return {
        f"{name} p50": percentile(times, 50),
        f"{name} p99": percentile(times, 99),
        f"{name} CPU a command": cpu,
        f"{name} late": len(asked) - len(times),
    }


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

    async with _fake() as (hand, there):
        with aimed(hand.url):
            bot = Bot(intents=discord.Intents.default(), guild_ready_timeout=0.1)
            started = asyncio.create_task(bot.start(TOKEN))
            await hand.wait("identify")
            await bot.http.bulk_upsert_guild_commands(
                bot.application_id or 0,
                int(there["guild"]),
                [{"name": "ask", "description": "ask", "options": [_TEXT]}],
            )
            sample = await _tried(hand, there, "ask", probes)
            await bot.close()
            await started
    return sample


_TEXT: Any = {"name": "text", "description": "text", "type": 3, "required": True}


def loaded(queued: int, busy: int, probes: int) -> Sample:
    """The swarm, with that much to do."""
    with tempfile.TemporaryDirectory(prefix="waggle-bench-") as folder:
        return asyncio.run(_loaded(Path(folder), queued, busy, probes))


async def _loaded(folder: Path, queued: int, busy: int, probes: int) -> Sample:
    from bot.commands.desk import Desk
    from bot.discord.service import Surface
    from bot.messages import Messages
    from swarm_core import TERMINAL
    from swarm_core.testing import OWNER, ScriptedModel
    from tests.bench.worlds import running, submit
    from tests.fakes.discord.settings import TOKEN

    many = ScriptedModel(words=("look",), calls=10_000, play=_a_step)
    quick = ScriptedModel("quick", words=("quick:",))
    async with (
        _fake() as (hand, there),
        running(folder, many, quick, concurrency=busy, **_settings(hand, there)) as (swarm, _),
    ):
        await asyncio.gather(*(submit(swarm, n, "look") for n in range(queued + busy)))
        ready = asyncio.Event()
        desk = Desk(swarm=swarm, actor=OWNER, place=TERMINAL, messages=Messages.load())
        serving = asyncio.create_task(Surface(desk, TOKEN, lambda _: ready.set()).serve())
        sample: Sample = {}
        try:
            await ready.wait()
            async with _watched() as lag:
                for name in NAMES:
                    sample |= await _tried(hand, there, name, probes)
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
        sample["loop held up"] = percentile(lag, 99)
        sample["memory"] = _resident()
    return sample


async def _a_step(assignment: Any, n: int) -> Any:
    from swarm_core.steps.model import Answer

    await asyncio.sleep(1.0)
    return Answer(text="ok")


def _settings(hand: Any, there: dict[str, str]) -> dict[str, Any]:
    return {"discord": {"api_url": f"{hand.url}/api/v10"}, "owner": {"discord": there["ana"]}}


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
