"""Dependencies: a task starts when all it needs is done, and fails when one of them is not."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.errors import IllegalTransition, NotFound
from swarm_core.kernel.ids import TaskId
from swarm_core.store import Fact, Tx
from swarm_core.tasks import queries
from swarm_core.tasks.events import TaskEnded
from swarm_core.tasks.model import TaskState
from swarm_core.tasks.rules import TaskEvent
from swarm_core.testing import FakeClock
from tests.examples import few
from tests.tasks.desk import ANA, Desk, open_desk

S = TaskState


async def test_what_is_needed_must_exist(desk: Desk) -> None:
    one = await desk.accept()
    facts = await desk.facts()
    with pytest.raises(NotFound) as caught:
        await desk.accept("after", needs=(one, TaskId(99)))
    assert caught.value.data["name"] == "99"
    assert await desk.facts() == facts
    with pytest.raises(NotFound):
        await desk.accept("after itself", needs=(TaskId(one + 1),))


async def test_a_task_waits_for_everything_it_needs(desk: Desk) -> None:
    one, two = await desk.accept("one"), await desk.accept("two")
    both = await desk.accept("both", needs=(one, two))
    assert await desk.state(both) is S.QUEUED
    await desk.finish(one)
    assert await desk.state(both) is S.QUEUED
    assert await desk.queue() == [two]
    await desk.finish(two)
    assert await desk.state(both) is S.READY
    needs = await desk.store.read(lambda rows: queries.needs_of(rows, both))
    assert needs == [(one, S.DONE), (two, S.DONE)]


async def test_a_task_that_needs_only_what_is_done_is_ready(desk: Desk) -> None:
    one = await desk.accept("one")
    await desk.finish(one)
    assert await desk.state(await desk.accept("two", needs=(one,))) is S.READY


async def test_a_need_named_twice_is_one_need(desk: Desk) -> None:
    one = await desk.accept("one")
    two = await desk.accept("two", needs=(one, one))
    await desk.finish(one)
    assert await desk.state(two) is S.READY


async def test_a_diamond_opens_once_both_sides_are_done(desk: Desk) -> None:
    top = await desk.accept("top")
    left, right = [await desk.accept(side, needs=(top,)) for side in ("left", "right")]
    bottom = await desk.accept("bottom", needs=(left, right))
    await desk.finish(top)
    assert await desk.states([left, right, bottom]) == ["ready", "ready", "queued"]
    await desk.finish(left)
    assert await desk.state(bottom) is S.QUEUED
    await desk.finish(right)
    assert await desk.state(bottom) is S.READY
    freed = [f for f in await desk.store.history(bottom) if f.event.kind == "task.unblocked"]
    assert len(freed) == 1


@pytest.mark.parametrize("event", [TaskEvent.FAIL, TaskEvent.CANCEL])
async def test_what_needs_a_task_that_ends_undone_fails_all_the_way_down(
    desk: Desk, event: TaskEvent
) -> None:
    top = await desk.accept("top")
    left, right = [await desk.accept(side, needs=(top,)) for side in ("left", "right")]
    bottom = await desk.accept("bottom", needs=(left, right))
    other = await desk.accept("other")
    await desk.end(top, event)
    assert await desk.states([left, right, bottom, other]) == [*["failed"] * 3, "ready"]
    for task, needs in ((left, top), (right, top), (bottom, left)):
        found = await desk.get(task)
        assert (found.failure, found.failure_data) == ("dependency_failed", {"needs": needs})
        (end,) = [f for f in await desk.store.history(task) if f.event.kind == "task.ended"]
        assert end.cause is not None, "the fact says which fact it follows from"


async def test_every_task_that_fails_with_its_need_tells_so_once(desk: Desk) -> None:
    top = await desk.accept("top")
    below = [await desk.accept(f"below {n}", needs=(top,)) for n in range(3)]
    await desk.end(top, TaskEvent.CANCEL)
    told = await desk.store.read(
        lambda r: r.execute("select task, kind from notices order by task").fetchall()
    )
    assert told == [(task, "ended") for task in (top, *below)]


async def test_a_chain_of_any_length_fails_with_its_head(desk: Desk) -> None:
    def chain(tx: object) -> list[TaskId]:
        tasks = [desk.accepting(tx, ANA, "head")]
        for n in range(600):
            tasks.append(desk.accepting(tx, ANA, f"link {n}", needs=(tasks[-1],)))
        return tasks

    tasks = await desk.do(chain)
    await desk.end(tasks[0], TaskEvent.CANCEL)
    counts = await desk.store.read(
        lambda r: dict(r.execute("select state, count(*) from tasks group by state").fetchall())
    )
    assert counts == {"cancelled": 1, "failed": 600}


async def test_after_an_end_that_was_undone_the_next_is_settled(desk: Desk) -> None:
    top = await desk.accept("top")
    below = await desk.accept("below", needs=(top,))

    def undone(tx: object) -> None:
        desk.tasks.end(tx, top, TaskEvent.CANCEL)
        raise LookupError

    with pytest.raises(LookupError):
        await desk.do(undone)
    assert await desk.states([top, below]) == ["ready", "queued"]
    await desk.end(top, TaskEvent.FAIL)
    assert await desk.states([top, below]) == ["failed", "failed"]


async def test_after_a_settling_that_failed_the_next_is_settled(desk: Desk) -> None:
    top = await desk.accept("top")
    below = await desk.accept("below", needs=(top,))
    failing = True

    def refuse(tx: Tx, fact: Fact) -> None:
        if failing and fact.task == below:
            raise LookupError

    desk.store.react(TaskEnded, refuse)
    with pytest.raises(LookupError):
        await desk.end(top, TaskEvent.FAIL)
    assert await desk.states([top, below]) == ["ready", "queued"]
    failing = False
    await desk.end(top, TaskEvent.FAIL)
    assert await desk.states([top, below]) == ["failed", "failed"]


async def test_a_retry_waits_for_a_need_that_is_under_way_again(desk: Desk) -> None:
    top = await desk.accept("top")
    below = await desk.accept("below", needs=(top,))
    await desk.end(top, TaskEvent.FAIL)
    await desk.do(lambda tx: desk.tasks.retry(tx, ANA, top, "w"))
    state = await desk.do(lambda tx: desk.tasks.retry(tx, ANA, below, "w"))
    assert state is S.QUEUED
    assert await desk.states([top, below]) == ["ready", "queued"]
    await desk.finish(top)
    assert await desk.state(below) is S.READY


async def test_a_retry_of_a_done_task_is_refused_blocked_or_not(desk: Desk) -> None:
    one = await desk.accept("one")
    await desk.finish(one)
    with pytest.raises(IllegalTransition):
        await desk.do(lambda tx: desk.tasks.retry(tx, ANA, one, "w"))


@few(12)
@given(
    st.lists(st.sets(st.integers(0, 7), max_size=3), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["finish", "fail", "cancel"]))),
)
def test_in_any_graph_a_task_is_ready_exactly_when_all_it_needs_is_done(
    graph: list[set[int]], ends: list[tuple[int, str]]
) -> None:
    needs = [{need for need in wanted if need < n} for n, wanted in enumerate(graph)]

    async def check(base: Path) -> None:
        async with open_desk(base, FakeClock()) as desk:
            tasks: list[TaskId] = []
            for n, wanted in enumerate(needs):
                tasks.append(await desk.accept(f"{n}", needs=tuple(tasks[i] for i in wanted)))
            model = ["queued" if wanted else "ready" for wanted in needs]
            for n, way in ends:
                if n >= len(tasks) or model[n] != "ready":
                    continue
                if way == "finish":
                    await desk.finish(tasks[n])
                    model[n] = "done"
                else:
                    await desk.end(tasks[n], TaskEvent(way))
                    model[n] = "failed" if way == "fail" else "cancelled"
                for i, wanted in enumerate(needs):
                    if model[i] == "queued":
                        if any(model[need] in ("failed", "cancelled") for need in wanted):
                            model[i] = "failed"
                        elif all(model[need] == "done" for need in wanted):
                            model[i] = "ready"
                assert await desk.states(tasks) == model

    with tempfile.TemporaryDirectory() as base:
        asyncio.run(check(Path(base)))


async def test_what_will_not_come_is_known(desk: Desk) -> None:
    one, two = await desk.accept("one"), await desk.accept("two")
    both = await desk.accept("both", needs=(one, two))
    assert await desk.do(lambda tx: desk.tasks.doomed(tx, both)) is None
    await desk.end(two, TaskEvent.CANCEL)
    assert await desk.do(lambda tx: desk.tasks.doomed(tx, both)) == two
    await desk.do(lambda tx: desk.tasks.retry(tx, ANA, two, "w"))
    assert await desk.do(lambda tx: desk.tasks.doomed(tx, both)) is None
