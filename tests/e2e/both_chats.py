"""People on Telegram and on Discord at once, who ask, correct and approve, while the one swarm that
answers them is killed: each of their words counts once, and each answer is told where it was asked
for."""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from tests.discord.decisions import ids
from tests.e2e.chat_lives import CHATS, Life, Sight, a_fake, a_life, point, unlabelled
from tests.e2e.chat_process import DEAR, SLOW
from tests.fakes.discord.client import Client as DiscordHand
from tests.fakes.discord.settings import APPLICATION
from tests.fakes.telegram.client import Client as TelegramHand
from tests.womb import Womb, womb

_ANSWER = re.compile(r"answer to ((?:slow |dear )?q\d+)\.")
PATIENCE = 120.0
"""Seconds in which what was said has to be known, once the swarm stays up."""
_ENDED = ("done", "failed", "cancelled")


@dataclass
class Both:
    """What came of it. `findings` is empty when all was as promised."""

    kills: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{dict(self.kills)} kills, {dict(self.said)} said and pressed, {dict(self.answers)}"
            f" answers; {'; '.join(self.findings) or 'nothing found'}"
        )


class People(Protocol):
    """Those on one service, in one room of it."""

    sight: Sight

    async def say(self, words: str, to: str = "") -> None:
        """Say something to the bot; `to`: as a reply to what shows the task of these words."""
        ...

    async def approve(self, words: str) -> bool:
        """Press Yes, twice, where it is asked for; False where it is not."""
        ...

    def posts(self) -> Iterator[tuple[str, str]]:
        """Every message of the bot as it was sent: where, and what."""
        ...

    where: str


class OnTelegram:
    """Ben, in a group with the bot."""

    def __init__(self, hand: TelegramHand, group: int, ben: int) -> None:
        self.hand, self._group, self._ben = hand, group, ben
        self.sight, self.where = Sight(hand), str(group)

    async def say(self, words: str, to: str = "") -> None:
        shown = [one for one in await self._shown() if to and to in one.get("text", "")]
        if shown:
            number = shown[0]["message_id"]
            await self.hand.say(self._group, self._ben, words, reply_to=number)
        else:
            await self.hand.say(self._group, self._ben, f"@waggle_bot {words}")

    async def approve(self, words: str) -> bool:
        for one in await self._shown():
            rows = one.get("reply_markup", {}).get("inline_keyboard", ())
            if words in one.get("text", "") and any(b["text"] == "Yes" for r in rows for b in r):
                data = next(b["callback_data"] for r in rows for b in r if b["text"] == "Yes")
                for _ in range(2):
                    number = one["message_id"]
                    await self.hand.press(self._group, number, self._ben, data, stale=True)
                return True
        return False

    async def _shown(self) -> list[dict[str, Any]]:
        screen = await self.hand.screen(self._group)
        return [one for one in screen if one["from"]["id"] == self.hand.bot]

    def posts(self) -> Iterator[tuple[str, str]]:
        for entry in self.sight.entries:
            if entry["kind"] == "send" and entry["by"] == self.hand.bot:
                yield str(entry["chat"]), entry["json"].get("text", "")


class OnDiscord:
    """Ben, in a channel."""

    def __init__(self, hand: DiscordHand, channel: str, ben: str) -> None:
        self.hand, self._channel, self._ben = hand, channel, ben
        self.sight, self.where = Sight(hand), channel

    async def say(self, words: str, to: str = "") -> None:
        shown = [one for one in await self._shown() if to and to in _all_of(one)]
        if shown:
            await self.hand.say(self._channel, self._ben, words, reply_to=shown[0]["id"])
        else:
            await self.hand.say(self._channel, self._ben, f"<@{APPLICATION}> {words}")

    async def approve(self, words: str) -> bool:
        for one in await self._shown():
            if words in _all_of(one) and (yes := ids(one).get("Yes")):
                for _ in range(2):
                    number = str(one["id"])
                    await self.hand.press(self._channel, number, self._ben, yes, stale=True)
                return True
        return False

    async def _shown(self) -> list[dict[str, Any]]:
        found = await self.hand.messages(self._channel)
        return [one for one in found if one["author"]["id"] == APPLICATION]

    def posts(self) -> Iterator[tuple[str, str]]:
        for entry in self.sight.entries:
            if entry["kind"] == "create" and entry["author"] == APPLICATION:
                yield str(entry["channel"]), str(entry["json"].get("content", ""))


def _all_of(message: dict[str, Any]) -> str:
    return str([message.get("content"), message.get("embeds")])


@dataclass
class _Town:
    chance: random.Random
    people: dict[str, People]
    result: Both
    said: dict[str, str] = field(default_factory=dict)
    """What was said, and on which service."""
    acting: asyncio.Task[None] | None = None

    async def act(self) -> None:
        """One of them does something."""
        service = self.chance.choice(sorted(self.people))
        ben, number = self.people[service], len(self.said)
        mine = [words for words, where in self.said.items() if where == service]
        what = self.chance.choices(("ask", SLOW, DEAR, "correct", "approve"), (4, 2, 2, 2, 3))[0]
        slow = [words for words in mine[-6:] if words.startswith(SLOW)]
        if what == "approve":
            wanted = [words for words in mine if words.startswith(DEAR)]
            done = bool(wanted) and await ben.approve(self.chance.choice(wanted))
            self.result.said["approvals"] += done
            return
        if what == "correct" and slow:
            words = f"c{number}"
            await ben.say(words, to=slow[-1])
            self.result.said["corrections"] += 1
        else:
            words = f"{what} q{number}" if what in (SLOW, DEAR) else f"q{number}"
            await ben.say(words)
            self.result.said["questions"] += 1
        self.said[words] = service

    async def over(self) -> None:
        """Until what is being said is said, also where that was to be cut short."""
        if self.acting:
            await asyncio.shield(self.acting)

    async def weather(self) -> None:
        """Let things happen on both services, a random number of them."""
        for _ in range(self.chance.randint(2, 8)):
            await self.over()
            self.acting = asyncio.create_task(self.act())
            await self.over()
            await asyncio.sleep(self.chance.random() * 0.2)


