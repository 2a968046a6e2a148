"""Updates on their way in: each once, those of one chat in order, none in the way of the others.
What belongs together, as the files of an album do, is given on at once, to be gathered.

What can go wrong: taking one in hangs, or fails for a fault. It is tried again for a while, and
then passed over, so that one update does not stop all that come after it; that is said aloud, for
what stood in it is lost. Saying what came of it may take longer than that, and is waited for by
nobody.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from telegram import Update

from bot.telegram.client import Client

log = logging.getLogger(__name__)

Take = Callable[[Update], Awaitable[None]]
Tell = Callable[..., None]

_progress: ContextVar[_Progress | None] = ContextVar("progress", default=None)

KINDS = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
)
"""What is asked for; the service keeps back what nobody has asked for."""
REMEMBERED = 2000
"""Updates that are known when they come once more."""
OLD = timedelta(minutes=15)
"""What was said so long before it reached us is not simply done; it is asked about, all at once."""
FIRST = 0.25
"""Seconds before one that has failed is tried again; then twice as long each time."""


class _Progress(NamedTuple):
    """How far an update is: its `effect` is on disk, and what is said of it is `owed`."""

    effect: asyncio.Future[None]
    owed: asyncio.Event


def settled(*, owed: bool = False) -> None:
    """What came of the update that is being taken in is on disk, and is only to be said: the next
    one of the chat may be taken in. `owed`: it is said even if this process ends now, so the
    update need not come again."""
    if progress := _progress.get():
        _open(progress.effect)
        if owed:
            progress.owed.set()


def _open(gate: asyncio.Future[None]) -> None:
    if not gate.done():
        gate.set_result(None)


class _Turn(NamedTuple):
    """What is taken at once, after what was `before` it. `together` is why. Each is a gate that
    opens when its effect is on disk."""

    together: str
    before: tuple[asyncio.Future[None], ...]
    gates: list[asyncio.Future[None]]


class Taking:
    """`take` returns when what came of an update is on disk; it may be called with the same one
    again after a restart. `patience`: seconds until one is passed over, `tell` then says so.
    `now` is the clock by which something is old."""

    def __init__(
        self,
        client: Client,
        take: Take,
        tell: Tell,
        patience: float = 50.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client, self._take, self._tell = client, take, tell
        self._patience, self._now = patience, now
        self._open: dict[int, asyncio.Task[None]] = {}
        self._last: dict[int, _Turn] = {}
        """Of each chat what came last."""
        self._done: deque[int] = deque(maxlen=REMEMBERED)
        self._known: set[int] = set()
        self._late: set[asyncio.Task[None]] = set()
        """Of which people still have to be told what came of it."""

    def give(self, told: dict[str, Any]) -> asyncio.Task[None] | None:
        """Take in what the service told; None when that is done already. The task ends when it is
        taken or passed over, and never fails."""
        number = int(told["update_id"])
        if number in self._known:
            return None
        if number in self._open:
            return self._open[number]
        chat = _chat(told)
        turn = self._turn(chat, _together(told, self._now()))
        gate = asyncio.get_running_loop().create_future()
        turn.gates.append(gate)
        task = asyncio.create_task(self._after(turn.before, gate, number, told))
        self._open[number] = task
        task.add_done_callback(lambda ended: self._ended(ended, number, chat))
        return task

    def _turn(self, chat: int, together: str) -> _Turn:
        """What the next one of a chat comes with, and after what."""
        last = self._last.get(chat)
        if last is None or not together or last.together != together:
            before = tuple(each for each in last.gates if not each.done()) if last else ()
            last = self._last[chat] = _Turn(together, before, [])
        return last

    async def rest(self, seconds: float) -> None:
        """Let what is under way come to its end; what does not is cut off and comes again."""
        tasks = [*self._open.values(), *self._late]
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        tasks += self._late
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None], number: int, chat: int) -> None:
        del self._open[number]
        last = self._last.get(chat)
        if last and all(each.done() for each in last.gates):
            del self._last[chat]
        if not task.cancelled():
            if len(self._done) == self._done.maxlen:
                self._known.discard(self._done[0])
            self._done.append(number)
            self._known.add(number)

    async def _after(
        self,
        before: Sequence[asyncio.Future[None]],
        gate: asyncio.Future[None],
        number: int,
        told: dict[str, Any],
    ) -> None:
        try:
            if before:
                await asyncio.wait(before)
            await self._while(_Progress(gate, asyncio.Event()), number, told)
        finally:
            _open(gate)

    async def _while(self, progress: _Progress, number: int, told: dict[str, Any]) -> None:
        _progress.set(progress)
        # What hangs may not even hear that it is ended, so nobody waits for that.
        task = asyncio.create_task(self._taken(number, told))
        owed = asyncio.create_task(progress.owed.wait())
        first = asyncio.FIRST_COMPLETED
        try:
            await asyncio.wait((task, owed), timeout=self._patience, return_when=first)
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            owed.cancel()
        if task.done():
            return
        if progress.effect.done():
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return
        task.cancel()
        log.error("update %s was passed over: it was not taken in in time", number)
        self._tell("telegram.passed_over", count=1)

    async def _taken(self, number: int, told: dict[str, Any]) -> None:
        try:
            update = Update.de_json(told, self._client)
        except Exception:
            # What the service sends is not ours, and the SDK knows only what there was in its time.
            log.exception("update %s was passed over: it cannot be read", number)
            self._tell("telegram.passed_over", count=1)
            return
        pause = FIRST
        while number in self._open:  # and was not passed over
            try:
                await self._take(update)
            except Exception:
                # Any fault of ours: the next try may find the disk or the service better.
                log.exception("update %s was not taken in", number)
                await asyncio.sleep(pause)
                pause *= 2
            else:
                return


def _together(told: dict[str, Any], now: datetime) -> str:
    """What else this one belongs to: an album, or what was said long ago; '' for nothing."""
    said = told.get("message")
    if not isinstance(said, dict):
        return ""
    if album := said.get("media_group_id"):
        return str(album)
    at = said.get("date")
    old = isinstance(at, int) and now.timestamp() - at > OLD.total_seconds()
    return "old" if old else ""


def _chat(told: dict[str, Any]) -> int:
    """Where it came from; 0 where it is from nowhere."""
    for value in told.values():
        if isinstance(value, dict):
            inner = value.get("message")
            message = inner if isinstance(inner, dict) else value
            for place in (message.get("chat"), value.get("from"), value.get("user")):
                if isinstance(place, dict) and isinstance(place.get("id"), int):
                    return int(place["id"])
    return 0
