"""A full disk: nothing new begins, what was paid for is kept, and all goes on by itself."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.errors import DiskFull, StoreGone
from swarm_core.steps.model import Answer, Conclusion, Run
from swarm_core.store import health
from swarm_core.swarm import Swarm
from swarm_core.testing import MemoryCourier, ScriptedModel
from tests.worlds import Custom, Gate, a_call, answer, ask, awake, concluded, over, parked, told

ENDLESS = 2**62


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PAUSE", 0.001)


def fill(swarm: Swarm) -> None:
    """From now on the disk counts as full."""
    swarm.store.health.least = ENDLESS


def free(swarm: Swarm) -> None:
    swarm.store.health.least = 0


async def test_a_request_is_refused_and_one_that_is_known_is_answered(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        first = await ask(swarm, "pay", key="k")
        await over(swarm, first.task)
        fill(swarm)
        with pytest.raises(DiskFull):
            await ask(swarm, "more")
        again = await ask(swarm, "pay", key="k")
        assert (again.task, again.repeated) == (first.task, True)


async def test_a_run_waits_before_its_next_step_and_goes_on_when_there_is_room(
    tmp_path: Path,
) -> None:
    gate, courier = Gate(), MemoryCourier()

    async def play(_: Assignment, n: int) -> Answer:
        if n == 1:
            await gate()
        return answer(f"ok {n}")

    model = ScriptedModel(calls=2, play=play)
    async with awake(tmp_path, model, courier=courier) as swarm:
        task = (await ask(swarm, "pay")).task
        await gate.reached.wait()
        fill(swarm)
        gate.open()
        await parked(courier, task)
        waits = (await swarm.views.task(task)).task
        assert waits.waiting == "disk_full"
        steps = await swarm.store.read(
            lambda rows: rows.execute("select n, state from steps").fetchall()
        )
        assert steps == [(1, "done")], "what was under way is recorded, nothing new was begun"
        assert len(told(courier, "parked", task)) == 1
        free(swarm)
        await over(swarm, task)
        assert (await swarm.views.task(task)).task.state == "done"
        assert model.answers == {task: 2}


async def test_what_was_ready_before_starts_when_there_is_room(tmp_path: Path) -> None:
    gate = Gate()

    async def carry(_: Assignment, run: Run) -> Conclusion:
        await gate()
        return Conclusion(state="done")

    worker = Custom(carry)
    async with awake(tmp_path, worker, limits={"concurrency": 1}) as swarm:
        first, second = [(await ask(swarm, f"{n}")).task for n in range(2)]
        await gate.reached.wait()
        fill(swarm)
        with pytest.raises(DiskFull):
            await ask(swarm, "third")
        gate.open()
        await over(swarm, first)
        assert (await swarm.views.task(second)).task.state == "ready"
        free(swarm)
        await over(swarm, second)


async def test_without_a_file_to_open_a_call_is_tried_again(tmp_path: Path) -> None:
    tries = []

    async def act(_: object) -> Answer:
        tries.append(1)
        if len(tries) == 1:
            raise OSError(errno.EMFILE, "Too many open files")
        return answer("opened")

    async def carry(_: Assignment, run: Run) -> Conclusion:
        outcome = await run.step(a_call(retries=1), act, last=concluded)
        return concluded(outcome)

    async with awake(tmp_path, Custom(carry)) as swarm:
        task = (await ask(swarm, "open")).task
        await over(swarm, task)
        seen = await swarm.views.task(task)
        assert (seen.task.state, seen.task.cost) == ("done", 40)
        assert [step.failure for step in seen.steps] == ["too_many_files", None]


async def test_a_folder_that_is_gone_closes_without_a_fault(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel(), courier=MemoryCourier()) as swarm:
        swarm.store.path.unlink()
        with pytest.raises(StoreGone):
            await ask(swarm, "pay")
    assert isinstance(swarm.store.health.broken, StoreGone)


async def test_a_full_disk_that_sqlite_meets_is_the_same(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        assert isinstance(swarm.store.health.failed(error), DiskFull)
        with pytest.raises(DiskFull):
            await ask(swarm, "pay")
