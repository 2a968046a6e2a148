"""What is said in which order: lines and their replies, deliveries, coming and going.

A task may end before the reply that acknowledges it is on the screen. A delivery therefore waits
for the line that was being carried out when it came; not for ever, so that a command which itself
waits for an answer cannot hold up that answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from bot.messages import Messages
from bot.reply import Notice, Reply, Text
from bot.surface import Door
from swarm_core import Delivery, errors

log = logging.getLogger(__name__)

RECEIPT_SECONDS = 1.0
"""A reply comes within this time; answers wait no longer for one."""
ARRIVAL_SECONDS = 0.05
"""What is delivered this soon after attaching had waited."""

Show = Callable[[Reply], Awaitable[None]]
"""Puts a reply before the person. Raises OSError when the terminal is gone."""


class _Turn:
    """One line being carried out: whether its reply was shown, and whose end that told."""

    def __init__(self) -> None:
        self.over = asyncio.Event()
        self.ending: int | None = None


class Conversation:
    """One person's talk with the swarm; the courier of this terminal."""

    def __init__(self, door: Door, say: Messages, show: Show) -> None:
        self._door = door
        self._say = say
        self._show = show
        self._lines = asyncio.Lock()
        self._deliveries = asyncio.Lock()
        self._turn: _Turn | None = None
        self._arriving = False
        self._open: set[int] = set()
        self._ended: set[int] = set()
        self._settled = asyncio.Event()
        self._settled.set()

    @asynccontextmanager
    async def held(self, greeting: Reply) -> AsyncIterator[None]:
        """Greet, take what is delivered, and in the end tell what is left open."""
        await self._tell(greeting)
        self._arriving = True
        await self._door.attach(self)
        try:
            await asyncio.sleep(ARRIVAL_SECONDS)
            async with self._deliveries:
                self._arriving = False
            yield
        finally:
            await self._door.detach()
        async with self._deliveries:
            await self._part()

    async def run(self, line: str) -> None:
        """Carry out `line` after those before it, and show its reply."""
        async with self._lines:
            turn = self._turn = _Turn()
            try:
                reply = await self._door.run(line)
                turn.ending = reply.ending
                if await self._tell(reply):
                    self._remember(reply)
                    await self._door.receipt_shown(reply)
            except Exception as problem:
                log.exception("a line failed")
                unforeseen = errors.Internal(problem=type(problem).__name__)
                await self._tell(_failed(self._say.error(unforeseen)))
            finally:
                self._turn = None
                self._ended.clear()
                turn.over.set()

    async def deliver(self, delivery: Delivery) -> str:
        """Show what `delivery` tells. Raises `Unreachable` when the terminal is gone."""
        turn, waited = self._turn, self._arriving
        async with self._deliveries:
            if turn:
                with suppress(TimeoutError):
                    async with asyncio.timeout(RECEIPT_SECONDS):
                        await turn.over.wait()
            told = turn and delivery.kind == "ended" and turn.ending == delivery.task
            if not told and not await self._tell(await self._words(delivery, waited)):
                raise errors.Unreachable(host="terminal", problem="it was closed")
        if delivery.kind == "ended":
            self._ended.add(delivery.task)
            self._close(delivery.task)
        return ""

    async def over(self) -> None:
        """Wait until every task begun here has ended and its end was shown."""
        await self._settled.wait()

    async def _words(self, delivery: Delivery, waited: bool) -> Reply:
        try:
            reply = await self._door.outcome(delivery)
        except Exception:
            log.exception("there are no words for notice %s", delivery.notice)
            reply = _failed(self._say("chat.lost", id=delivery.task))
        if waited and self._arriving:
            self._arriving = False
            return Reply((Text(self._say("chat.waited")), *reply.parts))
        return reply

    async def _part(self) -> None:
        try:
            cards = await self._door.cards()
        except Exception:
            log.exception("what is left open cannot be told")
            return
        if cards.views:
            tasks = [f"#{number}" for number in sorted(view.task.id for view in cards.views)]
            if cards.more:
                tasks.append(self._say("chat.more_open", more=cards.more))
            await self._tell(Reply((Text(self._say("chat.left_open", tasks=tasks)),)))

    async def _tell(self, reply: Reply) -> bool:
        """False when there is no terminal any more."""
        try:
            await self._show(reply)
        except OSError as problem:
            log.warning("the terminal is gone: %s", problem)
            return False
        return True

    def _remember(self, reply: Reply) -> None:
        if reply.receipt is not None and reply.receipt not in self._ended:
            self._open.add(reply.receipt)
            self._settled.clear()
        if reply.ending is not None:
            self._close(reply.ending)

    def _close(self, task: int) -> None:
        self._open.discard(task)
        if not self._open:
            self._settled.set()


def _failed(sentence: str) -> Reply:
    return Reply((Notice(level="error", text=sentence),))
