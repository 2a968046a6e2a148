"""Waiting for the end of a task: woken by its facts, never polled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from bot.commands import views
from bot.commands.asking import instead
from bot.commands.desk import Desk
from swarm_core import (
    FINISHED,
    CardView,
    Event,
    Fact,
    StepEnded,
    StepIntended,
    Swarm,
    TaskAccepted,
    TaskEnded,
    TaskId,
    TaskMoved,
    TaskParked,
    TaskRetried,
    TaskStarted,
    TaskUnblocked,
    TaskWoken,
)

CHANGES: tuple[type[Event], ...] = (
    *(TaskAccepted, TaskMoved, TaskUnblocked, TaskStarted, TaskParked, TaskWoken),
    *(TaskRetried, TaskEnded, StepIntended, StepEnded),
)
"""After which of its facts a task looks different."""


def watch(swarm: Swarm, task: TaskId | None, changed: Callable[[], None]) -> Callable[[], None]:
    """Call `changed` after each fact of `task`, of any when None. Returns what ends it."""

    def on_fact(fact: Fact) -> None:
        if task is None or fact.task == task:
            changed()

    return swarm.store.listen(CHANGES, on_fact)


async def until_ended(desk: Desk, task: TaskId) -> AsyncIterator[CardView | views.Ended]:
    """The task's card as often as it changes, and at last its end. Raises `NotFound`."""
    swarm = desk.swarm
    woken = asyncio.Event()
    stop = watch(swarm, task, woken.set)
    last: CardView | None = None
    try:
        while True:
            woken.clear()
            seen = await swarm.views.task(task)
            found = seen.task
            if found.state in FINISHED:
                yield views.Ended(task=found, instead=instead(swarm, found), stamp=seen.stamp)
                return
            for card in await swarm.views.cards([task]):
                if card != last:
                    yield card
                last = card
            await woken.wait()
    finally:
        stop()
