"""Voice notes: what is heard, what it costs, and what nobody pays twice."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.messages import Messages
from bot.surface import LocalDoor
from swarm_core.build import World, open_swarm
from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.errors import (
    Internal,
    NotAllowed,
    NotFound,
    NothingHeard,
    NoTranscription,
    ProviderRejected,
    ScopeFrozen,
    Stopped,
    TooLarge,
    TooManyRequests,
    UnfitVoice,
    UnknownPrice,
    VoiceAway,
    VoiceLost,
    VoiceTooDear,
    VoiceTooLong,
    VoiceUnpaid,
    WaggleError,
)
from swarm_core.kernel.ids import TaskId
from swarm_core.people import TERMINAL
from swarm_core.providers.speech import Heard, Recording
from swarm_core.testing import OWNER, FakeClock, MemoryCourier, ScriptedProvider, settings
from tests.hearing.worlds import ROOM, Said, listening, money, sections

ANA = Actor(surface="discord", space="10", person="7", roles=frozenset({"member"}))
BEN = Actor(surface="discord", space="10", person="8", roles=frozenset({"member"}))
STRANGER = Actor(surface="discord", space="10", person="9")


async def test_what_is_heard_is_on_record_with_its_bill(tmp_path: Path) -> None:
    said = Said("book the train for ten", 3.2)
    async with listening(tmp_path) as (swarm, fake):
        voice = await said.heard(swarm, ANA)
        assert (voice.text, voice.state, voice.seconds) == ("book the train for ten", "heard", 4)
        assert (voice.cost, voice.place, voice.person) == (400, ROOM, ANA.key)
        assert await money(swarm) == (0, 400)
        (spent,) = await swarm.money.spent_by("models", 1)
        assert (spent.name, spent.spent, spent.calls) == ("desk/whisper-1", 400, 1)
        (spent,) = await swarm.money.spent_by("people", 1)
        assert spent.name == ANA.key
        assert fake.counts()["total"]["served"] == 1
        assert (await swarm.store.verify()).ok


async def test_what_it_cost_is_exported_with_who_spoke_and_who_heard(tmp_path: Path) -> None:
    async with listening(tmp_path) as (swarm, _):
        await Said("how much").heard(swarm, ANA)
        pages = [page async for page in swarm.keeping.exports.pages(OWNER, "spend")]
        ((row,),) = [page.rows for page in pages]
        told = dict(zip(pages[0].columns, row, strict=True))
    assert (told["person"], told["model"]) == (ANA.key, "desk/whisper-1")
    assert (told["task"], told["cost_micro_usd"]) == (None, 300)


async def test_the_same_event_again_is_neither_fetched_nor_sent(tmp_path: Path) -> None:
    said = Said("only once")
    async with listening(tmp_path) as (swarm, fake):
        first, second = await asyncio.gather(said.heard(swarm), said.heard(swarm))
        third = await said.heard(swarm)
        assert first == second == third
        assert said.fetched == 1
        assert fake.counts()["total"]["served"] == 1
        assert await money(swarm) == (0, 300)


async def test_it_is_known_after_a_start_and_is_each_persons_own(tmp_path: Path) -> None:
    said = Said("only once")
    async with listening(tmp_path) as (swarm, _):
        before = await said.heard(swarm, ANA)
    async with listening(tmp_path) as (swarm, fake):
        assert await said.heard(swarm, ANA) == before
        assert not fake.counts()["total"]["received"]
        await said.heard(swarm, BEN)
        assert fake.counts()["total"]["served"] == 1


async def test_a_longer_recording_than_was_told_is_held_and_paid_for(tmp_path: Path) -> None:
    said = Said("a lie", 90.0, seconds=1.0)
    async with listening(tmp_path) as (swarm, _):
        voice = await said.heard(swarm)
        assert (voice.seconds, voice.cost) == (90, 9_000)
        frozen = "select account from accounts where frozen"
        assert not await swarm.store.read(lambda rows: rows.execute(frozen).fetchall())


async def test_one_that_turns_out_too_long_is_fetched_and_not_sent(tmp_path: Path) -> None:
    said = Said("a longer lie", 301.0, seconds=1.0)
    async with listening(tmp_path) as (swarm, fake):
        with pytest.raises(VoiceTooLong):
            await said.heard(swarm)
        assert not fake.counts()["total"]["received"]


async def test_a_bill_above_its_hold_is_booked_in_full_told_and_stops_spending(
    tmp_path: Path,
) -> None:
    courier = MemoryCourier()
    lie: dict[str, Any] = {"media_type": "audio/mp4", "name": "a.m4a", "seconds": 1.0}
    async with listening(tmp_path) as (swarm, _):
        await swarm.outbox.attach(TERMINAL.surface, courier)
        assert (await Said("a lie", 90.0, **lie).heard(swarm)).cost == 9_000
        with pytest.raises(ScopeFrozen):
            await Said("more", key="m2").heard(swarm)
        await courier.until(lambda all_: any(each.kind == "frozen" for each in all_))
        told = next(each for each in courier.delivered if each.kind == "frozen")
        door = LocalDoor(swarm, OWNER, TERMINAL, Messages.load(strict=True))
        reply = await door.outcome(told)
        assert "The bill for a voice note was $0.009, and only $0.0001" in str(reply)


WRONG: list[tuple[dict[str, Any], dict[str, Any], type[WaggleError]]] = [
    ({}, {"chat": {"transcription": None}}, NoTranscription),
    ({}, {"models": {}}, UnknownPrice),
    ({"media_type": "audio/amr", "name": "a.amr"}, {}, UnfitVoice),
    ({"seconds": 301.0}, {}, VoiceTooLong),
    ({"seconds": 5.5}, {"chat": {"voice_longest": "5s"}}, VoiceTooLong),
    ({"seconds": None, "size": 301_000}, {}, VoiceTooLong),
    ({"size": 25 * 1024 * 1024 + 1}, {}, TooLarge),
]


@pytest.mark.parametrize(("told", "more", "error"), WRONG)
async def test_what_is_not_heard_is_not_even_fetched(
    told: dict[str, Any], more: dict[str, Any], error: type[WaggleError], tmp_path: Path
) -> None:
    said = Said("not this", **told)
    async with listening(tmp_path, **more) as (swarm, fake):
        with pytest.raises(error):
            await said.heard(swarm)
        assert said.fetched == 0
        assert not fake.counts()["total"]["received"]
        assert await money(swarm) == (0, 0)


async def test_without_a_known_length_its_size_bounds_it(tmp_path: Path) -> None:
    said = Said("short", 2.0, seconds=None, size=9_000)
    async with listening(tmp_path) as (swarm, _):
        assert (await said.heard(swarm)).cost == 200


async def test_a_cap_that_does_not_allow_it_sends_nothing(tmp_path: Path) -> None:
    async with listening(tmp_path, budget={"person_day": "$0.0005"}) as (swarm, fake):
        await Said("first", 3.0, key="m1").heard(swarm, ANA)
        with pytest.raises(VoiceUnpaid) as raised:
            await Said("second", 3.0, key="m2").heard(swarm, ANA)
        assert str(raised.value.data["scope"]).startswith("person_day/")
        assert raised.value.data["most"] == 300
        await Said("the owner's", 3.0, key="m3").heard(swarm)
        assert fake.counts()["total"]["served"] == 2
        assert await money(swarm) == (0, 600)


async def test_a_price_that_would_be_asked_about_is_not_paid_unasked(tmp_path: Path) -> None:
    async with listening(tmp_path, confirm={"above": "$0.0002"}) as (swarm, fake):
        with pytest.raises(VoiceTooDear):
            await Said("dear", 3.0).heard(swarm)
        await Said("cheap", 2.0, key="m2").heard(swarm)
        assert fake.counts()["total"]["served"] == 1


async def test_what_costs_nothing_is_held_for_nothing(tmp_path: Path) -> None:
    free: dict[str, Any] = {"models": {"whisper-1": {"free": True}}, "budget": {"day": 0}}
    async with listening(tmp_path, **free) as (swarm, _):
        assert (await Said("free").heard(swarm)).cost == 0
        assert await money(swarm) == (0, 0)


async def test_who_may_ask_nothing_is_not_heard_and_guests_are_counted(tmp_path: Path) -> None:
    async with listening(tmp_path, people={"requests": 1}) as (swarm, _):
        with pytest.raises(NotAllowed):
            await Said("let me in").heard(swarm, STRANGER)
        await Said("one", key="m1").heard(swarm, ANA)
        with pytest.raises(TooManyRequests):
            await Said("two", key="m2").heard(swarm, ANA)


async def test_nothing_is_sent_while_work_is_stopped(tmp_path: Path) -> None:
    async with listening(tmp_path) as (swarm, fake):
        await swarm.control.stop(OWNER, "all")
        with pytest.raises(Stopped):
            await Said("now").heard(swarm)
        await swarm.control.resume(OWNER, "all")
        await Said("now").heard(swarm)
        assert fake.counts()["total"]["received"] == 1


async def test_a_provider_that_is_down_costs_nothing_and_the_event_can_come_again(
    tmp_path: Path,
) -> None:
    said = Said("later")
    async with listening(tmp_path) as (swarm, fake):
        fake.fault(kind="status", status=503, wire="speech", count=1)
        with pytest.raises(VoiceAway):
            await said.heard(swarm)
        assert await money(swarm) == (0, 0)
        voice = await said.heard(swarm)
        assert (voice.text, voice.cost, voice.lost) == ("later", 300, 0)
        assert (await swarm.store.verify()).ok


async def test_what_a_provider_refuses_is_told_as_it_is(tmp_path: Path) -> None:
    async with listening(tmp_path) as (swarm, _):
        with pytest.raises(ProviderRejected):
            await Said("a blink", 0.05).heard(swarm)
        assert await money(swarm) == (0, 0)


async def test_silence_is_paid_for_and_no_request(tmp_path: Path) -> None:
    said = Said("")
    async with listening(tmp_path) as (swarm, fake):
        for _ in range(2):
            with pytest.raises(NothingHeard):
                await said.heard(swarm)
        assert fake.counts()["total"]["served"] == 1
        assert await money(swarm) == (0, 300)


async def test_a_lost_answer_counts_as_paid_and_is_tried_once_more_at_most(
    tmp_path: Path,
) -> None:
    said = Said("lost")
    async with listening(tmp_path) as (swarm, fake):
        fake.fault(kind="reset", wire="speech", count=2)
        for tries in (1, 2, 2):
            with pytest.raises(VoiceLost) as raised:
                await said.heard(swarm)
            assert raised.value.data["tries"] == tries
        assert fake.counts()["total"]["received"] == 2
        assert await money(swarm) == (0, 600)
        assert (await swarm.store.verify()).ok


async def test_a_second_try_that_is_answered_is_the_answer(tmp_path: Path) -> None:
    said = Said("found again")
    async with listening(tmp_path) as (swarm, fake):
        fake.fault(kind="reset", wire="speech", count=1)
        with pytest.raises(VoiceLost):
            await said.heard(swarm)
        voice = await said.heard(swarm)
        assert (voice.text, voice.cost, voice.lost) == ("found again", 600, 1)


async def test_one_that_was_under_way_at_the_end_counts_as_paid(tmp_path: Path) -> None:
    said = Said("interrupted")
    async with listening(tmp_path) as (swarm, fake):
        fake.fault(kind="hang", wire="speech", count=1)
        waiting = asyncio.create_task(said.heard(swarm))
        await served(fake)
        assert await money(swarm) == (300, 0)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with listening(tmp_path) as (swarm, fake):
        assert await money(swarm) == (0, 300)
        assert (await said.heard(swarm)).text == "interrupted"
        assert await money(swarm) == (0, 600)
        assert (await swarm.store.verify()).ok


async def served(fake: Any) -> None:
    """The provider has it."""
    while not fake.counts()["total"]["served"]:  # noqa: ASYNC110
        await asyncio.sleep(0)


async def test_whoever_waits_may_go_away_and_it_is_heard_all_the_same(tmp_path: Path) -> None:
    said = Said("patience")
    async with listening(tmp_path) as (swarm, fake):
        waiting = asyncio.create_task(said.heard(swarm))
        await served(fake)
        waiting.cancel()
        assert (await said.heard(swarm)).text == "patience"
        assert fake.counts()["total"]["served"] == 1


class Broken(ScriptedProvider):
    async def transcribe(self, _: Recording) -> Heard:
        raise ZeroDivisionError


async def test_a_bug_on_the_way_loses_no_money(tmp_path: Path) -> None:
    world = World(providers={"desk": Broken(name="desk")}, drain=0.0)
    told = settings(tmp_path, **sections("http://localhost:9"))
    async with open_swarm(told, world) as swarm:
        with pytest.raises(Internal):
            await Said("oh").heard(swarm)
        assert await money(swarm) == (0, 300)


async def test_only_whoever_spoke_decides_what_becomes_of_it(tmp_path: Path) -> None:
    async with listening(tmp_path) as (swarm, _):
        voice = await Said("mine").heard(swarm, ANA)
        assert await swarm.hearing.find(ANA, voice.id) == voice
        with pytest.raises(NotAllowed):
            await swarm.hearing.find(BEN, voice.id)
        with pytest.raises(NotFound):
            await swarm.hearing.find(ANA, 99)


async def test_what_it_was_carried_out_as_is_counted_once(tmp_path: Path) -> None:
    async with listening(tmp_path) as (swarm, _):
        voice = await Said("do it").heard(swarm, ANA)
        for task in (1, 1, 2):
            await swarm.hearing.asked(ANA, voice.id, TaskId(task))
        found = await swarm.hearing.find(ANA, voice.id)
        assert (found.asks, found.task) == (2, 2)


@pytest.mark.parametrize("space", ["10", "dm"])
async def test_its_words_go_when_their_time_is_over(space: str, tmp_path: Path) -> None:
    keep: dict[str, Any] = {"retention": {"text": "1h", "dm_text": "1h"}}
    clock, place = FakeClock(), Place(surface="discord", space=space)
    async with listening(tmp_path, clock=clock, **keep) as (swarm, _):
        voice = await Said("for a while").heard(swarm, place=place)
        clock.move(timedelta(minutes=59))
        await swarm.keeping.retention.sweep()
        assert (await swarm.hearing.find(OWNER, voice.id)).text == "for a while"
        clock.move(timedelta(minutes=2))
        await swarm.keeping.retention.sweep()
        with pytest.raises(NotFound):
            await swarm.hearing.find(OWNER, voice.id)
        assert (await swarm.store.verify()).ok


async def test_its_words_go_with_all_else_its_speaker_wrote(tmp_path: Path) -> None:
    async with listening(tmp_path) as (swarm, _):
        voice = await Said("forget this").heard(swarm, ANA)
        await swarm.keeping.erasing.erase(OWNER, ANA.key)
        with pytest.raises(NotFound):
            await swarm.hearing.find(ANA, voice.id)
        assert (await swarm.store.verify()).ok


async def test_a_reload_that_names_another_model_holds_from_then_on(tmp_path: Path) -> None:
    async with listening(tmp_path, chat={"transcription": None}) as (swarm, fake):
        with pytest.raises(NoTranscription):
            await Said("first").heard(swarm)
        chat = swarm.settings.chat.model_copy(update={"transcription": "desk/whisper-1"})
        await swarm.reloading.apply(swarm.settings.model_copy(update={"chat": chat}))
        assert (await Said("then").heard(swarm)).text == "then"
        assert fake.counts()["total"]["served"] == 1
