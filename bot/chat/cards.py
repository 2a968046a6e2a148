"""Status cards: the receipt of a task that takes longer becomes a card, and stays true.

What can go wrong: a channel allows few edits, and those of old messages are limited further. So a
card is edited when something changed, at most every few seconds, and replaced by a new message
before it is an hour old. It is known by its task on disk, so that a restart takes it up again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass, replace

from bot.chat.here import Here
from bot.chat.places import DIRECT, in_channel, placed, spot_of, whole
from bot.chat.questions import task_card
from bot.chat.urgency import Urgency, urgency
from bot.commands.following import watch
from bot.render.outgoing import Outgoing, presses, with_ids
from bot.reply import Reply
from swarm_core import FINISHED, SWARM, UNFINISHED, CardView, Place, Post, Task, TaskId, WaggleError

log = logging.getLogger(__name__)

FIRST = 1.5
"""Seconds after which a receipt becomes a card."""
PACE = 5.0
"""Seconds between two edits."""
GATHERING = 0.1
OLD = 55 * 60.0
"""Seconds after which a card is replaced, where old messages are hard to change."""
MOST = 50
"""Cards that are shown again in a space we were invited to anew."""


@dataclass
class _Shown:
    channel: str
    message: str
    due: float
    old: float
    card: bool = False
    last: Outgoing | None = None
    """As it was drawn, before its buttons had ids; those are `ids`."""
    ids: tuple[str, ...] = ()


class Cards:
    """Keeps the cards of unfinished tasks true, in one task of its own."""

    def __init__(
        self, here: Here, *, first: float = FIRST, pace: float = PACE, old: float = OLD
    ) -> None:
        self._here = here
        self._first, self._pace, self._old = first, pace, old
        self._shown: dict[TaskId, _Shown] = {}
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def add(
        self,
        task: TaskId,
        channel: str,
        message: str,
        *,
        card: bool = False,
        asks: Outgoing | None = None,
    ) -> None:
        """From now on `message` is the receipt, or the `card`, of `task`; a receipt that `asks` is
        a card as it stands, whose buttons stay what they are."""
        now = self._loop.time()
        due = now if card else now + self._first
        shown = self._shown[task] = _Shown(channel, message, due, now + self._old, card)
        if asks:
            shown.ids = tuple(press.id for press in presses(asks))
            shown.last = with_ids(asks, [""] * len(shown.ids))
        self._changed.set()

    def shows(self, task: TaskId) -> bool:
        """Whether something shows how `task` stands."""
        return task in self._shown

    async def anew(self, view: CardView) -> None:
        """Show a card of a task that has none. Raises what posting raises."""
        task = view.task
        channel = spot_of(task.place).channel
        armed = await self._here.armed(await self._drawn(view), task.place, task.id)
        message = await self._here.way.post(channel, armed)
        post = Post(channel=channel, message=message, task=task.id, card=True)
        await self._here.swarm.posts.keep(self._here.surface, post)
        self.add(task.id, channel, message, card=True)

    async def again(self, space: str, *, moved: bool = False) -> None:
        """Show a card for each task that was asked in a space and has not ended: what showed it
        before could not be changed while we were away, or, when the space has `moved`, never can
        be any more."""
        here = self._here
        tasks = await here.swarm.views.listing(states=UNFINISHED, most=1000)
        lost = [t.id for t in tasks if t.place.surface == here.surface and t.place.space == space]
        lost = [t for t in lost if moved or not self.shows(t)]
        for view in await here.swarm.views.cards(lost[:MOST]):
            try:
                await self.anew(view)
            except WaggleError as error:
                log.warning("the card of #%s cannot be shown again: %s", view.task.id, error)

    async def serve(self) -> None:
        """Until it is cancelled. The cards of a former process come first."""
        urgency.set(Urgency.CARD)
        for post in await self._here.swarm.posts.cards(self._here.surface):
            if post.task not in self._shown:
                self.add(post.task, post.channel, post.message, card=True)
        stop = watch(self._here.swarm, None, self._changed.set)
        try:
            while True:
                self._changed.clear()
                later = [at for task in list(self._shown) if (at := await self._look(task))]
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(min(later) if later else None):
                        await self._changed.wait()
                # Facts come in bursts; one look is enough for all of one.
                await asyncio.sleep(GATHERING)
        finally:
            stop()

    async def _look(self, task: TaskId) -> float | None:
        """Show what has changed. Returns when to look again, though nothing else changes."""
        shown, here = self._shown[task], self._here
        now = self._loop.time()
        found = await here.swarm.views.cards([task])
        ended = not found or found[0].task.state in FINISHED
        if ended and not shown.card:
            await self._settle(task)
            return None
        if now < shown.due and not ended:
            return shown.due
        try:
            if found and (message := await self._drawn(found[0])) != shown.last:
                await self._show(found[0].task, shown, message, old=now >= shown.old and not ended)
            if ended:
                await self._settle(task)
        except WaggleError as error:
            log.warning("the card of #%s cannot be shown: %s", task, error)
            # While it was tried, another message may have come to show it.
            if error.code == "surface_refused" and self._shown.get(task) is shown:
                await self._settle(task)
        shown.due = now + self._pace
        return None if ended or shown.card else shown.due

    async def _drawn(self, view: CardView) -> Outgoing:
        here = self._here
        asker = here.swarm.members.directory.actor_of(view.task.person)
        say = here.say_to(asker)
        # Everybody there reads it, so nobody is "you" in it.
        desk = replace(here.desk(SWARM, view.task.place), messages=say)
        return here.way.render(Reply(parts=(await task_card(desk, view),)), say)[0]

    async def _show(self, task: Task, shown: _Shown, message: Outgoing, *, old: bool) -> None:
        way = self._here.way
        same = shown.last is not None and presses(shown.last) == presses(message)
        if same:
            armed = with_ids(message, shown.ids)
        else:
            armed = await self._here.armed(message, self._place(task, shown.channel), task.id)
        if old:
            before, shown.message = shown.message, await way.post(shown.channel, armed)
            shown.old = self._loop.time() + self._old
            post = Post(channel=shown.channel, message=shown.message, task=task.id, card=True)
            await self._here.swarm.posts.keep(self._here.surface, post)
            await self._leave(shown.channel, before, task)
        else:
            await way.edit(shown.channel, shown.message, armed)
        shown.card, shown.last = True, message
        shown.ids = tuple(press.id for press in presses(armed))

    def _place(self, task: Task, channel: str) -> Place:
        """Where a card of `task` is pressed: where it was asked, or with its asker directly."""
        here, asked = self._here, task.place
        theirs = {whole(asked).thread, here.homes.home(asked).thread}
        if asked.surface == here.surface and channel in theirs:
            return in_channel(asked, channel)
        return placed(here.surface, DIRECT, channel)

    async def _leave(self, channel: str, before: str, task: Task) -> None:
        """An old card goes, unless a thread hangs on it."""
        here = self._here
        if here.homes.home(task.place) == whole(task.place):
            await here.way.delete(channel, before)
        else:
            moved = Outgoing(content=here.say("connection.card_moved", id=task.id))
            await here.way.edit(channel, before, moved)

    async def _settle(self, task: TaskId) -> None:
        del self._shown[task]
        await self._here.swarm.posts.settle(self._here.surface, task)
