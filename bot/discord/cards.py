"""Status cards: the receipt of a task that takes longer becomes a card, and stays true.

What can go wrong: a channel allows few edits, and those of old messages are limited further. So a
card is edited when something changed, at most every few seconds, and replaced by a new message
before it is an hour old. It is known by its task on disk, so that a restart takes it up again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from bot.answers.tasks import status_card
from bot.discord.here import Here
from bot.discord.places import SURFACE
from bot.render.outgoing import Outgoing
from bot.reply import Reply
from bot.running import words
from bot.commands.following import watch
from swarm_core import FINISHED, SWARM, Place, Post, TaskId, WaggleError

log = logging.getLogger(__name__)

FIRST = 1.5
"""Seconds after which a receipt becomes a card."""
PACE = 5.0
"""Seconds between two edits."""
OLD = 55 * 60.0


@dataclass
class _Shown:
    channel: str
    message: str
    due: float
    old: float
    card: bool = False
    last: Outgoing | None = None


class Cards:
    """Keeps the cards of unfinished tasks true, in one task of its own."""

    def __init__(self, here: Here, *, first: float = FIRST, pace: float = PACE) -> None:
        self._here = here
        self._first, self._pace = first, pace
        self._shown: dict[TaskId, _Shown] = {}
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def add(self, task: TaskId, channel: str, message: str, *, card: bool = False) -> None:
        """From now on `message` is the receipt, or the `card`, of `task`."""
        now = self._loop.time()
        due = now if card else now + self._first
        self._shown[task] = _Shown(channel, message, due, now + OLD, card)
        self._changed.set()

    async def serve(self) -> None:
        """Until it is cancelled. The cards of a former process come first."""
        for post in await self._here.swarm.posts.cards(SURFACE):
            if post.task not in self._shown:
                self.add(post.task, post.channel, post.message, card=True)
        stop = watch(self._here.swarm, None, self._changed.set)
        try:
            while True:
                self._changed.clear()
                for task in list(self._shown):
                    await self._look(task)
                await self._wait()
        finally:
            stop()

    async def _wait(self) -> None:
        """For a change, and then for the first card that may be edited again."""
        await self._changed.wait() if not self._waiting() else None
        ahead = [each.due for each in self._shown.values()]
        if ahead:
            await asyncio.sleep(max(0.0, min(ahead) - self._loop.time()))

    def _waiting(self) -> bool:
        """Whether a receipt has yet to become a card, without anything having to change."""
        return any(not each.card for each in self._shown.values())

    async def _look(self, task: TaskId) -> None:
        shown, here = self._shown[task], self._here
        now = self._loop.time()
        found = await here.swarm.views.cards([task])
        ended = not found or found[0].task.state in FINISHED
        if ended and not shown.card:
            await self._settle(task)
            return
        if now < shown.due and not ended:
            return
        desk = here.desk(SWARM, Place(surface=SURFACE, space=""))
        (message,) = (
            await here.rendered(Reply(parts=(status_card(words(desk), found[0]),)))
            if found
            else (None,)
        )
        try:
            if message and message != shown.last:
                await self._show(task, shown, message, fresh=now >= shown.old and not ended)
            if ended:
                await self._settle(task)
        except WaggleError as error:
            log.warning("the card of #%s cannot be shown: %s", task, error)
            if error.code == "surface_refused":
                await self._settle(task)
        shown.due = now + self._pace

    async def _show(self, task: TaskId, shown: _Shown, message: Outgoing, *, fresh: bool) -> None:
        rest = self._here.rest
        if fresh:
            before, shown.message = shown.message, await rest.post(shown.channel, message)
            shown.old = self._loop.time() + OLD
            post = Post(channel=shown.channel, message=shown.message, task=task, card=True)
            await self._here.swarm.posts.keep(SURFACE, post)
            await rest.delete(shown.channel, before)
        else:
            await rest.edit(shown.channel, shown.message, message)
        shown.card, shown.last = True, message

    async def _settle(self, task: TaskId) -> None:
        del self._shown[task]
        await self._here.swarm.posts.settle(SURFACE, task)
