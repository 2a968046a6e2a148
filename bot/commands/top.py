"""The swarm at one look, as a live view asks for it every second."""

from __future__ import annotations

import os

from bot.commands.asking import Given
from bot.commands.desk import Desk
from bot.commands.top_views import Top
from bot.version import VERSION
from swarm_core import Action, Resource


async def top(desk: Desk, given: Given) -> Top:  # noqa: ARG001
    desk.swarm.policy.authorize(desk.actor, Action.READ_BOARD, Resource("board"))
    desk.swarm.seeing.whole(desk.actor)
    return Top(
        board=await desk.swarm.views.board(),
        person=desk.actor.key,
        version=VERSION,
        pid=os.getpid(),
    )
