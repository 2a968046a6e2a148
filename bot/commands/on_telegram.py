"""How it stands with Telegram: asked of the service itself, whether the swarm is there or not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.commands import views
from bot.commands.asking import Given
from bot.commands.configuring import keys_beside
from bot.commands.desk import Desk
from bot.commands.telegram_views import GreetedThere, OnTelegram
from bot.portal.telegram import LISTEN, hello, survey
from bot.portal.telegram_calls import no_token
from bot.portal.telegram_model import KNOWN, TelegramBot
from bot.sections.telegram import SECRET, TOKEN, Telegram, secret_fits
from swarm_core import Settings, Swarm, errors, process_environment, with_env_file

SURFACE = "telegram"


def variables_of(settings: Settings) -> Mapping[str, str]:
    """The environment of this process with the file of keys. Raises `UnsafeEnvFile`."""
    return with_env_file(process_environment(), keys_beside(settings)).variables


async def telegram(desk: Desk, given: Given) -> views.View:
    """Show it, or say hello in a chat. Raises `NoToken`, and what `survey` raises."""
    swarm, settings = desk.swarm, desk.swarm.settings
    variables = await asyncio.to_thread(variables_of, settings)
    token = variables.get(TOKEN)
    if not token:
        raise no_token()
    if given.get("do") == "hello":
        if "chat" not in given:
            raise errors.MissingArgument(
                command="telegram", name="chat", example="/telegram hello -1001234567890"
            )
        chat = given["chat"]
        text = desk.messages("on_telegram.greeting")
        return GreetedThere(chat=chat, message=await hello(token, settings, chat, text))
    return OnTelegram(
        bot=await looked_at(swarm, token),
        connected=swarm.outbox.serves(SURFACE),
        failed=await _failed(swarm),
        secret=secret_of(settings, variables),
    )


async def looked_at(swarm: Swarm, token: str) -> TelegramBot:
    """The bot and its chats. Who else polls is asked only where this swarm does not."""
    notes = await swarm.posts.named(SURFACE, KNOWN)
    listen = None if swarm.outbox.serves(SURFACE) else LISTEN
    return await survey(token, swarm.settings, notes, listen=listen)


def secret_of(settings: Settings, variables: Mapping[str, str]) -> bool | None:
    """Whether the webhook's secret will do; None where there is no webhook."""
    if settings.of(Telegram).webhook_url is None:
        return None
    return secret_fits(variables.get(SECRET, ""))


async def _failed(swarm: Swarm) -> int:
    row = await swarm.store.read(
        lambda rows: rows.execute(
            "select count(*) from notices where surface = ? and state = 'failed'", (SURFACE,)
        ).fetchone()
    )
    return int(row[0])
