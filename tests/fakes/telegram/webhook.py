"""Updates brought to the bot: core.telegram.org/bots/api#setwebhook.

tdlib/telegram-bot-api, WebhookActor.cpp: each update until it is answered with 2xx, the first time
again at once, then after twice as long each time. Here one after the other; there those of
different chats go side by side.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import aiohttp

from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.updates import Updates, Waiting
from tests.fakes.telegram.world import World

SECRET = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    def __init__(self, world: World, updates: Updates) -> None:
        self._world, self._updates = world, updates
        self.url = self.secret = ""
        self._connections = 40
        self._error: tuple[int, str] | None = None
        self._task: asyncio.Task[None] | None = None
        self._more = asyncio.Event()
        updates.more = self._more.set

    def set(self, url: str, secret: str, connections: int) -> None:
        self.delete()
        self.url, self.secret, self._connections = url, secret, connections
        self._task = asyncio.get_running_loop().create_task(self._deliver())

    def delete(self) -> None:
        self.url, self._error = "", None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def close(self) -> None:
        task = self._task
        self.delete()
        if task is not None:
            with suppress(asyncio.CancelledError):
                await task

    def info(self) -> Json:
        """#webhookinfo"""
        made: Json = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": self._updates.pending(),
        }
        if self._error:
            made["last_error_date"], made["last_error_message"] = self._error
        if self.url:
            made |= {"max_connections": self._connections, "ip_address": "127.0.0.1"}
        if not self._updates.usual():
            made["allowed_updates"] = sorted(self._updates.allowed)
        return made

    async def _deliver(self) -> None:
        headers = {SECRET: self.secret} if self.secret else {}
        async with aiohttp.ClientSession(headers=headers) as session:
            while True:
                self._more.clear()
                if not self._updates.pending():
                    await self._more.wait()
                    continue
                await self._bring(session, self._updates.queue[0])

    async def _bring(self, session: aiohttp.ClientSession, one: Waiting) -> None:
        delay = self._world.settings.webhook_again
        failed = 0
        while one in self._updates.queue:
            problem = await self._try(session, one)
            if problem is None:
                self._updates.done(one)
                return
            self._error = self._world.today(), problem
            self._world.note("webhook_failed", id=one.id, problem=problem)
            if failed:
                await asyncio.sleep(delay)
                delay *= 2
            failed += 1

    async def _try(self, session: aiohttp.ClientSession, one: Waiting) -> str | None:
        self._world.note("given", ids=[one.id], by="webhook")
        try:
            async with session.post(self.url, json=one.json) as answer:
                if 200 <= answer.status <= 299:
                    return None
                return f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError) as problem:
            return str(problem) or "Webhook connection closed"
