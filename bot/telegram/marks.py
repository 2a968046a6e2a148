"""Which updates were taken, for when they come once more.

What can go wrong: the process dies after something was done and before Telegram knows that it need
not be told again. What begins a task, or says words to one, carries its event and is taken once by
that. Of every other command it is on disk that it was begun, and nobody knows whether it was done:
so it is not done again, and whoever gave it is told.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict

import msgspec

from bot.chat.saying import MAKING
from bot.commands.line import is_command, parse_line
from bot.commands.parsing import Parsed
from bot.telegram.channels import SURFACE
from swarm_core import Swarm, WaggleError

DECIDING = ("approve", "deny")
_NOTED = "updates"
REMEMBERED = 200
"""As many as one answer of the service holds, twice."""


class _Noted(msgspec.Struct, frozen=True):
    begun: tuple[int, ...] = ()
    done: tuple[int, ...] = ()


class Marks:
    """Up to where what came was done. One for the life of the surface."""

    def __init__(self, swarm: Swarm) -> None:
        self._posts = swarm.posts
        self._begun: OrderedDict[int, None] = OrderedDict()
        self._done: OrderedDict[int, None] = OrderedDict()
        self._one = asyncio.Lock()

    async def load(self) -> None:
        """Know what a former process did."""
        if value := await self._posts.recall(SURFACE, _NOTED):
            noted = msgspec.json.decode(value, type=_Noted)
            self._done = OrderedDict.fromkeys(noted.done)
            self._begun = OrderedDict.fromkeys(noted.begun)

    def taken(self, update: int) -> bool:
        """Whether it was taken, to its end."""
        return update in self._done

    def interrupted(self, update: int) -> bool:
        """Whether what may not be done twice was begun and never came to its end: by a process
        that is no more, or by this one when it failed."""
        return update in self._begun

    async def begin(self, update: int) -> None:
        """Something that may not be done twice is done from here on, until the update is `done`."""
        _remember(self._begun, update)
        await self._keep()

    async def done(self, update: int) -> None:
        """It is taken."""
        self._begun.pop(update, None)
        _remember(self._done, update)
        await self._keep()

    async def _keep(self) -> None:
        async with self._one:
            noted = _Noted(begun=tuple(self._begun), done=tuple(self._done))
            value = msgspec.json.encode(noted).decode()
            await self._posts.note(SURFACE, _NOTED, value)


def _remember(known: OrderedDict[int, None], update: int) -> None:
    known[update] = None
    while len(known) > REMEMBERED:
        known.popitem(last=False)


def repeatable(line: str) -> bool:
    """Whether a line that was typed or pressed may be carried out once more when nobody knows
    whether it was: it only looks, carries its event, or counts once by itself."""
    if not is_command(line):
        return True
    try:
        parsed = parse_line(line)
    except WaggleError:
        return True
    command = parsed.command
    changes = any(value in command.changing for value in map(str, parsed.given.values()))
    reads = command.reads and not changes
    return command.name in MAKING or parsed.help or reads or _once_anyway(parsed)


def _once_anyway(parsed: Parsed) -> bool:
    """Whether it decides on one approval, by its own id: that counts once, and whoever decides
    again is told what was decided. By the number of a task it could be another approval."""
    number = str(parsed.given.get("id", "")).lstrip("#")
    return parsed.command.name in DECIDING and bool(number) and not number.isdecimal()
