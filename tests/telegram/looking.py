"""What tests of conversations on Telegram share: looking at chats, and workers that wait."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from swarm_core.dispatch.model import Assignment
from swarm_core.kernel.clock import SystemClock
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Conclusion, Run
from swarm_core.swarm import Swarm
from tests.fakes.telegram.client import PATIENCE
from tests.fakes.telegram.settings import Settings
from tests.telegram.bench import Bench
from tests.worlds import Gate

ONE, TWO = TaskId(1), TaskId(2)
ME = Settings.username
LIMITED: Any = {"limits": {"concurrency": 1}}
MONEY: Any = {"ask": "$5", "task": "$5", "day": "$50", "person_day": "$20"}
"""Room for what is approved."""


async def echo(assignment: Assignment, run: Run) -> Conclusion:
    return Conclusion(state="done", text=f"You said: {assignment.text}")


class Slow:
    """Answers once it may."""

    def __init__(self) -> None:
        self.gate = Gate()

    async def __call__(self, assignment: Assignment, run: Run) -> Conclusion:
        await self.gate()
        return await echo(assignment, run)


class Later(SystemClock):
    """The machine's clock, put forward."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.seconds)


def words(message: dict[str, Any]) -> str:
    return str(message.get("text") or message.get("caption") or "")


def labels(message: dict[str, Any]) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [each["text"] for row in rows for each in row]


async def standing(at: Bench, chat: int, *said: str, of: int | None = None) -> list[dict[str, Any]]:
    """The bot's messages that stand in a chat now and say all of `said`; `of`: that one only."""
    return [
        each
        for each in await at.hand.screen(chat)
        if each.get("from", {}).get("id") == at.hand.bot
        and all(part in words(each) for part in said)
        and of in (None, each["message_id"])
    ]


async def shows(at: Bench, chat: int, *said: str, of: int | None = None) -> dict[str, Any]:
    """The bot's message that says all of `said` as it stands, once there is one."""
    async with asyncio.timeout(PATIENCE):
        while True:
            since = await at.hand.now()
            if found := await standing(at, chat, *said, of=of):
                return found[0]
            await at.hand.record(since, wait=PATIENCE)


async def notices(swarm: Swarm) -> list[tuple[str, str]]:
    """What is to be told, of what kind and how it stands."""
    rows = await swarm.store.read(
        lambda rows: rows.execute("select kind, state from notices order by id").fetchall()
    )
    return [tuple(row) for row in rows]


async def noticed(swarm: Swarm, kind: str, state: str) -> None:
    """Wait until a notice of that kind is in that state."""
    async with asyncio.timeout(PATIENCE):
        while (kind, state) not in await notices(swarm):
            await swarm.store.write(lambda tx: None)


async def texts(swarm: Swarm) -> list[str]:
    """What was asked for, oldest first."""
    return [task.text or "" for task in reversed(await swarm.views.listing())]
