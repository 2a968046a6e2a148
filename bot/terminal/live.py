"""Status cards that follow what runs: read when something changed, drawn anew each second.

While nothing is open nothing is read; the watching alone wakes it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from bot.messages import Messages
from bot.render.terminal import STATUS_LINES, status_card
from bot.reply import Card
from bot.surface import Cards, Door
from swarm_core import CardView

log = logging.getLogger(__name__)

APPEARS = 1.5
"""Seconds a task is open before it has a card: what is quicker needs none."""
REFRESH = 5.0
GAP = 0.25
"""Seconds between two readings at least, however much changes."""
PACE = 0.15
"""Seconds between two drawings at least while answers come in, however fast they come."""
MOST_CARDS = 3
SAYING_LINES = 4
"""Lines of an answer under way that a card shows, where the screen has room."""
_TYPING_ROOM = 8
"""Rows of the screen that cards leave alone."""


class LiveCards:
    """The cards of one person's unfinished tasks, newest first."""

    def __init__(self, door: Door, say: Messages, *, styled: bool) -> None:
        self._door = door
        self._say = say
        self._styled = styled
        self._woken = asyncio.Event()
        self._changed = False
        self._cards = Cards()
        self._since: dict[int, float] = {}
        self._drawn: tuple[tuple[int, int], str] | None = None

    async def follow(self, redraw: Callable[[], None]) -> None:
        """Keep up until cancelled; `redraw` is called when `text` may have changed."""
        stops = (self._door.watch(self._change), self._door.hear(self._woken.set))
        try:
            while True:
                self._changed = False
                self._woken.clear()
                await self._read()
                self._draw(redraw)
                await asyncio.sleep(GAP)
                await self._wait(redraw)
        finally:
            for stop in stops:
                stop()

    def _change(self) -> None:
        self._changed = True
        self._woken.set()

    def text(self, width: int, rows: int) -> str:
        """The cards for a screen of this size, '' when there is none to show."""
        if not self._drawn or self._drawn[0] != (width, rows):
            self._drawn = ((width, rows), self._text(width, rows))
        return self._drawn[1]

    async def _read(self) -> None:
        try:
            self._cards = await self._door.cards()
        except Exception:
            log.exception("the cards cannot be read")
        now = asyncio.get_running_loop().time()
        self._since = {v.task.id: self._since.get(v.task.id, now) for v in self._cards.views}

    async def _wait(self, redraw: Callable[[], None]) -> None:
        """Until something changes; while something is open no longer than `REFRESH`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + REFRESH - GAP
        while not self._changed:
            now = loop.time()
            if self._cards.views and now >= until:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(self._tick(now)):
                    await self._woken.wait()
            self._draw(redraw)
            if self._woken.is_set() and not self._changed:
                self._woken.clear()
                await asyncio.sleep(PACE)

    def _tick(self, now: float) -> float | None:
        """Seconds to the next change of what is drawn; None when there is nothing to draw."""
        if not self._cards.views:
            return None
        ripe = (since + APPEARS - now for since in self._since.values())
        return min(1.0, *(wait for wait in ripe if wait > 0), 1.0)

    def _draw(self, redraw: Callable[[], None]) -> None:
        shown = bool(self._drawn and self._drawn[1])
        self._drawn = None
        if shown or self._ripe():
            redraw()

    def _ripe(self) -> list[CardView]:
        # A timer may fire a moment early.
        born = asyncio.get_running_loop().time() - APPEARS + 0.01
        return [view for view in self._cards.views if self._since[view.task.id] <= born]

    def _text(self, width: int, rows: int) -> str:
        ripe = self._ripe()
        most = max(1, min(MOST_CARDS, (rows - _TYPING_ROOM) // STATUS_LINES))
        try:
            shown = [self._door.card(view) for view in ripe[:most]]
            saying = self._room_to_speak(shown, rows)
            cards = [
                status_card(card, width=width, styled=self._styled, saying=saying) for card in shown
            ]
        except Exception:
            # This is called while the screen is drawn, where an exception would end the chat.
            log.exception("a card cannot be drawn")
            return ""
        # What the door does not show is older, so it is ripe as well.
        more = max(0, len(ripe) - most) + (self._cards.more if ripe else 0)
        if more:
            cards.append(self._say("chat.more", more=more))
        return "\n".join(cards)

    @staticmethod
    def _room_to_speak(cards: Sequence[Card], rows: int) -> int:
        """Lines that each card with an answer under way may have below it."""
        speaking = sum(bool(card.saying) for card in cards)
        room = rows - _TYPING_ROOM - STATUS_LINES * len(cards)
        return max(0, min(SAYING_LINES, room // speaking)) if speaking else 0
