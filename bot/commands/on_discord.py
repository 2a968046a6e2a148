"""How it stands with Discord: asked of the service itself, whether the swarm is there or not."""

from __future__ import annotations

import asyncio

import msgspec

from bot.commands import views
from bot.commands.asking import Given
from bot.commands.configuring import keys_beside
from bot.commands.desk import Desk
from bot.commands.discord_views import Greeted, OnDiscord
from bot.portal.calls import TOKEN, no_token
from bot.portal.model import Bot
from bot.portal.survey import hello, survey
from bot.sections.discord import Discord
from swarm_core import Settings, Swarm, errors, process_environment, to_micros, with_env_file

SURFACE = "discord"
_DAY = 86_400


def token_of(settings: Settings) -> str:
    """The bot's token of this process, '' for none. Raises `UnsafeEnvFile`."""
    environment = with_env_file(process_environment(), keys_beside(settings))
    return environment.variables.get(TOKEN, "")


async def discord(desk: Desk, given: Given) -> views.View:
    """Show it, or say hello in a channel. Raises `NoToken`, and what `survey` raises."""
    settings = desk.swarm.settings
    token = await asyncio.to_thread(token_of, settings)
    if not token:
        raise no_token()
    if given.get("do") == "hello":
        if "channel" not in given:
            raise errors.MissingArgument(
                command="discord", name="channel", example="/discord hello 80351110224678912"
            )
        channel = given["channel"]
        text = desk.messages("connection.greeting")
        return Greeted(channel=channel, message=await hello(token, settings, channel, text))
    bot = await survey(token, settings)
    return OnDiscord(
        bot=bot,
        connected=desk.swarm.outbox.serves(SURFACE),
        signed_on=await signed_on(desk.swarm),
        failed=await _failed(desk.swarm),
        unseen=unseen(bot, settings),
    )


async def signed_on(swarm: Swarm) -> int:
    """Sign-ons within a day."""
    kept = await swarm.posts.recall(SURFACE, "sign-ons")
    now = to_micros(swarm.store.clock.now()) / 1_000_000
    found = msgspec.json.decode(kept, type=list[float]) if kept else []
    return sum(now - _DAY < at <= now for at in found)


async def _failed(swarm: Swarm) -> int:
    row = await swarm.store.read(
        lambda rows: rows.execute(
            "select count(*) from notices where surface = ? and state = 'failed'", (SURFACE,)
        ).fetchone()
    )
    return int(row[0])


def unseen(bot: Bot, settings: Settings) -> tuple[str, ...]:
    """Ids of servers and channels in the settings that the bot does not see. Where there are
    more servers than were looked into, nobody knows."""
    if bot.more:
        return ()
    seen = {server.id for server in bot.servers}
    seen |= {channel.id for server in bot.servers for channel in server.channels}
    named = (*settings.of(Discord).guilds, *settings.of(Discord).channels)
    return tuple(each for each in named if each not in seen)
