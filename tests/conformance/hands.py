"""One person at one surface, whichever that is: what can be done there, and what is seen."""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from swarm_core.swarm import Swarm
from tests.fakes.chat.hand import PATIENCE

_WORD = re.compile(r"[^\W_]+(?:[.:'’/-][^\W_]+)*")
LIVE = "live"
"""The message that stands for all that is drawn anew, where nothing stays as it is."""
_LEVEL = re.compile(r"^(?:ok|error|warning): ", re.MULTILINE)
_UNSEEN = re.compile("[\u200b-\u200f\u2060-\u2069\ufeff]")
_SECONDS = re.compile(r"\b\d+(?:\.\d+)? (?:ms|s|min)\b|<t:\d+(?::\w)?>")


@dataclass(frozen=True)
class Shown:
    """A message of the swarm as it stands now. `marked` is its text as the service has it, `text`
    as a person reads it; `alone`: nobody else reads it."""

    id: str
    text: str
    marked: str
    where: str
    buttons: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    alone: bool = False
    pings: bool = False


class Hands(ABC):
    """What somebody does at a surface."""

    surface: ClassVar[str]

    def __init__(self, swarm: Swarm) -> None:
        self.swarm = swarm

    # Doing

    @abstractmethod
    async def say(self, text: str, files: Mapping[str, bytes] | None = None) -> str:
        """Say something to the swarm where others are, if there are any; returns what it was."""

    @abstractmethod
    async def command(self, line: str) -> str:
        """Give a command the way it is given there."""

    async def typed(self, line: str) -> str:
        """Type a command line as it stands."""
        return await self.say(line)

    @abstractmethod
    async def reply(self, to: Shown, text: str) -> str:
        """Answer a message of the swarm."""

    @abstractmethod
    async def press(self, on: Shown, label: str) -> None:
        """Press a button by its words, or do what takes its place there."""

    @abstractmethod
    async def edit(self, said: str, text: str) -> None:
        """Say something else in the place of what was said."""

    @property
    @abstractmethod
    def ben(self) -> Hands:
        """The other person there, a member."""

    @property
    @abstractmethod
    def directly(self) -> Hands:
        """The same person, with nobody else there."""

    # Looking

    @abstractmethod
    async def offered(self) -> dict[str, str]:
        """The commands that are offered, by their declared name, with what is said of each."""

    @abstractmethod
    async def standing(self) -> list[Shown]:
        """What this person sees of the swarm, oldest first."""

    @abstractmethod
    async def now(self) -> int:
        """A place in what happens, for `news`."""

    @abstractmethod
    async def news(self, since: int) -> None:
        """Wait until something has happened after `since`. Raises TimeoutError."""

    async def sees(self, *words: str, apart_from: tuple[Shown, ...] = ()) -> Shown:
        """The first message with all these words in it, once there is one."""
        known = {each.id for each in apart_from}
        while True:
            since = await self.now()
            found = await self.standing()
            for each in found:
                if each.id not in known and all(word in each.text for word in words):
                    return each
            try:
                await self.news(since)
            except TimeoutError:
                told = "\n--\n".join(each.text for each in found)
                raise AssertionError(f"nothing says {words}:\n{told}") from None

    async def becomes(self, shown: Shown, *words: str) -> Shown:
        """What a message is once it says all these words."""
        while True:
            since = await self.now()
            for each in await self.standing():
                if each.id == shown.id and all(word in each.text for word in words):
                    return each
            await self.news(since)

    async def answered(self, line: str, least: frozenset[str], *, typed: bool) -> str:
        """What is new since a line was given, once it has all the words of `least`."""
        before = {(each.id, each.text) for each in await self.standing()}
        await (self.typed(line) if typed else self.command(line))
        while True:
            since = await self.now()
            new = [e for e in await self.standing() if (e.id, e.text) not in before]
            told = [each.text for each in new if each.id != LIVE]
            told += [data.decode() for each in new for data in each.files.values()]
            if told and least <= words("\n".join(told)):
                return "\n".join(told)
            try:
                await self.news(since)
            except TimeoutError:
                lacks = sorted(least - words("\n".join(told)))
                raise AssertionError(f"{line} lacks {lacks}: {told}") from None


class Stage(Protocol):
    """A surface beside which a swarm can be opened, several times one after the other."""

    def opened(self, *workers: Any, **sections: Any) -> AbstractAsyncContextManager[Hands]:
        """The swarm, on the surface until the context ends; the hands are Ana's, who owns it."""
        ...


class Surface(Protocol):
    """Makes a stage in a folder."""

    def __call__(self, folder: Path) -> AbstractAsyncContextManager[Stage]: ...


async def patiently(event: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE):
        await event.wait()


def words(text: str) -> frozenset[str]:
    """The words of a text, without what is another at each moment and in each folder."""
    plain = _UNSEEN.sub("", _LEVEL.sub("", _SECONDS.sub("", text))).casefold()
    return frozenset(
        word for word in _WORD.findall(plain) if not any(c.isdigit() or c == "/" for c in word)
    )
