"""The order of ready tasks: waiting counts, priority counts, and nobody crowds others out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import Micros
from swarm_core.tasks.model import MAX_PRIORITY, MIN_PRIORITY, NORMAL_PRIORITY
from swarm_core.tasks.rules import TaskEvent, rank
from swarm_core.tasks.tasks import Order
from swarm_core.testing import FakeClock
from tests.tasks.desk import ANA, BEN, Desk, open_desk

MINUTE = timedelta(minutes=1)
arrivals = st.integers(0, 2**50).map(Micros)
priorities = st.integers(MIN_PRIORITY, MAX_PRIORITY)


def place(arrival: int, priority: int, virtual: int = 0) -> int:
    return rank(Micros(arrival), virtual, priority, weight=60_000_000, quantum=1_000_000)[0]


@given(arrivals, priorities, priorities)
def test_each_point_of_priority_is_worth_its_weight_of_waiting(
    arrival: int, one: int, two: int
) -> None:
    assert place(arrival, one) - place(arrival, two) == (two - one) * 60_000_000


@given(arrivals, st.integers(1, 2**40), priorities, st.integers(0, 2**51))
def test_of_two_alike_the_earlier_goes_first(
    arrival: int, later: int, priority: int, virtual: int
) -> None:
    first, finish = rank(Micros(arrival), virtual, priority, weight=60_000_000, quantum=1_000_000)
    second, _ = rank(
        Micros(arrival + later), finish, priority, weight=60_000_000, quantum=1_000_000
    )
    assert first < second


@given(st.lists(st.tuples(st.integers(0, 10**9), priorities), max_size=20))
def test_virtual_time_never_goes_back(steps: list[tuple[int, int]]) -> None:
    now, virtual = 0, 0
    for wait, priority in steps:
        now += wait
        _, after = rank(Micros(now), virtual, priority, weight=60_000_000, quantum=1_000_000)
        assert after >= max(now, virtual) + 1_000_000
        virtual = after


async def test_first_come_first_served_at_the_same_priority(desk: Desk, clock: FakeClock) -> None:
    tasks = []
    for n in range(5):
        tasks.append(await desk.accept(f"task {n}"))
        clock.move(timedelta(seconds=2))
    assert await desk.queue() == tasks


async def test_a_higher_priority_goes_first(desk: Desk) -> None:
    low, normal, high = [await desk.accept(f"p{p}", priority=p) for p in (2, NORMAL_PRIORITY, 9)]
    assert await desk.queue() == [high, normal, low]


async def test_waiting_lifts_a_low_priority_past_a_later_high_one(
    desk: Desk, clock: FakeClock
) -> None:
    low = await desk.accept("low", priority=3)
    clock.move(4 * MINUTE - timedelta(seconds=1))
    high = await desk.accept("high", BEN, priority=7)
    assert await desk.queue() == [high, low]
    clock.move(timedelta(seconds=2))
    later = await desk.accept("later", Actor(surface="t", space="s", person="3"), priority=7)
    assert await desk.queue() == [high, low, later]


async def test_the_lowest_priority_starts_in_the_end_whatever_keeps_coming(
    desk: Desk, clock: FakeClock
) -> None:
    patient = await desk.accept("patient", priority=MIN_PRIORITY)
    for n in range(12):
        clock.move(MINUTE)
        person = Actor(surface="t", space="s", person=str(n))
        await desk.accept("urgent", person, priority=MAX_PRIORITY)
    assert (await desk.queue()).index(patient) == 9


async def test_one_who_brings_a_hundred_does_not_hold_up_one_who_brings_one(desk: Desk) -> None:
    many = await desk.do(lambda tx: [desk.accepting(tx, ANA, f"task {n}") for n in range(100)])
    one = await desk.accept("just one", BEN)
    queue = await desk.queue()
    assert queue.index(one) <= 1
    assert [task for task in queue if task != one] == many


async def test_two_who_bring_many_take_turns(desk: Desk) -> None:
    mine = await desk.do(lambda tx: [desk.accepting(tx, ANA, f"a {n}") for n in range(20)])
    yours = await desk.do(lambda tx: [desk.accepting(tx, BEN, f"b {n}") for n in range(20)])
    queue = await desk.queue()
    for n in range(1, 20):
        head = queue[: 2 * n]
        assert abs(len(set(head) & set(mine)) - len(set(head) & set(yours))) <= 1


async def test_who_rested_is_not_punished_for_the_past(desk: Desk, clock: FakeClock) -> None:
    await desk.do(lambda tx: [desk.accepting(tx, ANA, f"task {n}") for n in range(100)])
    for task in await desk.queue():
        await desk.end(task, TaskEvent.CANCEL)
    clock.move(timedelta(minutes=10))
    ana = await desk.accept("after a rest", ANA)
    clock.move(timedelta(milliseconds=1))
    ben = await desk.accept("just now", BEN)
    assert await desk.queue() == [ana, ben]


async def test_the_turns_survive_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    async with open_desk(tmp_path, clock) as desk:
        for n in range(20):
            await desk.accept(f"task {n}", ANA)
    async with open_desk(tmp_path, clock) as desk:
        last = await desk.accept("one more", ANA)
        ben = await desk.accept("the first of mine", BEN)
        queue = await desk.queue()
        assert queue.index(ben) <= 1
        assert queue[-1] == last


async def test_a_retry_stands_in_line_from_now(desk: Desk, clock: FakeClock) -> None:
    first = await desk.accept("first")
    await desk.end(first, TaskEvent.FAIL)
    clock.move(MINUTE)
    second = await desk.accept("second", BEN)
    clock.move(MINUTE)
    await desk.do(lambda tx: desk.tasks.retry(tx, ANA, first, "w"))
    assert await desk.queue() == [second, first]


async def test_the_order_can_be_tuned(tmp_path: Path, clock: FakeClock) -> None:
    async with open_desk(tmp_path, clock, Order(weight=1, quantum=1)) as desk:
        low = await desk.accept("low", priority=MIN_PRIORITY)
        clock.move(timedelta(microseconds=11))
        high = await desk.accept("high", BEN, priority=MAX_PRIORITY)
        assert await desk.queue() == [low, high]
