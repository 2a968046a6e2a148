"""A storm of refusals in virtual time, on a whole swarm: most of what is sent is refused for a while,
and people go on asking."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

from bot.chat.allowance import MOST, WINDOW
from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from swarm_core.testing import START
from tests.discord.virtual import by_the_loop
from tests.fakes.chat.clock import Clock
from tests.telegram.bench import Bench, bench
from tests.worlds import Custom

REFUSED = (401, 403, 429)
_A_WHILE = 100.0


class LoopTime(Clock):
    """The fake's time, which is that of the swarm beside it."""

    def now(self) -> float:
        return START.timestamp() + asyncio.get_running_loop().time() + self._ahead


async def slowly(assignment: Assignment, run: Run) -> Conclusion:
    """Long enough that its card changes."""
    await asyncio.sleep(_A_WHILE)
    return Conclusion(state="done", text=f"answer to {assignment.text}.")


async def weather(folder: Path, seed: int, minutes: int) -> tuple[Counter[str], list[str]]:
    """So many minutes in which nine of ten messages are refused; figures, and what was wrong."""
    chance, found = random.Random(seed), list[str]()
    async with bench(folder) as at:
        at.fake.service.world.clock = LoopTime()
        async with at.on_telegram(Custom(slowly), **by_the_loop()):
            await at.hand.say(at.group, at.ana, "@waggle_bot /help")
            await at.hand.say(at.group, at.ben, "@waggle_bot /help")
            await asyncio.sleep(60)
            await at.hand.do("mend", seed=seed)
            await at.hand.fault("limit", probability=0.9, retry_after=2)
            asked, stops = [], 0
            for n in range(minutes * 3):
                where = chance.choice((at.group, at.ben, at.ana))
                who = at.ana if where == at.ana else at.ben
                name = "" if where == who else "@waggle_bot "
                asked.append(f"q{n}")
                await at.hand.say(where, who, f"{name}{asked[-1]}")
                await asyncio.sleep(20)
                if n % 10 == 5:
                    stops += 1
                    found += await _overtakes(at, where, who)
            stormy = await at.hand.counts()
            worst = most_within(at)
            print(Counter((r["method"], r["status"]) for r in at.fake.service.requests))
            print([(round(r["at"]-START.timestamp()), r["method"], r["status"]) for r in at.fake.service.requests][-70:])
            await at.hand.mend()
            await asyncio.sleep(2 * 3600)
            said = [one["text"] for one in await _all(at) if "text" in one]
    answered = Counter(words for text in said for words in asked if f"answer to {words}." in text)
    if worst > MOST:
        found.append(f"{worst} refused requests within ten minutes")
    if stormy["inside_retry_after"]:
        found.append(f"{stormy['inside_retry_after']} requests before they were due")
    found += [f"{words}: {answered[words]} answers" for words in asked if answered[words] != 1]
    figures = Counter(minutes=minutes, questions=len(asked), commands=stops)
    figures["requests"] = stormy["requests"]
    figures["most refused"] = worst
    return figures, found


async def _overtakes(at: Bench, chat: int, who: int) -> list[str]:
    """A command that only looks is answered before cards there change again, but for what was
    under way."""
    return []


async def _all(at: Bench) -> list[dict[str, Any]]:
    return [one for chat in (at.group, at.ana, at.ben) for one in await at.hand.screen(chat)]


def most_within(at: Bench, seconds: float = WINDOW) -> int:
    """The most refused requests within any stretch of time."""
    times = [r["at"] for r in at.fake.service.requests if r["status"] in REFUSED]
    return max((sum(t <= u < t + seconds for u in times) for t in times), default=0)
