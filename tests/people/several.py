"""One person with accounts on several surfaces, through the desk."""

from __future__ import annotations

from typing import Any

from bot.commands import link_views
from bot.commands.desk import Desk
from bot.messages import Messages
from swarm_core.kernel.actor import MEMBER, Place
from swarm_core.people import Account
from swarm_core.people.model import LinkCode
from swarm_core.swarm import Swarm
from swarm_core.testing import MemoryCourier
from tests.people.test_company import Company, say

CHAT, OTHER = "discord", "telegram"


async def at(here: Company, account: str, space: str = "dm", thread: str = "") -> Desk:
    """The desk of `discord/7` in a space; in private the channel has the account's own number."""
    surface, _, id_ = account.partition("/")
    actor = await here.swarm.members.resolve(Account(surface=surface, space=space, id=id_))
    place = Place(surface=surface, space=space, thread=thread or (id_ if space == "dm" else ""))
    return Desk(swarm=here.swarm, actor=actor, place=place, messages=Messages.load(strict=True))


async def member(here: Company, account: str, space: str = "dm", role: str = MEMBER) -> Desk:
    surface = account.partition("/")[0]
    await at(here, account, space)
    await say(here.owner, f"/people role {account} {role} --space {surface}/{space}")
    return await at(here, account, space)


async def code_for(desk: Desk) -> LinkCode:
    view = (await say(desk, "/link")).view
    assert isinstance(view, link_views.LinkMade)
    return view.code


async def linked(here: Company, maker: str, other: str) -> None:
    """Make `other` one person with `maker`."""
    code = await code_for(await at(here, maker))
    await say(await at(here, other), f"/link {code.code} --sure")


async def listening(swarm: Swarm, *surfaces: str) -> dict[str, MemoryCourier]:
    """Who takes the notices of these surfaces."""
    found = {surface: MemoryCourier() for surface in surfaces}
    for surface, courier in found.items():
        await swarm.outbox.attach(surface, courier)
    return found


def number(here: Company, account: str) -> int:
    surface, _, id_ = account.partition("/")
    return here.swarm.members.directory.number(surface, id_)


async def digest(here: Company) -> Any:
    """Nothing that is stored differs from what the journal says."""
    report = await here.swarm.store.verify()
    assert report.ok, report.findings
    return report
