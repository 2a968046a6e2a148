"""One websocket connection: how payloads are packed, and how it is cut in the middle of one."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections import deque
from dataclasses import dataclass, field

import zstandard
from aiohttp import web

from tests.fakes.discord.errors import Json
from tests.fakes.discord.session import Session


@dataclass
class Line:
    """One connection, which a test may treat badly by the door."""

    ws: web.WebSocketResponse
    request: web.Request
    compress: str
    session: Session | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    patience: asyncio.TimerHandle | None = None
    inbound: deque[float] = field(default_factory=deque)
    quota: int | None = None  # bytes until it is cut
    fault: Json = field(default_factory=dict)
    closed_by_us: bool = False
    mute: bool = False

    def __post_init__(self) -> None:
        self._zlib = zlib.compressobj()
        self._zstd = zstandard.ZstdCompressor().compressobj()

    async def send(self, payload: Json) -> None:
        if self.mute:
            return
        await self.send_text(json.dumps({"t": None, "s": None, **payload}, separators=(",", ":")))

    async def send_text(self, words: str) -> None:
        """Anything at all, packed as payloads are."""
        text = words.encode()
        if self.compress == "zlib-stream":
            data = self._zlib.compress(text) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
        elif self.compress == "zstd-stream":
            data = self._zstd.compress(text)
            data += self._zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
        else:
            data = text
        if self.quota is not None and (frame := self._frame(data)):
            if len(frame) > self.quota:
                self.cut(frame[: self.quota])
                raise ConnectionResetError
            self.quota -= len(frame)
        if self.compress:
            await self.ws.send_bytes(data)
        else:
            await self.ws.send_str(text.decode())

    def _frame(self, data: bytes) -> bytes:
        head = bytes([0x82 if self.compress else 0x81])
        size = len(data)
        if size < 126:
            return head + bytes([size]) + data
        if size < 65536:
            return head + b"\x7e" + size.to_bytes(2, "big") + data
        return head + b"\x7f" + size.to_bytes(8, "big") + data

    def cut(self, last: bytes = b"") -> None:
        """End the connection after `last`, with no close frame."""
        if transport := self.request.transport:
            if last:
                transport.write(last)
            transport.close()
