"""When something is to be done, read from the line in which somebody says it; by a model only when
they have agreed to its price."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.commands.desk import Desk
from bot.commands.following import watch
from swarm_core import (
    FINISHED,
    MicroUSD,
    Reading,
    Request,
    TaskId,
    TaskState,
    Unsure,
    errors,
    from_model,
    prompt_for,
    read_schedule,
)

MOST_READING = MicroUSD(10_000)
"""What a model may cost that reads one line."""


def read(desk: Desk, text: str, zone: str) -> Reading | Unsure:
    """What the line says of when, by the grammar alone."""
    language = desk.swarm.members.me(desk.actor).wishes.get("language", desk.messages.language)
    return read_schedule(text, desk.swarm.store.clock.now(), zone, language)


def has_model(desk: Desk) -> bool:
    """Whether a model could read it here and now."""
    return desk.serving and any(worker.tier > 0 for worker in desk.swarm.router.workers().values())


async def read_by_model(desk: Desk, text: str, zone: str) -> tuple[Reading | Unsure, TaskId]:
    """What a model says that the line says, and the task in which it did; what it cannot read for
    sure, or has to wait for, is `Unsure`. Raises what intake raises."""
    swarm, now = desk.swarm, desk.swarm.store.clock.now()
    if not desk.serving:
        raise errors.NoSwarmToDoIt(folder=str(swarm.store.folder))
    request = Request(
        text=prompt_for(text, now, zone),
        place=desk.place,
        complexity="low",
        cap=MOST_READING,
        yes=True,
        max_cost=MOST_READING,
        join=False,
    )
    receipt = await swarm.intake.submit(desk.actor, request)
    await swarm.dispatcher.admit(receipt.task)
    answer = await _answer(desk, receipt.task)
    if answer is None:
        return Unsure(problem="model", data={"reason": "no_json"}), receipt.task
    return from_model(answer, text, now, zone), receipt.task


async def _answer(desk: Desk, number: TaskId) -> str | None:
    """What the task ends with; None when it fails, or waits for something: then it is ended."""
    changed = asyncio.Event()
    stop = watch(desk.swarm, number, changed.set)
    try:
        while True:
            changed.clear()
            task = (await desk.swarm.views.task(number)).task
            if task.state in FINISHED:
                return task.result if task.state is TaskState.DONE else None
            if task.state is TaskState.WAITING:
                with suppress(errors.AlreadyEnded):
                    await desk.swarm.control.cancel(desk.actor, number)
                return None
            await changed.wait()
    finally:
        stop()
