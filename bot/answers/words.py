"""Values in words: times, lengths of time, money, people, scopes, reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

from bot.messages import Messages
from bot.reply import Level
from swarm_core import (
    MicroUSD,
    Task,
    TaskState,
    clip,
    format_usd,
    from_micros,
    printable,
)

_SECOND = 1_000_000
TITLE = 80
"""Characters of a request that stand in a title or a listing."""

LEVELS: dict[TaskState, Level] = {
    TaskState.DONE: "ok",
    TaskState.FAILED: "error",
    TaskState.CANCELLED: "warn",
    TaskState.WAITING: "warn",
}


class Words:
    """Says values in one language, at one instant, to one person."""

    def __init__(
        self,
        messages: Messages,
        *,
        now: int,
        person: str,
        zone: tzinfo | None = None,
        called: Callable[[str], str] = str,
    ) -> None:
        self.say = messages
        self.now = now
        self.person = person
        self._called = called
        """What a person with a key is called; the key of one without a name."""
        self._zone = zone
        """None: that of the machine."""

    def usd(self, amount: int) -> str:
        return format_usd(MicroUSD(amount))

    def clock(self, instant: int) -> str:
        """A local time of day, with the date when it is not today's."""
        zone = self._zone
        then, today = from_micros(instant).astimezone(zone), from_micros(self.now).astimezone(zone)
        return f"{then:%H:%M:%S}" if then.date() == today.date() else f"{then:%Y-%m-%d %H:%M}"

    def length(self, micros: int) -> str:
        """A length of time: `40 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`."""
        seconds = max(micros, 0) // _SECOND
        if seconds < 1:
            return f"{max(micros, 0) // 1000} ms"
        if seconds < 60:
            return f"{max(micros, 0) / _SECOND:.1f} s".replace(".0 s", " s")
        for unit, size, smaller, part in (
            ("d", 86_400, "h", 3_600),
            ("h", 3_600, "min", 60),
            ("min", 60, "s", 1),
        ):
            if seconds >= size:
                rest = seconds % size // part
                return f"{seconds // size} {unit}" + (f" {rest} {smaller}" if rest else "")
        raise AssertionError

    def age(self, instant: int) -> str:
        return self.length(self.now - instant)

    def title(self, task: Task) -> str:
        return f"#{task.id} {self.request(task)}".strip()

    def request(self, task: Task) -> str:
        return self.text(task.text)

    def text(self, text: str | None) -> str:
        """The beginning of what was asked for; None when it was erased."""
        return clip(self.say("task.erased") if text is None else printable(text), TITLE)

    def state(self, state: str) -> str:
        return self.say(f"state.{state}")

    def who(self, key: str) -> str:
        """The person or part a stored key names."""
        if key == self.person:
            return self.say("people.you")
        return self.say("people.swarm") if key.startswith("swarm/") else self._called(key)

    def scope(self, name: str) -> str:
        """What a budget or a stop is on, as it is stored."""
        if name == self.person:
            return self.say("people.you")
        return self.say("people.scope", scope=name)

    def failure(self, code: str, data: Mapping[str, Any]) -> str:
        """Why something failed or waits, its scopes and people in words."""
        told = dict(data)
        if isinstance(actor := told.get("actor"), str):
            told["actor"] = self.who(actor)
        return self.say.failure(code, told)
