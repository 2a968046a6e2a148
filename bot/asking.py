"""Questions to the person at the terminal, answered by a line or by an option."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.messages import Messages
from swarm_core import Settings

Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What nobody has to be asked: the `settings` as they are, what was `given` as options, the
    environment with the file of keys as `variables`, and what that file alone says as `typed`."""

    settings: Settings
    given: Mapping[str, Any]
    variables: Mapping[str, str]
    typed: Mapping[str, str]

    def outside(self, variable: str) -> bool:
        """Whether it comes from the environment itself: nothing typed here would replace it."""
        return self.variables.get(variable, "") != self.typed.get(variable, "")


class Asker:
    """Asks on the terminal. Nothing is asked where `quiet`: what is there stays."""

    def __init__(self, say: Messages, *, quiet: bool) -> None:
        self.say = say
        self._quiet = quiet

    def ask(
        self,
        key: str,
        read: Callable[[str], Value],
        expected: str,
        now: Value,
        shown: str,
        **values: object,
    ) -> Value:
        """What the person answers, read by `read`, asked again while that raises ValueError;
        `now` for an empty line. Raises KeyboardInterrupt when nobody is there any more."""
        if self._quiet:
            return now
        while True:
            line = self._line(self.say(key, now=shown, **values))
            if not line:
                return now
            try:
                return read(line)
            except ValueError:
                self.tell("init.not_that", expected=expected)

    def secret(self, key: str, **values: object) -> str:
        """A line that is not shown while it is typed, '' for an empty one."""
        if self._quiet:
            return ""
        try:
            return getpass.getpass(f"{self.say(key, **values)} ", stream=sys.stderr).strip()
        except EOFError:
            raise KeyboardInterrupt from None

    def tell(self, key: str, **values: object) -> None:
        self.write(self.say(key, **values))

    def write(self, text: str) -> None:
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def _line(self, prompt: str) -> str:
        sys.stderr.write(f"{prompt} ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        return line.strip()
