"""Updates in: each once, confirmed when they are taken in, whatever fails on the way."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telegram import Update

from bot.telegram.polling import Pace, Polling
from bot.telegram.taking import Taking, settled
from tests.discord.virtual import hours
from tests.fakes.telegram import TOKEN, FakeTelegram, sdk, serving
from tests.fakes.telegram import Client as Hand
from tests.fakes.telegram.client import PATIENCE
from tests.telegram.wire import Wire, wired

QUICK = Pace(again=0.02, first=0.01, longest=0.05, silent=0.0, last=30.0)


class Inbox:
    """Takes updates in; `before` is awaited with the words of each."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.more = asyncio.Condition()
        self.before: Callable[[str], Any] | None = None

    async def take(self, update: Update) -> None:
        message = update.effective_message
        words = (message and message.text) or ""
        if self.before:
            await self.before(words)
        async with self.more:
            self.taken.append(words)
            self.more.notify_all()

    async def until(self, *words: str) -> None:
        async with asyncio.timeout(PATIENCE), self.more:
            await self.more.wait_for(lambda: set(words) <= set(self.taken))


@asynccontextmanager
async def polling(
    wire: Wire, inbox: Inbox, *, patience: float = PATIENCE, pace: Pace = QUICK
) -> AsyncIterator[asyncio.Task[None]]:
    taking = Taking(wire.client, inbox.take, wire.said, patience)
    task = asyncio.create_task(Polling(wire.client, taking, wire.said, pace).serve())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_updates_come_once_in_order_and_are_confirmed_at_the_end(
    fake: FakeTelegram, hand: Hand
) -> None:
    inbox = Inbox()
    ana = await hand.private("Ana")
    async with wired(fake.url) as wire:
        async with polling(wire, inbox):
            for n in range(20):
                await hand.say(ana, ana, str(n))
            await inbox.until("19")
        assert (await hand.counts())["pending"] == 0
    assert inbox.taken == ["/start", *map(str, range(20))]


async def test_while_one_is_slow_others_are_taken_in_and_none_is_confirmed_before_it(
    fake: FakeTelegram, hand: Hand
) -> None:
    inbox, slow = Inbox(), asyncio.Event()
    ana, ben = await hand.private("Ana"), await hand.private("Ben")

    async def before(words: str) -> None:
        if words == "slow":
            await slow.wait()

    inbox.before = before
    async with wired(fake.url) as wire, polling(wire, inbox):
        await inbox.until("/start")
        await hand.say(ana, ana, "slow")
        await hand.say(ana, ana, "after")
        await hand.say(ben, ben, "other")
        await inbox.until("other")
        at, loop = await hand.now(), asyncio.get_running_loop()
        begun = loop.time()
        await hand.say(ben, ben, "later")
        await inbox.until("later")
        assert "after" not in inbox.taken
        given = [one for one in await hand.record(at) if one["kind"] == "given"]
        # The service answers at once while the slow one is there, and is not asked all the time.
        assert len(given) <= (loop.time() - begun) / QUICK.again + 2
        assert (await hand.counts())["pending"] >= 4
        slow.set()
        await inbox.until("after")
    assert inbox.taken.count("other") == inbox.taken.count("slow") == 1
    assert (await hand.counts())["pending"] == 0


async def test_what_was_taken_in_and_not_confirmed_comes_again(
    fake: FakeTelegram, hand: Hand
) -> None:
    first, second = Inbox(), Inbox()
    ana = await hand.private("Ana")
    async with wired(fake.url) as wire:
        reached, never = asyncio.Event(), asyncio.Event()

        async def before(words: str) -> None:
            if words == "stuck":
                reached.set()
                await never.wait()

        first.before = before
        async with polling(wire, first, pace=Pace(again=0.02, last=0.0)):
            await hand.say(ana, ana, "stuck")
            ben = await hand.private("Ben")
            await hand.say(ben, ben, "done")
            await first.until("done")
            await reached.wait()
        async with polling(wire, second):
            await second.until("stuck", "done")
    assert "/start" in first.taken
    assert "stuck" not in first.taken


async def test_what_fails_is_tried_again(fake: FakeTelegram, hand: Hand) -> None:
    inbox, failures = Inbox(), 2
    ana = await hand.private("Ana")

    async def before(words: str) -> None:
        nonlocal failures
        if words == "bad" and failures:
            failures -= 1
            raise OSError("the disk is full")

    inbox.before = before
    async with wired(fake.url) as wire, polling(wire, inbox):
        await hand.say(ana, ana, "bad")
        await hand.say(ana, ana, "good")
        await inbox.until("good")
        assert wire.said.keys == []
    assert inbox.taken == ["/start", "bad", "good"]


