"""What is asked of Telegram: who, where, files."""

from __future__ import annotations

import pytest

from bot.telegram.lookups import LARGEST, Lookups
from swarm_core import errors
from tests.fakes.telegram import Client as Hand
from tests.fakes.telegram import FakeTelegram
from tests.telegram.wire import Wire, wired


async def handed(wire: Wire, hand: Hand, data: bytes, **more: object) -> str:
    """The id of a file that Ana has sent."""
    ana = await hand.private("Ana")
    await hand.document(ana, ana, "a.txt", data, **more)
    updates = await wire.client.updates(None, 0, ())
    return str(updates[-1]["message"]["document"]["file_id"])


async def test_a_file_is_fetched(fake: FakeTelegram, hand: Hand) -> None:
    async with wired(fake.url) as wire:
        file = await handed(wire, hand, b"words")
        assert await Lookups(wire.client).fetch(file, "a.txt") == b"words"


async def test_a_file_that_is_too_large_is_not_fetched(fake: FakeTelegram, hand: Hand) -> None:
    async with wired(fake.url) as wire:
        lookups = Lookups(wire.client)
        for size, most, told in ((LARGEST + 1, LARGEST, None), (4000, 3000, 4000)):
            file = await handed(wire, hand, b"words", size=size)
            with pytest.raises(errors.TooLarge) as refused:
                await lookups.fetch(file, "a.txt", most)
            assert refused.value.data["what"] == "a.txt"
            assert told is None or refused.value.data["size"] == told
        # What it says of itself is not believed.
        file = await handed(wire, hand, b"w" * 3001, size=10)
        with pytest.raises(errors.TooLarge):
            await lookups.fetch(file, "a.txt", 3000)
    assert [one["kind"] for one in await hand.record()].count("download") == 1


async def test_a_file_that_cannot_be_fetched_is_said_to_be_away(
    fake: FakeTelegram, hand: Hand
) -> None:
    async with wired(fake.url) as wire:
        lookups = Lookups(wire.client)
        file = await handed(wire, hand, b"words")
        for fault in ({"kind": "before"}, {"kind": "page", "status": 502}):
            await hand.fault(method="getFile", count=1, **fault)
            with pytest.raises(errors.FileAway):
                await lookups.fetch(file, "a.txt")
        fake.service.files.by_path.clear()  # and now it is gone
        with pytest.raises(errors.FileAway):
            await lookups.fetch(file, "a.txt")
        with pytest.raises(errors.FileAway):
            await lookups.fetch("nonsense", "a.txt")
        assert wire.refused == []
        assert (await lookups.me()).username == "waggle_bot"


async def test_chats_and_who_is_in_them(fake: FakeTelegram, hand: Hand) -> None:
    ana, ben = await hand.person("Ana"), await hand.person("Ben")
    club = await hand.group("Club", ana, ben)
    async with wired(fake.url) as wire:
        lookups = Lookups(wire.client)
        assert (await lookups.chat(f"{club}/12")).title == "Club"
        assert (await lookups.member(str(club), str(ana))).status == "creator"
        with pytest.raises(errors.SurfaceRefused):
            await lookups.chat("-1009")
        await hand.fault("lost", method="getChat", count=1)
        with pytest.raises(errors.SurfaceAway):
            await lookups.chat(str(club))
