"""Updates that are brought."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot
from telegram.error import Conflict

from tests.fakes.telegram import Client
from tests.fakes.telegram.client import PATIENCE
from tests.fakes_telegram.rest import Rest


@dataclass
class Listener:
    url: str = ""
    statuses: list[int] = field(default_factory=list)
    """What to answer with, one after the other; then 200."""
    got: asyncio.Queue[tuple[str | None, Any]] = field(default_factory=asyncio.Queue)

    async def take(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        await self.got.put((secret, await request.json()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def following(self) -> tuple[str | None, Any]:
        return await asyncio.wait_for(self.got.get(), PATIENCE)


@asynccontextmanager
async def listening(*statuses: int) -> AsyncIterator[Listener]:
    listener = Listener(statuses=list(statuses))
    app = web.Application()
    app.router.add_post("/hook", listener.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield listener
    finally:
        await runner.cleanup()


async def test_an_update_is_brought_with_the_secret_until_it_is_taken(
    bot: Bot, hand: Client
) -> None:
    await hand.settings(local=True, webhook_again=0.001)
    async with listening(500, 503) as listener:
        await bot.set_webhook(listener.url, secret_token="s3cret_-")
        ana = await hand.private("Ana")
        tries = [await listener.following() for _ in range(3)]
        assert {secret for secret, _ in tries} == {"s3cret_-"}
        assert len({one["update_id"] for _, one in tries}) == 1
        await hand.say(ana, ana, "next")
        _, update = await listener.following()
        assert update["message"]["text"] == "next"
        info = await bot.get_webhook_info()
        assert info.url == listener.url
        assert info.last_error_message == (
            "Wrong response from the webhook: 503 Service Unavailable"
        )
        with pytest.raises(Conflict, match="use deleteWebhook to delete the webhook first"):
            await bot.get_updates()
        await bot.delete_webhook()
    assert list(await bot.get_updates()) == []
    assert (await bot.get_webhook_info()).url == ""


async def test_setting_a_webhook_ends_a_poll(hand: Client, rest: Rest) -> None:
    await hand.settings(local=True)
    async with listening() as listener:
        poll = asyncio.create_task(rest("getUpdates", timeout=30))
        await hand.wait("waiting")
        assert (await rest("setWebhook", url=listener.url)).body["description"] == "Webhook was set"
        assert (await poll).problem == (409, "Conflict: terminated by setWebhook request")


@pytest.mark.parametrize(
    ("url", "secret", "problem"),
    [
        ("http://e.org/x", "", "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            "https://e.org:9000/x",
            "",
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ("nonsense", "", "invalid webhook URL specified"),
        ("https://e.org/", "a b", "secret token contains unallowed characters"),
        ("https://e.org/", "a" * 257, "secret token is too long"),
    ],
)
async def test_a_webhook_that_could_not_be_is_refused(
    rest: Rest, url: str, secret: str, problem: str
) -> None:
    answer = await rest("setWebhook", url=url, secret_token=secret)
    assert answer.problem == (400, f"Bad Request: {problem}")


async def test_pending_updates_can_be_dropped(bot: Bot, hand: Client) -> None:
    await hand.private("Ana")
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.delete_webhook(drop_pending_updates=True)
    assert list(await bot.get_updates()) == []
