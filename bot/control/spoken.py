"""What is said in a task, to a client that waits for it, beside whatever else it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from bot.commands.desk import Desk
from swarm_core import TaskId

Tell = Callable[[Any], Awaitable[None]]


@asynccontextmanager
async def spoken(
    desk: Desk, task: TaskId, tell: Tell
) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """`tell` the words of `task` as they come. Call what is given, and wait for it, before the
    end of the task is told: it tells what is left."""
    streams = desk.swarm.streams
    follower = streams.follow(task)

    async def pass_on() -> None:
        async for words in follower.words():
            await tell({"words": words.text, "anew": words.anew})

    passing = asyncio.create_task(pass_on(), name=f"words-{task}")

    async def all_said() -> None:
        follower.end()
        await passing

    try:
        yield all_said
    finally:
        streams.leave(task, follower)
        passing.cancel()
        with suppress(asyncio.CancelledError, ConnectionError):
            await passing


@asynccontextmanager
async def unspoken() -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """The same for a client that wants no words."""

    async def all_said() -> None:
        return None

    yield all_said
