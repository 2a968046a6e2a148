"""A rehearsed week: every planned instant accounted for, money under its caps, nobody woken."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from swarm_core.kernel.clock import from_micros
from swarm_core.kernel.hours import Span
from swarm_core.people import TERMINAL
from swarm_core.rehearsal import Plan, rehearse
from swarm_core.rehearsed import WeekReport
from swarm_core.schedule.model import Cron, StandingPriority
from swarm_core.settings import Settings
from swarm_core.testing import OWNER, LoopClock, settings
from tests.worlds import in_virtual_time, virtual

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def given(folder: Path) -> Settings:
    return settings(folder, providers={"anthropic": {"kind": "anthropic"}})


def lived(folder: Path, seed: int, *, calm: bool = False) -> WeekReport:
    plan = Plan(folder=folder / "week", start=MONDAY, seed=seed, example=True, calm=calm)
    return rehearse(given(folder), plan)


def accounted(report: WeekReport) -> None:
    for each in report.priorities:
        there = each.ran + each.missed + sum(each.skipped.values())
        assert there == each.planned or (each.paused and there < (each.planned or 0)), each
    for day in report.days:
        assert day.unattended_cap is not None
        assert day.unattended <= day.unattended_cap
        assert day.spent <= 5_000_000
    once = [(told.to, told.kind, told.task, told.at) for told in report.told]
    assert len(once) == len(set(once))


@pytest.mark.slow
def test_in_a_week_in_which_nothing_goes_wrong_all_of_it_runs_and_nobody_is_woken(
    tmp_path: Path,
) -> None:
    report = lived(tmp_path, 1, calm=True)
    accounted(report)
    assert report.troubles == ()
    assert [each.name for each in report.priorities if each.ran != each.planned] == []
    assert {told.kind for told in report.told} == {"ended", "remind", "digest"}
    digests = [from_micros(told.at).date() for told in report.told if told.kind == "digest"]
    assert len(digests) == len(set(digests)) == 7
    night = Span.of("22:00-08:00")
    assert [told for told in report.told if night.over(from_micros(told.at), UTC)] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 4))
def test_in_a_week_in_which_much_goes_wrong_every_instant_is_accounted_for(
    tmp_path: Path, seed: int
) -> None:
    report = lived(tmp_path, seed)
    accounted(report)
    assert {each.kind for each in report.troubles} == {"site", "model", "money", "asleep"}
    assert sum(each.failed for each in report.priorities)


@virtual
async def a_swarm_with_one(folder: Path) -> None:
    async with in_virtual_time(folder, clock=LoopClock(MONDAY), automation={"mode": "auto"}) as it:
        wanted = StandingPriority(
            name="mine",
            text="stand up",
            trigger=Cron("0 9 * * *"),
            zone="UTC",
            by="",
            place=TERMINAL,
            action="remind",
        )
        await it.priorities.add(OWNER, wanted)


@pytest.mark.slow
def test_ones_own_priorities_run_on_a_copy_and_what_is_there_stays_as_it_is(
    tmp_path: Path,
) -> None:
    a_swarm_with_one(tmp_path)
    state = tmp_path / "state"
    before = (state / "waggle.db").read_bytes()
    plan = Plan(folder=tmp_path / "week", start=MONDAY, copy=state, calm=True)
    report = rehearse(given(tmp_path), plan)
    (mine,) = report.priorities
    assert (mine.name, mine.planned, mine.ran) == ("mine", 7, 7)
    assert [told.kind for told in report.told].count("remind") == 7
    assert (state / "waggle.db").read_bytes() == before
