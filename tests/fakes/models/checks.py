"""What both vendors' rules are written with."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from typing import Any

from tests.fakes.models.answer import Json

Reject = Callable[[str, str], Exception]
"""Makes the vendor's refusal of what stands at a path, for a reason."""

TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_MAGIC = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}


def decoded(data: str) -> bytes | None:
    """The bytes of base64 `data`, None if it is none."""
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None


def looks_like(media_type: str, data: bytes) -> bool:
    return data.startswith(_MAGIC[media_type])


def type_name(value: Any) -> str:
    """What OpenAI calls the type of a JSON value in its errors."""
    names = {str: "string", bool: "boolean", int: "integer", float: "number", list: "array"}
    return "null" if value is None else names.get(type(value), "object")


def is_int(value: Any, least: int = 0) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def body_of(data: bytes, refuse: Callable[[str], Exception]) -> Json:
    """The JSON object in a request's body."""
    try:
        body = json.loads(data)
    except ValueError as problem:
        raise refuse(str(problem)) from None
    if not isinstance(body, dict):
        raise refuse("Input should be an object")
    return body
