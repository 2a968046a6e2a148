"""An answer on standard output while it comes, and its end without saying anything twice."""

from __future__ import annotations

from typing import Any

from bot.reply import Reply, Text
from bot.screen import Screen
from swarm_core import printable


class Speaking:
    """Writes the words of one task as they come. What stands there when the task ends is not
    written again, unless the answer turned out to be another one."""

    def __init__(self, screen: Screen, *, stream: bool) -> None:
        self._screen = screen
        self._on = screen.streams(forced=stream)
        self._said = ""
        """What of the answer under way stands on the screen."""
        self._blank = ""
        """White space that came last: it is written once something follows it."""

    @property
    def on(self) -> bool:
        """Whether words are wanted at all."""
        return self._on

    def hear(self, words: str, *, anew: bool) -> None:
        """More of the answer; `anew`: of another one than before."""
        if not self._on:
            return
        if anew:
            self.pause()
            self._said = self._blank = ""
        text = self._blank + printable(words)
        if not self._said:
            text = text.lstrip()
        kept = text.rstrip()
        self._blank = text[len(kept) :]
        if kept:
            self._screen.piece(kept)
            self._said += kept

    def pause(self) -> None:
        """Something else is about to be written, or another answer: end the line."""
        if self._said:
            self._screen.piece("\n\n")

    def outcome(self, view: Any, reply: Reply) -> None:
        """The end of the task."""
        result = printable(view.get("result") or "").strip()
        if not self._said or view["state"] != "done" or not result.startswith(self._said):
            self.pause()
            self._screen.outcome(view, reply)
            return
        self._screen.piece(f"{result[len(self._said) :]}\n")
        self._screen.remark(part for part in reply.parts if not isinstance(part, Text))
