"""Looking at a bot: itself, its servers, what it may do in their channels."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.portal.calls import Calls, calling
from bot.portal.model import Account, Bot, Channel, Server
from bot.portal.rights import held_in, intent_page, invite_link, lacking
from bot.sections.discord import Discord
from swarm_core import Settings, errors

MOST_SERVERS = 12
"""Servers that are looked into; the others are counted."""
_AT_ONCE = 4
_TEXT, _NEWS = 0, 5
_CONTENT = 1 << 18 | 1 << 19
"""Message Content Intent, of an application in many servers and in few."""
_PAGE = 200


async def survey(token: str, settings: Settings) -> Bot:
    """Everything, by a few short calls. Raises what `Calls` raises."""
    discord = settings.of(Discord)
    async with calling(token, discord.api_url) as calls:
        application, gateway, listed = await asyncio.gather(
            calls.get("/applications/@me"), calls.get("/gateway/bot"), _guilds(calls)
        )
        known = set(discord.guilds)
        listed.sort(key=lambda guild: bool(known) and guild["id"] not in known)
        one_of_few = asyncio.Semaphore(_AT_ONCE)
        me, number = str(application["bot"]["id"]), str(application["id"])

        async def look(guild: Any) -> Server:
            async with one_of_few:
                return await _server(calls, guild, number, me, settings)

        servers = await asyncio.gather(*map(look, listed[:MOST_SERVERS]))
    limit = gateway["session_start_limit"]
    return Bot(
        id=me,
        name=str(application["bot"]["username"]),
        application=number,
        owner=_owner(application),
        content=bool(int(application.get("flags") or 0) & _CONTENT),
        public=bool(application.get("bot_public")),
        starts=int(limit["remaining"]),
        starts_of=int(limit["total"]),
        invite=invite_link(number),
        intent_page=intent_page(number),
        servers=tuple(servers),
        more=max(0, len(listed) - MOST_SERVERS),
    )


async def hello(token: str, settings: Settings, channel: str, text: str) -> str:
    """Say `text` in a channel, whoever is named in it is not called; returns the message's id.
    Raises what `Calls` raises."""
    async with calling(token, settings.of(Discord).api_url) as calls:
        body = {"content": text, "allowed_mentions": {"parse": []}}
        made = await calls.post(f"/channels/{channel}/messages", body)
    return str(made["id"])


async def _guilds(calls: Calls) -> list[Any]:
    found: list[Any] = []
    after = "0"
    while True:
        page = await calls.get("/users/@me/guilds", limit=str(_PAGE), after=after)
        found += page
        if len(page) < _PAGE:
            return found
        after = str(page[-1]["id"])


async def _server(
    calls: Calls, guild: Any, application: str, me: str, settings: Settings
) -> Server:
    number, name = str(guild["id"]), str(guild["name"])
    discord = settings.of(Discord)
    served = not discord.guilds or number in discord.guilds
    try:
        channels, roles, member = await asyncio.gather(
            calls.get(f"/guilds/{number}/channels"),
            calls.get(f"/guilds/{number}/roles"),
            calls.get(f"/guilds/{number}/members/{me}"),
        )
    except errors.SurfaceRefused:
        return Server(id=number, name=name, served=served)  # it has just been shown the door
    try:
        commands = await calls.get(f"/applications/{application}/guilds/{number}/commands")
    except errors.SurfaceRefused:
        commands = None  # invited without the scope for commands
    wanted = set(discord.channels)
    texts = [each for each in channels if each["type"] in (_TEXT, _NEWS)]
    return Server(
        id=number,
        name=name,
        served=served,
        channels=tuple(
            Channel(
                id=str(each["id"]),
                name=str(each["name"]),
                lacking=lacking(held_in(each, number, roles, member)),
                served=served and (not wanted or str(each["id"]) in wanted),
            )
            for each in _in_order(texts)
        ),
        commands=None if commands is None else len(commands),
    )


def _in_order(channels: Sequence[Any]) -> list[Any]:
    return sorted(channels, key=lambda each: (each.get("position", 0), int(each["id"])))


def _owner(application: Any) -> Account | None:
    """The person behind the application; of a team the one who owns that."""
    if team := application.get("team"):
        number = str(team["owner_user_id"])
        names = {str(m["user"]["id"]): str(m["user"]["username"]) for m in team.get("members", ())}
        return Account(id=number, name=names.get(number, number))
    owner = application.get("owner")
    return Account(id=str(owner["id"]), name=str(owner["username"])) if owner else None
