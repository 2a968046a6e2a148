"""Reading what a provider wrote without trusting its shape.

Nothing here raises: a thing of another kind than was asked for is an absent one.
"""

from __future__ import annotations

from typing import Any

import msgspec

from swarm_core.providers.model import ToolUse, Usage

_MOST_TOKENS = 10**9
"""A count above it is no count: no model has a window near it."""


def thing(value: object) -> dict[str, Any]:
    """`value` when it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def things(value: object) -> list[dict[str, Any]]:
    """The objects in `value` when it is a list, else none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def words(value: object) -> str:
    return value if isinstance(value, str) else ""


def decoded(data: str | bytes) -> Any:
    """The JSON in `data`, None when it is none."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def usage(
    *,
    input: object,  # noqa: A002
    output: object,
    cached: object = None,
    written: object = None,
    reasoning: object = None,
) -> Usage | None:
    """What was served; None when a number is missing, is no count, or a part exceeds its whole, or
    when the input is said to be nothing: no prompt is, so nobody has counted."""
    optional = [0 if part is None else part for part in (cached, written, reasoning)]
    counts = [
        n for n in (input, output, *optional) if isinstance(n, int) and 0 <= n <= _MOST_TOKENS
    ]
    if len(counts) != 5 or any(isinstance(n, bool) for n in counts):
        return None
    took, gave, read, wrote, thought = counts
    if not took or read + wrote > took or thought > gave:
        return None
    return Usage(input=took, output=gave, cached=read, written=wrote, reasoning=thought)


def tool_use(id: str, name: object, arguments: object) -> ToolUse:  # noqa: A002
    """A tool call; `arguments` are an object, or JSON text, of which empty means none."""
    if isinstance(arguments, str):
        given = decoded(arguments) if arguments.strip() else {}
        raw = arguments
    else:
        given = arguments
        raw = msgspec.json.encode(arguments).decode()
    if isinstance(given, dict):
        return ToolUse(id=id, name=words(name), arguments=given)
    return ToolUse(id=id, name=words(name), arguments=None, raw=raw)