@pytest.mark.parametrize("how", ["hangs", "fails", "hangs deaf"])
@hours
async def test_what_cannot_be_taken_in_is_passed_over_and_said(
    how: str, caplog: pytest.LogCaptureFixture
) -> None:
    inbox, over = Inbox(), asyncio.Event()

    async def before(words: str) -> None:
        if words != "bad":
            return
        if how == "fails":
            raise ValueError("never")
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                if how == "hangs":
                    raise

    inbox.before = before
    async with serving(seed=7) as fake, Hand.at(fake.url) as hand, wired(fake.url) as wire:
        ana = await hand.private("Ana")
        async with polling(wire, inbox, patience=50.0, pace=Pace()):
            await inbox.until("/start")
            await hand.say(ana, ana, "bad")
            await hand.say(ana, ana, "good")
            await inbox.until("good")
        over.set()
        assert wire.said.told == [("telegram.passed_over", {"count": 1})]
        assert (await hand.counts())["pending"] == 0
    assert any("was passed over" in record.message for record in caplog.records)


@hours
async def test_an_update_whose_answer_waits_is_confirmed_and_not_said_to_be_lost() -> None:
    inbox, weather = Inbox(), asyncio.Event()

    async def before(words: str) -> None:
        if words == "done":
            settled()
            await weather.wait()

    inbox.before = before
    async with serving(seed=7) as fake, Hand.at(fake.url) as hand, wired(fake.url) as wire:
        ana = await hand.private("Ana")
        async with polling(wire, inbox, patience=50.0, pace=Pace()):
            await inbox.until("/start")
            await hand.say(ana, ana, "done")
            await hand.say(ana, ana, "good")
            await inbox.until("good")
            assert inbox.taken == ["/start", "good"]
            weather.set()
            await inbox.until("done")
        assert (await hand.counts())["pending"] == 0
        assert wire.said.told == []


async def test_the_next_of_a_chat_waits_for_no_answer_and_what_is_owed_is_confirmed(
    fake: FakeTelegram, hand: Hand
) -> None:
    inbox, weather = Inbox(), asyncio.Event()

    async def before(words: str) -> None:
        if words in ("owed", "only a look"):
            settled(owed=words == "owed")
            await weather.wait()

    inbox.before = before
    ana = await hand.private("Ana")
    async with wired(fake.url) as wire, polling(wire, inbox):
        await inbox.until("/start")
        await hand.say(ana, ana, "owed")
        await hand.say(ana, ana, "only a look")
        await hand.say(ana, ana, "good")
        await inbox.until("good")
        # What would be lost with this process comes again after it; the rest need not.
        seen = 0
        while (await hand.counts())["pending"] != 2:
            seen += len(await hand.record(seen, wait=PATIENCE))
        weather.set()
        await inbox.until("owed", "only a look")
    assert (await hand.counts())["pending"] == 0
    assert wire.said.told == []


async def test_an_update_that_cannot_be_read_does_not_stop_the_others(
    fake: FakeTelegram, hand: Hand
) -> None:
    inbox = Inbox()
    ana = await hand.private("Ana")
    fake.service.updates.add("message", {"message_id": "?", "date": [], "chat": 5})
    await hand.say(ana, ana, "good")
    async with wired(fake.url) as wire, polling(wire, inbox):
        await inbox.until("good")
        assert "telegram.passed_over" in wire.said.keys
    fake.service.undocumented.clear()  # which is what this is about


