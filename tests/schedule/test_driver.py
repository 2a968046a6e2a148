"""Who wakes the schedule: the same of real timers and of those of virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from swarm_core.schedule.driver import Alarm, LoopTimers, Timers

pytestmark = pytest.mark.parametrize("make", [Timers, LoopTimers])


async def test_it_rings_when_set_and_again(make: Callable[[], Alarm]) -> None:
    alarm, rung = make(), asyncio.Event()
    alarm.start(rung.set)
    for _ in range(2):
        alarm.set({"one": 0.0, "later": 3_600.0})
        await rung.wait()
        rung.clear()
    alarm.set({"late": -5.0})
    await rung.wait()
    alarm.close()


async def test_what_is_set_no_more_and_a_closed_one_do_not_ring(
    make: Callable[[], Alarm],
) -> None:
    alarm, other, rung = make(), make(), asyncio.Event()
    heard = list[str]()
    alarm.start(lambda: heard.append("closed"))
    other.start(rung.set)
    alarm.set({"one": 0.0})
    alarm.set({})
    alarm.set({"one": 3_600.0})
    alarm.close()
    other.set({"two": 0.0})
    await rung.wait()  # set later, so what was to ring before it would have
    other.close()
    assert heard == []


async def test_with_nothing_set_nothing_is_loaded(make: Callable[[], Alarm]) -> None:
    alarm = make()
    alarm.start(lambda: None)
    alarm.set({})
    alarm.close()
    assert getattr(alarm, "_jobs", None) is None
