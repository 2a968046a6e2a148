"""Exports as bytes: JSON, one object a line, or CSV; written as it is read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bot.commands.desk import Desk
from swarm_core import Page, to_micros

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a cell is a formula to a spreadsheet, whoever wrote it."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is exported, as what, since which instant in microseconds."""

    what: str
    format: str
    since: int


def wanted(given: Mapping[str, Any]) -> Wanted:
    """From the arguments of the command."""
    since = given.get("since")
    if isinstance(since, timedelta):
        try:
            since = datetime.now(UTC) - since
        except OverflowError:
            since = None
    return Wanted(
        what=given["what"],
        format=given.get("format", "jsonl"),
        since=max(0, to_micros(since)) if since else 0,
    )


async def exported(desk: Desk, ask: Wanted) -> AsyncIterator[bytes]:
    """The pieces of the export. Raises `NotAllowed`."""
    exports = desk.swarm.keeping.exports
    first = True
    async for page in exports.pages(desk.actor, ask.what, ask.since):
        match ask.format:
            case "csv":
                yield _csv(page, head=first)
            case "json":
                yield _json(page, first=first)
            case _:
                yield _lines(page)
        first = False
    if ask.format == "json":
        yield b"\n]\n"


def _objects(page: Page) -> list[str]:
    # ASCII, so that it is the same in every locale; lines stay lines whatever the text holds.
    return [json.dumps(dict(zip(page.columns, row, strict=True))) for row in page.rows]


def _lines(page: Page) -> bytes:
    return "".join(f"{line}\n" for line in _objects(page)).encode()


def _json(page: Page, *, first: bool) -> bytes:
    text = ",\n".join(_objects(page))
    return (f"[\n{text}" if first else f",\n{text}").encode()


def _csv(page: Page, *, head: bool) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    if head:
        writer.writerow(page.columns)
    writer.writerows(_safe(row) for row in page.rows)
    return text.getvalue().encode("utf-8", "replace")


def _safe(row: Sequence[Any]) -> list[Any]:
    return [
        f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in row
    ]
