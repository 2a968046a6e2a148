"""Bad weather on Telegram: answers are lost while the process is killed, updates are cut off,
refused and fetched by others, and for an hour most requests are refused; and people on Telegram
and Discord at once, of one swarm that is killed.

All but the storm with real processes; that in virtual time, over real sockets. Each round is drawn
from a seed of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.discord.virtual import in_a_thread
from tests.e2e import both_chats, telegram_inbound, telegram_posts
from tests.e2e.chat_lives import CHATS
from tests.e2e.verify import rounds
from tests.e2e.verify.rounds import Kept, Part, Round
from tests.e2e.verify.trial import Given, Seen
from tests.telegram import overtaking, storm
from tests.womb import Womb, womb

A_KILL = 50
"""Notices for each of which the process that tells them is killed once."""


async def run(given: Given) -> Seen:
    """See `Trial`."""
    seen, kept, told = Seen(), Kept(given.rounds), list[str]()
    with womb(CHATS) as lives:
        for part, sentence in parts(lives, long=given.long):
            whole = await rounds.played(part, given.folder, given.seed, long=given.long, kept=kept)
            seen.findings += whole.findings
            told.append(sentence(whole.figures))
    seen.sentence = "; ".join(told)
    return seen


async def _posts(lives: Womb, folder: Path, seed: int, notices: int) -> Round:
    kills = max(1, notices // A_KILL)
    made = await telegram_posts.play(folder, lives, notices=notices, kills=kills, seed=seed)
    figures = {"notices": notices, "kills": made.kills, "points": made.points}
    figures |= {"posted": made.posted, "labelled": made.labelled}
    figures |= {"decisions": made.decisions, "uncertain": made.uncertain}
    return Round(Counter(figures), made.findings)


def _of_posts(told: Counter[str]) -> str:
    return (
        f"{told['notices']} notices through {told['kills']} kills ({told['points']} of them at"
        f" named points), {telegram_posts.LOST:.0%} of the answers lost after the effect:"
        f" {told['posted']} posts of answers, {told['labelled']} of them labelled as repeats,"
        f" {told['decisions']} of decisions, none twice, {told['uncertain']} told as uncertain"
    )


async def _inbound(lives: Womb, brought: bool, folder: Path, seed: int, ends: int) -> Round:
    made = await telegram_inbound.play(folder, lives, ends=ends, brought=brought, seed=seed)
    figures = Counter(made.cuts)
    figures.update(ends=ends, questions=made.questions, again=made.again)
    return Round(figures, made.findings)


def _of_inbound(told: Counter[str]) -> str:
    cuts = ", ".join(f"{told[how]} {how}" for how in telegram_inbound.CUTS)
    return (
        f"{told['ends']} ends while updates were fetched ({cuts}), {told['questions']} questions,"
        f" each one task, and {told['again']} updates given more than once"
    )


def _of_brought(told: Counter[str]) -> str:
    kills = told["kill"] + told["point"]
    return f"{kills} kills while updates were brought, {told['questions']} questions, each one task"


async def _storm(folder: Path, seed: int, minutes: int) -> Round:
    played = [storm.weather, overtaking.weather]
    whole = Round()
    for n, weather in enumerate(played):
        mine = folder / str(n)
        await asyncio.to_thread(mine.mkdir)
        figures, findings = await in_a_thread(partial(weather, mine, seed, minutes))
        whole.figures |= figures
        whole.findings += findings
    return whole


def _of_storm(told: Counter[str]) -> str:
    return (
        f"{told['minutes']} min of 90 % refusals: at most {told[f'{rounds.MOST}refused']} refused"
        f" within ten minutes of {told['requests']} requests, none too early, {told['commands']}"
        f" commands answered before cards changed, {told['questions']} questions answered once;"
        f" nothing sent after the first 401; while only messages are refused: {_waits(told)}"
    )


def _waits(told: Counter[str]) -> str:
    """What went before what, in seconds of the fake's clock."""
    parts = []
    for name in overtaking.FIRST:
        edits = told[f"{rounds.MOST}edits before {name}"]
        parts.append(f"{_seconds(told, name)}, at most {edits} cards changed before one")
    return f"{'; '.join(parts)}; and {_seconds(told, overtaking.CARDS)}"


def _seconds(told: Counter[str], name: str) -> str:
    middle, most = (
        told[f"{rounds.MOST}median seconds of {name}"],
        told[f"{rounds.MOST}seconds of {name}"],
    )
    return f"{told[name]} {name} in a median of {middle} s, {most} s at most"


async def _both(lives: Womb, folder: Path, seed: int, kills: int) -> Round:
    made = await both_chats.play(folder, lives, kills=kills, seed=seed)
    figures = Counter(kills=kills, points=made.kills["point"])
    figures.update(made.said)
    figures.update({f"answers on {service}": n for service, n in made.answers.items()})
    return Round(figures, made.findings)


def _of_both(told: Counter[str]) -> str:
    return (
        f"on Telegram and Discord at once {told['kills']} kills ({told['points']} of them at"
        f" named points), {told['questions']} questions, {told['corrections']} corrections and"
        f" {told['approvals']} yeses, each counted once; {told['answers on discord']} answers on"
        f" Discord, none doubled, {told['answers on telegram']} on Telegram"
    )


def parts(lives: Womb, *, long: bool) -> tuple[tuple[Part, Callable[[Counter[str]], str]], ...]:
    """What is tried, and how what was seen is told."""
    fetched, brought = partial(_inbound, lives, False), partial(_inbound, lives, True)
    return (
        (Part("telegram-posts", partial(_posts, lives), (1, 40), (10, 1000)), _of_posts),
        (Part("telegram-fetched", fetched, (1, 20), (40, 25)), _of_inbound),
        (Part("telegram-brought", brought, (1, 5), (10, 20)), _of_brought),
        (Part("telegram-storm", _storm, (1, 10), (1, 60)), _of_storm),
        *(((Part("telegram-both", partial(_both, lives), (0, 0), (20, 10)), _of_both),) * long),
    )
