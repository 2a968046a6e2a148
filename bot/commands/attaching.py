"""The files that a command names, read where the person who names them is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.commands.desk import Desk
from swarm_core import TERMINAL, Attached, FileRules, errors, read_attached


async def attached(desk: Desk, given: Mapping[str, Any]) -> tuple[Attached, ...]:
    """The files of a request. Paths are those of this machine, so only who sits at it may name
    them. Raises `NoWorkspace` elsewhere, and what reading raises."""
    paths = given.get("file", ())
    if not paths:
        return desk.files
    if desk.place.surface != TERMINAL.surface:
        raise errors.NoWorkspace
    rules = FileRules.of(desk.swarm.settings.attachments)
    return await asyncio.to_thread(read_attached, paths, rules)