async def play(folder: Path, lives: Womb, *, kills: int, seed: int = 1) -> Both:
    """So many kills of the one swarm."""
    chance, result = random.Random(seed), Both()
    async with (
        a_fake("telegram", seed) as telegram,
        a_fake("discord", seed) as discord,
        TelegramHand.at(telegram) as hand,
        DiscordHand.at(discord) as there,
    ):
        await hand.settings(callback_life=3600.0)
        await there.settings(interaction_deadline=600.0)
        ana, ben = await hand.private("ana"), await hand.private("ben")
        group = await hand.supergroup("workshop", ana, ben)
        guild = await there.guild()
        channel = await there.channel(guild)
        ana_there, ben_there = [await there.person(name, guild) for name in ("ana", "ben")]
        await hand.fault("lost", method="sendMessage", chat=group, probability=0.05)
        words = ["--telegram", telegram, "--discord", discord, "--ana", ana, "--ben", ben]
        words += ["--ana-there", ana_there]
        people: dict[str, People] = {
            "telegram": OnTelegram(hand, group, ben),
            "discord": OnDiscord(there, channel, ben_there),
        }
        town = _Town(chance, people, result)
        await hand.say(group, ana, "@waggle_bot /help")
        while True:
            last = result.kills.total() >= kills
            crash = point(chance) if not last and chance.random() < 0.5 else ""
            async with a_life(lives, folder, *words, crash=crash) as life:
                if last:
                    await _rest(town, life, hand, folder)
                    break
                if not await life.up("telegram", "discord"):
                    result.kills["point"] += 1
                    continue
                await life.before(town.weather())
                await asyncio.sleep(chance.random() * 0.3)
                result.kills["point" if life.dead else "random"] += 1
        for each in people.values():
            await each.sight.more()
        _judge_answers(town)
    return result


async def _rest(town: _Town, life: Life, hand: TelegramHand, folder: Path) -> None:
    """Until all is taken in, done and told; then how it stands."""
    result = town.result
    await town.over()
    await life.up("telegram", "discord")
    known: Counter[str] = Counter()
    with suppress(TimeoutError):  # which is a finding below
        async with asyncio.timeout(PATIENCE):
            while not life.dead:
                known = Counter(await life.asked("known"))
                pending = (await hand.counts())["pending"]
                if pending == 0 and all(known[words] for words in town.said):
                    break
                await asyncio.sleep(1.0)
    if not await life.settled():
        result.findings.append("the last life ended by itself")
    known = Counter(await life.asked("known"))
    for words, service in town.said.items():
        if known[words] != 1:
            result.findings.append(f"{words} of {service} counts {known[words]} times")
    bought = Counter(await asyncio.to_thread(_bought, folder))
    for words, state, waiting, decided in await life.asked("stand"):
        if state not in _ENDED and not (state == "waiting" and waiting):
            result.findings.append(f"{words} is {state}, and nobody knows why")
        yes = decided.split(",").count("approved")
        if bought[words] and yes != 1:
            result.findings.append(f"{words} was bought with {yes} yeses")
        # A call of unknown outcome is repeated by itself once at most.
        if bought[words] > 2:
            result.findings.append(f"{words} was bought {bought[words]} times")


def _bought(folder: Path) -> list[str]:
    return (folder / "bought").read_text("utf-8").splitlines()


def _judge_answers(town: _Town) -> None:
    found: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for service, people in town.people.items():
        for where, text in people.posts():
            for words in _ANSWER.findall(text):
                found[words][service].append((where, text))
                town.result.answers[service] += 1
    findings = town.result.findings
    for words, service in town.said.items():
        if words.startswith((DEAR, "c")):
            if len(unlabelled([text for _, text in found[words][service]])) > 1:
                findings.append(f"{words} was answered again as if it were new")
            continue
        there = [text for _, text in found[words][service]]
        if not there:
            findings.append(f"{words} has no answer on {service}")
        elif len(unlabelled(there)) > 1 or (service == "discord" and len(there) > 1):
            findings.append(f"{words} was answered {len(there)} times on {service}")
        if set(found[words]) - {service}:
            findings.append(f"{words} was answered elsewhere than on {service}")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 when nothing was found."""
    given = argparse.ArgumentParser(prog="python -m tests.e2e.both_chats", description=__doc__)
    given.add_argument("--kills", type=int, default=20)
    given.add_argument("--seed", type=int, default=1)
    words = given.parse_args(argv)
    with womb(CHATS) as lives, tempfile.TemporaryDirectory() as folder:
        result = asyncio.run(play(Path(folder), lives, kills=words.kills, seed=words.seed))
    sys.stdout.write(f"{result}\n")
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
