"""What a digest counts is what `/history` and `/budget` count for the same time; what is unusual is
so by rule."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from swarm_core.kernel.actor import direct
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.notices.digest import Digest, Unusual, dear_days, odd_runs
from swarm_core.people import TERMINAL
from swarm_core.tasks.ended import Once
from swarm_core.tasks.model import TaskState
from swarm_core.testing import MemoryCourier, ScriptedModel
from tests.notices.nights import CHAT, Night, said
from tests.worlds import in_virtual_time, virtual

CENT = MicroUSD(10_000)
SECOND = 1_000_000


@virtual
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
async def test_the_sums_of_digests_are_those_of_history_and_budget(
    tmp_path: Path, seed: int
) -> None:
    drawn = Random(seed)
    courier = MemoryCourier()
    model = ScriptedModel(words=("model",), price=CENT, hold=CENT)
    async with in_virtual_time(tmp_path, model) as swarm:
        for surface in (CHAT, TERMINAL.surface):
            await swarm.outbox.attach(surface, courier)
        here = Night(swarm, courier)
        ana, ben = await here.operator("7"), await here.operator("8")
        for desk in (ana, ben, here.owner):
            await said(desk, "/me zone UTC")
        await swarm.digests.start()
        for _ in range(drawn.randrange(12, 20)):
            desk = drawn.choice((ana, ben))
            await here.asks(desk, drawn.choice(("model one", "nobody does that")))
            await asyncio.sleep(drawn.randrange(1, 8 * 3_600))
        await asyncio.sleep(86_400)
        everything = await swarm.views.listing(most=100)
        for account, desk in (("7", ana), ("8", ben)):
            sent = [d for d in here.delivered("digest") if d.place == direct(CHAT, account)]
            made = [await _made(here, d.about["person"], d.about["day"]) for d in sent]
            for each in made:
                mine = [
                    task
                    for task in everything
                    if task.person == desk.actor.key
                    and task.ended is not None
                    and each.since <= task.ended < each.upto
                ]
                failed = [task.id for task in mine if task.state is TaskState.FAILED]
                assert each.own.failed == each.failed == len(failed)
                assert set(each.failures) <= set(failed)
                assert each.own.done == len(mine) - len(failed)
                assert each.own.cost == sum(task.cost for task in mine)
            # Nothing is left out between two, and nothing is in both.
            assert all(a.upto <= b.since for a, b in itertools.pairwise(made))
            told = sum(each.own.done + each.own.failed for each in made)
            assert told == sum(task.person == desk.actor.key for task in everything)
        last = [d for d in here.delivered("digest") if d.place == TERMINAL][-1]
        whole = (await _made(here, 1, str(last.about["day"]))).whole
        burn = await swarm.money.burn(30)
        spent = {day.day: day.spent for day in burn.days}
        assert whole is not None
        assert all(spent.get(day.day, 0) == day.spent for day in whole.days)


async def _made(here: Night, person: int, day: str) -> Digest:
    found = await here.swarm.digests.kept(person, day)
    assert found is not None
    return found.digest


def runs(*costs: int, state: TaskState = TaskState.DONE) -> list[Once]:
    """The newest first, a day apart."""
    return [
        Once(
            task=TaskId(len(costs) - n),
            state=state,
            cost=MicroUSD(cost),
            ended=Micros(timedelta(days=len(costs) - n) // timedelta(microseconds=1)),
            took=cost * 1_000,
        )
        for n, cost in enumerate(costs)
    ]


def test_a_day_is_dear_above_twice_the_median_of_those_before_that_cost_anything() -> None:
    before = {f"2026-01-{n:02}": 20_000 for n in range(1, 6)}
    assert dear_days(["2026-01-10"], {**before, "2026-01-10": 40_000}) == []
    odd = Unusual(sort="day", of="2026-01-10", value=40_001, usual=20_000)
    assert dear_days(["2026-01-10"], {**before, "2026-01-10": 40_001}) == [odd]
    few = dict(list(before.items())[1:])
    assert dear_days(["2026-01-10"], {**few, "2026-01-10": 90_000}) == []


def test_a_run_is_odd_above_three_times_what_is_usual_and_by_enough() -> None:
    since = Micros(6 * 86_400 * SECOND)
    usual = [10_000] * 5
    assert odd_runs("nightly", runs(30_000, *usual), since) == []
    (dear,) = odd_runs("nightly", runs(30_001, *usual), since)
    assert (dear.sort, dear.value, dear.usual, dear.task) == ("cost", 30_001, 10_000, 6)
    assert odd_runs("nightly", runs(400, *[100] * 5), since) == []  # a fraction of a cent
    assert odd_runs("nightly", runs(30_001, *usual[1:]), since) == []  # nobody knows what is usual
    slow = odd_runs("nightly", runs(91_000, *[30_000] * 5), since)
    assert [each.sort for each in slow] == ["took", "cost"]


def test_the_first_failure_after_twenty_that_went_well_is_unusual() -> None:
    (failed,) = runs(1, state=TaskState.FAILED)
    for done, odd in ((20, 1), (19, 0)):
        assert len(odd_runs("nightly", [failed, *runs(*[1] * done)], Micros(0))) == odd
