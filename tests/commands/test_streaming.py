"""What a model says reaches the card while it is being said."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.surface import LocalDoor
from swarm_core import TaskId
from tests.commands.desks import desk
from tests.commands.models import Held


async def test_a_card_holds_what_is_being_said_until_it_is_an_answer(tmp_path: Path) -> None:
    vendor = Held("the **sea** is wide")
    async with desk(tmp_path, providers={"vendor": vendor}) as (at, courier):
        door = LocalDoor(at.swarm, at.actor, at.place, at.messages)
        heard = asyncio.Event()
        stop = door.hear(heard.set)
        await door.run("tell me of the sea")
        await heard.wait()
        (view,) = (await door.cards()).views
        assert door.card(view).saying == "the **sea** is wide"
        vendor.gate.open()
        await courier.ended(TaskId(1))
        assert door.card(view).saying == ""
        stop()
