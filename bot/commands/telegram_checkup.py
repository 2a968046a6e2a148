"""What a doctor looks at on Telegram: asked of the service, and said when that cannot be."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.commands import views
from bot.commands.on_telegram import SURFACE, looked_at, secret_of, variables_of
from bot.portal.telegram_model import TelegramBot
from bot.sections.telegram import SECRET, TOKEN, Telegram
from swarm_core import Settings, Swarm, errors

MOST_LINES = 10
"""Chats where something is missing that are named; `/telegram` has them all."""


async def telegram_lines(swarm: Swarm) -> list[views.Line]:
    """One line that says how it is, and more where there is a bot."""
    settings = swarm.settings
    if not settings.of(Telegram).enabled:
        return [_line("telegram", "disabled")]
    try:
        variables = await asyncio.to_thread(variables_of, settings)
    except errors.UnsafeEnvFile:
        return []  # there is a line about that file already
    token = variables.get(TOKEN)
    if not token:
        return [_line("telegram", "off")]
    secret = secret_of(settings, variables)
    wrong = (
        [_line("telegram_secret", "unfit", level="error", variable=SECRET)]
        if secret is False
        else []
    )
    try:
        bot = await looked_at(swarm, token)
    except errors.ServiceAway as error:
        told = {"problem": error.data["problem"], "address": error.data["address"]}
        return [_line("telegram", "unasked", level="warn", **told), *wrong]
    except (errors.WrongToken, errors.SurfaceRefused) as error:
        data = {"code": error.code, "data": dict(error.data)}
        line = views.Line(what="telegram", level="error", finding="failure", data=data)
        return [line, *wrong]
    groups = sum(chat.kind != "private" and not chat.gone for chat in bot.chats)
    return [
        _line("telegram", "ok", name=bot.name, username=bot.username, groups=groups),
        _line("telegram_privacy", "off" if bot.reads_all else "on")
        if bot.joins
        else _line("telegram_privacy", "alone", level="warn"),
        *_delivery(bot, settings, serving=swarm.outbox.serves(SURFACE)),
        *wrong,
        *_chats(bot),
    ]


def _delivery(bot: TelegramBot, settings: Settings, *, serving: bool) -> list[views.Line]:
    """How it hears what is new, and what is in the way."""
    wanted, hook = settings.of(Telegram).webhook_url, bot.webhook
    if hook and not hook.ours:
        finding = "taken" if serving else "left"
        return [_line("telegram_webhook", finding, level="warn", host=hook.host)]
    if hook and hook.problem:
        told = {"host": hook.host, "problem": hook.problem}
        return [_line("telegram_webhook", "failing", level="warn", **told)]
    if hook:
        lines = [_line("telegram_webhook", "hook", host=hook.host)]
    elif wanted:
        lines = [_line("telegram_webhook", "gone", level="warn")] if serving else []
    else:
        lines = [_line("telegram_webhook", "poll", waiting=bot.waiting)]
    if bot.rival:
        lines.append(_line("telegram_rival", "there", level="warn"))
    return lines


def _chats(bot: TelegramBot) -> list[views.Line]:
    served = [chat for chat in bot.chats if chat.served and chat.kind != "private"]
    lines = [
        _line("telegram_rights", "gone", level="warn", chat=chat.title or chat.id)
        if chat.gone
        else _line(
            "telegram_rights",
            "lacking",
            level="warn",
            chat=chat.title or chat.id,
            rights=list(chat.lacking),
        )
        for chat in served
        if chat.gone or chat.lacking
    ]
    if lines or not served:
        return lines[:MOST_LINES]
    return [_line("telegram_rights", "ok", chats=len(served))]


def _line(what: str, finding: str, *, level: str = "ok", **data: Any) -> views.Line:
    return views.Line(what=what, level=level, finding=finding, data=data)
