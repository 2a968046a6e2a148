"""Somebody at a terminal: the interactive chat itself, typed at through its input and read from
its output."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input

from bot.messages import Messages
from bot.reply import Reply
from bot.surface import LocalDoor
from bot.terminal import chat
from bot.terminal.prompt import Screen
from swarm_core.kernel.clock import SystemClock
from swarm_core.people import TERMINAL
from swarm_core.swarm import Swarm
from swarm_core.testing import OWNER
from tests.conformance.hands import LIVE, Hands, Shown, patiently
from tests.worlds import awake

WIDE = 400
"""Columns, so that no sentence is on two lines."""
ENTER, END, PASTE = "\r", "\x04", "\x1b[200~{}\x1b[201~"
_BELOW = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")
_BUTTON = re.compile(r"(?:^ *|· )([^:·\n]+): (/[^·\n]+?|yes|no) *(?:·|$)", re.MULTILINE)


class Printed(Screen):
    """The chat's own screen, of which it is noted what was printed, and that something was."""

    def __init__(self) -> None:
        self.stream, self.printed, self.writes = io.StringIO(), list[str](), 0
        self.news = asyncio.Event()
        size = Size(rows=60, columns=WIDE)
        super().__init__(self.stream, lambda: size, enable_cpr=False)

    def write_raw(self, data: str) -> None:
        super().write_raw(data)
        if data.endswith("\n\n"):
            self.printed.append(data.rstrip())

    def flush(self) -> None:
        super().flush()
        self.writes += 1
        self.news.set()

    @property
    def below(self) -> str:
        """What was drawn round the line that is typed, the cards with it."""
        return _BELOW.sub("", self.stream.getvalue())


class Terminal(Hands):
    surface = "terminal"

    def __init__(self, door: LocalDoor, swarm: Swarm, keys: PipeInput, screen: Printed) -> None:
        super().__init__(swarm)
        self._door, self._keys, self._screen = door, keys, screen
        self._folder = swarm.settings.state

    async def say(self, text: str, files: Mapping[str, bytes] | None = None) -> str:
        if files:
            text = f"/ask {text}"
        for name, data in (files or {}).items():
            (self._folder / name).write_bytes(data)
            text += f" --file {self._folder / name}"
        self._keys.send_text(PASTE.format(text) if "\n" in text else text)
        self._keys.send_text(ENTER)
        return text

    async def command(self, line: str) -> str:
        return await self.say(line)

    async def offered(self) -> dict[str, str]:
        found = self._door.complete("/")
        return {each.text.removeprefix("/"): each.meta for each in found}

    async def reply(self, to: Shown, text: str) -> str:
        return await self.say(text)

    async def press(self, on: Shown, label: str) -> None:
        choices = dict(_BUTTON.findall(on.text))
        await self.say(choices[label])

    async def edit(self, said: str, text: str) -> None:
        raise NotImplementedError

    @property
    def ben(self) -> Hands:
        raise NotImplementedError

    @property
    def directly(self) -> Hands:
        return self

    async def standing(self) -> list[Shown]:
        printed = [_shown(str(n), text) for n, text in enumerate(self._screen.printed)]
        return [*printed, _shown(LIVE, self._screen.below)]

    async def now(self) -> int:
        return self._screen.writes

    async def news(self, since: int) -> None:
        while self._screen.writes <= since:
            self._screen.news.clear()
            await patiently(self._screen.news)


def _shown(id_: str, text: str) -> Shown:
    buttons = tuple(label for label, _ in _BUTTON.findall(text))
    return Shown(id_, text.replace("`", ""), text, "terminal", buttons, alone=True, pings=True)


class Stage:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def opened(self, *workers: Any, **sections: Any) -> AsyncIterator[Hands]:
        sections.setdefault("clock", SystemClock())
        sections["chat"] = {"undo": "0s", **sections.get("chat", {})}
        say = Messages.load(strict=True)
        async with awake(self._folder, *workers, **sections) as swarm:
            with create_pipe_input() as keys:
                screen = Printed()
                door = LocalDoor(swarm, OWNER, TERMINAL, say)
                hello = Reply(())
                how = {"history": self._folder / "history", "styled": False, "greeting": hello}
                talk = asyncio.create_task(
                    chat(door, say=say, input=keys, output=screen, **how)  # type: ignore[arg-type]
                )
                try:
                    yield Terminal(door, swarm, keys, screen)
                    keys.send_text(END)
                    await talk
                finally:
                    talk.cancel()
                    await asyncio.gather(talk, return_exceptions=True)


@asynccontextmanager
async def terminal(folder: Path) -> AsyncIterator[Stage]:
    yield Stage(folder)
