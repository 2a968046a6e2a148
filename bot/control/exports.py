"""Exports through the control socket."""

from __future__ import annotations

from aiohttp import web

from bot.commands.declared import find
from bot.commands.declaring import bind
from bot.commands.desk import Desk
from bot.exporting import Wanted, exported


async def export(desk: Desk, request: web.Request) -> web.StreamResponse:
    """Rows as they are read. What goes wrong in the middle cuts the answer off, which the
    client sees."""
    command = find("export", program=True)
    since = request.query.get("since", "0")
    ask = Wanted(
        what=bind(command, {"what": request.match_info["what"]})["what"],
        format=bind(command, {"what": "tasks", **_only(request, "format")}).get("format", "jsonl"),
        since=int(since) if since.isascii() and since.isdigit() and len(since) < 18 else 0,
    )
    pieces = exported(desk, ask)
    first = await anext(pieces, b"")
    response = web.StreamResponse(headers={"Content-Type": "application/octet-stream"})
    await response.prepare(request)
    await response.write(first)
    async for piece in pieces:
        await response.write(piece)
    await response.write_eof()
    return response


def _only(request: web.Request, name: str) -> dict[str, str]:
    return {name: request.query[name]} if name in request.query else {}
