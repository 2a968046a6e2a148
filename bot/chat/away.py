"""What was meant for us too long ago to be simply done: one list a channel, of which whoever
wrote something presses what is still wanted, or lets go of the rest.

What can go wrong: the process ends while it is made, two people press at once, there is more than
a message holds. What is left stands in the table of buttons, so a press counts once and a restart
changes nothing; the list shows the first of it, and the next as those are decided on.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from bot.chat.here import Here
from bot.chat.tongues import said_in
from bot.commands.line import is_command
from bot.render.outgoing import Outgoing, with_ids
from bot.reply import Button, Buttons, Notice, Reply
from swarm_core import (
    MISSED,
    Actor,
    Choice,
    Making,
    MissedList,
    Place,
    WaggleError,
    clip,
    errors,
)

log = logging.getLogger(__name__)

MOST_SHOWN = 20
_LABEL = 80


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was meant for us; `number` grows with each of its channel, `name` is its
    author's."""

    number: int
    author: Actor
    name: str
    text: str


class Away:
    """The lists there are, by channel."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._lists: dict[str, MissedList] = {}
        self._before: dict[str, str] = {}
        """Of a channel whose list is to be shown anew, the message in which it stood."""

    async def load(self) -> None:
        """Know the lists a former process made, and show those it did not come to show."""
        found = await self._here.swarm.posts.named(self._here.surface, MISSED)
        for channel, value in found.items():
            self._lists[channel] = msgspec.json.decode(value, type=MissedList)
            if not self._lists[channel].message:
                await self._show(channel)

    async def offer(self, place: Place, old: Sequence[Meant], language: str) -> None:
        """Ask about messages in the channel `place`, oldest first; with those of a list there that
        is still open. `language` is that of the place, '' for the swarm's."""
        if await self.note(place, old, language):
            await self.show(place.thread)

    async def note(self, place: Place, old: Sequence[Meant], language: str) -> bool:
        """The same, on disk only; whether there is something new to show."""
        channel = place.thread
        before = self._lists.get(channel)
        fresh = [said for said in old if before is None or said.number > before.upto]
        if not fresh:
            return False
        makings = [_making(said, place) for said in fresh]
        language = before.language if before else language
        say = said_in(self._here, language)
        if before is None:
            skip = Choice(say("button.skip"), "/missed skip")
            makings.append(Making(choices=(skip,), place=place))
        made = await self._here.swarm.buttons.put(makings)
        listed = MissedList(
            message="",
            upto=fresh[-1].number,
            buttons=(*(before.buttons if before else ()), *made[: len(fresh)]),
            skip=before.skip if before else made[-1],
            language=language,
        )
        # It is noted first: what is shown twice by a kill is the same list.
        await self._note(channel, listed)
        if before is not None and before.message:
            self._before[channel] = before.message
        return True

    async def show(self, channel: str) -> None:
        """Show the list of a channel, in the place of an older one."""
        before = self._before.pop(channel, "")
        await self._show(channel)
        if before and self._lists[channel].message:
            await self._here.way.delete(channel, before)

    async def _show(self, channel: str) -> None:
        listed = self._lists[channel]
        left = await self._here.swarm.buttons.left(listed.buttons)
        try:
            sent = await self._here.way.post(
                channel, self._drawn(listed, left), nonce=f"away-{listed.upto}"[-25:]
            )
        except WaggleError as error:
            log.warning("the list of channel %s cannot be shown: %s", channel, error)
            return
        await self._note(channel, msgspec.structs.replace(listed, message=sent))

    async def refresh(self, channel: str) -> None:
        """Show what is left of the list of a channel, if it has one and something was decided."""
        found = self._lists.get(channel)
        if found is None or not found.message:
            return
        here = self._here
        left = await here.swarm.buttons.left(found.buttons)
        now = msgspec.structs.replace(found, buttons=tuple(number for number, _ in left))
        if now == found:
            return
        if left:
            await self._note(channel, now)
        else:
            del self._lists[channel]
            await here.swarm.posts.drop(self._here.surface, f"{MISSED}{channel}")
        try:
            await here.way.edit(channel, found.message, self._drawn(now, left))
        except errors.SurfaceRefused:
            log.info("the list of what was missed in channel %s is gone", channel)
        except WaggleError as error:
            log.warning("the list of channel %s cannot be shown: %s", channel, error)

    def _drawn(self, found: MissedList, left: Sequence[tuple[str, str]]) -> Outgoing:
        say, shown = said_in(self._here, found.language), left[:MOST_SHOWN]
        if not left:
            told = Notice(level="info", text=say("connection.away_done"))
            return self._here.way.render(Reply(parts=(told,)), say)[0]
        more = len(left) - len(shown)
        told = Notice(level="info", text=say("connection.away", count=len(left), more=more))
        choices = [Button(label, "/missed") for _, label in shown]
        parts = (told, Buttons((*choices, Button(say("button.skip"), "/missed skip"))))
        drawn = self._here.way.render(Reply(parts=parts), say)[0]
        return with_ids(drawn, (*(number for number, _ in shown), found.skip))

    async def _note(self, channel: str, found: MissedList) -> None:
        self._lists[channel] = found
        value = msgspec.json.encode(found).decode()
        await self._here.swarm.posts.note(self._here.surface, f"{MISSED}{channel}", value)


def _making(said: Meant, place: Place) -> Making:
    text = said.text or "…"
    label = clip(f"{said.name}: {text}", _LABEL)
    line = text if is_command(text) else f"/ask {text}"
    return Making(choices=(Choice(label, line),), place=place, person=said.author.key, once=True)
