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
from tests.fakes.telegram.service import Service
from tests.telegram.bench import Bench, bench
from tests.worlds import Custom

REFUSED = (401, 403, 429)
MANY = {"requests": None, "at_once": None}
"""What was said while nobody could be heard comes all at once, and is not what is tried."""
_A_WHILE, HOUR = 100.0, 3600.0


class LoopTime(Clock):
    """The fake's time, which is that of the swarm beside it."""

    def now(self) -> float:
        return START.timestamp() + asyncio.get_running_loop().time() + self._ahead


async def slowly(assignment: Assignment, run: Run) -> Conclusion:
    """Long enough that its card changes."""
    await asyncio.sleep(_A_WHILE)
    return Conclusion(state="done", text=f"answer to {assignment.text}.")


async def weather(folder: Path, seed: int, minutes: int) -> tuple[Counter[str], list[str]]:
    """So many minutes in which nine of ten requests are refused; figures, and what was wrong."""
    chance, asked, looks = random.Random(seed), list[str](), list[tuple[int, str]]()
    async with bench(folder) as at:
        service = at.fake.service
        service.world.clock = LoopTime()
        async with at.on_telegram(Custom(slowly), people=MANY, **by_the_loop()):
            for who in (at.ana, at.ben):
                await at.hand.say(at.group, who, "@waggle_bot /help")
                await asyncio.sleep(60)
            await at.hand.do("mend", seed=seed)
            await at.hand.fault("limit", probability=0.9, retry_after=2)
            for n in range(minutes * 3):
                where = chance.choice((at.group, at.ben, at.ana))
                who = at.ana if where == at.ana else at.ben
                name = "" if where == who else "@waggle_bot "
                asked.append(f"q{n}")
                await at.hand.say(where, who, f"{name}{asked[-1]}")
                await asyncio.sleep(20)
                if n % 5 == 4:
                    # Nobody knows that one, so that its answer is told apart from every other.
                    looks.append((where, f"/show 9{n:05}"))
                    await at.hand.say(where, who, f"{name}{looks[-1][1]}")
            stormy, worst = await at.hand.counts(), most_within(service.requests)
            await at.hand.mend()
            await asyncio.sleep(2 * HOUR)
            edits = [_edits_before(service, where, words) for where, words in looks]
            said = [one["text"] for one in await _all(at) if "text" in one]
            refused = len(service.requests)
            await at.hand.do("revoke")
            await asyncio.sleep(HOUR)
            after = [one["status"] for one in service.requests[refused:]]
    answered = Counter(words for text in said for words in asked if f"answer to {words}." in text)
    found = [f"{words}: {answered[words]} answers" for words in asked if answered[words] != 1]
    if worst > MOST:
        found.append(f"{worst} refused requests within ten minutes")
    if stormy["inside_retry_after"]:
        found.append(f"{stormy['inside_retry_after']} requests before they were due")
    found += [f"{n} cards changed before a command was answered" for n in edits if n and n > 1]
    if after != [401]:
        found.append(f"when the token was taken back: {after}")
    figures = Counter(minutes=minutes, questions=len(asked), requests=stormy["requests"])
    figures["commands"] = sum(n is not None for n in edits)
    figures["most refused"] = worst
    return figures, found


def _edits_before(service: Service, chat: int, words: str) -> int | None:
    """How many cards of a chat were changed between the moment at which a command there was fetched
    and the one at which its answer was first tried: one may have been under way. None when no
    answer was ever tried."""
    record, number = service.world.record, words.rpartition(" ")[2]
    said = next(e["n"] for e in record if words in str(e.get("json", {}).get("text")))
    update = next(e["id"] for e in record[said:] if e["kind"] == "update")
    given = next(e["at"] for e in record[said:] if e["kind"] == "given" and update in e["ids"])
    there = [r for r in service.requests if r["parameters"].get("chat_id") == str(chat)]
    for tried in there:
        if tried["method"] == "sendMessage" and number in tried["parameters"]["text"]:
            edits = (r for r in there if r["method"] == "editMessageText")
            return sum(given < each["at"] < tried["at"] for each in edits)
    return None


async def _all(at: Bench) -> list[dict[str, Any]]:
    return [one for chat in (at.group, at.ana, at.ben) for one in await at.hand.screen(chat)]


def most_within(requests: list[dict[str, Any]], seconds: float = WINDOW) -> int:
    """The most refused requests within any stretch of time."""
    times = [r["at"] for r in requests if r["status"] in REFUSED]
    return max((sum(t <= u < t + seconds for u in times) for t in times), default=0)
