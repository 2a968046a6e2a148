"""An answer on its way out, with what goes wrong on it."""

from __future__ import annotations

import asyncio
import socket
import struct

from aiohttp import web

from tests.fakes.models.answer import Json


class Cut(Exception):
    """The answer did not go out whole."""


def reset(request: web.Request) -> None:
    """Break the connection hard: the other side sees a reset."""
    transport = request.transport
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def hang() -> None:
    """Say nothing until the other side has gone (the handler is cancelled then)."""
    await asyncio.Event().wait()


async def send(
    request: web.Request,
    chunks: list[bytes],
    headers: dict[str, str],
    faults: list[Json],
    *,
    streamed: bool,
    tokens: int,
) -> web.StreamResponse:
    """Write `chunks` as the body under `faults`; raises `Cut` when it breaks off."""
    by_kind = {fault["kind"]: fault for fault in faults}
    if "latency" in by_kind:
        await asyncio.sleep(by_kind["latency"]["seconds"])
    if "reset" in by_kind:
        reset(request)
        raise Cut
    body = b"".join(chunks)
    end = _end(by_kind, len(body))
    if "hang" in by_kind and end == 0:
        await hang()
    response = web.StreamResponse(headers=headers)
    if streamed:
        response.enable_chunked_encoding()
    else:
        response.content_length = len(body)
    await response.prepare(request)
    await response.write(b"")
    pause = by_kind["per_token"]["seconds"] * tokens / len(chunks) if "per_token" in by_kind else 0
    if "trickle" in by_kind:
        size = by_kind["trickle"].get("bytes", 1)
        chunks = [body[at : at + size] for at in range(0, len(body), size)]
        pause = by_kind["trickle"].get("seconds", 0)
    elif not pause:
        chunks = [body]
    for chunk in _until(chunks, end):
        if pause:
            await asyncio.sleep(pause)
        await response.write(chunk)
    if end is None:
        await response.write_eof()
        return response
    await _flushed(request)
    if "hang" in by_kind:
        await hang()
    if by_kind["cut"].get("reset"):
        reset(request)
    elif request.transport is not None:
        request.transport.close()
    raise Cut


def _end(by_kind: dict[str, Json], length: int) -> int | None:
    """At which byte it breaks off, None for never."""
    for kind in ("cut", "hang"):
        if kind in by_kind:
            at: int = by_kind[kind].get("bytes", 0)
            return max(0, length + at) if at < 0 else min(at, length)
    return None


def _until(chunks: list[bytes], end: int | None) -> list[bytes]:
    if end is None:
        return chunks
    kept, left = list[bytes](), end
    for chunk in chunks:
        kept.append(chunk[:left])
        left -= len(kept[-1])
    return [one for one in kept if one]


async def _flushed(request: web.Request) -> None:
    """Everything written has left this process."""
    transport = request.transport
    while transport is not None and transport.get_write_buffer_size():  # noqa: ASYNC110
        await asyncio.sleep(0)
