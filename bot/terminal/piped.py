"""Lines from a pipe or a file, and text to a stream: the chat without a terminal."""

from __future__ import annotations

import asyncio
import codecs
import os
import shutil
from collections.abc import AsyncIterator
from typing import TextIO

from bot.render.terminal import render
from bot.reply import Reply

_AT_ONCE = 65536


async def lines(source: int) -> AsyncIterator[str]:
    """The lines of file descriptor `source` as they come, without their ends; read no faster
    than they are used."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    while chunk := await _chunk(source):
        *whole, rest = (rest + decoder.decode(chunk)).split("\n")
        for line in whole:
            yield line
    if rest:
        yield rest


async def _chunk(source: int) -> bytes:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(source, ready.set)
    except PermissionError:
        pass  # A plain file: it cannot be waited for, because it is always ready.
    else:
        try:
            await ready.wait()
        finally:
            loop.remove_reader(source)
    return os.read(source, _AT_ONCE)


class Page:
    """Replies one below the other on a stream."""

    def __init__(self, stream: TextIO, *, styled: bool) -> None:
        self._stream = stream
        self._styled = styled
        self._begun = False

    async def show(self, reply: Reply) -> None:
        """Print `reply` at once. Raises OSError when nobody reads the stream any more."""
        width = shutil.get_terminal_size().columns
        text = render(reply, width=width, styled=self._styled)
        if not text:
            return
        encoding = self._stream.encoding or "utf-8"
        text = text.encode(encoding, "replace").decode(encoding)
        self._stream.write(f"\n{text}\n" if self._begun else f"{text}\n")
        self._stream.flush()
        self._begun = True
