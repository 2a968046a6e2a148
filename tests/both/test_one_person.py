"""One person on Discord and on Telegram: one list of approvals, one budget, one conversation."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from swarm_core.steps.model import Conclusion
from swarm_core.swarm import Swarm
from tests.discord.bench import Bench
from tests.discord.decisions import MONEY, Later, asked, calm, dear, shows, told
from tests.telegram.bench import Bench as Chats
from tests.telegram.bench import bench as on_telegram
from tests.worlds import Custom, Gate, over

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


@asynccontextmanager
async def both(folder: Path) -> AsyncIterator[tuple[Bench, Chats]]:
    """Ben is on either, as nobody knows yet."""
    async with calm(folder) as at, on_telegram(folder) as chats:
        yield at, chats


@asynccontextmanager
async def there(at: Bench, chats: Chats, *workers: Any, **more: Any) -> AsyncIterator[Swarm]:
    """The swarm, on both until the context ends."""
    telegram = {"base_url": chats.fake.url, "welcome": False}
    opened = at.on_discord(*workers, budget=MONEY, telegram=telegram, **more)
    async with opened as swarm, chats.surface(swarm):
        yield swarm


async def linked(at: Bench, chats: Chats) -> None:
    """Ben opens the link that his code comes with."""
    made = await asked(at, at.ben, "link")
    (code,) = set(CODE.findall(told(made)))
    await chats.hand.say(chats.ben, chats.ben, f"/start link_{code}")
    await chats.said(chats.ben, "are one person from now on")


async def test_hour_23_after_a_restart_from_telegram_runs_it_once_and_changes_the_card(
    tmp_path: Path,
) -> None:
    model = dear()
    async with both(tmp_path) as (at, chats):
        async with there(at, chats, model):
            await linked(at, chats)
            card = await asked(at, at.ben, text="much")
        chats.fake.service.world.clock.advance(23 * 3600)
        async with there(at, chats, model, clock=Later(23)) as swarm:
            since = await chats.hand.now()
            await chats.hand.command(chats.ben, chats.ben, "approvals")
            listed = await chats.said(chats.ben, "#1", since=since)
            await chats.press(
                listed, listed["reply_markup"]["inline_keyboard"][0][0]["text"], chats.ben
            )
            shown = await chats.said(chats.ben, "Exactly this", since=since)
            await chats.press(shown, "Yes", chats.ben)
            await over(swarm, 1)  # type: ignore[arg-type]
            await shows(at, "ok 1: much")
            after = await shows(at, "#1 much", "done")
    assert after["id"] == card["id"]
    assert model.answers == {1: 1}


async def test_at_hour_25_nothing_runs_by_a_yes_on_telegram(tmp_path: Path) -> None:
    model = dear()
    async with both(tmp_path) as (at, chats):
        async with there(at, chats, model) as swarm:
            await linked(at, chats)
            await asked(at, at.ben, text="much")
            (approval,) = await swarm.deciding.open_ones()
            await chats.hand.command(chats.ben, chats.ben, "approvals", approval.id)
            card = await chats.said(chats.ben, "Exactly this")
        chats.fake.service.world.clock.advance(25 * 3600)
        async with there(at, chats, model, clock=Later(25)):
            since = await chats.hand.now()
            await chats.press(card, "Yes", chats.ben)
            await chats.hand.wait("answer", since=since)
            found = [e for e in await chats.hand.record(since) if e["kind"] in ("answer", "send")]
    assert "xpired" in str(found) or "no longer" in str(found)
    assert model.answers == {}


async def test_a_conversation_goes_on_where_somebody_is_now(tmp_path: Path) -> None:
    gate = Gate()

    async def talk(assignment: Any, run: Any) -> Any:
        await gate()
        return Conclusion(state="done", text="384,400 km")

    async with both(tmp_path) as (at, chats), there(at, chats, Custom(talk)) as swarm:
        await linked(at, chats)
        await asked(at, at.ben, text="how far is the moon")
        await chats.hand.command(chats.ben, chats.ben, "here")
        offered = await chats.said(chats.ben, "Which one")
        button = offered["reply_markup"]["inline_keyboard"][0][0]["text"]
        await chats.press(offered, button, chats.ben)
        await chats.said(chats.ben, "goes on here")
        gate.open()
        answer = await chats.said(chats.ben, "384,400 km")
        await over(swarm, 1)  # type: ignore[arg-type]
        told_there = [m for m in await at.posted(1) if "384,400" in told(m)]
    assert told_there == []
    assert answer["chat"]["id"] == chats.ben


async def test_what_waits_for_a_yes_is_one_card_where_it_goes_on(tmp_path: Path) -> None:
    model = dear()
    async with both(tmp_path) as (at, chats), there(at, chats, model) as swarm:
        await linked(at, chats)
        await asked(at, at.ben, text="much")
        since = await chats.hand.now()
        await chats.hand.command(chats.ben, chats.ben, "here", "1")
        card = await chats.said(chats.ben, "Exactly this", since=since)
        await chats.press(card, "Yes", chats.ben)
        await chats.said(chats.ben, "ok 1: much", since=since)
        await over(swarm, 1)  # type: ignore[arg-type]
        screen = await chats.hand.screen(chats.ben)
    shown = [each["message_id"] for each in screen if "#1 much" in each.get("text", "")]
    assert shown == [card["message_id"]]
    assert model.answers == {1: 1}
