"""The gateway: which events are for us, and who is asked before each sign-on."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
import discord
from discord.gateway import KeepAliveHandler

from bot.discord.allowance import Urgency, urgency
from bot.discord.edits import Edits
from bot.discord.interactions import Interactions
from bot.discord.marks import Marks
from bot.discord.rooms import Rooms
from bot.discord.signons import Connecting, Pace
from bot.discord.spoken import Spoken

log = logging.getLogger(__name__)


class Client(discord.Client):
    """The SDK's client with nothing cached that we do not need. `identify` is asked before each
    sign-on, whether it is the first one of this client, and raises when there were too many."""

    def __init__(
        self, *, content: bool, pace: Pace, identify: Callable[[bool], Awaitable[None]]
    ) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        intents.message_content = content
        super().__init__(
            intents=intents,
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=pace.guilds,
            heartbeat_timeout=pace.heartbeat,
        )
        self._connect, self._connecting = self.http.ws_connect, Connecting(pace)
        self.http.ws_connect = self._connect_in_turn  # type: ignore[method-assign]
        self._identify = identify
        self.interactions: Interactions | None = None
        self.spoken: Spoken | None = None
        self.edits: Edits | None = None
        self.lost: Callable[[str], Awaitable[None]] | None = None
        self.rooms: Rooms | None = None
        self.serves: Callable[[int | None, int | None], bool] = lambda _guild, _channel: False
        self.hangs: Callable[[discord.Thread], Awaitable[None]] | None = None
        """Told of the thread something happens in: what holds in its channel holds there."""
        self.marks: Marks | None = None
        self.there: Callable[[bool], None] = lambda _there: None
        self.came: Callable[[], Awaitable[None]] | None = None
        self.back: Callable[[], Awaitable[None]] | None = None
        self.joined: Callable[[discord.Guild, bool], Awaitable[None]] | None = None
        self.decided: Callable[[str], Awaitable[None]] | None = None
        self.left: Callable[[int], Awaitable[None]] | None = None
        self.out: Callable[[int], Awaitable[None]] | None = None

    async def _connect_in_turn(
        self, url: str, *, compress: int = 0
    ) -> aiohttp.ClientWebSocketResponse:
        """The SDK comes back at once, and again at once, as long as it is let in and thrown out."""
        await self._connecting.turn()
        return await self._connect(url, compress=compress)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:  # noqa: ARG002
        await self._identify(initial)

    async def on_disconnect(self) -> None:
        self.there(False)

    async def on_ready(self) -> None:
        if self.came:
            await self.came()

    async def on_resumed(self) -> None:
        self.there(True)
        if self.back:
            await self.back()

    async def on_guild_join(self, guild: discord.Guild) -> None:
        if self.joined:
            await self.joined(guild, True)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        # One that was told of late, or was out of order for a while.
        if self.joined and self.is_ready():
            await self.joined(guild, False)

    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        if self.out:
            await self.out(guild.id)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        if self.left:
            await self.left(guild.id)

    async def on_interaction(self, event: discord.Interaction) -> None:
        if self.interactions is None or not self.for_us(event.guild_id, event.channel):
            return
        if self.marks is None or not self.marks.once.first(event.id):
            return
        urgency.set(Urgency.ANSWER)
        await self._in_thread(event.channel)
        match event.type:
            case discord.InteractionType.application_command:
                await self.interactions.command(event)
            case discord.InteractionType.autocomplete:
                await self.interactions.complete(event)
            case discord.InteractionType.component:
                await self.interactions.pressing.press(event)
            case discord.InteractionType.modal_submit:
                await self.interactions.pressing.submit(event)
        if self.decided and event.channel_id:
            await self.decided(str(event.channel_id))

    async def on_message(self, said: discord.Message) -> None:
        if self.rooms:
            self.rooms.saw(said)
        if self.marks:
            await self.marks.heard(said.id)
        if self.spoken is None or self.user is None or said.author.bot or said.webhook_id:
            return
        urgency.set(Urgency.ANSWER)
        if self.for_us(said.guild.id if said.guild else None, said.channel):
            await self._in_thread(said.channel)
            await self.spoken.message(said, self.user.id)

    async def _in_thread(self, channel: object) -> None:
        if self.hangs and isinstance(channel, discord.Thread):
            await self.hangs(channel)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        said = event.message
        if self.rooms:
            self.rooms.saw(said)
        if self.edits is None or self.user is None or said.author.bot or said.webhook_id:
            return
        if self.for_us(event.guild_id, said.channel):
            await self.edits.edited(said, self.user.id)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        await self._gone(event.guild_id, event.channel_id, (event.message_id,))

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        await self._gone(event.guild_id, event.channel_id, sorted(event.message_ids))

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        if self.lost:
            await self.lost(str(event.thread_id))

    async def _gone(self, guild: int | None, channel: int, messages: Sequence[int]) -> None:
        if self.rooms:
            self.rooms.gone(channel, messages)
        for message in messages if self.edits else ():
            assert self.edits
            await self.edits.deleted(guild, channel, message)

    def for_us(self, guild: int | None, channel: object) -> bool:
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
