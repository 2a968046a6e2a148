"""What was said in a place while nobody was there to read it."""

from __future__ import annotations

import msgspec

from bot.commands import talk_views, views
from bot.commands.asking import Given
from bot.commands.desk import Desk
from swarm_core import MISSED, Action, MissedList, Resource


async def missed(desk: Desk, given: Given) -> views.View:
    """Lists it, or lets go of it: of one's own, and who looks after the place of all of it."""
    swarm, place = desk.swarm, desk.place
    channel = place.thread.partition("/")[0]
    kept = await swarm.posts.recall(place.surface, f"{MISSED}{channel}")
    buttons = msgspec.json.decode(kept, type=MissedList).buttons if kept else ()
    if given.get("do") != "skip":
        left = await swarm.buttons.left(buttons)
        return talk_views.Missed(lines=tuple(label for _, label in left))
    everybodys = swarm.policy.allows(desk.actor, Action.READ_BOARD, Resource("board"))
    gone = await swarm.buttons.use_up(buttons, None if everybodys else desk.actor.key)
    return talk_views.Skipped(count=gone, left=len(await swarm.buttons.left(buttons)))
