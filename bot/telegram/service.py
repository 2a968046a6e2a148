"""The life of the Telegram surface: come, serve, and say what is in the way.

What can go wrong: the token is wrong or is taken back, the service is away, somebody else fetches
with the same token, the address of a webhook is not reached. So a wrong token is said once and
waits for another one, an outage is waited for with growing pauses, and everything that was not
confirmed comes again.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Any

import msgspec
from telegram import BotCommandScope
from telegram.error import InvalidToken, TelegramError

from bot.chat.away import Away
from bot.chat.cards import Cards
from bot.chat.pressing import Pressing
from bot.chat.questions import Asking
from bot.chat.sessions import until_renewed
from bot.chat.urgency import Urgency, urgency
from bot.chat.weather import Weather
from bot.commands.desk import Desk
from bot.reply import Notice
from bot.sections.telegram import SECRET, Keys, Telegram
from bot.telegram import albums, lists, polling
from bot.telegram.albums import Albums
from bot.telegram.asking import Forms
from bot.telegram.channels import NAME, SURFACE
from bot.telegram.chats import Chats
from bot.telegram.client import Client, connected
from bot.telegram.courier import Courier
from bot.telegram.here import Here
from bot.telegram.homes import Homes
from bot.telegram.inbox import Inbox
from bot.telegram.lanes import Limits
from bot.telegram.lists import Lists
from bot.telegram.lookups import Lookups
from bot.telegram.marks import Marks
from bot.telegram.material import Reader
from bot.telegram.menu import digest, menus
from bot.telegram.people import People
from bot.telegram.polling import Polling
from bot.telegram.pressing import Presses
from bot.telegram.rest import Rest
from bot.telegram.rooms import Rooms
from bot.telegram.saying import Saying
from bot.telegram.spoken import Spoken
from bot.telegram.taking import Taking
from bot.telegram.traffic import Traffic
from bot.telegram.webhook import Hook, Webhook
from bot.telegram.welcome import Welcome
from swarm_core import WaggleError

log = logging.getLogger(__name__)

_MENU = "menu"
NEVER = float("inf")
"""A bot changes its messages on Telegram however old they are."""
_REFUSED = "Telegram does not take the token."


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, and what the service takes."""

    polling: polling.Pace = polling.Pace()
    limits: Limits = Limits()
    first: float = 1.0
    longest: float = 300.0
    """After a session that has ended, the first time and at most."""
    silent: float = 30.0
    album: float = albums.GATHER
    list: float = lists.GATHER


