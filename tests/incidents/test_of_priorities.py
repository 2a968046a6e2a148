"""Standing priorities that keep failing: an incident, and one end of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.commands.desk import Desk
from bot.messages import Messages
from swarm_core.kernel.clock import to_micros
from swarm_core.people import TERMINAL
from swarm_core.testing import OWNER
from tests.incidents.nightly import REFUSED, TIMEOUT, Check
from tests.notices.nights import said
from tests.schedule.days import Days, at, daily, days
from tests.worlds import virtual

KINDS = ("incident", "incident_reminder", "escalated", "recovered", "ended")


@asynccontextmanager
async def nights(folder: Path, **fields: Any) -> AsyncIterator[tuple[Days, Check, Desk]]:
    """A check each night at two, and the owner at the terminal."""
    check = Check()
    settings = {"notices": {"quiet_hours": None, "digest": None, "remind_after": None}}
    async with days(folder, worker=check.worker, **settings) as those:
        await those.add("check", name="nightly", trigger=daily(2), **fields)
        desk = Desk(
            swarm=those.swarm, actor=OWNER, place=TERMINAL, messages=Messages.load(strict=True)
        )
        yield those, check, desk


def told(those: Days) -> list[str]:
    return [each.kind for each in those.courier.delivered if each.kind in KINDS]


@virtual
async def test_a_nightly_check_that_fails_twice_is_told_once_and_so_is_its_end(
    tmp_path: Path,
) -> None:
    async with nights(tmp_path) as (those, check, desk):
        check.broken = REFUSED
        await those.until(at(2, 1, day=2))
        assert told(those) == []
        await those.until(at(2, 1, day=3))
        (incident,) = those.told("incident")
        _, second = await those.instants("nightly")
        shown = await said(desk, "/incident show 1")
        await those.until(at(2, 1, day=5))
        assert told(those) == ["incident"]
        check.broken = None
        await those.until(at(2, 1, day=7))
        assert told(those) == ["incident", "recovered"]
        listed = await said(desk, "/incidents")
        assert to_micros(those.swarm.store.clock.now()) > second.at
    # Told in the moment in which the second one ended.
    assert 0 <= incident.created - second.at < 60_000_000
    for part in ("nightly keeps failing", "Exit code", "7", "line 30", "db.example"):
        assert part in shown, part
    assert "Nothing is wrong now" in listed


@virtual
async def test_two_causes_in_turn_are_an_incident_at_the_third(tmp_path: Path) -> None:
    async with nights(tmp_path) as (those, check, _):
        for night, broken in enumerate((REFUSED, TIMEOUT, REFUSED), start=2):
            assert told(those) == []
            check.broken = broken
            await those.until(at(2, 1, day=night))
        assert told(those) == ["incident"]


@virtual
async def test_what_is_taken_away_is_no_incident_any_more(tmp_path: Path) -> None:
    async with nights(tmp_path) as (those, check, desk):
        check.broken = REFUSED
        await those.until(at(2, 1, day=3))
        await those.swarm.priorities.remove(OWNER, "nightly")
        assert "Nothing is wrong now" in await said(desk, "/incidents")


@virtual
async def test_what_is_left_to_the_digest_is_told_there_alone(tmp_path: Path) -> None:
    async with nights(tmp_path, report="digest") as (those, check, desk):
        check.broken = REFUSED
        await those.until(at(2, 1, day=4))
        assert told(those) == []
        digest = await said(desk, "/digest")
    assert "nightly" in digest
    assert "3 failed" in digest


@virtual
async def test_a_digest_names_the_incident_and_what_was_missed(tmp_path: Path) -> None:
    async with nights(tmp_path) as (those, check, desk):
        check.broken = REFUSED
        await those.until(at(2, 1, day=3))
        digest = await said(desk, "/digest")
    assert "1: nightly" in digest
