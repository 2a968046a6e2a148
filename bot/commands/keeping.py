"""Handlers of what keeps the state."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bot.commands import views
from bot.commands.asking import Given
from bot.commands.desk import Desk

HISTORY = "history"
"""The file of typed lines, in the state folder."""


async def backup(desk: Desk, given: Given) -> views.View:
    to = Path(given["to"]) if "to" in given else None
    return views.BackedUp(backup=await desk.swarm.keeping.backups.make(desk.actor, to))


async def archive(desk: Desk, given: Given) -> views.View:
    moved = await desk.swarm.keeping.archive.move(desk.actor, given.get("before"))
    return views.MovedAway(archiving=moved)


async def erase(desk: Desk, given: Given) -> views.View:
    """Without `yes` it only tells what there is."""
    erasing, who = desk.swarm.keeping.erasing, given["who"]
    if who == "me":
        who = desk.actor.key
    if not given.get("yes"):
        return views.Erased(who=who, erasure=await erasing.look(desk.actor, who))
    done = await erasing.erase(
        desk.actor, who, cancel=bool(given.get("cancel")), copies=bool(given.get("copies"))
    )
    if any(key.startswith("terminal/") for key in done.people):
        for name in (HISTORY, f"{HISTORY}.new"):
            (desk.swarm.store.folder / name).unlink(missing_ok=True)
    return views.Erased(who=who, erasure=msgspec.structs.replace(done, done=True))
