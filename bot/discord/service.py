"""The life of the Discord surface: sign on, serve, come back, say what is in the way.

What can go wrong: the token is wrong, a permission is missing in the portal, the service is down,
a fault signs on again and again until Discord takes the token away. So: a wrong token ends it at
once with what to do, a missing intent is done without, an outage is waited for with growing
pauses, and sign-ons are counted across restarts and stop long before Discord's own limit.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
import msgspec
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.commands.desk import Desk
from bot.discord import registry
from bot.discord.cards import Cards
from bot.discord.client import Client, quiet_heartbeats
from bot.discord.courier import Courier
from bot.discord.here import Here
from bot.discord.interactions import Interactions
from bot.discord.missed import catch_up
from bot.discord.places import SURFACE
from bot.discord.questions import Asking
from bot.discord.reading import Files
from bot.discord.rest import Rest
from bot.discord.saying import Saying
from bot.discord.spoken import Spoken
from bot.reply import Notice
from swarm_core import WaggleError, to_micros

log = logging.getLogger(__name__)

MOST_A_DAY = 250
"""Sign-ons in a day; Discord allows 1,000 and then resets the token."""
_DAY = 86_400.0
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
API = "https://discord.com/api/v10"


class TooManySignOns(Exception):
    """`wait` seconds until another may be made."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{MOST_A_DAY} sign-ons in a day")
        self.wait = wait


class Surface:
    """Discord, as long as `serve` runs. `tell` says what a person has to mend."""

    def __init__(self, desk: Desk, token: str, tell: Callable[[Notice], None]) -> None:
        self._desk = desk
        self._token = token
        self._tell = tell
        self._content = True
        self._pause = FIRST_PAUSE
        self._working: list[asyncio.Task[None]] = []
        self._here: Here | None = None

    async def serve(self) -> None:
        """Until it is cancelled, or what is wrong can only be mended by a person."""
        settings = self._desk.swarm.settings.discord
        Route.BASE = settings.api_url or API
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        logging.getLogger("discord").setLevel(logging.WARNING)
        try:
            while True:
                pause = self._pause
                try:
                    await self._session()
                    continue
                except discord.LoginFailure:
                    self._say("error", "connection.wrong_token")
                    return
                except discord.PrivilegedIntentsRequired:
                    self._say("warn", "connection.no_content")
                    self._content = False
                    continue
                except TooManySignOns as error:
                    self._say("error", "connection.too_many", most=MOST_A_DAY)
                    pause = error.wait
                except discord.ConnectionClosed as error:
                    if error.code == 4004:
                        self._say("error", "connection.wrong_token")
                        return
                    self._say("warn", "connection.cut", problem=str(error), wait=int(pause))
                except (OSError, aiohttp.ClientError, discord.DiscordException) as error:
                    self._say("warn", "connection.cut", problem=str(error), wait=int(pause))
                await asyncio.sleep(pause)
                self._pause = min(LONGEST_PAUSE, self._pause * 2) * random.uniform(0.8, 1.0)  # noqa: S311
        finally:
            await self._leave()

    async def _session(self) -> None:
        """One client, from its sign-on until it gives up."""
        desk = self._desk
        client = Client(content=self._content, identify=self._count)
        async with client:
            await client.login(self._token)
            await self._address(client)
            assert client.user is not None
            me = client.user.id
            rest = Rest(client.http, client.application_id or me, me)
            here = Here(swarm=desk.swarm, say=desk.messages, rest=rest, life=desk.life)
            cards, asking = Cards(here), Asking(here)
            saying = Saying(here, cards, asking, Files(desk.swarm, client.http.get_from_cdn))
            client.interactions, client.spoken = Interactions(saying), Spoken(saying)
            client.serves = self._serves

            async def declare(guild: int) -> None:
                await self._declare(rest, guild)

            async def came() -> None:
                self._pause = FIRST_PAUSE
                if desk.swarm.settings.discord.gateway_url:
                    # What Discord names for coming back would go round the proxy.
                    client.ws.gateway = DiscordWebSocket.DEFAULT_GATEWAY
                for guild in client.guilds:
                    await declare(guild.id)
                if self._here is not here:
                    self._here = here
                    self._working.append(asyncio.create_task(cards.serve(), name="discord-cards"))
                    self._working.append(asyncio.create_task(asking.serve(), name="discord-asked"))
                    await desk.swarm.outbox.attach(SURFACE, Courier(here, cards.add, asking))
                    names = [guild.name for guild in client.guilds]
                    self._say("info", "connection.ready", name=str(client.user), guilds=names)
                    await catch_up(client, here, client.spoken or Spoken(saying))
                else:
                    await back()

            async def back() -> None:
                if self._here is here:
                    await desk.swarm.outbox.again(SURFACE)

            client.came, client.joined, client.back = came, declare, back
            try:
                await client.connect()
            finally:
                await self._leave()
                quiet_heartbeats(asyncio.get_running_loop())

    async def _leave(self) -> None:
        working, self._working, self._here = self._working, [], None
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        if working:
            try:
                await self._desk.swarm.outbox.detach(SURFACE)
            except WaggleError as error:
                log.error("leaving Discord could not be recorded: %s", error)

    async def _address(self, client: Client) -> None:
        """Where the gateway is, and whether a sign-on is left today."""
        found: dict[str, Any] = await client.http.request(Route("GET", "/gateway/bot"))
        limit = found["session_start_limit"]
        if limit["remaining"] < 1:
            raise TooManySignOns(limit["reset_after"] / 1000)
        url = self._desk.swarm.settings.discord.gateway_url or str(found["url"])
        address = yarl.URL(url.replace("http", "ws", 1) if url.startswith("http") else url)
        DiscordWebSocket.DEFAULT_GATEWAY = address if address.path != "" else address / ""

    async def _count(self) -> None:
        """Another sign-on. Raises `TooManySignOns`."""
        posts, clock = self._desk.swarm.posts, self._desk.swarm.store.clock
        now = to_micros(clock.now()) / 1_000_000
        kept = await posts.recall(SURFACE, "sign-ons")
        before = msgspec.json.decode(kept, type=list[float]) if kept else []
        recent = [at for at in before if now - _DAY < at <= now]
        if len(recent) >= MOST_A_DAY:
            raise TooManySignOns(recent[0] + _DAY - now)
        value = msgspec.json.encode([*recent, now]).decode()
        await posts.note(SURFACE, "sign-ons", value)

    async def _declare(self, rest: Rest, guild: int) -> None:
        """Tell a server of our commands, when they are not those it knows."""
        if not self._serves(guild, None):
            return
        listed = registry.declarations(self._desk.messages)
        digest, posts = registry.digest(listed), self._desk.swarm.posts
        if await posts.recall(SURFACE, f"commands/{guild}") == digest:
            return
        try:
            await rest.commands(guild, listed)
        except WaggleError as error:
            log.error("a server takes no commands of ours: %s", error)
            return
        await posts.note(SURFACE, f"commands/{guild}", digest)

    def _serves(self, guild: int | None, channel: int | None) -> bool:
        settings = self._desk.swarm.settings.discord
        if guild is None:
            return True
        if settings.guilds and str(guild) not in settings.guilds:
            return False
        return channel is None or not settings.channels or str(channel) in settings.channels

    def _say(self, level: Any, key: str, **data: Any) -> None:
        text = self._desk.messages(key, **data)
        log.log(logging.INFO if level == "info" else logging.WARNING, "%s", text)
        self._tell(Notice(level=level, text=text))
