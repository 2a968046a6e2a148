"""Disconnects by chance: how connections end, and what is said meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from bot.chat.allowance import WINDOW
from tests.discord.bench import Bench

CUTS = (
    *("cut", "offset", "reconnect", "again", "invalid"),
    *("forgotten", "refused", "mute", "code", "outage"),
)
"""Without a word, in the middle of a frame, asked to come again with the session, asked to begin
anew, not known any more, the gateway not there, nothing heard any more, closed with a code, the
service away for minutes in which people go on asking."""
WEIGHTS = (2, 3, 2, 1, 2, 2, 1, 1, 2, 2)
CODES = (4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009)
SENT_AGAIN = 20
"""Events that are sent again at most, when a session goes on."""
PATIENCE = 600.0
INVALID = (401, 403, 429)
BETWEEN = 70.0
"""Seconds from one to the next, after which what was heard is kept. Use it in virtual time."""
AWAY = (30.0, 400.0)
"""Seconds of an outage: what is said in it is young enough to be answered when it is over."""


async def weather(
    at: Bench, chance: random.Random, cuts: Sequence[str], where: Sequence[str], begin: int = 0
) -> list[str]:
    """Let the connection end once for each of `cuts`, while people go on asking `where` they like.
    Returns what they asked, once all of it is answered. Numbers go on from `begin`."""
    asked: list[str] = []

    async def ask(most: int) -> None:
        for _ in range(chance.randint(1, most)):
            asked.append(f"question {begin + len(asked)}")
            await at.hand.say(chance.choice(where), at.ben, f"<@{at.bot}> {asked[-1]}")

    for how in cuts:
        since = len(at.fake.service.world.record)
        faults = [{"again": chance.randrange(SENT_AGAIN)}] if chance.random() < 0.5 else [{}]
        await at.hand.do("next_connections", faults=[{"status": 503}] * (how == "refused") + faults)
        await ask(1)
        await _end(at, how, chance)
        await ask(2)
        if how == "outage":
            await asyncio.sleep(chance.uniform(*AWAY))
            await at.hand.settings(down=False)
        await _back(at, since)
        await ask(1)
        await answered(at, asked, how)
        await asyncio.sleep(BETWEEN)
    return asked


async def _end(at: Bench, how: str, chance: random.Random) -> None:
    match how:
        case "cut" | "refused":
            await at.hand.do("cut")
        case "offset":
            await at.hand.do("cut", after=chance.randint(1, 3000))
            # Something has to be sent for it to be cut within.
            await at.hand.do("ask_for_beat")
            await at.hand.say(at.channel, at.ana, "talk among people " * 90)
        case "reconnect":
            await at.hand.do("reconnect")
        case "again" | "invalid":
            await at.hand.do("invalidate", resumable=how == "again")
        case "forgotten":
            await at.hand.do("forget_sessions")
            await at.hand.do("cut")
        case "outage":
            await at.hand.settings(down=True)
            await at.hand.do("forget_sessions")
            await at.hand.do("cut")
        case "mute":
            await at.hand.do("mute")
        case "code":
            await at.hand.do("hang_up", code=chance.choice(CODES))


async def _back(at: Bench, since: int) -> None:
    """Until it has come again."""
    async with asyncio.timeout(PATIENCE):
        while True:
            record = await at.hand.record(since, wait=60.0)
            if any(entry["kind"] in ("resume", "identify") for entry in record):
                return
            since += len(record)


async def answered(at: Bench, asked: Sequence[str], how: str) -> None:
    """Until each question has its answer. AssertionError when one gets none."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while missing := set(asked) - set(answers(at)):
        if loop.time() > deadline:
            raise AssertionError(f"after {how}: no answer to {sorted(missing)}")
        await at.hand.record(len(at.fake.service.world.record), wait=5.0)


def answers(at: Bench) -> list[str]:
    """What was answered, each time it was."""
    world = at.fake.service.world
    said = [post.json for posts in world.posts.values() for post in posts.values()]
    mine = [each["content"] for each in said if each["author"]["id"] == at.bot]
    said_to = [text.partition("You said: ")[2] for text in mine if "You said: " in text]
    return [text.splitlines()[0].strip() for text in said_to]


def most_within(at: Bench, seconds: float = WINDOW) -> int:
    """The most refused requests within any stretch of time."""
    times = [r["at"] for r in at.fake.service.requests if r["status"] in INVALID]
    return max((sum(t <= u < t + seconds for u in times) for t in times), default=0)
