"""Bad weather on Discord: the connection ends again and again, the program is started again and
again, for an hour most requests are refused, and answers are lost while the process is killed.

All but the last in virtual time, with the real SDK over real sockets; the last with real processes.
Each round is drawn from a seed of its own. Every question has one answer, every notice is one post,
sign-ons stay few, and refusals too.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.chat.allowance import MOST
from bot.discord.signons import DAY, MOST_A_DAY, Pace
from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import bench
from tests.discord.disconnects import CUTS, WEIGHTS, answers, most_within, weather
from tests.discord.virtual import by_the_loop, fakes_time, in_a_thread
from tests.e2e.discord_posts import DROPPED, play
from tests.e2e.verify import rounds
from tests.e2e.verify.rounds import Kept, Part, Round
from tests.e2e.verify.trial import Given, Seen
from tests.worlds import Custom

A_KILL = 200
"""Notices for each of which the process that posts them is killed once."""


async def run(given: Given) -> Seen:
    """See `Trial`."""
    seen, kept, told = Seen(), Kept(given.rounds), list[str]()
    for part, sentence in PARTS:
        whole = await rounds.played(part, given.folder, given.seed, long=given.long, kept=kept)
        seen.findings += whole.findings
        told.append(sentence(whole.figures))
    seen.sentence = "; ".join(told)
    return seen


async def echo(assignment: Assignment, run: Run) -> Conclusion:
    return Conclusion(state="done", text=f"You said: {assignment.text}")


async def _disconnects(folder: Path, seed: int, ends: int) -> Round:
    """So many ends of the connection, and the swarm closed and opened again in the middle."""
    seen, chance, asked = Round(), random.Random(seed), list[str]()
    async with bench(folder, fakes_time(), heartbeat_interval=10**9) as at:
        where = [at.channel, *[await at.hand.channel(at.guild, f"more-{n}") for n in range(3)]]
        cuts = chance.choices(CUTS, WEIGHTS, k=ends)
        for life in (cuts[: ends // 2], cuts[ends // 2 :]):
            async with at.on_discord(Custom(echo), **by_the_loop()) as swarm:
                try:
                    asked += await weather(at, chance, life, where, len(asked))
                except AssertionError as error:
                    seen.findings.append(str(error))
                    return seen
                tasks = [task.text or "" for task in await swarm.views.listing(most=100_000)]
        counts = await at.hand.counts()
        for what, found in (("tasks", tasks), ("answers", answers(at))):
            times = Counter(found)
            wrong = {text: times[text] for text in {*asked, *found} if times[text] != 1}
            if wrong or len(found) != len(asked):
                seen.findings.append(f"{len(asked)} questions, not one of {what} each: {wrong}")
        # What would be said at once while the service is away is told by the answer alone.
        least = len(asked) if "outage" in cuts else 2 * len(asked)
        if not least <= counts["created"] <= 2 * len(asked):
            seen.findings.append(f"{counts['created']} posts for {len(asked)} questions")
    seen.figures.update(
        ends=ends,
        outages=cuts.count("outage"),
        refused=cuts.count("invalid") + cuts.count("forgotten"),
        silent=cuts.count("mute"),
        starts=2,
        questions=len(asked),
        resumed=counts["resumes"],
        anew=counts["identifies"],
    )
    return seen


def _of_disconnects(told: Counter[str]) -> str:
    return (
        f"{told['ends']} disconnects ({told['refused']} of them with the session refused,"
        f" {told['outages']} with minutes away, {told['silent']} silent) and {told['starts']}"
        f" starts, {told['questions']} questions, each answered once; {told['resumed']} resumed,"
        f" {told['anew']} signed on anew"
    )


async def _restarts(folder: Path, seed: int, starts: int) -> Round:
    """So many starts that they fill a day; how many of them sign on?"""
    seen, between = Round(), DAY / 2000
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
    seen.figures.update(starts=starts, minutes=round(starts * between / 60))
    seen.figures.update(signed_on=counts["identifies"])
    return seen


def _of_restarts(told: Counter[str]) -> str:
    hours = told["minutes"] / 60
    return f"{told['starts']} starts in {hours:.1f} h signed on {told['signed_on']} times"


async def _storm(folder: Path, seed: int, minutes: int) -> Round:
    async def slowly(assignment: Assignment, run: Run) -> Conclusion:
        await asyncio.sleep(100)
        return await echo(assignment, run)

    seen, asked = Round(), minutes * 3
    async with (
        bench(folder, fakes_time(), heartbeat_interval=10**9) as at,
        at.on_discord(Custom(slowly), **by_the_loop()),
    ):
        await at.hand.do("mend", seed=seed)
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
    seen.figures.update(minutes=minutes, requests=counts["requests"], questions=asked)
    seen.figures.update({f"{rounds.MOST}refused": worst})
    return seen


def _of_storm(told: Counter[str]) -> str:
    return (
        f"{told['minutes']} min of 90 % refusals: at most {told[f'{rounds.MOST}refused']} refused"
        f" within ten minutes of {told['requests']} requests, none too early,"
        f" {told['questions']} questions answered once"
    )


async def _posts(folder: Path, seed: int, notices: int) -> Round:
    kills = max(1, notices // A_KILL)
    result = await play(folder, notices=notices, kills=kills, seed=seed)
    figures = {"notices": notices, "kills": result.kills, "posted": result.posted}
    figures |= {"known": result.repeated, "uncertain": result.uncertain}
    return Round(Counter(figures), result.findings)


def _of_posts(told: Counter[str]) -> str:
    return (
        f"{told['notices']} notices through {told['kills']} kills, {DROPPED:.0%} of the answers"
        f" dropped after the effect: {told['posted']} posts, {told['known']} more that Discord"
        f" knew by their nonce, {told['uncertain']} told as uncertain"
    )


def _virtual(play: Callable[[Path, int, int], Awaitable[Round]]) -> Callable[..., Awaitable[Round]]:
    """A round by a clock that jumps, in a folder of its own."""

    async def played(folder: Path, seed: int, size: int) -> Round:
        async def main() -> Round:
            return await play(folder, seed, size)

        return await in_a_thread(main)

    return played


PARTS: tuple[tuple[Part, Callable[[Counter[str]], str]], ...] = (
    (Part("disconnects", _virtual(_disconnects), (1, 10), (40, 25)), _of_disconnects),
    (Part("starts", _virtual(_restarts), (1, 40), (1, 2000)), _of_restarts),
    (Part("storm", _virtual(_storm), (1, 10), (1, 60)), _of_storm),
    (Part("posts", _posts, (1, 30), (10, 1000)), _of_posts),
)
"""What is tried, and how what was seen is told."""
