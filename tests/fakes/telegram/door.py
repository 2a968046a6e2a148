"""The tests' door: what can be done by it beside what every fake's has, and GET look/CHAT."""

from __future__ import annotations

from aiohttp import web

from tests.fakes.chat import door as chat
from tests.fakes.telegram import chat_acts, people
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.look import page as drawn
from tests.fakes.telegram.service import Service
from tests.fakes.telegram.settings import Settings


def _revoke(service: Service, *, token: str | None = None) -> Json:
    """@BotFather, /revoke: the token opens nothing any more; `token` is the one that does."""
    if token:
        service.world.settings.token = token
    else:
        service.world.revoked = True
    service.updates.end("unauthorized")
    return {}


def _quiet_week(service: Service) -> Json:
    return {"next": service.updates.quiet_week()}


def doors(service: Service, strangers: dict[str, Service]) -> list[web.RouteDef]:
    async def look(request: web.Request) -> web.Response:
        where = int(request.match_info["chat"])
        if where not in service.world.chats:
            return web.Response(status=404)
        topic, width = request.query.get("topic"), int(request.query.get("width", 560))
        text = drawn(service, where, topic=int(topic) if topic else None, width=width)
        return web.Response(text=text, content_type="text/html")

    def stranger(service: Service, *, token: str, username: str = "other_bot") -> Json:
        """The token of another bot, which nobody here knows, works as well."""
        strangers[token] = Service.new(settings=Settings(token=token, username=username))
        return {}

    acts: dict[str, chat.Act] = {
        "revoke": _revoke,
        "quiet_week": _quiet_week,
        "stranger": stranger,
        **chat_acts.ACTS,
        **people.ACTS,
    }
    return [web.get("/_fake/look/{chat}", look), *chat.doors(service, acts)]
