"""What workers are saying right now, for whoever watches. Kept in memory, and only there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec

from swarm_core.kernel.ids import TaskId
from swarm_core.providers.model import Chunk, OnChunk

MOST = 4_000
"""Characters kept of one answer under way: its end, which is what a card shows."""


class Words(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """More of what is being said in a task. `anew`: another answer begins with it, because the
    last one was not the end, or did not come to its end."""

    text: str
    anew: bool = False


class Follower:
    """Every word of one task from here on, in order, for one listener of any speed."""

    def __init__(self, begun: str) -> None:
        self._waiting = [Words(text=begun, anew=True)] if begun else []
        self._woken = asyncio.Event()
        self._over = False

    def take(self, words: Words) -> None:
        self._waiting.append(words)
        self._woken.set()

    def end(self) -> None:
        """No more will come; what has come is still given out."""
        self._over = True
        self._woken.set()

    async def words(self) -> AsyncIterator[Words]:
        """What comes, joined where more has come than was taken; ends after `end`."""
        while True:
            self._woken.clear()
            waiting, self._waiting = self._waiting, []
            for piece in _joined(waiting):
                yield piece
            if self._over and not self._waiting:
                return
            if not self._waiting:
                await self._woken.wait()


def _joined(pieces: list[Words]) -> list[Words]:
    joined: list[Words] = []
    begin = 0
    for at in range(1, len(pieces) + 1):
        if at == len(pieces) or pieces[at].anew:
            text = "".join(piece.text for piece in pieces[begin:at])
            joined.append(Words(text=text, anew=pieces[begin].anew))
            begin = at
    return joined


class Streams:
    """The words of answers under way, by task. Nothing is streamed while nobody watches."""

    def __init__(self) -> None:
        self._texts: dict[TaskId, str] = {}
        self._watchers: list[Callable[[], None]] = []
        self._followers: dict[TaskId, list[Follower]] = {}
        self._expected = 0

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` when more has come; it only wakes. Returns what ends the watching."""
        self._watchers.append(changed)
        return lambda: self._watchers.remove(changed)

    def follow(self, task: TaskId) -> Follower:
        """All that is said in `task` from here on, with the end of what was said just before.
        Call `leave` with it."""
        follower = Follower(self.said(task))
        self._followers.setdefault(task, []).append(follower)
        return follower

    def leave(self, task: TaskId, follower: Follower) -> None:
        """`follower` is not listened to any more."""
        left = self._followers[task]
        left.remove(follower)
        if not left:
            del self._followers[task]

    def expect(self, seconds: float) -> None:
        """Have what begins from here on streamed although nobody follows it yet: whoever asks
        for work can only follow it once it has a number, and by then it may have begun."""
        self._expected += 1
        asyncio.get_running_loop().call_later(seconds, self._expect_no_more)

    def _expect_no_more(self) -> None:
        self._expected -= 1

    def said(self, task: TaskId) -> str:
        """The last of what is being said in `task`; empty when nothing is."""
        return self._texts.get(task, "")

    def sink(self, task: TaskId) -> OnChunk | None:
        """Where the words of a call go; None when nobody watches. Call `ended` after it."""
        if not (self._watchers or self._expected or task in self._followers):
            return None
        self._texts[task] = ""
        fresh = True

        def take(chunk: Chunk) -> None:
            nonlocal fresh
            if chunk.kind == "text":
                self._texts[task] = (self._texts.get(task, "") + chunk.text)[-MOST:]
                for follower in self._followers.get(task, ()):
                    follower.take(Words(text=chunk.text, anew=fresh))
                fresh = False
                for changed in list(self._watchers):
                    changed()

        return take

    def ended(self, task: TaskId) -> None:
        self._texts.pop(task, None)
