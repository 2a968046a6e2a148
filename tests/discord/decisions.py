"""What tests of decisions on Discord share: dear tasks, cards and their buttons."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.commands.desk import Desk
from bot.messages import Messages
from bot.running import run
from swarm_core.kernel.clock import SystemClock
from swarm_core.kernel.money import MicroUSD
from swarm_core.people import TERMINAL
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER, ScriptedModel
from tests.discord.bench import Bench, bench
from tests.fakes.discord.client import PATIENCE
from tests.fakes.discord.content import LOADING

DEAR = MicroUSD(420_000)
MONEY = {"ask": "$5", "task": "$5", "day": "$50", "person_day": "$20"}
"""Room for what is approved."""


def dear(hold: int = DEAR, **more: Any) -> ScriptedModel:
    return ScriptedModel("dear", hold=MicroUSD(hold), **more)


class Later(SystemClock):
    """A clock that a test puts forward by hours."""

    def __init__(self, hours: float = 0) -> None:
        self.hours = hours

    def now(self) -> datetime:
        return super().now() + timedelta(hours=self.hours)


def ids(card: Mapping[str, Any]) -> dict[str, str]:
    """The id behind each button, list or blank of a message, by its label."""
    rows = card.get("components") or ()
    return {
        str(each.get("label") or each.get("placeholder")): str(each["custom_id"])
        for row in rows
        for each in row["components"]
    }


def told(card: Mapping[str, Any]) -> str:
    """Everything a message says."""
    return str([card.get("content"), card.get("embeds")])


async def typed(swarm: Swarm, name: str, **given: Any) -> str:
    """A command at the terminal; returns what it says."""
    desk = Desk(swarm=swarm, actor=OWNER, place=TERMINAL, messages=Messages.load(strict=True))
    return str((await run(desk, name, given)).reply)


async def asked(at: Bench, who: str, name: str = "ask", **options: Any) -> dict[str, Any]:
    """The message in which a command is answered."""
    answered = await made(at, await at.hand.command(at.channel, who, name, **options))
    message: dict[str, Any] = answered["message"]
    return message


async def made(at: Bench, interaction: str) -> dict[str, Any]:
    """An interaction once its answer is there, also one that was announced first."""
    await at.hand.answered(interaction)
    while True:
        since = await at.hand.now()
        found: dict[str, Any] = await at.hand.do("interaction", id=interaction)
        message = found.get("message")
        if message is None or not message["flags"] & LOADING:
            return found
        if not await at.hand.record(since, wait=PATIENCE):
            raise TimeoutError("it was announced and never came")


async def pressed(at: Bench, message: Mapping[str, Any], who: str, label: str) -> dict[str, Any]:
    """What a press is answered with."""
    number = await at.hand.press(at.channel, str(message["id"]), who, ids(message)[label])
    return await made(at, number)


async def shows(
    at: Bench, *words: str, channel: str | None = None, of: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The bot's message that says all of `words`, once there is one; `of`: once that one does."""
    where = channel or at.channel
    while True:
        since = await at.hand.now()
        found: list[dict[str, Any]] = await at.hand.messages(where)
        for message in found:
            if of is not None and message["id"] != of["id"]:
                continue
            if message["author"]["id"] == at.bot and all(w in told(message) for w in words):
                return message
        if not await at.hand.record(since, wait=PATIENCE):
            raise TimeoutError(f"nothing says {words}: {[told(each) for each in found]}")


def calm(folder: Path, **more: Any) -> AbstractAsyncContextManager[Bench]:
    """A bench on which people wait for an answer as long as a busy machine takes."""
    return bench(folder, interaction_deadline=120.0, **more)
