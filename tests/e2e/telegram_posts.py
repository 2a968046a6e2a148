"""What is told on Telegram while the swarm is killed and answers are lost: a decision once, an
answer at least once, and whatever may be a repeat says so. Counted is what stands in the chat."""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.chat_lives import CHATS, Sight, a_fake, a_life, point, unlabelled
from tests.fakes.telegram.client import Client
from tests.womb import Womb, womb
from tests.worlds import awake

LOST = 0.05
_ANSWER = re.compile(r"answer to q(\d+)\.")
_WISH = re.compile(r"\$(\d+)\.00 more for the day")
_ONE_IN = 5
"""Of so many notices one is a decision."""


@dataclass
class Posts:
    """What came of it. `findings` is empty when all was as promised."""

    notices: int
    kills: int = 0
    points: int = 0
    """Of those, at named points."""
    posted: int = 0
    labelled: int = 0
    decisions: int = 0
    uncertain: int = 0
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.notices} notices, {self.kills} kills ({self.points} at named points),"
            f" {LOST:.0%} of the answers lost after the effect: {self.posted} posts of answers,"
            f" {self.labelled} of them labelled as repeats, {self.decisions} of decisions,"
            f" {self.uncertain} told as uncertain; {'; '.join(self.findings) or 'nothing found'}"
        )


async def play(folder: Path, lives: Womb, *, notices: int, kills: int, seed: int = 1) -> Posts:
    """So many notices to one person, through so many kills."""
    chance, result = random.Random(seed), Posts(notices)
    decisions = notices // _ONE_IN
    answers = notices - decisions
    async with a_fake("telegram", seed) as url, Client.at(url) as hand:
        ana, ben = await hand.private("ana"), await hand.private("ben")
        await hand.settings(callback_life=3600.0)
        for kind, share in (("lost", LOST / 2), ("page", LOST / 2)):
            more = {"status": 502, "done": True} if kind == "page" else {}
            await hand.fault(kind, method="sendMessage", chat=ben, probability=share, **more)
        words = ("--telegram", url, "--ana", ana, "--ben", ben)
        sight = Sight(hand)
        apart = max(2, 8 * notices // (5 * (kills + 1)))
        while True:
            last = result.kills >= kills
            named = not last and chance.random() < 1 / 3
            crash = point(chance) if named else ""
            async with a_life(lives, folder, *words, crash=crash) as life:
                # Half of these ask for one decision, and are told what it was.
                life.tell(f"notices {answers} {decisions // 2}")
                if last and await life.settled():
                    break
                if not last:
                    await life.before(sight.passed(chance.randrange(1, apart), "send"))
                    await asyncio.sleep(chance.random() * 0.01)
                    result.points += life.dead
            if last:
                result.findings.append("a life ended by itself")
                break
            result.kills += 1
        screen = await hand.screen(ben)
        mine = [one["text"] for one in screen if one["from"]["id"] == hand.bot and "text" in one]
    async with awake(folder, serve=False) as swarm:
        rows = await swarm.store.read(
            lambda rows: rows.execute(
                "select kind, state, count(*) from notices where surface = 'telegram'"
                " group by kind, state"
            ).fetchall()
        )
    _judge(result, answers, decisions // 2, mine, {(kind, state): n for kind, state, n in rows})
    return result


def _judge(
    result: Posts, answers: int, wishes: int, mine: list[str], states: dict[tuple[str, str], int]
) -> None:
    found, told = defaultdict[int, list[str]](list), Counter[tuple[str, str]]()
    for text in mine:
        for n in _ANSWER.findall(text):
            found[int(n)].append(text)
        if wish := _WISH.search(text):
            if "Exactly this" in text:
                told["asked", wish[1]] += 1
            elif text.startswith("Denied by"):
                told["decided", wish[1]] += 1
    result.posted = sum(map(len, found.values()))
    result.labelled = result.posted - sum(len(unlabelled(texts)) for texts in found.values())
    result.decisions = told.total()
    result.uncertain = sum(n for (_, state), n in states.items() if state == "uncertain")
    for n in range(answers):
        if not found[n]:
            result.findings.append(f"answer {n} is lost")
        if len(unlabelled(found[n])) > 1:
            result.findings.append(f"answer {n} came again as if it were new")
    result.findings += [f"{each} came {n} times" for each, n in told.items() if n > 1]
    for kind in ("asked", "decided"):
        there = sum(n > 0 for (what, _), n in told.items() if what == kind)
        doubt = sum(states.get((kind, state), 0) for state in ("uncertain", "failed"))
        if there + doubt < wishes:
            lost = wishes - there - doubt
            result.findings.append(f"{lost} of what was {kind} is lost, and nobody was told")
    if waiting := sum(n for each, n in states.items() if _waits(each)):
        result.findings.append(f"{waiting} still wait")


def _waits(notice: tuple[str, str]) -> bool:
    """Not what is told in the morning, all together."""
    return notice[1] == "pending" and notice[0] != "undelivered"


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 when nothing was found."""
    given = argparse.ArgumentParser(prog="python -m tests.e2e.telegram_posts", description=__doc__)
    given.add_argument("--notices", type=int, default=1_000)
    given.add_argument("--kills", type=int, default=20)
    given.add_argument("--seed", type=int, default=1)
    words = given.parse_args(argv)
    with womb(CHATS) as lives, tempfile.TemporaryDirectory() as folder:
        played = play(
            Path(folder), lives, notices=words.notices, kills=words.kills, seed=words.seed
        )
        result = asyncio.run(played)
    sys.stdout.write(f"{result}\n")
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
