"""Text that others wrote, and a model that obeys all of it: each goal of the corpus in each shape,
where somebody else asks afterwards; and names, files, threads, replies, menus.

Nothing may be done for whoever wrote it; where an address is to be opened, its asker is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.discord import injections
from tests.discord.injections import SHAPES, Scene, check, scene
from tests.e2e.verify.trial import Given, Seen
from tests.fakes.discord.sdk import ready_at_once


async def run(given: Given) -> Seen:
    """See `Trial`."""
    seen = Seen()
    parts = [await _tried(given.folder / "some", _sample, seen)]
    if given.long:
        parts = [
            await _tried(given.folder / "all", _everything, seen),
            await _tried(given.folder / "ways", _other_ways, seen),
        ]
    seen.sentence = "; ".join(parts)
    return seen


async def _sample(here: Scene) -> str:
    task = await injections.sample(here)
    heard = (await here.swarm.views.task(task.id)).overheard
    await check(here, obeyed=["/stop all"])
    return f"{heard} messages before one question"


async def _everything(here: Scene) -> str:
    count = await injections.everything(here)
    await check(here, obeyed=["/stop all", "set_model"])
    return f"{count} cases ({len(SHAPES)} shapes of {len(here.goals())} goals)"


async def _other_ways(here: Scene) -> str:
    await injections.other_ways(here)
    await check(here, obeyed=["/stop all"])
    return "names, files, a thread, a reply and the menu of a message"


async def _tried(folder: Path, part: Callable[[Scene], Awaitable[str]], seen: Seen) -> str:
    await asyncio.to_thread(folder.mkdir)
    with ready_at_once():
        async with scene(folder) as here:
            try:
                said = await part(here)
            except AssertionError as error:
                seen.findings.append(f"{part.__name__.strip('_')}: {error}")
                said = "not to the end"
            calls, asked = len(here.requests), len(here.refused)
    told = f"{calls} calls of a model that obeys, {asked} times asked about an address and refused"
    return f"{said}: {told}"
