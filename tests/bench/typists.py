"""A fake Discord and those who type on it, each a process of its own, and what all of it costs."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.measure import ROOT, Sample, environment


@dataclass(frozen=True)
class _Spent:
    """Seconds: by the clock, of a core by this process, waiting for one, of a core by the fake."""

    at: float
    ours: float
    waiting: float
    fake: float


@dataclass(frozen=True)
class People:
    """Those who type, and what they type on."""

    hand: Any
    there: dict[str, str]
    fake: Process
    typing: Process

    async def tried(self, name: str, probes: int, work: float = 0.0) -> Sample:
        """So many commands. `work`: the part of a core that is not theirs."""
        assert self.typing.stdin
        assert self.typing.stdout
        before = self._spent()
        self.typing.stdin.write(json.dumps({"name": name, "probes": probes}).encode() + b"\n")
        said = await self.typing.stdout.readline()
        after = self._spent()
        if not said:
            raise SystemExit(f"/{name} could not be typed")
        mine = after.ours - before.ours - work * (after.at - before.at)
        costs = {
            "CPU": mine,
            "CPU of the fake": after.fake - before.fake,
            "waiting for a core": after.waiting - before.waiting,
        }
        costs = {key: seconds * 1e3 / probes for key, seconds in costs.items()}
        return {f"{name} {key}": value for key, value in (json.loads(said) | costs).items()}

    async def work(self, seconds: float) -> float:
        """Which part of a core is taken without anybody typing."""
        before = self._spent()
        await asyncio.sleep(seconds)
        after = self._spent()
        return (after.ours - before.ours) / (after.at - before.at)

    def _spent(self) -> _Spent:
        return _Spent(time.monotonic(), time.process_time(), _waited(), _taken(self.fake.pid))


def _waited() -> float:
    """Seconds in which this thread could have gone on and had no core."""
    counted = Path("/proc/thread-self/schedstat")
    return int(counted.read_text().split()[1]) / 1e9 if counted.exists() else 0.0


def _taken(process: int) -> float:
    """Seconds of a core that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _child(module: str, *arguments: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module, *arguments),
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


@asynccontextmanager
async def people_typing() -> AsyncIterator[People]:
    from tests.fakes.discord.client import Client

    fake = await _child("tests.fakes.discord", "--guild", "Hive")
    typing: Process | None = None
    assert fake.stdin
    assert fake.stdout
    try:
        url = (await fake.stdout.readline()).split()[1].decode()
        async with Client.at(url) as hand:
            guild = await hand.guild("Bench")
            there = {
                "guild": guild,
                "channel": await hand.channel(guild),
                "ana": await hand.person("ana", guild),
            }
            typing = await _child("tests.bench.typing", url, there["channel"], there["ana"])
            yield People(hand, there, fake, typing)
    finally:
        for child in (typing, fake):
            if child and child.stdin:
                child.stdin.close()
                await child.wait()
