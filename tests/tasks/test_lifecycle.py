"""The life of a task: every state with every event, by the table and by the methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import product

import pytest

from swarm_core.kernel.errors import AlreadyEnded, IllegalTransition, NotFound
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.store import Tx
from swarm_core.tasks.model import FINISHED, UNFINISHED, TaskState
from swarm_core.tasks.rules import LIFECYCLE, TaskEvent, after, state_diagram
from tests.tasks.desk import ANA, Desk

S, E = TaskState, TaskEvent
ALLOWED = {
    S.QUEUED: {E.UNBLOCK: S.READY, E.FAIL: S.FAILED, E.CANCEL: S.CANCELLED},
    S.READY: {E.START: S.RUNNING, E.PARK: S.WAITING, E.FAIL: S.FAILED, E.CANCEL: S.CANCELLED},
    S.RUNNING: {
        E.RESUME: S.RUNNING,
        E.PARK: S.WAITING,
        E.FINISH: S.DONE,
        E.FAIL: S.FAILED,
        E.CANCEL: S.CANCELLED,
    },
    S.WAITING: {E.WAKE: S.READY, E.FAIL: S.FAILED, E.CANCEL: S.CANCELLED},
    S.DONE: {},
    S.FAILED: {E.RETRY: S.READY, E.RETRY_BLOCKED: S.QUEUED},
    S.CANCELLED: {E.RETRY: S.READY, E.RETRY_BLOCKED: S.QUEUED},
}
"""Written out a second time, so that a change of the table is a change of mind."""


@pytest.mark.parametrize(("state", "event"), list(product(TaskState, TaskEvent)))
def test_every_pair_is_in_the_table_or_refused(state: TaskState, event: TaskEvent) -> None:
    wanted = ALLOWED[state].get(event)
    if wanted is not None:
        assert after(7, state, event) is wanted
        return
    with pytest.raises(IllegalTransition) as caught:
        after(7, state, event)
    assert caught.value.data == {"task": 7, "state": state.value, "event": event.value}


def test_the_states_are_either_finished_or_not() -> None:
    assert {*UNFINISHED, *FINISHED} == set(TaskState)
    assert len(UNFINISHED) + len(FINISHED) == len(TaskState)


def test_every_unfinished_task_can_end_and_no_done_one_changes() -> None:
    for state in UNFINISHED:
        assert LIFECYCLE[state, E.FAIL] is S.FAILED
        assert LIFECYCLE[state, E.CANCEL] is S.CANCELLED
    assert not [pair for pair in LIFECYCLE if pair[0] is S.DONE]


def test_the_diagram_has_every_edge_once() -> None:
    lines = state_diagram().splitlines()
    assert lines[0] == "stateDiagram-v2"
    for (state, event), to in LIFECYCLE.items():
        assert lines.count(f"    {state.value} --> {to.value}: {event.value}") == 1
    ends = [line for line in lines if line.endswith("--> [*]")]
    assert ends == [f"    {state.value} --> [*]" for state in FINISHED]
    starts = [line for line in lines if line.startswith("    [*]")]
    assert len(starts) == 2
    assert len(lines) == 1 + len(LIFECYCLE) + len(ends) + len(starts)


Act = Callable[[Desk, TaskId], Awaitable[object]]


def write(fn: Callable[[Desk, Tx, TaskId], object]) -> Act:
    return lambda desk, task: desk.do(lambda tx: fn(desk, tx, task))


def starting(desk: Desk, tx: Tx, task: TaskId) -> object:
    state = desk.tasks.state(tx, task)
    run = RunId(tx.next_id("runs"))
    return desk.tasks.start(
        tx, task, run, worker="w", model="m", attempt=1, state=state, resumed=False
    )


METHODS: dict[str, tuple[Act, dict[TaskState, TaskState]]] = {
    "start": (write(starting), {S.READY: S.RUNNING, S.RUNNING: S.RUNNING}),
    "park": (
        write(lambda desk, tx, task: desk.tasks.park(tx, task, "stopped", {"scope": "all"})),
        {S.READY: S.WAITING, S.RUNNING: S.WAITING},
    ),
    "wake": (
        write(lambda desk, tx, task: desk.tasks.wake(tx, task, "resumed")),
        {S.WAITING: S.READY},
    ),
    "finish": (
        write(lambda desk, tx, task: desk.tasks.end(tx, task, E.FINISH)),
        {S.RUNNING: S.DONE},
    ),
    "fail": (
        write(lambda desk, tx, task: desk.tasks.end(tx, task, E.FAIL, failure="no_worker")),
        dict.fromkeys(UNFINISHED, S.FAILED),
    ),
    "cancel": (
        write(lambda desk, tx, task: desk.tasks.end(tx, task, E.CANCEL, actor=ANA)),
        dict.fromkeys(UNFINISHED, S.CANCELLED),
    ),
    "retry": (
        write(lambda desk, tx, task: desk.tasks.retry(tx, ANA, task, "w")),
        {S.FAILED: S.READY, S.CANCELLED: S.READY},
    ),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("state", TaskState, ids=lambda s: s.value)
async def test_a_method_moves_a_task_along_the_table_or_changes_nothing(
    desk: Desk, state: TaskState, method: str
) -> None:
    act, allowed = METHODS[method]
    task = await desk.bring_to(state)
    before, facts = await desk.get(task), await desk.facts()
    assert before.state is state
    if state in allowed:
        await act(desk, task)
        assert await desk.state(task) is allowed[state]
        return
    ending = method in ("finish", "fail", "cancel")
    wanted = AlreadyEnded if ending and state in FINISHED else IllegalTransition
    with pytest.raises(wanted) as caught:
        await act(desk, task)
    assert caught.value.data["task"] == task
    assert caught.value.data["state"] == state.value
    assert await desk.get(task) == before
    assert await desk.facts() == facts


@pytest.mark.parametrize("method", [m for m in METHODS if m != "retry"])
async def test_a_task_that_does_not_exist_is_not_found(desk: Desk, method: str) -> None:
    with pytest.raises(NotFound):
        await METHODS[method][0](desk, TaskId(99))
    assert await desk.facts() == 0


async def test_a_task_shows_what_happened_to_it(desk: Desk) -> None:
    task = await desk.accept("  Words of the request  ", priority=7)
    fresh = await desk.get(task)
    assert (fresh.text, fresh.priority, fresh.person) == ("  Words of the request  ", 7, ANA.key)
    assert (fresh.attempts, fresh.run, fresh.ended, fresh.result) == (0, None, None, None)

    await desk.do(lambda tx: desk.tasks.park(tx, task, "over_budget", {"most": 5}, until=9))
    parked = await desk.get(task)
    assert (parked.waiting, parked.waiting_data, parked.until) == ("over_budget", {"most": 5}, 9)

    await desk.do(lambda tx: desk.tasks.wake(tx, task, "affordable"))
    await desk.start(task)
    running = await desk.get(task)
    assert (running.waiting, running.until, running.attempts) == (None, None, 1)
    assert (running.worker, running.model) == ("w", "m")

    await desk.do(
        lambda tx: desk.tasks.end(
            tx, task, E.FAIL, run=running.run, failure="tool_timeout", failure_data={"s": 3}, cost=4
        )
    )
    failed = await desk.get(task)
    assert (failed.failure, failed.failure_data, failed.cost) == ("tool_timeout", {"s": 3}, 4)
    assert failed.ended == failed.updated

    await desk.do(lambda tx: desk.tasks.retry(tx, ANA, task, "other"))
    again = await desk.get(task)
    assert (again.state, again.worker, again.run) == (S.READY, "other", None)
    assert (again.ended, again.failure, again.failure_data) == (None, None, {})
    assert again.cost == 4, "what was spent stays spent"


async def test_the_cost_of_each_run_is_added(desk: Desk) -> None:
    task = await desk.accept()
    for cost in (3, 4):
        await desk.start(task)
        run = (await desk.get(task)).run
        await desk.do(
            lambda tx, c=cost, r=run: desk.tasks.end(tx, task, E.FAIL, run=r, cost=c, steps=1)
        )
        await desk.do(lambda tx: desk.tasks.retry(tx, ANA, task, "w"))
    found = await desk.get(task)
    assert (found.cost, found.steps) == (7, 2)


@pytest.mark.parametrize("text", ["a\x00b", "\ud83d half", "x" * 100_000, "\u202ereversed"])
async def test_whatever_was_asked_is_kept_as_it_was(desk: Desk, text: str) -> None:
    assert (await desk.get(await desk.accept(text))).text == text


async def test_a_task_can_move_to_another_workers_queue(desk: Desk) -> None:
    task = await desk.accept()
    await desk.do(lambda tx: desk.tasks.move(tx, task, "other"))
    assert (await desk.get(task)).worker == "other"
    assert await desk.queue() == []
