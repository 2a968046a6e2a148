"""Threads that earn it: a task in a channel of others gets one when it runs long, asks something,
is replied to, or its answer is too long for the channel.

What can go wrong: the process ends between opening a thread and noting it, somebody deletes or
locks it, the bot may open none. A thread has the number of the message it hangs on, so opening it
again finds it. Where none can be had, or it is gone, everything stays in the channel. A thread is
archived by Discord itself, after the silence it was opened with.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from discord.utils import snowflake_time

from bot.chat.places import DIRECT, in_channel, spot_of, whole
from bot.discord.places import SURFACE
from bot.discord.rest import Rest
from bot.render.harmless import visible
from bot.render.layout import one_line
from bot.render.outgoing import CONTENT
from bot.render.split import size
from bot.sections.discord import Discord
from swarm_core import (
    FINISHED,
    NO_TASK,
    UNDECIDED,
    Delivery,
    Fact,
    Place,
    Swarm,
    Task,
    TaskId,
    TaskStarted,
    WaggleError,
    clip,
    errors,
    from_micros,
)

log = logging.getLogger(__name__)

NAME = 100
"""Characters of a thread's name, as Discord takes them."""
KEPT = timedelta(days=90)
"""How long it is known whose conversation a thread is."""
_MINUTES: dict[str, Literal[60, 1440, 4320, 10080]] = {
    "1h": 60,
    "1d": 1440,
    "3d": 4320,
    "7d": 10080,
}
_ASKING = (*UNDECIDED, errors.OverBudget.code, errors.Undecided.code)
"""What a task waits for when a person is asked something."""
_NOTED = "thread/"
_PATIENCE = 60.0


class _Thread(msgspec.Struct, frozen=True):
    """`id` '' where none can be had; the task it was opened for."""

    id: str
    task: TaskId


