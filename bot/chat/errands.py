"""Requests that wait for their turn: the most urgent first, of edits of a message the last."""

from __future__ import annotations

import asyncio
import heapq

from bot.chat.urgency import Urgency


class Errand:
    """One request; `turn` is True once it is to be sent, False when a later edit of the same
    message goes in its place. `free`: no limit over everything counts it."""

    def __init__(self, what: Urgency, number: int, *, free: bool, edit: str = "") -> None:
        self.what, self.number, self.free, self.edit = what, number, free, edit
        self.turn: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def __lt__(self, other: Errand) -> bool:
        return (self.what, self.number) < (other.what, other.number)


class Lane:
    """Errands that go one after the other."""

    def __init__(self) -> None:
        self.waiting: list[Errand] = []
        self._edits: dict[str, Errand] = {}
        self.busy = False

    def enter(self, errand: Errand) -> bool:
        """Wait in it. False: a later edit of the same message has come since."""
        if errand.edit:
            other = self._edits.get(errand.edit)
            if other and other.number > errand.number:
                return False
            if other and not other.turn.done():
                other.turn.set_result(False)
            self._edits[errand.edit] = errand
        heapq.heappush(self.waiting, errand)
        return True

    def leave(self, errand: Errand) -> None:
        """Its turn has come, or it is not waited for any more."""
        if errand.edit and self._edits.get(errand.edit) is errand:
            del self._edits[errand.edit]

    def head(self) -> Errand | None:
        while self.waiting and self.waiting[0].turn.done():
            heapq.heappop(self.waiting)
        return self.waiting[0] if self.waiting else None

    def go(self) -> None:
        """The first of them is sent now."""
        heapq.heappop(self.waiting).turn.set_result(True)
