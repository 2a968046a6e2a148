"""One request as the fake sees it, whichever wire it came over, and how it is refused."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.models.answer import Json, tokens
from tests.fakes.models.catalogue import Model


class Refused(Exception):
    """The request is turned down with `status`; nothing is served."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.param = param
        self.code = code
        self.headers = headers or {}


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A piece of the prompt in the order in which it is cached: its bytes, what it counts, and
    the cache mark that stands on it ("", "5m" or "1h")."""

    data: bytes
    count: int
    mark: str = ""


def segment(value: Any, mark: str = "") -> Segment:
    """`value` as it is counted: its JSON without cache marks; pictures by their size, not their
    bytes: a token for 750 pixels, 1600 at most (platform.claude.com/docs/en/build-with-claude/
    vision). The same rule stands for OpenAI's."""
    pictures: list[int] = []
    data = json.dumps(_plain(value, pictures), sort_keys=True, ensure_ascii=False).encode()
    return Segment(data=data, count=tokens(data) + sum(pictures), mark=mark)


def _plain(value: Any, pictures: list[int]) -> Any:
    if isinstance(value, dict):
        if value.get("type") == "base64" and isinstance(value.get("data"), str):
            pictures.append(_picture(value["data"]))
            return {**value, "data": hashlib.sha256(value["data"].encode()).hexdigest()[:8]}
        return {k: _plain(v, pictures) for k, v in value.items() if k != "cache_control"}
    if isinstance(value, list):
        return [_plain(one, pictures) for one in value]
    if isinstance(value, str) and value.startswith("data:image/"):
        pictures.append(_picture(value.partition(",")[2]))
        return hashlib.sha256(value.encode()).hexdigest()[:8]
    return value


def _picture(data: str) -> int:
    head = base64.b64decode(data[:64] + "=" * (-len(data[:64]) % 4))
    if head[:8] == b"\x89PNG\r\n\x1a\n" and len(head) >= 24:
        width, height = struct.unpack(">II", head[16:24])
        return int(min(1600, -(-width * height // 750)))
    return 1600


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that follows every rule. `texts` are the user's words, each with the number of
    the model's turns after it; `shown` whether thinking is shown ("", "summarized", "omitted")."""

    wire: str
    asked: str
    model: Model
    stream: bool
    body: Json
    segments: list[Segment]
    texts: list[tuple[str, int]]
    most: int | None
    schema: Json | None = None
    shown: str = "summarized"
    tools: tuple[str, ...] = ()
    extra: Json = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """What was asked, whatever it is streamed or not: the same prompt, the same digest."""
        told = {key: value for key, value in self.body.items() if not key.startswith("stream")}
        data = json.dumps(told, sort_keys=True).encode()
        return hashlib.sha256(data).hexdigest()[:16]

    @property
    def input(self) -> int:
        return sum(one.count for one in self.segments)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """True usage: `input` is all of it, `cached`, `written` and `written_1h` parts of it."""

    input: int
    output: int
    cached: int = 0
    written: int = 0
    written_1h: int = 0
    reasoning: int = 0
