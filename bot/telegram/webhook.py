"""Updates brought by Telegram to an address of ours, in place of fetching them.

What can go wrong: anybody can call an address. So there is a secret which the service sends along
and nobody can guess, without which nothing of a request is read; and no request is larger than an
update can be. The service brings an update again until it is told 200, so that is said when what
came of it is on disk, and not before. And it may not reach us at all, which nobody here would
notice: so it is asked now and then what it has met with.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from telegram.error import InvalidToken, TelegramError

from bot.sections.telegram import LEAST, MOST, secret_fits
from bot.telegram.channels import NAME
from bot.telegram.client import Client
from bot.telegram.taking import KINDS, Taking, Tell
from swarm_core import errors

log = logging.getLogger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 1024 * 1024
"""Bytes of an update; texts are 4,096 letters, and an update has a message and what it replies
to."""
SIDE_BY_SIDE = 40
BODY = 15.0
"""Seconds for a request to arrive in."""
LOOK, FIRST, LONGEST = 300.0, 1.0, 60.0
"""Seconds between two looks at what the service has met with; before it is told the address again,
the first time and at most."""
LAST = 5.0


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """`url` is what the service calls; its path is listened on at `host` and `port`, before which
    something that speaks TLS has to stand. `secret` comes from `variable`."""

    url: str
    host: str
    port: int
    secret: str
    variable: str

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"

    def check(self) -> None:
        """Raises `WeakSecret`."""
        if not secret_fits(self.secret):
            raise errors.WeakSecret(variable=self.variable, least=LEAST, most=MOST)


class Webhook:
    """`tell` says a sentence by its key: that the service cannot reach us, or we it."""

    def __init__(self, client: Client, taking: Taking, tell: Tell, hook: Hook) -> None:
        hook.check()
        self._client, self._taking, self._tell, self._hook = client, taking, tell, hook
        self._secret = hook.secret.encode()
        self._told = ""
        self._knocked = False

    async def serve(self) -> None:
        """Until it is cancelled, or the token is not taken any more. The service is not told to
        stop: what comes meanwhile waits there for the next start. Raises `OSError` when the port
        is taken."""
        async with self._listening():
            try:
                await self._stay_known()
            except InvalidToken:
                return
            finally:
                await self._taking.rest(LAST)

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        app = web.Application(client_max_size=LARGEST)
        app.router.add_post(self._hook.path, self._brought)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAST)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._hook.host, self._hook.port).start()
            yield
        finally:
            await runner.cleanup()

    async def _brought(self, request: web.Request) -> web.Response:
        given = request.headers.get(HEADER, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, self._secret):
            # Once: whoever knocks must not fill the log.
            level, self._knocked = logging.DEBUG if self._knocked else logging.WARNING, True
            log.log(level, "a request to the webhook without its secret was turned away")
            return web.Response(status=403)
        try:
            async with asyncio.timeout(BODY):
                told = json.loads(await request.read())
            task = self._taking.give(told)
        except (ValueError, KeyError, TypeError):
            return web.Response(status=400)
        except TimeoutError:
            return web.Response(status=408)
        if task:
            # Whoever called may be gone before it is taken in; it is taken in all the same.
            await asyncio.wait((task,))
            if task.cancelled():
                return web.Response(status=503)
        return web.Response()

    async def _stay_known(self) -> None:
        pause, known = FIRST, False
        while True:
            try:
                if known:
                    await self._look()
                else:
                    known = await self._say_where()
            except InvalidToken:
                raise
            except TelegramError as error:
                problem = self._client.clean(error.message)
                log.info("the webhook could not be seen to: %s", problem)
                self._say("telegram.away", problem=problem)
                await asyncio.sleep(pause)
                pause = min(LONGEST, pause * 2)
            else:
                pause = FIRST
                await asyncio.sleep(LOOK)

    async def _say_where(self) -> bool:
        hook = self._hook
        await self._client.set_webhook(
            hook.url,
            secret_token=hook.secret,
            allowed_updates=KINDS,
            max_connections=SIDE_BY_SIDE,
            drop_pending_updates=False,
        )
        self._fine()
        return True

    async def _look(self) -> None:
        found = await self._client.get_webhook_info()
        if found.url != self._hook.url:
            self._say("telegram.hooked")
            await self._say_where()
        elif found.last_error_message and found.pending_update_count:
            problem = self._client.clean(found.last_error_message)
            self._say("telegram.unreached", problem=problem)
        else:
            self._fine()

    def _say(self, key: str, **data: str) -> None:
        if self._told != key:
            self._told = key
            self._tell(key, **data)

    def _fine(self) -> None:
        if self._told:
            self._tell("connection.back", surface=NAME)
        self._told = ""


async def unhook(client: Client) -> None:
    """Before updates are fetched again: what waits at the service is kept. Nothing is done where
    there is no webhook. Raises what the SDK raises."""
    await client.delete_webhook(drop_pending_updates=False)
