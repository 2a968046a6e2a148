"""How often it signs on: rarely, whatever happens."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.discord.signons import MOST_A_DAY, Pace, SignOns, TooManySignOns
from swarm_core.testing import FakeClock
from tests.discord.bench import bench
from tests.worlds import awake, virtual

DAY = 86_400


@virtual
async def test_two_thousand_starts_in_a_day_sign_on_few_times(tmp_path: Path) -> None:
    clock = FakeClock()
    made: list[float] = []
    async with awake(tmp_path, clock=clock, inline=True) as swarm:
        for start in range(2000):
            clock.move(timedelta(seconds=DAY / 2000))
            # Each start is another process: only what is on disk is known.
            ons = SignOns(swarm, Pace())
            if await ons.wait() == 0:
                await ons.take()
                made.append(start * DAY / 2000)
    # In any stretch of a day, and not all of them at its beginning.
    most = max(sum(at <= other < at + DAY for other in made) for at in made)
    assert 200 < most <= MOST_A_DAY
    assert sum(at < 3600 for at in made) <= 40
    assert sum(at > DAY - 3600 * 3 for at in made if at < DAY) >= 10


@virtual
async def test_what_was_started_too_often_waits_and_then_signs_on(tmp_path: Path) -> None:
    clock = FakeClock()
    async with awake(tmp_path, clock=clock, inline=True) as swarm:
        ons = SignOns(swarm, Pace())
        assert await ons.wait() == 0
        await ons.take()
        assert await ons.wait() == 5
        refused = None
        try:
            await ons.take()
        except TooManySignOns as error:
            refused = error.wait
        assert refused == 5
        clock.move(timedelta(seconds=5))
        await ons.take()


async def test_discords_own_count_is_heeded(tmp_path: Path) -> None:
    async with bench(tmp_path, starts=0) as at, at.on_discord():
        (said,) = at.told
        counts = await at.hand.counts()
    assert "sign-ons" in said.text
    assert counts["identifies"] == 0
