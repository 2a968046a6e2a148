"""The life of the Discord surface: sign on, serve, come back, say what is in the way.

What can go wrong: the token is wrong, a permission is missing in the portal, the service is down,
a fault signs on again and again until Discord takes the token away. So: a wrong token is said once
and waits for another one, a missing intent is done without, an outage is waited for with growing
pauses, and sign-ons are counted across restarts and stop long before Discord's own limit.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import random
from collections.abc import Callable
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.chat.away import Away
from bot.chat.cards import Cards
from bot.chat.questions import Asking
from bot.chat.saying import Saying
from bot.chat.sessions import until_renewed
from bot.chat.talk import Talk
from bot.chat.weather import Weather
from bot.commands.desk import Desk
from bot.discord.client import Client, quiet_heartbeats
from bot.discord.courier import Courier
from bot.discord.edits import Edits
from bot.discord.guilds import Guilds, in_short, named
from bot.discord.here import Here
from bot.discord.interactions import Interactions
from bot.discord.marks import Marks
from bot.discord.material import Reader
from bot.discord.missed import Missed
from bot.discord.people import People
from bot.discord.places import SURFACE, place_of
from bot.discord.reading import Files
from bot.discord.rest import Rest
from bot.discord.rooms import Rooms
from bot.discord.signons import MOST_A_DAY, Pace, Pauses, SignOns, TooManySignOns
from bot.discord.spoken import Spoken
from bot.discord.threads import Threads
from bot.discord.traffic import Traffic
from bot.discord.welcome import Welcome
from bot.portal.rights import invite_link
from bot.reply import Notice
from bot.sections.discord import Discord
from swarm_core import WaggleError

log = logging.getLogger(__name__)

API = "https://discord.com/api/v10"
DECLARING = 10.0
"""Seconds that telling servers of our commands may hold up the word that we are there."""


class Surface:
    """Discord, as long as `serve` runs. `tell` says what a person has to mend."""

    def __init__(
        self, desk: Desk, token: str, tell: Callable[[Notice], None], pace: Pace | None = None
    ) -> None:
        self._desk = desk
        self._token = token
        self._pace = pace or Pace()
        self._weather = Weather(desk.messages, "Discord", tell, self._pace.silent)
        self._sign_ons = SignOns(desk.swarm, self._pace)
        self._marks = Marks(desk.swarm)
        self._traffic = Traffic(self._weather.slowed)
        self._content = True
        self._pause = self._pace.first
        self._renewed = asyncio.Event()
        self._working: list[asyncio.Task[None]] = []
        self._here: Here | None = None
        self._behind = asyncio.Event()

    def renew(self, token: str) -> None:
        """From now on another token: signed on anew with it. Another one of the same bot."""
        if token != self._token:
            self._token, self._content = token, True
            self._renewed.set()

    async def serve(self) -> None:
        """Until it is cancelled."""
        Route.BASE = self._desk.swarm.settings.of(Discord).api_url or API
        pauses = functools.partial(Pauses, self._pace)
        setattr(discord.client, "ExponentialBackoff", pauses)  # noqa: B010 - it is not exported
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        logging.getLogger("discord").setLevel(logging.WARNING)
        logging.getLogger("discord.client").addFilter(in_short)
        try:
            while True:
                pause = await self._until_cut()
                try:
                    async with asyncio.timeout(pause):
                        await self._renewed.wait()
                    self._renewed.clear()
                except TimeoutError:
                    pass
        finally:
            self._weather.close()
            await self._leave()

    async def _until_cut(self) -> float | None:
        """One session. Returns how long to wait for the next; None: until the token is another."""
        weather, pause = self._weather, self._pause
        try:
            if (wait := await self._sign_ons.wait()) > 0:
                raise TooManySignOns(wait)
            await until_renewed(self._session(), self._renewed)
            self._renewed.clear()
            return 0.0
        except discord.PrivilegedIntentsRequired:
            weather.say("warn", "connection.no_content")
            self._content = False
            return 0.0
        except discord.LoginFailure:
            weather.say("error", "connection.wrong_token")
            return None
        except TooManySignOns as error:
            if error.wait >= self._pace.longest:
                weather.cut("connection.too_many", most=MOST_A_DAY, wait=round(error.wait / 60))
            return error.wait
        except discord.ConnectionClosed as error:
            if error.code == 4004:
                weather.say("error", "connection.wrong_token")
                return None
            weather.cut("connection.cut", surface="Discord", problem=str(error), wait=int(pause))
        except (OSError, aiohttp.ClientError, discord.DiscordException) as error:
            weather.cut("connection.cut", surface="Discord", problem=str(error), wait=int(pause))
        except Exception as error:
            # What Discord sends is not ours: whatever of it cannot be read, a new session can.
            log.exception("a session on Discord has ended for a fault")
            weather.cut(
                "connection.cut", surface="Discord", problem=type(error).__name__, wait=int(pause)
            )
        self._pause = min(self._pace.longest, pause * 2)
        return pause * random.uniform(0.8, 1.0)  # noqa: S311

    async def _session(self) -> None:
        """One client, from its sign-on until it gives up."""
        desk, weather = self._desk, self._weather
        client = Client(content=self._content, pace=self._pace, identify=self._identify)
        async with client:
            refused = asyncio.Event()
            self._traffic.carry(client.http, refused.set)
            await client.login(self._token)
            await self._address(client)
            assert client.user is not None
            me = client.user.id
            await desk.swarm.policy.prepare()
            rest = Rest(client.http, client.application_id or me, me)
            threads = Threads(desk.swarm, rest)
            await threads.load()
            here = Here(
                swarm=desk.swarm,
                say=desk.messages,
                way=rest,
                homes=threads,
                marks=self._marks,
                life=desk.life,
            )
            cards, asking = Cards(here), Asking(here)
            client.rooms = rooms = Rooms(desk.swarm, me, self._pace.history)
            reader = Reader(Files(desk.swarm, client.http.get_from_cdn), rooms)
            saying = Saying(here, cards, asking)
            people = People(saying)
            client.spoken = spoken = Spoken(here, Talk(saying), people, reader)
            client.interactions = Interactions(here, saying, people, reader, self._pace.at_once)
            away, welcome = Away(here), Welcome(here, self._serves)
            await away.load()
            missed = Missed(client, here, spoken, away)
            client.out = missed.out
            client.edits, client.lost, client.decided = (
                Edits(here, spoken),
                threads.lost,
                away.refresh,
            )
            client.serves, client.there, client.marks = self._serves, weather.there, self._marks
            guilds = Guilds(here, self._serves, cards)

            async def hangs(thread: discord.Thread) -> None:
                place = place_of(thread.guild.id, thread.id)
                await desk.swarm.members.hangs(place, str(thread.parent_id))

            client.hangs = hangs

            async def came() -> None:
                self._pause = self._pace.first
                rooms.forget()
                if desk.swarm.settings.of(Discord).gateway_url:
                    # What Discord names for coming back would go round the proxy.
                    client.ws.gateway = DiscordWebSocket.DEFAULT_GATEWAY
                declaring = asyncio.create_task(guilds.declare(g.id for g in client.guilds))
                self._working.append(declaring)
                if self._here is here:
                    weather.there(True)
                    await back()
                else:
                    self._here = here
                    self._work(cards.serve(), "discord-cards")
                    self._work(threads.serve(), "discord-threads")
                    self._work(asking.serve(), "discord-asked")
                    self._work(missed.serve(self._behind, self._pace), "discord-reading")
                    await desk.swarm.outbox.attach(SURFACE, Courier(here, cards.add, asking))
                    await asyncio.wait((declaring,), timeout=DECLARING)
                    names = named(client.guilds, desk.messages)
                    link = invite_link(str(client.application_id or me))
                    weather.ready(
                        "connection.ready", name=str(client.user), guilds=names, link=link
                    )
                    self._work(welcome.to_all(client.guilds), "discord-welcome")
                self._behind.set()

            async def back() -> None:
                if self._here is here:
                    await desk.swarm.outbox.again(SURFACE)

            async def joined(guild: discord.Guild, anew: bool) -> None:
                self._marks.unsure()
                self._behind.set()
                await guilds.joined(guild.id, anew=anew)
                await welcome.to_all([guild])

            client.came, client.joined, client.left = came, joined, guilds.left
            client.back = back
            connected = asyncio.create_task(client.connect(), name="discord-gateway")
            refusal = asyncio.create_task(refused.wait())
            try:
                await asyncio.wait((connected, refusal), return_when=asyncio.FIRST_COMPLETED)
                if refused.is_set():
                    raise discord.LoginFailure("Discord takes the token no longer.")
                connected.result()
            finally:
                refusal.cancel()
                connected.cancel()
                await asyncio.gather(connected, return_exceptions=True)
                await self._leave()
                quiet_heartbeats(asyncio.get_running_loop())

    def _work(self, work: Any, name: str) -> None:
        self._working.append(asyncio.create_task(work, name=name))

    async def _leave(self) -> None:
        working, self._working, self._here = self._working, [], None
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        if working:
            try:
                await self._marks.keep()
                await self._desk.swarm.outbox.detach(SURFACE)
            except WaggleError as error:
                log.error("leaving Discord could not be recorded: %s", error)

    async def _address(self, client: Client) -> None:
        """Where the gateway is, and whether a sign-on is left today."""
        found: dict[str, Any] = await client.http.request(Route("GET", "/gateway/bot"))
        limit = found["session_start_limit"]
        if limit["remaining"] < 1:
            raise TooManySignOns(max(limit["reset_after"] / 1000, self._pace.longest))
        url = self._desk.swarm.settings.of(Discord).gateway_url or str(found["url"])
        address = yarl.URL(url.replace("http", "ws", 1) if url.startswith("http") else url)
        DiscordWebSocket.DEFAULT_GATEWAY = address if address.path != "" else address / ""

    async def _identify(self, initial: bool) -> None:
        """Before each sign-on. Raises `TooManySignOns`."""
        if not initial:
            await asyncio.sleep(random.uniform(*self._pace.calm))  # noqa: S311
            wait = await self._sign_ons.wait()
            if wait <= self._pace.apart:
                await asyncio.sleep(wait)
        await self._sign_ons.take()
        await self._marks.missed()

    def _serves(self, guild: int | None, channel: int | None) -> bool:
        settings = self._desk.swarm.settings.of(Discord)
        if guild is None:
            return True
        if settings.guilds and str(guild) not in settings.guilds:
            return False
        return channel is None or not settings.channels or str(channel) in settings.channels
