"""What people say on Telegram while updates are cut off in the middle, refused, fetched by somebody
else, and the swarm is killed: each of their questions is one task, and answered."""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import socket
import sys
import tempfile
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.chat_lives import CHATS, PATIENCE, Life, Sight, a_fake, a_life, point, unlabelled
from tests.fakes.telegram.client import Client
from tests.womb import Womb, womb

SECRET = "a-secret-of-tests-" * 2  # noqa: S105
CUTS = ("cut", "offset", "refused", "conflict", "page", "kill", "point")
WEIGHTS = (2, 3, 1, 2, 2, 1, 1)
"""How an answer with updates fails: no connection, in the middle of it, 500, 409, a page of HTML;
and the swarm: killed at a random moment, and at a named point."""
BROUGHT = ("kill", "point")
"""What can fail where updates are brought, which is done again until it is taken."""
_ANSWER = re.compile(r"answer to q(\d+)\.")
_FETCH = "getUpdates"
REFUSALS = {
    "refused": (500, "Internal Server Error"),
    "conflict": (409, "Conflict: terminated by other getUpdates request"),
}


@dataclass
class Heard:
    """What came of it. `findings` is empty when all was as promised."""

    cuts: Counter[str] = field(default_factory=Counter)
    questions: int = 0
    answers: int = 0
    again: int = 0
    """Updates that were given more than once."""
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        cuts = ", ".join(f"{count} {how}" for how, count in sorted(self.cuts.items()))
        return (
            f"{self.cuts.total()} ends ({cuts}), {self.again} updates given again,"
            f" {self.questions} questions, {self.answers} answers;"
            f" {'; '.join(self.findings) or 'nothing found'}"
        )


@dataclass
class _Talk:
    """People who ask. `chats` are where somebody speaks, and who."""

    hand: Client
    chance: random.Random
    sight: Sight
    chats: list[tuple[int, int]]
    asked: list[str] = field(default_factory=list)

    async def ask(self, most: int) -> None:
        for _ in range(self.chance.randint(1, most)):
            chat, who = self.chance.choice(self.chats)
            self.asked.append(f"q{len(self.asked)}")
            at = "" if chat == who else "@waggle_bot "
            await self.hand.say(chat, who, f"{at}{self.asked[-1]}")

    async def end(self, how: str) -> None:
        """Let one answer with updates fail, while people ask."""
        hand = self.hand
        match how:
            case "cut":
                await hand.fault("before", method=_FETCH, count=1)
            case "offset":
                after = self.chance.randint(1, 900)
                await hand.fault("lost", method=_FETCH, count=1, bytes=after)
            case "refused" | "conflict":
                status, words = REFUSALS[how]
                await hand.fault("status", method=_FETCH, count=1, status=status, description=words)
            case "page":
                await hand.fault("page", method=_FETCH, count=1, status=502, done=True)
        await self.ask(3)

    async def some(self, how: str) -> None:
        """Until a few more things have happened; before a named point enough for it."""
        await self.sight.more()
        if how == "point":
            await self.ask(12)
            await self.sight.passed(100, "given", "send")
        else:
            await self.sight.passed(self.chance.randint(1, 6), "given", "send")


async def play(
    folder: Path, lives: Womb, *, ends: int, brought: bool = False, seed: int = 1
) -> Heard:
    """So many ends of the connection or of the swarm; `brought`: updates are, by a webhook."""
    chance, result = random.Random(seed), Heard()
    kinds = (BROUGHT, None) if brought else (CUTS, WEIGHTS)
    left = deque(chance.choices(*kinds, k=ends))
    async with a_fake("telegram", seed) as url, Client.at(url) as hand:
        ana, ben, cleo = [await hand.private(name) for name in ("ana", "ben", "cleo")]
        group = await hand.supergroup("workshop", ana, ben, cleo)
        await hand.settings(callback_life=3600.0, local=True, webhook_again=0.01)
        words = ["--telegram", url, "--ana", ana, "--ben", ben]
        if brought:
            words += ["--hook", _free_port(), "--secret", SECRET]
        chats = [(ana, ana), (ben, ben), (cleo, cleo), (group, ben), (group, cleo)]
        talk = _Talk(hand, chance, Sight(hand), chats)
        # In a group that the owner speaks in people are let in, and known by it.
        for who in (ana, ben, cleo):
            await hand.say(group, who, "@waggle_bot /help")
        async with a_life(lives, folder, *words) as life:
            await _rest(talk, life, result)
        while True:
            following = next((how for how in left if how in BROUGHT), "")
            crash = point(chance) if following == "point" else ""
            async with a_life(lives, folder, *words, crash=crash) as life:
                if await _live(talk, life, left, result):
                    await _rest(talk, life, result)
                    break
        result.questions = len(talk.asked)
        await talk.sight.more()
        _judge(talk, result, hand.bot)
    return result


async def _live(talk: _Talk, life: Life, left: deque[str], result: Heard) -> bool:
    """One life, until it dies; whether nothing is left to try."""
    while left and not life.dead:
        how = left[0]
        await talk.end(how)
        await life.before(talk.some(how))
        if life.dead:
            # At a point, which may be met before its turn.
            left.remove("point")
            result.cuts["point"] += 1
            return False
        left.popleft()
        result.cuts["kill" if how == "point" else how] += 1
        if how in BROUGHT:
            await asyncio.sleep(talk.chance.random() * 0.02)
            return False
    return not left and not life.dead


async def _rest(talk: _Talk, life: Life, result: Heard) -> None:
    """Until all is taken in, done and told."""
    async with asyncio.timeout(PATIENCE):
        # What the service knows to be taken in is never told again.
        while (await talk.hand.counts())["pending"]:
            await talk.sight.more(1.0)
    if not await life.settled():
        result.findings.append("a life ended by itself")
    known = Counter(await life.asked("known"))
    for words in talk.asked:
        if known[words] != 1:
            result.findings.append(f"{words} is {known[words]} tasks")


def _judge(talk: _Talk, result: Heard, bot: int) -> None:
    given, found = Counter[int](), defaultdict[str, list[str]](list)
    for entry in talk.sight.entries:
        if entry["kind"] == "given":
            given.update(entry["ids"])
        elif entry["kind"] == "send" and entry["by"] == bot:
            text = entry["json"].get("text", "")
            for n in _ANSWER.findall(text):
                found[f"q{n}"].append(text)
    result.again = sum(times > 1 for times in given.values())
    result.answers = sum(map(len, found.values()))
    for words in talk.asked:
        if not found[words]:
            result.findings.append(f"{words} has no answer")
        elif len(unlabelled(found[words])) > 1:
            result.findings.append(f"{words} was answered again as if it were new")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 when nothing was found."""
    given = argparse.ArgumentParser(prog="python -m tests.e2e.telegram_inbound")
    given.add_argument("--ends", type=int, default=100)
    given.add_argument("--brought", action="store_true", help="by a webhook")
    given.add_argument("--seed", type=int, default=1)
    words = given.parse_args(argv)
    with womb(CHATS) as lives, tempfile.TemporaryDirectory() as folder:
        played = play(
            Path(folder), lives, ends=words.ends, brought=words.brought, seed=words.seed
        )
        result = asyncio.run(played)
    sys.stdout.write(f"{result}\n")
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
