"""Commands about notices: where one is told of what, the last ones, and other systems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.commands import notice_views as views
from bot.commands.desk import Desk
from swarm_core import errors

Arguments = Mapping[str, Any]


async def notify(desk: Desk, given: Arguments) -> views.NoticeView:
    mine, sort = desk.swarm.mine, given.get("sort")
    if sort is None:
        return views.Notify(holds=mine.preferences(desk.actor))
    if "place" not in given:
        raise errors.MissingArgument(command="notify", name="place", example="/notify ended dm")
    place = str(given["place"]).lower()
    return views.Notify(holds=await mine.prefer(desk.actor, sort, place), changed=sort)


async def notifications(desk: Desk, given: Arguments) -> views.NoticeView:  # noqa: ARG001
    return views.Notifications(notices=await desk.swarm.mine.last(desk.actor))


async def webhook(desk: Desk, given: Arguments) -> views.NoticeView:
    webhooks = desk.swarm.webhooks
    if given.get("do") != "test":
        return views.Hooks(hooks=await webhooks.standing(desk.actor))
    if "name" not in given:
        raise errors.MissingArgument(command="webhook", name="name", example="/webhook test ci")
    return views.HookTested(tested=await webhooks.test(desk.actor, given["name"]))


HANDLERS = {"notify": notify, "notifications": notifications, "webhook": webhook}
