"""The tests' door, under /_fake: POST do {act, …} does one of `ACTS`; GET
record?since=N&wait=S gives what happened after N, waiting for it; GET counts and GET requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiohttp import web

from tests.fakes.discord import gateway_acts, guild_acts, people
from tests.fakes.discord.errors import Json
from tests.fakes.discord.look import page as drawn
from tests.fakes.discord.service import Service

Act = Callable[..., Json | Awaitable[Json]]


def _settings(service: Service, **told: Any) -> Json:
    service.world.settings.change(told)
    return {}


def _fault(service: Service, **fault: Any) -> Json:
    service.faults.add(fault)
    return {}


def _mend(service: Service, *, seed: int | None = None) -> Json:
    service.faults.reset(seed)
    return {}


def _advance(service: Service, *, seconds: float) -> Json:
    service.world.clock.advance(seconds)
    return {"now": service.world.clock.now()}


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


ACTS: dict[str, Act] = {
    "settings": _settings,
    "fault": _fault,
    "mend": _mend,
    "advance": _advance,
    "interaction": _interaction,
    "first_answer": _first_answer,
    "messages": _messages,
    "commands": _commands,
    **{
        act.__name__: act
        for act in (
            people.say,
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
    async def do(request: web.Request) -> web.Response:
        told = await request.json()
        try:
            done = ACTS[told.pop("act")](service, **told)
            if not isinstance(done, dict):
                done = await done
        except (ValueError, KeyError, TypeError) as problem:
            return web.json_response(
                {"problem": f"{type(problem).__name__}: {problem}"}, status=400
            )
        return web.json_response(done)

    async def record(request: web.Request) -> web.Response:
        since, wait = int(request.query["since"]), float(request.query.get("wait", 0))
        world = service.world
        if len(world.record) <= since and wait:
            try:
                await asyncio.wait_for(world.changed.wait(), wait)
            except TimeoutError:
                return web.json_response([])
        return web.json_response(world.record[since:])

    async def counts(request: web.Request) -> web.Response:
        return web.json_response(service.counts())

    async def requests(request: web.Request) -> web.Response:
        return web.json_response(service.requests)

    async def look(request: web.Request) -> web.Response:
        user, width = request.query.get("user"), int(request.query.get("width", 760))
        channel = request.match_info["channel"]
        if channel not in service.world.channels:
            return web.Response(status=404)
        text = drawn(service.world, channel, user=user, width=width)
        return web.Response(text=text, content_type="text/html")

    return [
        web.get("/_fake/look/{channel}", look),
        web.post("/_fake/do", do),
        web.get("/_fake/record", record),
        web.get("/_fake/counts", counts),
        web.get("/_fake/requests", requests),
    ]