class Threads:
    """Which conversation has which thread, and when one is opened."""

    def __init__(self, swarm: Swarm, rest: Rest) -> None:
        self._swarm = swarm
        self._rest = rest
        self._of: dict[tuple[str, str], _Thread] = {}
        """By space and conversation."""
        self._homes: dict[str, Place] = {}
        """Conversations by thread."""
        self._opening = asyncio.Lock()
        self._due: dict[TaskId, datetime] = {}
        self._early: set[TaskId] = set()
        """What was due before anything of it stood in the channel."""
        self._changed = asyncio.Event()

    async def load(self) -> None:
        """Know what a former process opened."""
        posts, now = self._swarm.posts, datetime.now(UTC)
        for name, value in (await posts.named(SURFACE, _NOTED)).items():
            space, _, thread = name.partition("/")
            found = msgspec.json.decode(value, type=_Thread)
            if now - snowflake_time(int(spot_of(_place(space, thread)).root or 0)) > KEPT:
                await posts.drop(SURFACE, f"{_NOTED}{name}")
                continue
            self._know(_place(space, thread), found)

    def _know(self, place: Place, thread: _Thread) -> None:
        self._of[place.space, place.thread] = thread
        if thread.id:
            self._homes[thread.id] = place

    def home(self, place: Place) -> Place:
        """Where what belongs to the conversation at `place` is shown: its thread, where it has
        one, else its channel."""
        thread = self._of.get((place.space, place.thread))
        return in_channel(place, thread.id) if thread and thread.id else whole(place)

    async def where(self, delivery: Delivery) -> Place:
        """Where a notice is shown. One that asks something, or tells more than a message holds,
        opens a thread; not when it may stand in the channel already."""
        if delivery.task != NO_TASK and not delivery.repeat:
            task = (await self._swarm.views.task(delivery.task)).task
            asks = delivery.kind in ("parked", "reminder") and task.waiting in _ASKING
            much = delivery.kind == "ended" and size(task.result or "", utf16=True) > CONTENT
            if asks or much:
                await self.earn(task)
        return self.home(delivery.place)

    def conversation(self, place: Place) -> Place:
        """The conversation that goes on at `place`, which may be a thread."""
        return self._homes.get(place.thread, place)

    def task(self, place: Place) -> TaskId | None:
        """The task for which the thread at `place` was opened."""
        home = self._homes.get(place.thread)
        return self._of[home.space, home.thread].task if home else None

    def hanging(self) -> dict[int, int]:
        """The threads there are, by number, and the channel each hangs on."""
        return {int(thread): int(spot_of(home).channel) for thread, home in self._homes.items()}

    async def earn(self, task: Task) -> bool:
        """Open a thread for `task`, where it can have one. Whether it has one now."""
        if not self._can(task):
            return False
        place, settings = task.place, self._swarm.settings.of(Discord)
        async with self._opening:
            if found := self._of.get((place.space, place.thread)):
                return found.id != ""
            post = await self._swarm.posts.of_task(SURFACE, task.id, whole(place).thread)
            if post is None:
                return False
            title = one_line(visible(f"#{task.id} {task.text or ''}")).strip()
            minutes = _MINUTES[settings.thread_archive]
            try:
                opened = await self._rest.thread(
                    post.channel, post.message, clip(title, NAME), minutes
                )
            except errors.SurfaceRefused as refused:
                log.warning("#%s gets no thread: %s", task.id, refused)
                opened = ""
            except WaggleError as error:
                log.warning("#%s gets no thread now: %s", task.id, error)
                return False
            await self._note(place, _Thread(opened, task.id))
            return opened != ""

    def _can(self, task: Task) -> bool:
        """Whether it is work, asked for in a channel of others, outside of any thread."""
        place = task.place
        rooted = place.surface == SURFACE and place.space != DIRECT and spot_of(place).root
        return bool(self._swarm.settings.of(Discord).threads and task.kind == "task" and rooted)

    async def lost(self, thread: str) -> None:
        """A thread that takes nothing any more: its conversation goes on in the channel."""
        if place := self._homes.pop(thread, None):
            gone = self._of[place.space, place.thread]
            await self._note(place, _Thread("", gone.task))

    async def _note(self, place: Place, thread: _Thread) -> None:
        self._know(place, thread)
        name, value = f"{_NOTED}{place.space}/{place.thread}", msgspec.json.encode(thread)
        await self._swarm.posts.note(SURFACE, name, value.decode())

    async def serve(self) -> None:
        """Until it is cancelled: give a thread to what has run long."""
        after = self._swarm.settings.of(Discord).thread_after
        for post in await self._swarm.posts.cards(SURFACE):
            task = (await self._swarm.views.task(post.task)).task
            if task.attempts:
                self._due[task.id] = from_micros(task.created) + after
        stop = self._swarm.store.listen((TaskStarted,), self._on_started)
        try:
            while True:
                self._changed.clear()
                wait = await self._look()
                try:
                    async with asyncio.timeout(wait):
                        await self._changed.wait()
                except TimeoutError:
                    continue
        finally:
            stop()

    def shown(self, task: TaskId) -> None:
        """There is a message now on which the thread of `task` can hang."""
        if task in self._early:
            self._early.discard(task)
            self._due[task] = self._swarm.store.clock.now()
            self._changed.set()

    def _on_started(self, fact: Fact) -> None:
        if fact.task is not None and fact.task not in self._due:
            after = self._swarm.settings.of(Discord).thread_after
            self._due[fact.task] = from_micros(fact.at) + after
            self._changed.set()

    async def _look(self) -> float | None:
        """Open what is due. Returns how long until the next one."""
        now = self._swarm.store.clock.now()
        for number in [number for number, at in self._due.items() if at <= now]:
            del self._due[number]
            try:
                task = (await self._swarm.views.task(number)).task
                if task.state not in FINISHED and self._can(task):
                    self._early.add(number)
                    if await self.earn(task):
                        self._early.discard(number)
            except WaggleError as error:
                log.warning("#%s gets no thread now: %s", number, error)
        if not self._due:
            return None
        left = (min(self._due.values()) - now).total_seconds()
        return min(max(left, 0.0), _PATIENCE)


def _place(space: str, thread: str) -> Place:
    return Place(surface=SURFACE, space=space, thread=thread)
