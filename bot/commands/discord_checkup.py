"""What a doctor looks at on Discord: asked of the service, and said when that cannot be."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.commands import views
from bot.commands.on_discord import signed_on, token_of, unseen
from bot.portal.model import Bot
from bot.portal.survey import survey
from bot.sections.discord import Discord
from swarm_core import Settings, Swarm, errors

FEW_STARTS = 100
"""Sign-ons left in a day, of a thousand, below which somebody should look."""
MOST_LINES = 10
"""Channels without a right that are named; `/discord` has them all."""


async def discord_lines(swarm: Swarm) -> list[views.Line]:
    """One line that says how it is, and more where there is a bot."""
    settings = swarm.settings
    if not settings.of(Discord).enabled:
        return [_line("discord", "disabled")]
    try:
        token = await asyncio.to_thread(token_of, settings)
        if not token:
            return [_line("discord", "off")]
        bot = await survey(token, settings)
    except errors.ServiceAway as error:
        return [_line("discord", "unasked", level="warn", problem=error.data["problem"])]
    except (errors.WrongToken, errors.SurfaceRefused) as error:
        data = {"code": error.code, "data": dict(error.data)}
        return [views.Line(what="discord", level="error", finding="failure", data=data)]
    except errors.UnsafeEnvFile:
        return []  # there is a line about that file already
    servers = [server.name for server in bot.servers]
    found = [
        _line("discord", "ok", name=bot.name, servers=servers)
        if servers
        else _line("discord", "nowhere", level="warn", name=bot.name),
        _line("discord_content", "ok")
        if bot.content
        else _line("discord_content", "not", level="warn"),
    ]
    few = bot.starts < FEW_STARTS
    starts = {"made": await signed_on(swarm), "left": bot.starts}
    level, finding = ("warn", "few") if few else ("ok", "ok")
    return [
        *found,
        *_rights(bot, settings),
        _line("discord_starts", finding, level=level, **starts),
    ]


def _rights(bot: Bot, settings: Settings) -> list[views.Line]:
    served = [s for s in bot.servers if s.served]
    named = set(settings.of(Discord).channels)
    channels = [(s, c) for s in served for c in s.channels if c.served]
    # Nobody lets a bot into every channel: what it cannot see is missed only where it is named.
    short = [
        (s, c) for s, c in channels if c.lacking and (c.id in named or "view" not in c.lacking)
    ]
    lines = [
        _line(
            "discord_rights",
            "lacking",
            level="warn",
            channel=channel.name,
            server=server.name,
            rights=list(channel.lacking),
        )
        for server, channel in short[:MOST_LINES]
    ]
    if ids := unseen(bot, settings):
        lines.append(_line("discord_rights", "unseen", level="warn", ids=list(ids)))
    lines += [
        _line("discord_rights", "none", level="warn", server=server.name)
        for server in served
        if server.commands is None
    ]
    if lines or not channels:
        return lines
    return [_line("discord_rights", "ok", channels=len(channels))]


def _line(what: str, finding: str, *, level: str = "ok", **data: Any) -> views.Line:
    return views.Line(what=what, level=level, finding=finding, data=data)
