"""Answers that do not arrive, or not whole."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web


def cut(request: web.Request) -> web.Response:
    """The connection breaks."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def lose(request: web.Request, status: int, body: Any, size: int) -> web.Response:
    """The connection breaks after `size` bytes of the answer."""
    if not size or request.transport is None:
        return cut(request)
    text = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\n"
    whole = f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text
    request.transport.write(whole[:size])
    request.transport.close()
    return web.Response()
