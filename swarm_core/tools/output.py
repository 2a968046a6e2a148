"""Bounds on what a tool brings back: nothing is too long, unprintable, or cut without saying so."""

from __future__ import annotations

from typing import Any

import msgspec

from swarm_core.kernel.errors import TooLarge
from swarm_core.kernel.redaction import redact
from swarm_core.kernel.text import printable
from swarm_core.tools.model import ToolOutput


class OutputLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much one call may bring back, in bytes of UTF-8."""

    text: int = 100 * 1024
    data: int = 1024 * 1024


def bounded(output: ToolOutput, limits: OutputLimits, tool: str) -> ToolOutput:
    """`output` without secrets and with printable text within the limits, `truncated` saying what
    was cut.

    Raises `TooLarge` when the data cannot be made to fit by shortening its lists, and
    TypeError when it holds what is not JSON, or a float.
    """
    text, cut_text = cut(redact(output.text), limits.text)
    data, cut_data = _fit(_clean(output.data), limits.data, tool)
    said = "; ".join(note for note in (output.truncated, cut_text, cut_data) if note)
    return msgspec.structs.replace(output, text=printable(text), data=data, truncated=said)


def cut(text: str, most: int) -> tuple[str, str]:
    """At most `most` bytes of `text`, ended at a line where there is one, and what is missing.

    The text itself ends with the note, so that nobody takes a part for the whole.
    """
    raw = text.encode("utf-8", "replace")
    if len(raw) <= most:
        return text, ""
    head = raw[:most]
    end = head.rfind(b"\n")
    kept = head[:end] if end > 0 else head
    lines, left = text.count("\n") + 1, kept.count(b"\n") + 1
    note = (
        f"cut to {left:,} of {lines:,} lines, {len(kept):,} of {len(raw):,} bytes"
        if end > 0
        else f"cut to {len(kept):,} of {len(raw):,} bytes"
    )
    return f"{kept.decode('utf-8', 'ignore')}\n[{note}]", note


def _clean(data: Any) -> Any:
    match data:
        case None | bool() | int():
            return data
        case str():
            data = redact(data)
            return data if data.isprintable() else _safe(data)
        case list() | tuple():
            return [_clean(item) for item in data]
        case dict() if all(isinstance(key, str) for key in data):
            return {_clean(key): _clean(value) for key, value in data.items()}
    raise TypeError(f"tool data must be JSON without floats, not {type(data).__name__}")


def _safe(text: str) -> str:
    return printable(text).encode("utf-8", "replace").decode()


def _fit(data: Any, most: int, tool: str) -> tuple[Any, str]:
    """Halve the heaviest list at the top of `data` until all of it fits."""
    notes: dict[str, str] = {}
    totals = {key: len(value) for key, value in _lists(data).items()}
    while (size := len(msgspec.json.encode(data))) > most:
        heavy = {key: len(msgspec.json.encode(value)) for key, value in _lists(data).items()}
        if not heavy:
            raise TooLarge(what=f"data of {tool}", size=size, limit=most)
        name = max(heavy, key=lambda key: heavy[key])
        data = {**data, name: data[name][: len(data[name]) // 2]}
        notes[name] = f"{len(data[name]):,} of {totals[name]:,} {name} in the data"
    return data, "; ".join(notes.values())


def _lists(data: Any) -> dict[str, list[Any]]:
    if not isinstance(data, dict):
        return {}
    return {key: value for key, value in data.items() if isinstance(value, list) and value}
