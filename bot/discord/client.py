"""The gateway: which events are for us, and who is asked before each sign-on."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable

import discord
from discord.gateway import KeepAliveHandler

from bot.discord.interactions import Interactions
from bot.discord.spoken import Spoken

log = logging.getLogger(__name__)


class Client(discord.Client):
    """The SDK's client with nothing cached that we do not need. `identify` is asked before each
    sign-on and raises when there were too many."""

    def __init__(self, *, content: bool, identify: Callable[[], Awaitable[None]]) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        intents.message_content = content
        super().__init__(
            intents=intents,
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self._identify = identify
        self.interactions: Interactions | None = None
        self.spoken: Spoken | None = None
        self.serves: Callable[[int | None, int | None], bool] = lambda _guild, _channel: False
        self.came: Callable[[], Awaitable[None]] | None = None
        self.back: Callable[[], Awaitable[None]] | None = None
        self.joined: Callable[[int], Awaitable[None]] | None = None

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        await self._identify()

    async def on_ready(self) -> None:
        if self.came:
            await self.came()

    async def on_resumed(self) -> None:
        if self.back:
            await self.back()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        if self.joined:
            await self.joined(guild.id)

    async def on_interaction(self, event: discord.Interaction) -> None:
        if self.interactions is None or not self._for_us(event.guild_id, event.channel):
            return
        match event.type:
            case discord.InteractionType.application_command:
                await self.interactions.command(event)
            case discord.InteractionType.autocomplete:
                await self.interactions.complete(event)
            case discord.InteractionType.component:
                await self.interactions.pressing.press(event)
            case discord.InteractionType.modal_submit:
                await self.interactions.pressing.submit(event)

    async def on_message(self, said: discord.Message) -> None:
        if self.spoken is None or self.user is None or said.author.bot or said.webhook_id:
            return
        if self._for_us(said.guild.id if said.guild else None, said.channel):
            await self.spoken.message(said, self.user.id)

    def _for_us(self, guild: int | None, channel: object) -> bool:
        """A thread counts as the channel it hangs on."""
        if isinstance(channel, discord.Thread):
            return self.serves(guild, channel.parent_id)
        return self.serves(guild, getattr(channel, "id", None))


def quiet_heartbeats(loop: asyncio.AbstractEventLoop) -> None:
    """End the heartbeats that the SDK leaves of connections which were cut while they were being
    opened: they would beat on after the loop has gone."""
    for thread in threading.enumerate():
        if isinstance(thread, KeepAliveHandler) and thread.ws.loop is loop:
            thread.stop()
