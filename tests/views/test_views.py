"""What people and programs are shown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import NotFound
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Answer
from swarm_core.tasks.model import FINISHED, UNFINISHED, TaskState
from swarm_core.testing import (
    OWNER,
    FakeClock,
    MemoryCourier,
    ScriptedModel,
    finish,
    request,
)
from tests.worlds import Gate, answer, ask, awake, kinds, over

ANA = Actor(surface="terminal", space="local", person="1", roles=frozenset({"owner"}))


class Standing:
    """A model that stands still at its second call for whoever asks to wait, and fails for
    whoever asks for that."""

    def __init__(self, name: str = "scripted") -> None:
        self.gate = Gate()
        self.model = ScriptedModel(
            name, calls=2, price=MicroUSD(40), hold=MicroUSD(100), play=self._play
        )

    async def _play(self, assignment: Assignment, n: int) -> Answer:
        if n == 2 and "wait" in assignment.text:
            await self.gate()
        if "fail" in assignment.text:
            raise RuntimeError("as told")
        return answer(f"ok {n}")


async def test_the_status_counts_what_is_open_and_what_ended_today(tmp_path: Path) -> None:
    standing, courier, clock = Standing(), MemoryCourier(), FakeClock()
    async with awake(
        tmp_path, standing.model, courier=courier, clock=clock, limits={"concurrency": 1}
    ) as swarm:
        await finish(swarm, courier, "yesterday")
        clock.move(timedelta(days=1))
        await finish(swarm, courier, "fine")
        await finish(swarm, courier, "fail")
        running = (await ask(swarm, "wait")).task
        await standing.gate.reached.wait()
        stopped = (await ask(swarm, "stopped")).task
        await swarm.control.stop(OWNER, stopped)
        await ask(swarm, "ready")
        await ask(swarm, "queued", needs=(running,))
        cancelled = (await ask(swarm, "cancelled")).task
        await swarm.control.cancel(OWNER, cancelled)
        status = await swarm.views.status()
    assert status.open == {"running": 1, "ready": 1, "waiting": 1, "queued": 1}
    assert status.ended == {"done": 1, "failed": 1, "cancelled": 1}
    assert status.spent_today == 80 + 100 + 40, "two calls, one with a bug, one of the running"
    assert status.held_now == 100
    assert status.workers == 6
    assert status.now - status.since == 12 * 3600 * 1_000_000
    assert status.started == status.now - 24 * 3600 * 1_000_000


async def test_what_ended_while_nobody_was_there_is_unread(tmp_path: Path) -> None:
    async with awake(tmp_path, ScriptedModel()) as swarm:
        tasks = [(await ask(swarm, f"number {n}")).task for n in range(2)]
        await over(swarm, *tasks)
        status = await swarm.views.status()
    assert sorted(status.unread) == tasks


async def test_a_card_shows_what_is_being_done_and_what_it_costs(tmp_path: Path) -> None:
    standing, courier = Standing(), MemoryCourier()
    async with awake(tmp_path, standing.model, courier=courier) as swarm:
        running = (await ask(swarm, "wait here")).task
        await standing.gate.reached.wait()
        done = (await finish(swarm, courier, "quick")).task.id
        none = (await ask(swarm, "after", needs=(running,))).task
        cards = await swarm.views.cards([done, TaskId(99), running, none])
    shown = [(c.task.id, c.held, c.spent, c.steps, c.doing, c.resumed) for c in cards]
    assert shown == [
        (done, 0, 80, 2, None, False),
        (running, 100, 40, 2, "scripted-1", False),
        (none, 0, 0, 0, None, False),
    ]


async def test_a_card_says_that_the_run_was_resumed(tmp_path: Path) -> None:
    standing = Standing()
    async with awake(tmp_path, standing.model) as swarm:
        task = (await ask(swarm, "wait here")).task
        await standing.gate.reached.wait()
    standing.gate = Gate()
    async with awake(tmp_path, standing.model) as swarm:
        await standing.gate.reached.wait()
        (card,) = await swarm.views.cards([task])
    assert card.resumed
    assert (card.spent, card.held, card.steps) == (140, 100, 2)


async def test_a_listing_has_pages_and_filters_newest_first(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        await finish(swarm, courier, "one")
        await swarm.control.stop(OWNER, "all")
        await ask(swarm, "two")
        await swarm.intake.submit(ANA, request("three"))
        four = (await ask(swarm, "four")).task
        await swarm.control.cancel(OWNER, four)
        listing = swarm.views.listing
        assert [t.id for t in await listing()] == [4, 3, 2, 1]
        assert [t.id for t in await listing(most=2)] == [4, 3]
        assert [t.id for t in await listing(most=2, before=TaskId(3))] == [2, 1]
        assert [t.id for t in await listing(states=UNFINISHED)] == [3, 2]
        assert [t.id for t in await listing(states=FINISHED)] == [4, 1]
        assert [t.id for t in await listing(states=(TaskState.DONE,))] == [1]
        assert [t.id for t in await listing(person=ANA.key)] == [3]
        assert [t.id for t in await listing(person=ANA.key, states=FINISHED)] == []
        assert [t.text for t in await listing(states=UNFINISHED, person=OWNER.key)] == ["two"]
        assert (await listing())[3].result is None, "a list does not carry results"


async def test_workers_are_shown_with_their_record(tmp_path: Path) -> None:
    standing, other, courier = Standing(), ScriptedModel("idle", words=("never",)), MemoryCourier()
    async with awake(
        tmp_path, standing.model, other, courier=courier, limits={"concurrency": 1}
    ) as swarm:
        await finish(swarm, courier, "fine")
        await finish(swarm, courier, "fail")
        await ask(swarm, "wait")
        await standing.gate.reached.wait()
        await ask(swarm, "ready")
        workers = await swarm.views.workers(swarm.pool.busy)
    names = [w.worker.name for w in workers]
    assert names[-2:] == ["idle", "scripted"], "by tier, then by name: playbooks come first"
    assert names[:-2] == sorted(names[:-2])
    record = workers[-1]
    assert (record.running, record.ready, record.done, record.failed) == (1, 1, 1, 1)
    assert record.cost == 80 + 100
    assert (workers[-2].done, workers[-2].cost) == (0, 0)


async def test_money_shows_every_account_above_a_person_widest_first(tmp_path: Path) -> None:
    courier = MemoryCourier()
    budget = {"total": 10_000, "day": 1_000, "month": None}
    async with awake(
        tmp_path, ScriptedModel(), courier=courier, clock=FakeClock(), budget=budget
    ) as swarm:
        before = await swarm.views.money(OWNER.key)
        await finish(swarm, courier, "spend")
        after = await swarm.views.money(OWNER.key)
        hers = await swarm.views.money(ANA.key)
    assert [a.cap_name for a in after] == ["total", "month", "day", "session"]
    assert [a.spent for a in before] == [0] * 4
    assert [a.spent for a in after] == [40] * 4
    assert [a.cap for a in after] == [10_000, None, 1_000, None]
    assert [a.free for a in after] == [9_960, None, 960, None]
    assert after[2].account == "day/2026-01-01"
    assert [a.spent for a in hers] == [40] * 4


async def test_why_is_the_tasks_history_in_order(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(), courier=courier) as swarm:
        task = (await finish(swarm, courier, "explain")).task.id
        await finish(swarm, courier, "another")
        facts = await swarm.views.why(task)
        with pytest.raises(NotFound):
            await swarm.views.why(TaskId(99))
        with pytest.raises(NotFound):
            await swarm.views.task(TaskId(99))
        assert await kinds(swarm, task) == [f.event.kind for f in facts]
    assert [f.event.kind for f in facts] == [
        "task.accepted",
        "task.routed",
        "task.started",
        "budget.held",
        "step.intended",
        "step.ended",
        "budget.settled",
        "task.ended",
        "notice.queued",
    ]
    assert [f.seq for f in facts] == sorted(f.seq for f in facts)
    assert {f.task for f in facts} == {task}


async def test_every_automatic_decision_is_a_row_of_the_decision_log(tmp_path: Path) -> None:
    courier = MemoryCourier()
    async with awake(tmp_path, ScriptedModel(words=("do",)), courier=courier) as swarm:
        await swarm.control.stop(OWNER, "all")
        await ask(swarm, "do this")
        await ask(swarm, "do this")
        task = (await ask(swarm, "nobody can")).task
        await courier.ended(task)
        rows = await swarm.store.read(
            lambda rows: rows.execute(
                "select outcome, action_type, rule_name, worker_name, overridden from decision_log"
            ).fetchall()
        )
    assert rows == [
        ("task.routed", "approve", "only_one", "scripted", 0),
        ("task.joined", "skip", "identical_request", OWNER.key, 0),
        ("task.routed", "reject", "nobody", OWNER.key, 0),
    ]
