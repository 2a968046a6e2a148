"""What every wire asks of a conversation, before it is written in one vendor's words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from swarm_core.providers.model import (
    Message,
    Part,
    Prompt,
    Reasoning,
    Text,
    ToolResult,
    ToolUse,
    Unknown,
)

_NO_NAME = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_NAME = 64


def turns(prompt: Prompt, kind: str) -> list[Message]:
    """The turns as they can be sent to `prompt.model`.

    Neighbours of one role are one turn; results stand first in theirs, in the order of their
    calls; what a model of another name, or another wire than `kind`, thought is left out, as are
    unknown parts, empty text, and reasoning after which its model said nothing (which vendors
    refuse).
    """
    joined: list[tuple[str, list[Part]]] = []
    for message in prompt.messages:
        parts = [_named(part) for part in message.parts if _sent(part, prompt.model, kind)]
        if joined and joined[-1][0] == message.role:
            joined[-1][1].extend(parts)
        elif parts:
            joined.append((message.role, parts))
    turned: list[Message] = []
    calls: dict[str, int] = {}
    for role, parts in joined:
        if role == "assistant":
            while parts and isinstance(parts[-1], Reasoning):
                parts.pop()
            calls = {part.id: n for n, part in enumerate(parts) if isinstance(part, ToolUse)}
            turn = Message("assistant", tuple(parts))
        else:
            turn = Message("user", tuple(sorted(parts, key=lambda part: _place(part, calls))))
        if turn.parts:
            turned.append(turn)
    return turned


def _sent(part: Part, model: str, kind: str) -> bool:
    match part:
        case Unknown():
            return False
        case Text():
            return bool(part.text.strip())
        case Reasoning():
            return part.model == model and part.opaque.get("wire") == kind
        case _:
            return True


def _named(part: Part) -> Part:
    """A call under a name that can be sent: vendors refuse what a model made up itself."""
    if not isinstance(part, ToolUse):
        return part
    name = _NO_NAME.sub("_", part.name)[:_LONGEST_NAME] or "unnamed"
    return part if name == part.name else msgspec.structs.replace(part, name=name)


def _place(part: Part, calls: dict[str, int]) -> int:
    if isinstance(part, ToolResult):
        return calls.get(part.id, len(calls))
    return len(calls) + 10_000


def written(use: ToolUse) -> dict[str, Any]:
    """The arguments of a call as they go back. What was no JSON object goes back inside of one:
    servers refuse or crash on it, and the model has to see what it wrote to mend it."""
    return {"malformed_arguments": use.raw} if use.arguments is None else use.arguments


def said(parts: Iterable[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, Text))


def closed(schema: Any) -> Any:
    """`schema` with every object closed to further keys where it does not say: vendors that hold
    an answer to a schema ask for it to be said."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {
        key: value if key in ("const", "default", "enum", "examples") else closed(value)
        for key, value in schema.items()
    }
    if shut.get("type") == "object":
        shut.setdefault("additionalProperties", False)
    return shut


def is_strict(schema: Any) -> bool:
    """Whether OpenAI's strict mode takes `schema`: every object closed, every key required."""
    if isinstance(schema, list):
        return all(is_strict(one) for one in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object":
        keys = schema.get("properties")
        if not isinstance(keys, dict) or schema.get("additionalProperties") is not False:
            return False
        if set(schema.get("required", ())) != set(keys):
            return False
    return all(is_strict(value) for value in schema.values())


def json_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()
