"""The tests' door: what can be done by it beside what every fake's has, and GET look/CHANNEL."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiohttp import web

from tests.fakes.chat import door as chat
from tests.fakes.discord import gateway_acts, guild_acts, people
from tests.fakes.discord.errors import Json
from tests.fakes.discord.look import page as drawn
from tests.fakes.discord.service import Service


def _interaction(service: Service, *, id: str) -> Json:  # noqa: A002 - Discord's name
    return people.seen(service.interactions.by_id[id])


async def _first_answer(service: Service, *, id: str) -> Json:  # noqa: A002 - Discord's name
    """After how many seconds an interaction was answered; None: not within those it has."""
    one, world = service.interactions.by_id[id], service.world
    with suppress(TimeoutError):
        async with asyncio.timeout(
            one.at + world.settings.interaction_deadline - world.clock.now()
        ):
            while one.answer is None:
                await world.changed.wait()
    return {"after": one.after}


def _messages(service: Service, *, channel: str, user: str | None = None) -> Json:
    """What `user` sees in a channel, oldest first; None: what everyone there sees."""
    posts = service.world.posts[channel].values()
    return {"messages": [p.json for p in posts if p.seen_by in (None, user)]}


def _commands(service: Service, *, guild: str | None = None) -> Json:
    return {"commands": service.commands.listed(guild)}


ACTS: dict[str, chat.Act] = {
    "interaction": _interaction,
    "first_answer": _first_answer,
    "messages": _messages,
    "commands": _commands,
    **{
        act.__name__: act
        for act in (
            people.say,
            people.speak,
            people.dm,
            people.edit,
            people.delete,
            people.react,
            people.unreact,
            people.typing,
            people.press,
            people.pick,
            people.submit,
            people.command,
            people.autocomplete,
            people.menu,
        )
    },
    **guild_acts.ACTS,
    **gateway_acts.ACTS,
}


def doors(service: Service) -> list[web.RouteDef]:
    async def look(request: web.Request) -> web.Response:
        user, width = request.query.get("user"), int(request.query.get("width", 760))
        channel = request.match_info["channel"]
        if channel not in service.world.channels:
            return web.Response(status=404)
        text = drawn(service.world, channel, user=user, width=width)
        return web.Response(text=text, content_type="text/html")

    return [web.get("/_fake/look/{channel}", look), *chat.doors(service, ACTS)]
