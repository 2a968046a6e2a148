"""Commands with which one is one person wherever one writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.commands import link_views as views
from bot.commands.desk import Desk
from bot.commands.starting import start_link
from swarm_core import FINISHED, errors, is_private

MOST_OFFERED = 5
Arguments = Mapping[str, Any]


async def link(desk: Desk, given: Arguments) -> views.LinkView:
    """Without a word: make a code. With a code: use it."""
    accounts, word = desk.swarm.accounts, given.get("code")
    match word:
        case None:
            code = await accounts.invite(desk.actor, desk.place)
            return views.LinkMade(code=code, link=await start_link(desk.swarm, f"link_{code.code}"))
        case "show":
            return views.MyAccounts(accounts=accounts.listing(desk.actor))
        case "remove":
            name = given.get("account")
            if name is None:
                example = "/link remove discord/80351110"
                raise errors.MissingArgument(command="link", name="account", example=example)
            now = await accounts.remove(desk.actor, name)
            left = accounts.listing(desk.actor)
            return views.MyAccounts(accounts=left, removed=name, now=now)
    linked = await accounts.link(desk.actor, word, sure=bool(given.get("sure")))
    return views.LinkUsed(linked=linked, again=f"/link {word} --sure")


async def here(desk: Desk, given: Arguments) -> views.LinkView:
    """Without a number: offer the last ones."""
    talking = desk.swarm.talking
    if "number" not in given:
        found = await talking.latest(desk.actor, desk.place, MOST_OFFERED)
        return views.Latest(tasks=found, private=is_private(desk.actor))
    task, turns = await talking.carry(desk.actor, desk.place, given["number"])
    seen = await desk.swarm.views.task(task.id)
    ended = seen if seen.task.state in FINISHED else None
    return views.Carried(task=seen.task, turns=turns, ended=ended)


HANDLERS = {"link": link, "here": here}
