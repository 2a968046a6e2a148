"""Work that recurs: shown before it holds, made by a button, run, and told of when missed."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from swarm_core.kernel.clock import SystemClock
from swarm_core.testing import OWNER
from tests.conformance.hands import Surface
from tests.conformance.surfaces import on
from tests.conformance.workers import echo
from tests.worlds import Custom


class Later(SystemClock):
    """A clock that a test puts forward."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


@on()
async def test_it_is_shown_made_by_a_button_listed_and_run(
    surface: Surface, tmp_path: Path
) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(echo)) as ana:
        await ana.command("/priority add count the bees every 2 hours --name bees")
        shown = await ana.sees("count the bees", "Every 2 hours", "Next:", "fails twice")
        assert await ana.swarm.priorities.listing(OWNER) == []
        await ana.press(shown, "Create")
        await ana.sees("bees is made")
        await ana.command("/priority list")
        await ana.sees("every 2 hours", "never yet", "active")
        await ana.command("/priority run bees")
        await ana.sees("#1 accepted")
        await ana.sees("count the bees", apart_from=(shown,))
        (made,) = await ana.swarm.priorities.listing(OWNER)
    assert made.priority.text == "count the bees"


@on("others", "buttons")
async def test_what_somebody_offers_themselves_is_made_for_nobody_without_the_right(
    surface: Surface, tmp_path: Path
) -> None:
    async with surface(tmp_path) as at, at.opened(Custom(echo)) as ana:
        await ana.command("/priority add count the bees every 2 hours --name bees")
        shown = await ana.sees("count the bees", "Every 2 hours")
        await ana.ben.press(shown, "Create")
        await ana.ben.sees("may not do that")
        assert await ana.swarm.priorities.listing(OWNER) == []
        await ana.press(shown, "Create")
        await ana.sees("bees is made")


@on()
async def test_what_was_missed_is_told_once_with_what_can_be_done(
    surface: Surface, tmp_path: Path
) -> None:
    clock = Later()
    async with surface(tmp_path) as at:
        async with at.opened(Custom(echo), clock=clock) as ana:
            await ana.command("/priority add count the bees every 2 hours --name bees")
            await ana.press(await ana.sees("count the bees", "Every 2 hours"), "Create")
            await ana.sees("bees is made")
        clock.ahead = timedelta(hours=9)
        async with at.opened(Custom(echo), clock=clock) as ana:
            card = await ana.sees("bees", "missed while nobody was here")
            await ana.press(card, "Skip all")
            await ana.sees("of bees", "let be")
            (standing,) = await ana.swarm.priorities.listing(OWNER)
    assert standing.missed == 0
