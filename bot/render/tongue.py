"""How a chat service writes what a message shows: prose in its markup, code in its blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from bot.commands.fields import filled
from bot.render.dialect import Code, Line
from bot.render.harmless import in_fence
from bot.render.runs import Run
from bot.render.runs import written as in_markdown
from bot.render.split import split

LANGUAGE = re.compile(r"[A-Za-z0-9_+\-.#]{1,20}")


class Tongue(Protocol):
    """Markup of one service. What it makes of one line or block is complete in itself."""

    def command(self, line: str) -> str:
        """A command line of ours as it is given there; what is none stays as it is."""
        ...

    def size(self, text: str) -> int:
        """How much of a message's room `text`, in its markup, takes."""
        ...

    def written(self, runs: Iterable[Run]) -> str:
        """One line."""
        ...

    def around(self, line: Line) -> tuple[str, str, str]:
        """What stands before `line`, before what goes on after a cut, and after each of them."""
        ...

    def fenced(self, block: Code, limit: int) -> list[str]:
        """A block of code, in several messages of `limit` if it has to be."""
        ...

    def in_one(self, block: Code, limit: int) -> bool:
        """Whether a block of code fits a message of `limit`."""
        ...

    def apart(self, before: str, after: str) -> bool:
        """Whether a blank line is needed between two blocks."""
        ...


class Markdown:
    """Discord's."""

    def command(self, line: str) -> str:
        return filled(line)

    def size(self, text: str) -> int:
        return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2

    def written(self, runs: Iterable[Run]) -> str:
        return in_markdown(runs)

    def around(self, line: Line) -> tuple[str, str, str]:
        return line.front, line.rest, ""

    def fenced(self, block: Code, limit: int) -> list[str]:
        return [chunk.text for chunk in split(_source(block), limit, utf16=True)]

    def in_one(self, block: Code, limit: int) -> bool:
        return self.size(_source(block)) <= limit

    def apart(self, before: str, after: str) -> bool:
        """Around code Discord leaves room by itself."""
        return "```" not in (after[:3], before[-3:])


DISCORD = Markdown()


def _source(block: Code) -> str:
    found = LANGUAGE.fullmatch(block.language)
    return f"```{found[0] if found else ''}\n{in_fence(block.text)}\n```"
