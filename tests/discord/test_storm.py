"""A storm of rate limits: few refusals, none too early, what people wait for first."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.steps.model import Conclusion, Run
from tests.discord.bench import Bench
from tests.discord.disconnects import answers, most_within
from tests.discord.test_asking import echo
from tests.discord.virtual import hours, in_hours
from tests.worlds import Custom


def attempts(at: Bench) -> Counter[str]:
    return Counter(r["operation"] for r in at.fake.service.requests)


async def slowly(assignment: Assignment, run: Run) -> Conclusion:
    await asyncio.sleep(100)
    return await echo(assignment, run)


@pytest.mark.slow
@hours
async def test_twenty_minutes_of_refusals_stay_within_the_allowance(tmp_path: Path) -> None:
    async with in_hours(tmp_path, Custom(slowly)) as (at, swarm):
        await at.hand.fault("limit", probability=0.9, retry_after=2.0)
        for n in range(60):
            asked = f"<@{at.bot}> number {n}"
            await at.hand.say(at.channel, at.ben, asked)
            await asyncio.sleep(20)
        stormy = await at.hand.counts()
        seen = attempts(at)
        worst = most_within(at)
        await at.hand.mend()
        await asyncio.sleep(3600)
        found = answers(at)
        tasks = await swarm.views.listing(most=1000)
    assert stormy["inside_retry_after"] == 0
    assert 60 < worst <= 100
    assert seen["update_message"] < seen["create_message"]
    assert len(tasks) == 60
    assert sorted(found) == sorted(f"number {n}" for n in range(60))
    told = [notice.text for notice in at.told]
    assert 1 <= sum("refused" in text for text in told) <= 4


@hours
async def test_answers_and_decisions_overtake_cards(tmp_path: Path) -> None:
    async with in_hours(tmp_path, Custom(slowly)) as (at, _):
        for n in range(12):
            await at.hand.say(at.channel, at.ben, f"<@{at.bot}> number {n}")
        await asyncio.sleep(30)
        at.fake.service.requests.clear()
        await at.hand.fault("limit", retry_after=120.0, everywhere=True, count=1)
        await at.hand.say(at.channel, at.ben, f"<@{at.bot}> /tasks")
        await asyncio.sleep(30)
        asked = await at.hand.command(at.channel, at.ana, "stop", what="all")
        await at.hand.answered(asked)
        stopped: Any = at.fake.service.requests[-1]
        held = await at.hand.counts()
        await asyncio.sleep(300)
        after = [r["operation"] for r in at.fake.service.requests]
    assert stopped["operation"] == "create_interaction_response"
    assert held["inside_retry_after"] == 0
    # What waited goes out in its order when the time is over.
    first = after.index("create_message")
    assert first < next(n for n, each in enumerate(after) if each == "update_message")
    assert len(list(itertools.takewhile(lambda each: each != "update_message", after))) >= 2
