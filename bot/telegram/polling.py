"""Updates fetched from Telegram, and confirmed when what came of them is on disk.

What can go wrong: the process dies between fetching and doing. The service sends an update again
until a later one is asked for, so the number that is asked for is never past one that is still
being taken in; what comes a second time is known. While one is slow the service would answer at
once, with that one, again and again: so then it is asked now and then only. Somebody else fetches
with the same token, or a webhook was left over: both are said once. What is older than 24 hours the
service has thrown away; nothing here can bring it back.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque

import msgspec
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.telegram.channels import NAME
from bot.telegram.client import Client
from bot.telegram.taking import KINDS, Taking, Tell

log = logging.getLogger(__name__)


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds."""

    poll: int = 30
    """The service waits so long for something to tell; the answer is waited for longer."""
    again: float = 0.5
    """Between two looks while something is being taken in."""
    first: float = 1.0
    longest: float = 60.0
    """After a failure, the first time and at most."""
    silent: float = 15.0
    """A service that is back within these is not spoken of."""
    alone: float = 120.0
    """Without somebody else who fetches, after which that is over: two take turns at it."""
    last: float = 5.0
    """For what is under way when all ends."""


class Polling:
    """`tell` says a sentence by its key: that the service is away (once), and back."""

    def __init__(
        self, client: Client, taking: Taking, tell: Tell, pace: Pace | None = None
    ) -> None:
        self._client, self._taking, self._tell = client, taking, tell
        self._pace = pace or Pace()
        self._line: deque[tuple[int, asyncio.Task[None] | None]] = deque()
        """What was fetched and is not confirmed, as it came."""
        self._offset: int | None = None
        self._gone: float | None = None
        self._other: float | None = None
        """When somebody else was last seen to fetch."""
        self._told = set[str]()
        self._unhooked = False

    async def serve(self) -> None:
        """Until it is cancelled, or the token is not taken any more; then what is done is
        confirmed."""
        pause = self._pace.first
        try:
            while True:
                try:
                    await self._round()
                except InvalidToken:
                    return
                except Exception as error:
                    # What the service answers is not ours; whatever of it was wrong, the next
                    # answer may be right.
                    if not isinstance(error, TelegramError | TimeoutError):
                        log.exception("an answer with updates could not be read")
                    await self._failed(error, pause)
                    pause = min(self._pace.longest, pause * 2)
                else:
                    pause = self._pace.first
        finally:
            await self._leave()

    async def _round(self) -> None:
        """Fetch what there is, waiting for it where nothing is under way."""
        self._confirm()
        # After a failure an answer is wanted at once: that it is back is news.
        seconds = 0 if self._line or self._gone is not None else self._pace.poll
        async with asyncio.timeout(self._pace.poll + 60.0):
            found = await self._client.updates(self._offset, seconds, KINDS)
        self._came_back()
        known = {number for number, _ in self._line}
        for told in found:
            number = int(told["update_id"])
            if number not in known:
                self._line.append((number, self._taking.give(told)))
        await self._wait()

    async def _wait(self) -> None:
        """Until all that came is taken in, or for a moment where that takes longer."""
        going = [task for _, task in self._line if task and not task.done()]
        if going:
            await asyncio.wait(going, timeout=self._pace.again)

    def _confirm(self) -> None:
        """Ask from the first on that is not done. Numbers go up by one, but begin anywhere after a
        quiet week: so it goes by how they came."""
        while self._line and _done(self._line[0][1]):
            number, _ = self._line.popleft()
            self._offset = number + 1
        if self._line:
            self._offset = self._line[0][0]

    async def _failed(self, error: Exception, pause: float) -> None:
        now = asyncio.get_running_loop().time()
        if self._gone is None:
            self._gone = now
        problem = self._client.clean(str(error)) or type(error).__name__
        log.info("updates could not be fetched: %s", problem)
        if isinstance(error, Conflict) and "webhook is active" in problem:
            await self._unhook()
        elif isinstance(error, Conflict):
            self._other = now
            self._say("telegram.other_poller")
        elif now - self._gone >= self._pace.silent:
            self._say("telegram.away", problem=problem)
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311

    async def _unhook(self) -> None:
        """Somebody has had updates brought to an address; we fetch them, so that has to end. One
        that comes back is somebody else's."""
        self._say("telegram.hooked")
        if self._unhooked:
            return
        self._unhooked = True
        try:
            await self._client.delete_webhook(drop_pending_updates=False)
        except TelegramError as error:
            log.warning("the webhook is still there: %s", self._client.clean(error.message))

    def _say(self, key: str, **data: str) -> None:
        if key not in self._told:
            self._told.add(key)
            self._tell(key, **data)

    def _came_back(self) -> None:
        self._gone = None
        now = asyncio.get_running_loop().time()
        if self._other is not None and now - self._other < self._pace.alone:
            return
        self._other = None
        if self._told:
            self._tell("connection.back", surface=NAME)
        self._told.clear()

    async def _leave(self) -> None:
        """Confirm what is done, so that it does not come again."""
        await self._taking.rest(self._pace.last)
        self._confirm()
        if self._offset is None:
            return
        try:
            async with asyncio.timeout(self._pace.last):
                await self._client.updates(self._offset, 0, KINDS)
        except (TelegramError, TimeoutError) as error:
            problem = self._client.clean(str(error)) or type(error).__name__
            log.info("what was taken in last could not be confirmed: %s", problem)


def _done(task: asyncio.Task[None] | None) -> bool:
    return task is None or (task.done() and not task.cancelled())
