"""Simulation: the same seed is the same journal, and no seed breaks a promise."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from swarm_core import simulation
from swarm_core.build import open_swarm
from swarm_core.dispatch.model import Assignment
from swarm_core.people import TERMINAL
from swarm_core.settings import Settings
from swarm_core.steps.model import Answer
from swarm_core.testing import OWNER, MemoryCourier, ScriptedModel, request, settings
from tests.e2e.processes import ROOT
from tests.e2e.simulated import simulate_anywhere
from tests.worlds import UNSHARED


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 21))
def test_a_seed_keeps_every_promise_and_gives_the_same_journal_twice(seed: int) -> None:
    first, second = simulate_anywhere(seed), simulate_anywhere(seed)
    assert first.findings == []
    assert first.facts > 50
    assert (first.head, first.facts) == (second.head, second.facts)


def test_different_seeds_give_different_journals() -> None:
    assert simulate_anywhere(1).head != simulate_anywhere(2).head


@pytest.mark.slow
def test_a_journal_does_not_depend_on_the_order_in_which_python_keeps_its_sets() -> None:
    code = "from tests.e2e.simulated import simulate_anywhere as s; print(s(1).head, s(5).head)"
    heads = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(heads) == 1


def test_virtual_time_passes_only_by_timers() -> None:
    async def main() -> tuple[float, str]:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(86_400)
        return loop.time(), await asyncio.to_thread(str, 7)

    assert simulation.run(main) == (86_400.0, "7")


def test_waiting_for_what_cannot_happen_is_an_error_and_not_a_hang() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(simulation.NothingLeft):
        simulation.run(main)


def poor(folder: Path, **budget: int) -> Settings:
    none = dict.fromkeys(("day", "month", "session", "task"))
    return settings(folder, budget={**none, **UNSHARED, **budget})


def test_a_task_that_met_the_cap_of_a_day_goes_on_when_the_day_is_over(tmp_path: Path) -> None:
    async def main() -> list[str]:
        world = simulation.world(1, ScriptedModel(calls=1))
        async with open_swarm(poor(tmp_path, day=120), world) as swarm:
            courier = MemoryCourier()
            await swarm.outbox.attach(TERMINAL.surface, courier)
            first = await swarm.intake.submit(OWNER, request("one"))
            await courier.ended(first.task)
            second = await swarm.intake.submit(OWNER, request("two"))
            await courier.until(lambda all_: any(d.kind == "parked" for d in all_))
            waiting = (await swarm.views.task(second.task)).task
            await courier.ended(second.task)
            return [
                f"{waiting.waiting} until {waiting.until}",
                f"{swarm.store.clock.now():%d %H:%M}",
            ]

    midnight = int(
        (datetime(2026, 1, 2, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC))
        / timedelta(microseconds=1)
    )
    assert simulation.run(main) == [f"over_budget until {midnight}", "02 00:00"]


def test_a_task_that_met_a_cap_goes_on_after_a_start_with_a_larger_one(tmp_path: Path) -> None:
    async def main() -> bool:
        world = simulation.world(1, ScriptedModel())
        async with open_swarm(poor(tmp_path, total=50), world) as swarm:
            courier = MemoryCourier()
            await swarm.outbox.attach(TERMINAL.surface, courier)
            task = (await swarm.intake.submit(OWNER, request("one"))).task
            await courier.until(lambda all_: any(d.kind == "parked" for d in all_))
        async with open_swarm(poor(tmp_path, total=1_000), world) as swarm:
            courier = MemoryCourier()
            await swarm.outbox.attach(TERMINAL.surface, courier)
            await courier.ended(task)
            return (await swarm.views.task(task)).task.state == "done"

    assert simulation.run(main)


def test_a_task_that_met_the_cap_of_a_session_goes_on_in_the_next(tmp_path: Path) -> None:
    async def main() -> bool:
        world = simulation.world(1, ScriptedModel())
        async with open_swarm(poor(tmp_path, session=120), world) as swarm:
            courier = MemoryCourier()
            await swarm.outbox.attach(TERMINAL.surface, courier)
            await swarm.intake.submit(OWNER, request("one"))
            second = await swarm.intake.submit(OWNER, request("two"))
            await courier.until(lambda all_: len(all_) == 2)
            await asyncio.sleep(1)
        async with open_swarm(poor(tmp_path, session=120), world) as swarm:
            courier = MemoryCourier()
            await swarm.outbox.attach(TERMINAL.surface, courier)
            await courier.ended(second.task)
            return (await swarm.views.task(second.task)).task.state == "done"

    assert simulation.run(main)


def test_a_run_that_was_parked_tells_its_cost_when_it_is_cancelled(tmp_path: Path) -> None:
    async def main() -> int:
        world = simulation.world(1, ScriptedModel(calls=3))
        async with open_swarm(poor(tmp_path, total=120), world) as swarm:
            courier = MemoryCourier()
            await swarm.outbox.attach(TERMINAL.surface, courier)
            task = (await swarm.intake.submit(OWNER, request("one"))).task
            await courier.until(lambda all_: any(d.kind == "parked" for d in all_))
            await swarm.control.cancel(OWNER, task)
            return (await swarm.views.task(task)).task.cost

    assert simulation.run(main) == 40


def test_a_task_that_needs_one_that_has_failed_fails_at_once(tmp_path: Path) -> None:
    async def main() -> tuple[str, str | None]:
        world = simulation.world(1, ScriptedModel(words=("one",)))
        async with open_swarm(poor(tmp_path), world) as swarm:
            failed = await swarm.intake.submit(OWNER, request("nobody can"))
            task = (await swarm.intake.submit(OWNER, request("one", needs=(failed.task,)))).task
            found = (await swarm.views.task(task)).task
            return found.state.value, found.failure

    assert simulation.run(main) == ("failed", "dependency_failed")


def test_a_run_that_does_not_let_go_at_its_time_limit_is_ended_all_the_same(tmp_path: Path) -> None:
    async def play(assignment: Assignment, n: int) -> Answer:
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(3_600)
                return Answer(text="much too late")

    async def main() -> tuple[str, str | None, int]:
        world = simulation.world(1, ScriptedModel(play=play))
        limits = {"task_time": timedelta(seconds=100)}
        async with open_swarm(settings(tmp_path, limits=limits), world) as swarm:
            courier = MemoryCourier()
            await swarm.outbox.attach(TERMINAL.surface, courier)
            task = (await swarm.intake.submit(OWNER, request("one"))).task
            await courier.ended(task)
            assert asyncio.get_running_loop().time() < 101
            await asyncio.sleep(4_000)
            found = (await swarm.views.task(task)).task
            return found.state.value, found.failure, found.cost

    assert simulation.run(main) == ("failed", "ceiling_reached", 100)
