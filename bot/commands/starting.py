"""Addresses that hand a code to the bot when they are opened: nobody has to type it."""

from __future__ import annotations

import asyncio

from bot.commands.on_telegram import SURFACE, variables_of
from bot.portal.telegram import named
from bot.sections.telegram import TOKEN, Telegram
from swarm_core import Swarm, WaggleError

_NAME = "username"


async def start_link(swarm: Swarm, code: str) -> str:
    """The address for `code`; '' where there is no bot on Telegram or nobody knows its name."""
    settings = swarm.settings
    if not settings.of(Telegram).enabled:
        return ""
    try:
        token = (await asyncio.to_thread(variables_of, settings)).get(TOKEN, "")
        username = await _username(swarm, token) if token else ""
    except WaggleError:
        return ""  # the code itself can be typed all the same
    return f"https://t.me/{username}?start={code}" if username else ""


async def _username(swarm: Swarm, token: str) -> str:
    """Asked for once and kept, as it is always the same for the number a token begins with."""
    number = token.partition(":")[0]
    kept = await swarm.posts.recall(SURFACE, _NAME)
    if kept.startswith(f"{number}:"):
        return kept.removeprefix(f"{number}:")
    username = await named(token, swarm.settings)
    await swarm.posts.note(SURFACE, _NAME, f"{number}:{username}")
    return username
