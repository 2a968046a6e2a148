"""What fails again and again is one message when it begins and one when it is over, wherever it
is told; and whoever has it says so there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from swarm_core.tasks.events import TaskEnded
from tests.conformance.hands import Hands, Surface, patiently
from tests.conformance.surfaces import on
from tests.incidents.nightly import REFUSED, Check, telling


async def checks(ana: Hands) -> None:
    """Ask for the check, and wait until it has ended."""
    ended = asyncio.Event()
    stop = ana.swarm.store.listen((TaskEnded,), lambda _: ended.set())
    await ana.say("check")
    await patiently(ended)
    stop()


@on("buttons")
async def test_a_check_that_fails_twice_is_one_incident_and_its_recovery_one_message(
    surface: Surface, tmp_path: Path
) -> None:
    check = Check()
    check.broken = REFUSED
    async with surface(tmp_path) as at, at.opened(check.worker) as ana:
        telling(ana.swarm)
        await checks(ana)
        await checks(ana)
        told = await ana.sees("Incident 1: nightly keeps failing", "line 30")
        await checks(ana)
        await ana.press(told, "I have it")
        await ana.sees("You have incident 1")
        await ana.press(told, "Details")
        await ana.sees("Taken by you")
        check.broken = None
        await checks(ana)
        end = await ana.sees("nightly works again", "3 failures")
        notices = await ana.swarm.store.read(
            lambda rows: rows.execute(
                "select kind, count(*) from notices where kind in ('incident', 'recovered')"
                " group by kind order by kind"
            ).fetchall()
        )
    assert {"I have it", "Details"} <= set(told.buttons)
    assert "Exit code" in told.text
    assert "7" in told.text
    assert "@everyone" not in told.marked  # as it stands it would call everybody
    assert end.where == told.where
    assert notices == [("incident", 1), ("recovered", 1)]


@on()
async def test_incidents_are_listed_and_taken_by_command(surface: Surface, tmp_path: Path) -> None:
    check = Check()
    check.broken = REFUSED
    async with surface(tmp_path) as at, at.opened(check.worker) as ana:
        telling(ana.swarm)
        await checks(ana)
        await checks(ana)
        await ana.command("/incidents")
        await ana.sees("says that you have it")
        await ana.command("/incident ack 1")
        await ana.sees("You have incident 1")
        await ana.command("/incident show 1")
        await ana.sees("Incident 1: nightly keeps failing", "somebody has it")
        await ana.sees("Taken by you")
