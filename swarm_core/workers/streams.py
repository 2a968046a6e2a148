"""What workers are saying right now, for whoever watches. Kept in memory, and only there."""

from __future__ import annotations

from collections.abc import Callable

from swarm_core.kernel.ids import TaskId
from swarm_core.providers.model import Chunk, OnChunk

MOST = 4_000
"""Characters kept of one answer under way: its end, which is what a card shows."""


class Streams:
    """The words of answers under way, by task. Nothing is streamed while nobody watches."""

    def __init__(self) -> None:
        self._texts: dict[TaskId, str] = {}
        self._watchers: list[Callable[[], None]] = []

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` when more has come; it only wakes. Returns what ends the watching."""
        self._watchers.append(changed)
        return lambda: self._watchers.remove(changed)

    def said(self, task: TaskId) -> str:
        """The last of what is being said in `task`; empty when nothing is."""
        return self._texts.get(task, "")

    def sink(self, task: TaskId) -> OnChunk | None:
        """Where the words of a call go; None when nobody watches. Call `ended` after it."""
        if not self._watchers:
            return None
        self._texts[task] = ""

        def take(chunk: Chunk) -> None:
            if chunk.kind == "text":
                self._texts[task] = (self._texts.get(task, "") + chunk.text)[-MOST:]
                for changed in list(self._watchers):
                    changed()

        return take

    def ended(self, task: TaskId) -> None:
        self._texts.pop(task, None)
