"""The fakes of chat services and the lives of one swarm on them, each a process; what was said on
Telegram, read as it comes."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.messages import Messages
from tests.e2e.processes import Child, Said, born
from tests.fakes.chat.hand import Hand
from tests.project.tree import ROOT
from tests.womb import Womb

CHATS = "tests.e2e.chat_process"
PATIENCE = 900.0
"""Seconds for what comes by itself; nothing is measured by it."""
MAYBE = Messages.load(strict=True)("ending.repeat")
"""What a notice says of itself that may have come before."""
POINTS = {
    "store.commit.before": 40,
    "store.commit.after": 40,
    "intake.commit.before": 4,
    "intake.commit.after": 4,
    "claim.commit.before": 3,
    "claim.commit.after": 3,
    "step.act.after": 2,
    "step.result.before": 2,
    "outbox.send.before": 3,
    "outbox.send.after": 3,
    "outbox.settle.after": 3,
}
"""Where a life may end, and at which of its passings at most."""


@asynccontextmanager
async def a_fake(service: str, seed: int) -> AsyncIterator[str]:
    """The address of a fake in a process of its own."""
    pipe = asyncio.subprocess.PIPE
    words = (sys.executable, "-m", f"tests.fakes.{service}", "--seed", str(seed))
    process = await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdin=pipe, stdout=pipe)
    assert process.stdout
    assert process.stdin
    try:
        ready = (await process.stdout.readline()).decode().split()
        yield ready[1]
    finally:
        process.stdin.close()
        await process.wait()


def point(chance: random.Random) -> str:
    """A named point and one of its passings, as `arm` takes it."""
    name = chance.choice(sorted(POINTS))
    return f"{name}:{chance.randint(1, POINTS[name])}"


class Life:
    """One process of the swarm, until it is killed."""

    def __init__(self, child: Child, said: Said) -> None:
        self._child, self._said = child, said
        self.dead = False

    def tell(self, line: str) -> None:
        self._child.tell(line)

    async def until(self, word: str, rest: str = "") -> str | None:
        """What it says after `word`, and after `rest` if that is given; None when it died."""
        async with asyncio.timeout(PATIENCE):
            while not self.dead:
                said, more = await self._said.get()
                if said == "swarm-exit":
                    self.dead = True
                elif said == word and more.startswith(rest):
                    return more
        return None

    async def up(self, *surfaces: str) -> bool:
        """Until it is there on each of these; False when it died before."""
        missing = set(surfaces)
        while missing:
            surface = await self.until("up")
            if surface is None:
                return False
            missing.discard(surface)
        return True

    async def before(self, something: Coroutine[Any, Any, None]) -> None:
        """Until it dies by itself, or that has happened."""
        dying = asyncio.create_task(self.until("its own death"))
        other = asyncio.create_task(something)
        try:
            await asyncio.wait((dying, other), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (dying, other):
                task.cancel()
            await asyncio.gather(dying, other, return_exceptions=True)
        if other.done() and not other.cancelled():
            other.result()

    async def asked(self, what: str) -> list[str]:
        """What it answers; nothing when it died."""
        self.tell(what)
        return list(json.loads(await self.until(what) or "[]"))

    async def settled(self) -> bool:
        self.tell("settle")
        return await self.until("settled") is not None


@asynccontextmanager
async def a_life(womb: Womb, folder: Path, *args: object, crash: str = "") -> AsyncIterator[Life]:
    """It is killed when the context ends."""
    said: Said = asyncio.Queue()
    more = ("--crash", crash) if crash else ()
    words = (folder, *args, *more)
    async with born(womb, said, "swarm", *words, log=folder / "log") as child:
        yield Life(child, said)


class Sight:
    """What happens on a fake, read from where it was read last."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self.at = 0
        self.entries: list[dict[str, Any]] = []

    async def more(self, wait: float = 0.0) -> list[dict[str, Any]]:
        """What has happened since, once something has, or the time is over."""
        found = await self._hand.record(self.at, wait=wait)
        self.at += len(found)
        self.entries += found
        return found

    async def passed(self, count: int, *kinds: str) -> None:
        """Until so many more things of these kinds have happened; a swarm that does nothing more
        is not waited for long."""
        while count > 0:
            found = await self.more(2.0)
            if not found:
                return
            count -= sum(each["kind"] in kinds for each in found)


def unlabelled(texts: list[str]) -> list[str]:
    """Those that do not say that they may be repeats."""
    return [text for text in texts if MAYBE not in text]
