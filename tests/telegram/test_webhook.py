"""Updates brought to us: only with the secret, and done with when they are on disk."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.telegram.polling import Polling
from bot.telegram.taking import Taking
from bot.telegram.webhook import HEADER, LARGEST, LOOK, Hook, Webhook, unhook
from swarm_core import errors
from tests.discord.virtual import hours
from tests.fakes.telegram import Client as Hand
from tests.fakes.telegram import FakeTelegram, serving
from tests.fakes.telegram.client import PATIENCE
from tests.telegram.test_polling import QUICK, Inbox
from tests.telegram.wire import Wire, wired

SECRET = "s3cret_-" * 4


def hook(secret: str = SECRET) -> Hook:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/telegram/in"
    return Hook(url=url, host="127.0.0.1", port=port, secret=secret, variable="SECRET")


@asynccontextmanager
async def hooked(
    wire: Wire, hand: Hand, inbox: Inbox, to: Hook, *, patience: float = PATIENCE
) -> AsyncIterator[None]:
    await hand.settings(local=True, webhook_again=0.01)
    at = await hand.now()
    taking = Taking(wire.client, inbox.take, wire.said, patience)
    task = asyncio.create_task(Webhook(wire.client, taking, wire.said, to).serve())
    try:
        await hand.wait("request", since=at, method="setWebhook", status=200)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_brought_is_done_with_when_it_is_taken_in(
    fake: FakeTelegram, hand: Hand
) -> None:
    inbox, reached, go = Inbox(), asyncio.Event(), asyncio.Event()

    async def before(words: str) -> None:
        if words == "slow":
            reached.set()
            await go.wait()

    inbox.before = before
    async with wired(fake.url) as wire, hooked(wire, hand, inbox, hook()):
        ana = await hand.private("Ana")
        await hand.say(ana, ana, "slow")
        await reached.wait()
        assert (await hand.counts())["pending"] == 1
        go.set()
        await hand.say(ana, ana, "next")
        await inbox.until("next")
        (told,) = [one for one in await hand.requests() if one["method"] == "setWebhook"]
    assert inbox.taken == ["/start", "slow", "next"]
    assert told["parameters"]["secret_token"] == SECRET
    assert "callback_query" in told["parameters"]["allowed_updates"]


async def test_nobody_else_is_listened_to(fake: FakeTelegram, hand: Hand) -> None:
    inbox, to = Inbox(), hook()
    update = {"update_id": 5, "message": {}}
    good = {HEADER: SECRET}
    async with wired(fake.url) as wire, hooked(wire, hand, inbox, to):  # noqa: SIM117
        async with aiohttp.ClientSession() as session:

            async def asked(url: str = to.url, **how: object) -> int:
                async with session.post(url, **how) as answer:  # type: ignore[arg-type]
                    return answer.status

            wrong = [{}, {HEADER: ""}, {HEADER: SECRET[:-1]}, {HEADER: "ü" * 32}]
            assert [await asked(json=update, headers=one) for one in wrong] == [403] * 4
            assert await asked(to.url + "x", json=update, headers=good) == 404
            assert await asked(data=io.BytesIO(b"x" * (LARGEST + 1)), headers=good) == 413
            for bad in (b"nonsense", b"[]", b"{}", b'{"update_id": "x"}'):
                assert await asked(data=bad, headers=good) == 400
    assert inbox.taken == []


@pytest.mark.parametrize("secret", ["", "short", "a" * 31, "a" * 257, "ä" * 40, "a b" * 20])
async def test_a_secret_that_could_be_guessed_is_refused(fake: FakeTelegram, secret: str) -> None:
    async with wired(fake.url) as wire:
        taking = Taking(wire.client, Inbox().take, wire.said)
        with pytest.raises(errors.WeakSecret):
            Webhook(wire.client, taking, wire.said, hook(secret))


async def test_what_comes_twice_is_taken_in_once(fake: FakeTelegram, hand: Hand) -> None:
    inbox, to = Inbox(), hook()
    reached, go = asyncio.Event(), asyncio.Event()

    async def before(words: str) -> None:
        reached.set()
        await go.wait()

    inbox.before = before
    chat = {"id": 7, "type": "private", "first_name": "A"}
    message = {"message_id": 1, "date": 1_700_000_000, "chat": chat, "text": "once"}
    update = {"update_id": 5, "message": message}
    async with wired(fake.url) as wire, hooked(wire, hand, inbox, to):  # noqa: SIM117
        async with aiohttp.ClientSession(headers={HEADER: SECRET}) as session:

            async def bring() -> int:
                async with session.post(to.url, json=update) as answer:
                    return answer.status

            first = asyncio.create_task(bring())
            await reached.wait()
            second = asyncio.create_task(bring())
            go.set()
            assert await asyncio.gather(first, second) == [200, 200]
            assert await bring() == 200
    assert inbox.taken == ["once"]


async def test_back_to_fetching_nothing_is_lost(fake: FakeTelegram, hand: Hand) -> None:
    inbox = Inbox()
    async with wired(fake.url) as wire:
        async with hooked(wire, hand, inbox, hook()):
            ana = await hand.private("Ana")
            await inbox.until("/start")
        # We are gone, and the service goes on trying.
        await hand.say(ana, ana, "meanwhile")
        await unhook(wire.client)
        taking = Taking(wire.client, inbox.take, wire.said)
        task = asyncio.create_task(Polling(wire.client, taking, wire.said, QUICK).serve())
        await inbox.until("meanwhile")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert wire.said.keys == []
    (told,) = [one for one in await hand.requests() if one["method"] == "deleteWebhook"]
    assert told["parameters"].get("drop_pending_updates", "false") == "false"


async def test_a_service_that_is_away_is_told_the_address_later(
    fake: FakeTelegram, hand: Hand
) -> None:
    inbox = Inbox()
    await hand.fault("status", method="setWebhook", status=500, count=1)
    async with wired(fake.url) as wire, hooked(wire, hand, inbox, hook()):
        await hand.private("Ana")
        await inbox.until("/start")
        await wire.said.until("connection.back")
    assert wire.said.keys == ["telegram.away", "connection.back"]


@hours
async def test_that_nobody_reaches_us_or_that_we_were_replaced_is_noticed() -> None:
    inbox = Inbox()
    async with serving(seed=7) as fake, Hand.at(fake.url) as hand, wired(fake.url) as wire:
        to = hook()
        async with hooked(wire, hand, inbox, to):
            webhook = fake.service.webhook
            await hand.private("Ana")
            await inbox.until("/start")
            await wire.client.set_webhook("http://127.0.0.1:9/elsewhere")
            await asyncio.sleep(LOOK)
            await wire.said.until("telegram.hooked")
            await wire.said.until("connection.back")
            assert webhook.url == to.url
            # What stands before us is not there.
            await hand.settings(webhook_again=10 * LOOK)
            webhook.url = "http://127.0.0.1:9/telegram/in"
            await hand.private("Ben")
            await hand.wait("webhook_failed", count=2)
            webhook.url = to.url
            await asyncio.sleep(LOOK)
            await wire.said.until("telegram.unreached")
    assert wire.said.keys == ["telegram.hooked", "connection.back", "telegram.unreached"]