async def test_an_outage_is_said_once_and_its_end(
    fake: FakeTelegram, hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = Inbox()
    await hand.settings(down=True)
    ana = await hand.private("Ana")
    async with wired(fake.url) as wire, polling(wire, inbox):
        await wire.said.until("telegram.away")
        await hand.settings(down=False)
        await wire.said.until("connection.back")
        await hand.say(ana, ana, "hello")
        await inbox.until("hello")
    assert wire.said.keys == ["telegram.away", "connection.back"]
    assert [one for one in caplog.records if one.exc_info] == []


async def test_another_who_fetches_is_said(fake: FakeTelegram, hand: Hand) -> None:
    inbox = Inbox()
    async with wired(fake.url) as wire, polling(wire, inbox), sdk.bot(fake.url) as other:
        await hand.wait("waiting")
        theirs = asyncio.create_task(other.get_updates(timeout=30))
        await wire.said.until("telegram.other_poller")
        await asyncio.gather(theirs, return_exceptions=True)
        ana = await hand.private("Ana")
        await hand.say(ana, ana, "mine")
        await inbox.until("mine")
    assert wire.said.keys[0] == "telegram.other_poller"
    assert wire.said.keys.count("telegram.other_poller") == 1


async def test_a_webhook_that_was_left_over_is_said_and_taken_away(
    fake: FakeTelegram, hand: Hand
) -> None:
    inbox = Inbox()
    await hand.settings(local=True, webhook_again=3600)
    async with wired(fake.url) as wire:
        await wire.client.set_webhook("http://127.0.0.1:9/nobody")
        ana = await hand.private("Ana")
        async with polling(wire, inbox):
            await inbox.until("/start")
            await hand.say(ana, ana, "here")
            await inbox.until("here")
    assert wire.said.keys == ["telegram.hooked", "connection.back"]


async def test_a_token_that_is_not_taken_any_more_ends_it(fake: FakeTelegram, hand: Hand) -> None:
    async with wired(fake.url) as wire, polling(wire, Inbox()) as task:
        await hand.wait("waiting")
        await hand.do("revoke")
        async with asyncio.timeout(PATIENCE):
            await task
        assert wire.refused == [True]
        requests = len(await hand.requests())
        await asyncio.gather(wire.client.get_me(), return_exceptions=True)
        assert len(await hand.requests()) == requests


async def test_after_a_quiet_week_numbers_may_begin_lower(fake: FakeTelegram, hand: Hand) -> None:
    inbox = Inbox()
    ana = await hand.private("Ana")
    async with wired(fake.url) as wire:
        async with polling(wire, inbox):
            await inbox.until("/start")
            await hand.wait("waiting")
            (given,) = await hand.wait("given")
            while (await hand.do("quiet_week"))["next"] > given["ids"][0]:
                pass
            for n in range(3):
                await hand.say(ana, ana, str(n))
            await inbox.until("2")
        assert (await hand.counts())["pending"] == 0
    assert inbox.taken == ["/start", "0", "1", "2"]


async def test_the_token_is_in_no_log_and_in_no_error(
    fake: FakeTelegram, hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    """At every level, and whatever the libraries below would like to say."""
    caplog.set_level(logging.DEBUG)
    canary = TOKEN.partition(":")[2]
    inbox = Inbox()
    ana = await hand.private("Ana")
    problems: list[str] = []
    async with wired(fake.url) as wire, polling(wire, inbox):
        await inbox.until("/start")
        for fault in ("before", "lost"):
            await hand.fault(fault, count=2)
            for call in (wire.client.get_me(), wire.client.send_message(ana, "x")):
                (error,) = await asyncio.gather(call, return_exceptions=True)
                problems += [repr(error), str(error), repr(wire.client)]
        await hand.do("revoke")
        (error,) = await asyncio.gather(wire.client.get_me(), return_exceptions=True)
        problems += [repr(error), str(error)]
    async with wired(f"{fake.url}/{TOKEN}/nowhere\x00") as wire:
        (error,) = await asyncio.gather(wire.client.get_me(), return_exceptions=True)
        problems += [repr(error), str(error)]
    logged = caplog.text + "".join(repr(record.__dict__) for record in caplog.records)
    assert not [each for each in problems if canary in each]
    assert canary not in logged


@pytest.mark.slow
async def test_what_was_taken_in_before_a_kill_comes_again(fake: FakeTelegram, hand: Hand) -> None:
    """And what was confirmed before does not."""
    ana = await hand.private("Ana")

    async def run(*words: str) -> asyncio.subprocess.Process:
        given = (sys.executable, "-m", "tests.telegram.poller", fake.url, *words)
        return await asyncio.create_subprocess_exec(*given, stdout=asyncio.subprocess.PIPE)

    first = await run("deadly")
    assert first.stdout
    assert await first.stdout.readline() == b"/start\n"
    await hand.wait("waiting")  # so that is confirmed
    await hand.say(ana, ana, "deadly")
    assert await first.stdout.read() == b"deadly\n"
    assert await first.wait() == -signal.SIGKILL
    await hand.say(ana, ana, "after")
    second = await run()
    assert second.stdout
    try:
        lines = [await second.stdout.readline() for _ in range(2)]
    finally:
        second.kill()
        await second.wait()
    assert lines == [b"deadly\n", b"after\n"]
