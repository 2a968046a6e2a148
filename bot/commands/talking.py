"""Commands about conversations: begin anew, look back, forget, speak to a worker at work."""

from __future__ import annotations

from bot.commands import talk_views, views
from bot.commands.asking import Given, key_of
from bot.commands.desk import Desk
from swarm_core import MOST_TURNS


async def new(desk: Desk, given: Given) -> views.View:  # noqa: ARG001
    return talk_views.Begun(turns=await desk.swarm.talking.begin(desk.actor, desk.place))


async def memory(desk: Desk, given: Given) -> views.View:
    talking = desk.swarm.talking
    if given.get("do") == "forget":
        gone, left = await talking.forget(desk.actor, desk.place)
        return talk_views.Forgotten(tasks=gone, left=left)
    kept = await talking.memory(desk.actor, desk.place)
    return talk_views.Remembered(memory=kept, most=MOST_TURNS)


async def tell(desk: Desk, given: Given) -> views.View:
    task = await desk.swarm.talking.tell(
        desk.actor, given["number"], given["text"], key_of(desk, given)
    )
    return talk_views.Told(task=task.id, state=task.state, worker=task.worker or "")
