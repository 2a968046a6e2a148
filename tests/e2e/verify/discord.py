"""Bad weather on Discord: the connection ends again and again, the program is started again and
again, and for an hour most requests are refused. All of it in virtual time, with the real SDK over
real sockets, each round drawn from a seed of its own.

Every question has one answer, sign-ons stay few, and refusals too.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

from bot.discord.allowance import MOST
from bot.discord.signons import DAY, MOST_A_DAY, Pace
from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import bench
from tests.discord.disconnects import CUTS, WEIGHTS, answers, most_within, weather
from tests.discord.virtual import by_the_loop, fakes_time, in_a_thread
from tests.e2e.verify.trial import Given, Seen
from tests.worlds import Custom

A_ROUND, FEW = 25, 10
"""Disconnects after which the swarm is closed and opened again."""


async def run(given: Given) -> Seen:
    """See `Trial`."""
    seen = Seen()
    rounds, starts, minutes = (40, 2000, 60) if given.long else (1, 40, 10)
    trials = (
        lambda: _disconnects(given, rounds, seen),
        lambda: _restarts(given, starts, seen),
        lambda: _storm(given, minutes, seen),
    )
    seen.sentence = "; ".join([await in_a_thread(trial) for trial in trials])
    return seen


async def echo(assignment: Assignment, run: Run) -> Conclusion:
    return Conclusion(state="done", text=f"You said: {assignment.text}")


async def _disconnects(given: Given, rounds: int, seen: Seen) -> str:
    asked, cuts = list[str](), Counter[str]()
    async with bench(_folder(given, "cuts"), fakes_time(), heartbeat_interval=10**9) as at:
        where = [at.channel, *[await at.hand.channel(at.guild, f"more-{n}") for n in range(3)]]
        for number in range(rounds):
            seed = given.seed + number
            chance = random.Random(seed)
            ends = chance.choices(CUTS, WEIGHTS, k=A_ROUND if given.long else FEW)
            async with at.on_discord(Custom(echo), **by_the_loop()) as swarm:
                try:
                    asked += await weather(at, chance, ends, where, len(asked))
                except AssertionError as error:
                    seen.findings.append(f"seed {seed}: {error}")
                    return f"{sum(cuts.values())} disconnects"
                tasks = [task.text or "" for task in await swarm.views.listing(most=100_000)]
            cuts.update(ends)
            for what, found in (("tasks", tasks), ("answers", answers(at))):
                seen.findings += [
                    f"seed {seed}: {len(asked)} questions, {n} {what} of {text!r}"
                    for text, n in Counter(found).items()
                    if n != 1
                ]
                if missing := set(asked) - set(found):
                    seen.findings.append(f"seed {seed}: no {what} of {sorted(missing)}")
        counts = await at.hand.counts()
        if counts["created"] != 2 * len(asked):
            seen.findings.append(f"{counts['created']} posts for {len(asked)} questions")
    refused = cuts["invalid"] + cuts["forgotten"]
    return (
        f"{sum(cuts.values())} disconnects ({refused} of them with the session refused,"
        f" {cuts['mute']} silent) and {rounds} starts, {len(asked)} questions, each answered once;"
        f" {counts['resumes']} resumed, {counts['identifies']} signed on anew"
    )


async def _restarts(given: Given, starts: int, seen: Seen) -> str:
    """So many starts that they fill a day; how many of them sign on?"""
    folder, between = _folder(given, "starts"), DAY / 2000
    async with bench(folder, fakes_time(), heartbeat_interval=10**9) as at:
        at.pace = Pace()
        for _ in range(starts):
            async with at.on_discord(Custom(echo), wait=False, **by_the_loop()):
                await asyncio.sleep(between)
        counts = await at.hand.counts()
        lines = len(at.told)
    if counts["identifies"] > MOST_A_DAY:
        seen.findings.append(f"{counts['identifies']} sign-ons in {starts} starts")
    if counts["identifies_too_soon"]:
        seen.findings.append(f"{counts['identifies_too_soon']} sign-ons within five seconds")
    if lines > 2 * starts:
        seen.findings.append(f"{lines} lines were said in {starts} starts")
    return (
        f"{starts} starts in {starts * between / 3600:.1f} h signed on {counts['identifies']} times"
    )


async def _storm(given: Given, minutes: int, seen: Seen) -> str:
    async def slowly(assignment: Assignment, run: Run) -> Conclusion:
        await asyncio.sleep(100)
        return await echo(assignment, run)

    folder, asked = _folder(given, "storm"), minutes * 3
    async with (
        bench(folder, fakes_time(), heartbeat_interval=10**9) as at,
        at.on_discord(Custom(slowly), **by_the_loop()),
    ):
        await at.hand.do("mend", seed=given.seed)
        await at.hand.fault("limit", probability=0.9, retry_after=2.0)
        for n in range(asked):
            await at.hand.say(at.channel, at.ben, f"<@{at.bot}> number {n}")
            await asyncio.sleep(20)
        counts, worst = await at.hand.counts(), most_within(at)
        await at.hand.mend()
        await asyncio.sleep(2 * 3600)
        found = Counter(answers(at))
    if worst > MOST:
        seen.findings.append(f"{worst} refused requests within ten minutes")
    if counts["inside_retry_after"]:
        seen.findings.append(f"{counts['inside_retry_after']} requests before they were due")
    expected = {f"number {n}": 1 for n in range(asked)}
    if found != expected:
        wrong = {text for text in expected | found if expected.get(text) != found.get(text)}
        seen.findings.append(f"not answered once after the storm: {sorted(wrong)}")
    return (
        f"{minutes} min of 90 % refusals: at most {worst} refused within ten minutes of"
        f" {counts['requests']} requests, none too early, {asked} questions answered once"
    )


def _folder(given: Given, name: str) -> Path:
    folder = given.folder / name
    folder.mkdir()
    return folder
