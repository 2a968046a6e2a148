"""What people are told of the connection: each trouble once, and once that it is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from bot.logs import TOLD
from bot.messages import Messages
from bot.reply import Level, Notice

log = logging.getLogger(__name__)


class Weather:
    """Says sentences by `tell`, and all of them in the log. A connection that is back within
    `silent` seconds is not spoken of. `name` is the service's."""

    def __init__(
        self, say: Messages, name: str, tell: Callable[[Notice], None], silent: float
    ) -> None:
        self._sentences, self._name, self._tell, self._silent = say, name, tell, silent
        self._timer: asyncio.TimerHandle | None = None
        self._gone = False
        self._last = ""

    def say(self, level: Level, key: str, **data: Any) -> None:
        text = self._sentences(key, **data)
        log.log(logging.INFO if level == "info" else logging.WARNING, "%s", text, extra=TOLD)
        self._tell(Notice(level=level, text=text))

    def slowed(self, key: str, **data: Any) -> None:
        """Requests are held back."""
        self.say("warn", key, surface=self._name, **data)

    def cut(self, key: str, **data: Any) -> None:
        """It could not be signed on. The same again is not said again."""
        self._still()
        self._gone = True
        if self._last != key:
            self._last = key
            self.say("warn", key, **data)

    def ready(self, key: str, **data: Any) -> None:
        """Signed on."""
        self._still()
        self._gone, self._last = False, ""
        self.say("info", key, **data)

    def there(self, there: bool) -> None:
        """The connection of a session is gone, or back."""
        if there:
            self._still()
            if self._gone:
                self._gone = False
                self.say("info", "connection.back", surface=self._name)
        elif self._timer is None and not self._gone:
            self._timer = asyncio.get_running_loop().call_later(self._silent, self._away)

    def _away(self) -> None:
        self._timer, self._gone = None, True
        self.say("warn", "connection.silent", surface=self._name)

    def _still(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        self._still()
