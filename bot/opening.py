"""Opening the swarm in this process, for whoever needs one: a service, one task, or a look."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.commands.desk import Desk
from bot.control.client import Client
from bot.logs import to_stderr
from bot.program import Program
from swarm_core import (
    TERMINAL,
    Settings,
    WaggleError,
    World,
    arm,
    errors,
    load,
    local_owner,
    open_swarm,
)

PATIENCE, PAUSE = 50, 0.1
"""How often, and after how many seconds, a folder is tried again that a short look holds."""


def settings_of(program: Program) -> Settings:
    """The whole settings. Raises `BadSettings` or `UnreadableSettings`."""
    variables = dict(program.environment.variables)
    if program.invocation.state:
        variables["WAGGLE_STATE"] = str(program.invocation.state)
    return load(program.invocation.config, environ=variables, cwd=program.cwd)


def prepare(program: Program) -> None:
    """What a process that will be a swarm sets up first: its log, and a crash a test wants."""
    to_stderr(logging.INFO if program.invocation.verbose else logging.WARNING)
    if program.environment.crash:
        arm(program.environment.crash)


@asynccontextmanager
async def open_desk(
    program: Program,
    settings: Settings,
    *,
    serving: bool,
    alone: bool = False,
    state: Path | None = None,
) -> AsyncIterator[Desk]:
    """The owner's desk at an open swarm; `serving` False only looks, `alone` starts nothing but
    what is asked for at this desk, `state` takes the place of the settings' folder.

    A folder that somebody holds without serving it is only being looked at, so it is tried
    again for a moment. Raises what `open_swarm` raises.
    """
    async with AsyncExitStack() as stack:
        for left in reversed(range(PATIENCE)):
            try:
                world = World(serve=serving, alone=alone, state=state, drain=0.0)
                swarm = await stack.enter_async_context(open_swarm(settings, world))
                break
            except errors.StoreLocked:
                if not left or somebody_serves(settings.state):
                    raise
                await asyncio.sleep(PAUSE)
        yield Desk(
            swarm=swarm,
            actor=local_owner(os.getuid()),
            place=TERMINAL,
            messages=program.screen.say,
            serving=serving,
        )


def somebody_serves(state: Path) -> bool:
    """Whether a swarm answers on the socket of this state folder."""
    try:
        Client(state).health()
    except WaggleError:
        return False
    return True
