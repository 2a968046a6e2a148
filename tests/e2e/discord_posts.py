"""One post a notice: the swarm is killed while it posts, and one answer in twenty is dropped after
the effect. What is counted is what stands in the channel."""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from tests.fakes.discord.client import Client
from tests.fakes.discord.server import serving
from tests.fakes.discord.settings import TOKEN, Settings
from tests.project.tree import ROOT
from tests.worlds import awake

DROPPED = 0.05
_ANSWER = re.compile(r"answer to q(\d+)\.")
PATIENCE = 900.0
"""Seconds for a life to end by itself; nothing is measured by it."""


@dataclass
class Posts:
    """What came of it. `findings` is empty when all was as promised."""

    notices: int
    kills: int = 0
    repeated: int = 0
    """Posts that the service knew by their nonce."""
    posted: int = 0
    uncertain: int = 0
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        found = "; ".join(self.findings) or "nothing found"
        return (
            f"{self.notices} notices, {self.kills} kills, {DROPPED:.0%} of the answers dropped"
            f" after the effect: {self.posted} posts, {self.repeated} more known by their nonce,"
            f" {self.uncertain} told as uncertain; {found}"
        )


async def play(folder: Path, *, notices: int, kills: int, seed: int = 1) -> Posts:
    """So many answers to one channel, through so many kills. The fake runs in this process."""
    chance, result = random.Random(seed), Posts(notices)
    limits = Settings(bucket=(100_000, 1.0), global_limit=100_000, interaction_deadline=60.0)
    async with serving(seed=seed, settings=limits) as fake, Client.at(fake.url) as hand:
        guild = await hand.guild()
        channel = await hand.channel(guild)
        await hand.fault("lost", operation="create_message", probability=DROPPED)
        words = (
            *("--folder", str(folder), "--url", f"{fake.url}/api/v10"),
            *("--guild", guild, "--channel", channel, "--count", str(notices)),
        )
        while True:
            last = result.kills >= kills
            after = None if last else chance.randrange(1, max(2, notices // (kills + 1)))
            if await _life(words, hand, channel, after):
                break
            result.kills += 1
        found = await hand.messages(channel)
        counts = await hand.counts()
        result.repeated = int(counts["nonce_again"])
        _judge(result, [str(each["content"]) for each in found], await _states(folder))
    return result


async def _life(words: tuple[str, ...], hand: Client, channel: str, after: int | None) -> bool:
    """One process: killed once `after` more posts stand in the channel; whether it ended."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.e2e.discord_process", *words),
        cwd=ROOT,
        env={**os.environ, "DISCORD_TOKEN": TOKEN},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    reading = asyncio.create_task(_until_settled(process.stdout))
    waiting = [reading]
    if after is not None:
        since = await hand.now()
        waiting.append(asyncio.create_task(_posted(hand, channel, since, after)))
    try:
        done, _ = await asyncio.wait(waiting, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise TimeoutError("a life did not end")
        if reading in done and reading.result():
            await process.wait()
            return True
        if reading in done:
            raise RuntimeError(f"a life ended by itself with {await process.wait()}")
        return False
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _until_settled(lines: asyncio.StreamReader) -> bool:
    while line := await lines.readline():
        if line.strip() == b"settled":
            return True
    return False


async def _posted(hand: Client, channel: str, since: int, count: int) -> bool:
    found = 0
    while found < count:
        try:
            entries = await hand.record(since, wait=5.0)
        except aiohttp.ClientError:
            continue
        since += len(entries)
        found += sum(e["kind"] == "create" and e.get("channel") == channel for e in entries)
    return True


async def _states(folder: Path) -> Counter[str]:
    async with awake(folder, serve=False) as swarm:
        rows = await swarm.store.read(
            lambda rows: rows.execute("select state from notices where kind = 'ended'").fetchall()
        )
    return Counter(state for (state,) in rows)


def _judge(result: Posts, contents: list[str], states: Counter[str]) -> None:
    seen = Counter(int(n) for text in contents for n in _ANSWER.findall(text))
    result.posted = sum(seen.values())
    result.uncertain = states["uncertain"]
    if doubled := {n: times for n, times in seen.items() if times > 1}:
        result.findings.append(f"doubled: {doubled}")
    lost = [n for n in range(result.notices) if not seen[n]]
    if len(lost) > result.uncertain + states["failed"]:
        result.findings.append(f"lost: {lost}, and only {result.uncertain} told as uncertain")
    if states["pending"]:
        result.findings.append(f"{states['pending']} still wait")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 when nothing was found."""
    given = argparse.ArgumentParser(prog="python -m tests.e2e.discord_posts", description=__doc__)
    given.add_argument("--notices", type=int, default=1_000)
    given.add_argument("--kills", type=int, default=20)
    given.add_argument("--seed", type=int, default=1)
    words = given.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        played = play(Path(folder), notices=words.notices, kills=words.kills, seed=words.seed)
        result = asyncio.run(played)
    sys.stdout.write(f"{result}\n")
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
