"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html), as far as
models use them: the data of each event. One that was cut off before its empty line is none."""

from __future__ import annotations

from collections.abc import AsyncIterator


async def payloads(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The data of each event in the bytes of `chunks`, wherever these are split."""
    data: list[bytes] = []
    async for line in _lines(chunks):
        if not line:
            if data:
                yield b"\n".join(data)
            data = []
        elif line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))


async def _lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Whole lines; they end with LF, CRLF or CR."""
    parts: list[bytes] = []
    after_cr = False
    async for chunk in chunks:
        if after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
            after_cr = False
        if not chunk:
            continue
        after_cr = chunk.endswith(b"\r")
        lines = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for ended in lines[:-1]:
            yield b"".join([*parts, ended])
            parts = []
        if lines[-1]:
            parts.append(lines[-1])
