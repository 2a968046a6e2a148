"""What goes out to Telegram: who goes first, what is overtaken, when nothing goes. In virtual time,
which the fake goes by as well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.chat.urgency import Urgency, urgency
from bot.render.outgoing import Outgoing
from bot.telegram.lanes import Limits
from swarm_core import errors
from tests.discord.virtual import hours
from tests.fakes.chat.clock import Clock
from tests.fakes.telegram import Client as Hand
from tests.fakes.telegram import FakeTelegram, Settings, serving
from tests.telegram.wire import EAGER, Wire, wired

HOUR = 3600


class LoopTime(Clock):
    def now(self) -> float:
        return 1_800_000_000.0 + asyncio.get_running_loop().time() + self._ahead


@dataclass
class Scene:
    fake: FakeTelegram
    hand: Hand
    wire: Wire

    async def post(self, chat: int, text: str, what: Urgency = Urgency.OTHER) -> str:
        urgency.set(what)
        return await self.wire.rest.post(str(chat), Outgoing(content=text))

    async def edit(self, chat: int, message: str, text: str, what: Urgency = Urgency.CARD) -> None:
        urgency.set(what)
        await self.wire.rest.edit(str(chat), message, Outgoing(content=text))

    async def texts(self, chat: int, count: int) -> list[str]:
        return [one["text"] for one in await self.hand.posted(chat, count=count)]

    async def inside(self) -> int:
        return int((await self.hand.counts())["inside_retry_after"])


@asynccontextmanager
async def scene(limits: Limits | None = None, **settings: Any) -> AsyncIterator[Scene]:
    async with serving(seed=7, settings=Settings(**settings)) as fake, Hand.at(fake.url) as hand:
        fake.service.world.clock = LoopTime()
        async with wired(fake.url, limits=limits or Limits()) as wire:
            yield Scene(fake, hand, wire)


def now() -> float:
    return asyncio.get_running_loop().time()


async def storm(at: Scene, chats: int, each: int) -> dict[str, Any]:
    """Messages to so many people and to a group at once, more than the service takes."""
    people = [await at.hand.private(f"P{n}") for n in range(chats)]
    club = await at.hand.group("Club", people[0])
    posts = [at.post(person, f"{n}") for person in people for n in range(each)]
    posts += [at.post(club, f"{n}") for n in range(45)]
    await asyncio.gather(*(asyncio.create_task(post) for post in posts))
    for person in people:
        assert await at.texts(person, each) == [str(n) for n in range(each)]
    assert await at.texts(club, 45) == [str(n) for n in range(45)]
    return dict(await at.hand.counts())


@hours
async def test_nothing_is_refused_where_the_figures_of_the_service_hold() -> None:
    async with scene(Limits(burst=1), flood=True) as at:
        counts = await storm(at, 31, 2)
    assert counts["refused_429"] == 0


@hours
async def test_a_storm_of_refusals_is_weathered_without_a_request_too_early() -> None:
    async with scene(Limits(burst=2), flood=True) as at:
        counts = await storm(at, 6, 5)
    assert counts["refused_429"] > 0
    assert counts["inside_retry_after"] == 0


@hours
async def test_of_two_edits_the_later_stands_even_when_the_first_was_refused() -> None:
    async with scene() as at:
        ana = await at.hand.private("Ana")
        sent = await at.post(ana, "one")
        await at.hand.fault("limit", method="editMessageText", retry_after=2, count=1)
        words = ("two", "three", "four")
        await asyncio.gather(*(asyncio.create_task(at.edit(ana, sent, word)) for word in words))
        edits = await at.hand.edited(ana, int(sent))
        assert [one["text"] for one in edits] == ["four"]
        assert await at.inside() == 0
        assert (await at.hand.counts())["edited"] == 1


@hours
async def test_the_most_urgent_goes_first() -> None:
    async with scene() as at:
        ana = await at.hand.private("Ana")
        await at.hand.fault("limit", method="sendMessage", retry_after=2, count=1)
        order = (Urgency.CARD, Urgency.LATER, Urgency.RESULT, Urgency.ANSWER, Urgency.DECISION)
        posts = [asyncio.create_task(at.post(ana, what.name, what)) for what in order]
        await asyncio.gather(*posts)
        texts = await at.texts(ana, 5)
        assert texts == ["ANSWER", "DECISION", "RESULT", "CARD", "LATER"]
        assert await at.inside() == 0


@hours
async def test_what_is_said_of_a_stop_and_what_asks_overtake_every_card_that_waits() -> None:
    async with scene() as at:
        ana = await at.hand.private("Ana")
        cards = [await at.post(ana, f"card {n}", Urgency.ANSWER) for n in range(12)]
        await at.hand.fault("limit", method="editMessageText", chat=ana, retry_after=20, count=1)
        waiting = [asyncio.create_task(at.edit(ana, card, "changed")) for card in cards]
        await at.hand.wait("request", status=429)
        begun = len(await at.hand.requests())
        asks = asyncio.create_task(at.post(ana, "May I?", Urgency.DECISION))
        stopped = asyncio.create_task(at.post(ana, "It is stopped.", Urgency.ANSWER))
        await asyncio.gather(asks, stopped, *waiting)
        after = (await at.hand.requests())[begun:]
        assert [r["parameters"]["text"] for r in after[:3]] == [
            "It is stopped.",
            "May I?",
            "changed",
        ]
        assert len(after) == 2 + len(cards)
        assert await at.inside() == 0


@hours
async def test_people_are_heard_however_many_messages_were_refused() -> None:
    async with scene(EAGER) as at:
        ana = await at.hand.private("Ana")
        await _all_refused(at, ana)
        begun = now()
        await at.hand.say(ana, ana, "/stop all")
        heard = await at.wire.client.updates(None, 0, ())
        assert "/stop all" in str(heard)
        assert now() - begun < 10.0


@hours
async def test_an_answer_is_tried_as_long_as_it_is_refused_which_nobody_says_again() -> None:
    async with scene(EAGER) as at:
        ana = await at.hand.private("Ana")
        await at.hand.fault("limit", method="sendMessage", retry_after=1, count=40)
        await at.post(ana, "#1 has its yes.", Urgency.ANSWER)
        await at.hand.fault("limit", method="sendMessage", retry_after=1, count=8)
        with pytest.raises(errors.SurfaceAway):
            await at.post(ana, "It is done.", Urgency.RESULT)
        assert await at.texts(ana, 1) == ["#1 has its yes."]
        assert await at.inside() == 0


@hours
async def test_an_answer_waits_for_a_long_refusal_to_be_over_and_a_notice_comes_again() -> None:
    async with scene(EAGER) as at:
        ana = await at.hand.private("Ana")
        await at.hand.fault("limit", method="sendMessage", chat=ana, retry_after=400, count=1)
        first = asyncio.create_task(at.post(ana, "#1 has its yes.", Urgency.ANSWER))
        await at.hand.wait("request", status=429)
        with pytest.raises(errors.SurfaceAway):
            await at.post(ana, "It is done.", Urgency.RESULT)
        await first
        assert await at.texts(ana, 1) == ["#1 has its yes."]
        assert await at.inside() == 0


@hours
async def test_a_chat_that_takes_no_answer_leaves_room_for_those_of_others() -> None:
    async with scene(EAGER) as at:
        ana, ben = await at.hand.private("Ana"), await at.hand.private("Ben")
        await at.hand.fault("limit", method="sendMessage", chat=ana, retry_after=1)
        begun = now()
        never = asyncio.create_task(at.post(ana, "never", Urgency.ANSWER))
        await asyncio.sleep(1800)
        asked = now()
        await at.post(ben, "answer", Urgency.ANSWER)
        assert now() - asked < 10.0
        with pytest.raises(errors.SurfaceAway):
            await never
        assert HOUR <= now() - begun < HOUR + 60
        assert (await at.hand.counts())["refused_429"] < 250


@hours
async def test_cards_of_a_group_leave_room_for_answers() -> None:
    async with scene(flood=True, per_chat=(1000, 1.0)) as at:
        ana = await at.hand.private("Ana")
        club = await at.hand.group("Club", ana)
        sent = [await at.post(club, str(n), Urgency.ANSWER) for n in range(5)]
        edits = [
            asyncio.create_task(at.edit(club, message, f"anew {n}"))
            for n in range(4)
            for message in sent
        ]
        await at.hand.wait("edit", chat=club, count=3)
        begun = now()
        for n in range(6):
            await at.post(club, f"answer {n}", Urgency.ANSWER)
        assert now() - begun < 10.0
        await asyncio.gather(*edits)
        assert (await at.hand.counts())["refused_429"] == 0


@hours
async def test_a_refusal_for_everything_holds_up_everything() -> None:
    async with scene() as at:
        ana, ben = await at.hand.private("Ana"), await at.hand.private("Ben")
        await at.hand.fault("limit", method="sendMessage", retry_after=4, everywhere=True, count=1)
        first = asyncio.create_task(at.post(ana, "one"))
        await at.hand.wait("request", status=429)
        others = [at.post(ben, "two"), at.wire.client.get_me(), at.wire.client.updates(None, 0, ())]
        await asyncio.gather(first, *others)
        assert await at.inside() == 0


@hours
async def test_a_long_refusal_of_everything_is_found_out_by_one_request() -> None:
    async with scene() as at:
        people = [await at.hand.private(f"P{n}") for n in range(5)]
        await at.hand.fault(
            "limit", method="sendMessage", retry_after=HOUR, everywhere=True, count=1
        )
        with pytest.raises(errors.SurfaceAway):
            await at.post(people[0], "one")
        begun = now()
        others = [asyncio.create_task(at.post(one, "x")) for one in people[1:]]
        done = await asyncio.gather(*others, return_exceptions=True)
        assert all(isinstance(one, errors.SurfaceAway) for one in done)
        assert now() - begun < 60.0
        assert await at.inside() == 1
        await asyncio.sleep(HOUR)
        await at.post(people[0], "now")
        assert await at.inside() == 1


@hours
async def test_a_chat_that_is_refused_for_long_does_not_hold_up_the_others() -> None:
    async with scene() as at:
        ana, ben = await at.hand.private("Ana"), await at.hand.private("Ben")
        for _ in range(2):
            await at.hand.fault("limit", method="sendMessage", chat=ana, retry_after=HOUR, count=1)
            with pytest.raises(errors.SurfaceAway):
                await at.post(ana, "one")
            begun = now()
            await at.post(ben, "two")
            took = now() - begun
            with pytest.raises(errors.SurfaceAway):
                await at.post(ana, "again")
            assert now() - begun - took < 1.0
            await asyncio.sleep(HOUR)
        # The second time it was known that it is she alone.
        assert took < 1.0
        assert await at.inside() == 0


@hours
async def test_typing_that_would_come_late_is_not_told() -> None:
    async with scene() as at:
        ana = await at.hand.private("Ana")
        await at.hand.fault("limit", method="sendMessage", chat=ana, retry_after=3, count=1)
        post = asyncio.create_task(at.post(ana, "one"))
        await at.hand.wait("request", status=429)
        await at.wire.rest.typing(str(ana))
        await post
        await at.wire.rest.typing(str(ana))
        assert (await at.hand.counts())["methods"]["sendChatAction"]["asked"] == 1


@hours
async def test_who_gives_up_waiting_is_in_nobodys_way() -> None:
    async with scene() as at:
        ana = await at.hand.private("Ana")
        await at.hand.fault("hang", method="sendMessage", count=1)
        first = asyncio.create_task(at.post(ana, "hangs"))
        second = asyncio.create_task(at.post(ana, "given up"))
        third = asyncio.create_task(at.post(ana, "third"))
        await asyncio.sleep(1)
        second.cancel()
        first.cancel()
        await third
        assert await at.texts(ana, 1) == ["third"]


@hours
async def test_nothing_is_sent_after_the_first_401() -> None:
    async with scene() as at:
        ana = await at.hand.private("Ana")
        await at.hand.do("revoke")
        posts = [asyncio.create_task(at.post(ana, str(n))) for n in range(4)]
        done = await asyncio.gather(*posts, return_exceptions=True)
        assert all(isinstance(one, errors.SurfaceAway) for one in done)
        assert [one["status"] for one in await at.hand.requests()] == [401]
        assert at.wire.refused == [True]


@hours
async def test_in_a_long_storm_only_what_is_urgent_goes_out_and_that_is_said() -> None:
    async with scene(EAGER) as at:
        people = [await at.hand.private(f"P{n}") for n in range(101)]
        await at.hand.fault("status", method="sendMessage", status=403, count=95)
        for person in people[:95]:
            with pytest.raises((errors.SurfaceRefused, TimeoutError)):
                async with asyncio.timeout(1):
                    await at.post(person, "x", Urgency.ANSWER)
        asked = (await at.hand.counts())["methods"]["sendMessage"]["asked"]
        card = asyncio.create_task(at.post(people[100], "card", Urgency.CARD))
        answer = asyncio.create_task(at.post(people[100], "answer", Urgency.ANSWER))
        await asyncio.sleep(60)
        assert not answer.done()
        assert at.wire.said.keys == ["connection.slowed"]
        await asyncio.gather(card, answer)
        assert asked == 95
        assert await at.texts(people[100], 2) == ["answer", "card"]


@hours
async def test_who_waits_when_we_leave_is_told_so() -> None:
    async with scene() as at:
        ana = await at.hand.private("Ana")
        await at.hand.fault("limit", method="sendMessage", retry_after=30, count=1)
        posts = [asyncio.create_task(at.post(ana, str(n))) for n in range(2)]
        await at.hand.wait("request", status=429)
        at.wire.traffic.close()
        posts.append(asyncio.create_task(at.post(ana, "late")))
        done = await asyncio.gather(*posts, return_exceptions=True)
        assert all(isinstance(one, errors.SurfaceAway) for one in done)
        assert (await at.hand.counts())["sent"] == 0


@hours
async def test_a_refusal_of_fetching_is_kept_to_as_well() -> None:
    async with scene() as at:
        ana = await at.hand.private("Ana")
        await at.hand.fault("limit", method="getUpdates", retry_after=40, everywhere=True, count=1)
        first = asyncio.create_task(at.wire.client.updates(None, 0, ()))
        await at.hand.wait("request", method="getUpdates", status=429)
        asked = len(await at.hand.requests())
        await asyncio.sleep(4)
        assert len(await at.hand.requests()) == asked
        (posted,) = await asyncio.gather(at.post(ana, "one"))
        assert (await first)[0]["message"]["text"] == "/start"
        assert posted
        # One message has tried whether it is everything that is refused.
        assert await at.inside() == 1


async def _all_refused(at: Scene, chat: int) -> dict[str, Any]:
    """As many messages as may be refused, and more; and all of them are. What was asked then."""
    await at.hand.fault("status", method="sendMessage", status=403, count=100)
    for _ in range(100):
        with suppress(errors.SurfaceRefused, TimeoutError):
            async with asyncio.timeout(1):
                await at.post(chat, "x", Urgency.ANSWER)
    return await at.hand.counts()


@hours
async def test_fetching_that_is_refused_again_and_again_leaves_messages_room_and_is_left_some() -> (
    None
):
    async with scene(EAGER) as at:
        ana = await at.hand.private("Ana")
        await at.hand.fault("limit", method="getUpdates", retry_after=1)

        async def fetch() -> None:
            while True:
                with suppress(RetryAfter):
                    await at.wire.client.updates(None, 0, ())
                await asyncio.sleep(5)

        fetching = asyncio.create_task(fetch())
        await asyncio.sleep(600)
        refused = (await at.hand.counts())["refused_429"]
        counts = await _all_refused(at, ana)
        await at.hand.mend()
        await asyncio.sleep(60)
        heard = (await at.hand.counts())["methods"]["getUpdates"]["done"]
        await asyncio.sleep(600)
        after = await _all_refused(at, ana)
        fetching.cancel()
        await asyncio.gather(fetching, return_exceptions=True)
    assert 20 < refused < 50
    before = counts["methods"]["sendMessage"]["asked"]
    assert before <= 70
    assert after["methods"]["sendMessage"]["asked"] - before == 95, "once it is over, all of it"
    assert counts["inside_retry_after"] == 0
    assert heard