class Surface:
    """Telegram, as long as `serve` runs. `tell` says what a person has to mend."""

    def __init__(
        self, desk: Desk, keys: Keys, tell: Callable[[Notice], None], pace: Pace | None = None
    ) -> None:
        self._desk, self._keys, self._pace = desk, keys, pace or Pace()
        self._weather = Weather(desk.messages, NAME, tell, self._pace.silent)
        self._renewed = asyncio.Event()
        self._working: list[asyncio.Task[None]] = []
        self._pause = self._pace.first
        self._moves: set[asyncio.Task[None]] = set()
        self._inbox: Inbox | None = None

    def renew(self, keys: Keys) -> None:
        """From now on with these."""
        if keys != self._keys:
            self._keys = keys
            self._renewed.set()

    async def serve(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                pause = await self._until_cut()
                try:
                    async with asyncio.timeout(pause):
                        await self._renewed.wait()
                except TimeoutError:
                    continue
        finally:
            self._weather.close()

    async def _until_cut(self) -> float | None:
        """One session. Returns how long to wait for the next; None: until the keys are others."""
        weather, pause = self._weather, self._pause
        self._renewed.clear()
        try:
            await until_renewed(self._session(), self._renewed)
        except InvalidToken:
            weather.say("error", "telegram.wrong_token")
            return None
        except WaggleError as error:
            if error.code == "weak_secret":
                told = self._desk.messages.error(error)
                weather.say("error", "telegram.weak_secret", problem=told)
                return None
            problem = str(error.data.get("problem") or error)
            weather.cut("connection.cut", surface=NAME, problem=problem, wait=int(pause))
        except (OSError, TelegramError) as error:
            weather.cut("connection.cut", surface=NAME, problem=str(error), wait=int(pause))
        except Exception as error:
            # What Telegram sends is not ours: whatever of it cannot be read, a new session can.
            log.exception("a session on Telegram has ended for a fault")
            problem = type(error).__name__
            weather.cut("connection.cut", surface=NAME, problem=problem, wait=int(pause))
        else:
            return 0.0
        self._pause = min(self._pace.longest, pause * 2)
        return pause * random.uniform(0.8, 1.0)  # noqa: S311

    async def _session(self) -> None:
        """With one token, until the service takes it no longer."""
        refused = asyncio.Event()
        traffic = Traffic(self._tell, refused.set, self._pace.limits)
        settings = self._desk.swarm.settings.of(Telegram)
        async with connected(self._keys.token, traffic, settings.api) as client:
            try:
                try:
                    source = await self._begin(client)
                except WaggleError:
                    if refused.is_set():
                        raise InvalidToken(_REFUSED) from None
                    raise
                serving = asyncio.create_task(source.serve(), name="telegram-updates")
                refusal = asyncio.create_task(refused.wait())
                try:
                    await asyncio.wait((serving, refusal), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    refusal.cancel()
                    serving.cancel()
                    await asyncio.wait((serving,))
                if refused.is_set():
                    raise InvalidToken(_REFUSED)
                if not serving.cancelled():
                    serving.result()
            finally:
                await self._leave()

    async def _begin(self, client: Client) -> Polling | Webhook:
        """Everything that works while we are there; returns what brings updates."""
        swarm, settings = self._desk.swarm, self._desk.swarm.settings.of(Telegram)
        hook = self._hook(settings)
        lookups = Lookups(client)
        me = await lookups.me()
        await swarm.policy.prepare()
        chats, marks = Chats(swarm), Marks(swarm)
        await chats.load()
        await marks.load()
        way = Rest(client, self._moved, chats.moves)
        here = Here(
            swarm=swarm,
            say=self._desk.messages,
            way=way,
            homes=Homes(),
            life=self._desk.life,
            chats=chats,
            marks=marks,
            me=me,
        )
        cards, asking = Cards(here, old=NEVER), Asking(here)
        saying = Saying(here, cards, asking)
        people = People(saying, chats, lookups)
        reader = Reader(swarm, lookups, Rooms(swarm, me), Albums(self._pace.album))
        away, forms = Away(here), Forms(here, Pressing(saying))
        await forms.load()
        waiting = Lists(away, self._pace.list)
        welcome = Welcome(here, cards)
        inbox = Inbox(
            here,
            Spoken(saying, people, reader, forms, waiting),
            Presses(saying, people, forms, waiting),
            people,
            welcome,
        )
        self._inbox = inbox
        taking = Taking(client, inbox.take, self._tell, now=swarm.store.clock.now)
        source = (
            Webhook(client, taking, self._tell, hook)
            if hook
            else Polling(client, taking, self._tell, self._pace.polling)
        )
        self._work(cards.serve(), "telegram-cards")
        self._work(asking.serve(), "telegram-asked")
        self._work(self._declare(here), "telegram-menu")
        await away.load()
        await swarm.outbox.attach(SURFACE, Courier(here, cards.add, asking))
        self._work(inbox.go_on(), "telegram-moved")
        self._pause = self._pace.first
        self._weather.ready("telegram.ready", name=f"@{me.username}", link=here.link)
        return source

    def _hook(self, settings: Telegram) -> Hook | None:
        """Where updates are brought to; None where they are fetched. Raises `WeakSecret`."""
        if settings.webhook_url is None:
            return None
        hook = Hook(
            url=settings.webhook_url,
            host=settings.webhook_listen,
            port=settings.webhook_port,
            secret=self._keys.secret,
            variable=SECRET,
        )
        hook.check()
        return hook

    async def _declare(self, here: Here) -> None:
        """Tell Telegram of our commands, where they are not those it knows."""
        urgency.set(Urgency.LATER)
        listed = menus(here.say)
        now, posts = digest(listed), here.swarm.posts
        try:
            if await posts.recall(SURFACE, _MENU) == now:
                return
            for menu in listed:
                scope = BotCommandScope(menu.scope)
                await here.way.commands(menu.commands, scope, menu.language)
            await posts.note(SURFACE, _MENU, now)
        except WaggleError as error:
            log.error("Telegram takes no commands of ours: %s", error)

    def _tell(self, key: str, **data: Any) -> None:
        self._weather.say("info" if key == "connection.back" else "warn", key, **data)

    def _moved(self, old: str, new: str) -> None:
        """A group became another, as an answer to something we have sent says."""
        task = asyncio.create_task(self._follow(old, new), name="telegram-moved")
        self._moves.add(task)
        task.add_done_callback(self._moves.discard)

    async def _follow(self, old: str, new: str) -> None:
        try:
            if self._inbox:
                await self._inbox.moved(old, new)
        except WaggleError as error:
            log.error("that %s became %s could not be recorded: %s", old, new, error)

    def _work(self, work: Any, name: str) -> None:
        self._working.append(asyncio.create_task(work, name=name))

    async def _leave(self) -> None:
        working, self._working = [*self._working, *self._moves], []
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        self._inbox = None
        try:
            await self._desk.swarm.outbox.detach(SURFACE)
        except WaggleError as error:
            log.error("leaving Telegram could not be recorded: %s", error)
