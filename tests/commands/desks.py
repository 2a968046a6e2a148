"""A desk at a small swarm, for tests of what commands say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.commands.desk import Desk
from bot.commands.line import parse_line
from bot.messages import Messages
from bot.render.terminal import render
from bot.running import Answer, run
from swarm_core.people import TERMINAL
from swarm_core.testing import OWNER, MemoryCourier
from tests.worlds import awake


@asynccontextmanager
async def desk(
    folder: Path, *workers: Any, **how: Any
) -> AsyncIterator[tuple[Desk, MemoryCourier]]:
    """The owner's desk, and the courier that gets the notices. Sentences are strict."""
    courier = MemoryCourier()
    async with awake(folder, *workers, courier=courier, **how) as swarm:
        messages = Messages.load(strict=True)
        yield Desk(swarm=swarm, actor=OWNER, place=TERMINAL, messages=messages), courier


async def typed(at: Desk, line: str) -> Answer:
    """Carry out a typed command line."""
    parsed = parse_line(line)
    return await run(at, parsed.command.name, parsed.given)


async def said(at: Desk, line: str, width: int = 100) -> str:
    """What a typed command line answers, as plain text."""
    return render((await typed(at, line)).reply, width=width, styled=False)
