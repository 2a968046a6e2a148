"""What every wire has in common: an answer under way, and what goes over the socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.models.answer import Answer, Json
from tests.fakes.models.call import Call, Spent

PIECE = 16


@dataclass(frozen=True, kw_only=True)
class Served:
    """An answer being served: `number` makes its ids, `now` is its time in seconds."""

    call: Call
    answer: Answer
    spent: Spent
    number: int
    seed: int = 0
    now: int = 1_790_000_000
    state: Json = field(default_factory=dict)

    def id(self, prefix: str, index: int = 0) -> str:
        return f"{prefix}{self.seed:04x}{self.number:08x}{index:04x}"

    @property
    def model(self) -> str:
        return self.answer.model or self.call.model.id


def pieces(text: str) -> Iterator[str]:
    """`text` as a stream brings it; a text that is empty comes as nothing."""
    for at in range(0, len(text), PIECE):
        yield text[at : at + PIECE]


def event(data: Json, name: str = "") -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {dump(data)}\n\n".encode()


def dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def lying(answer: Answer, spent: Spent) -> Json | None:
    """The figures that go over the wire, None for no usage at all."""
    true = {
        "input": spent.input,
        "output": spent.output,
        "cached": spent.cached,
        "written": spent.written,
        "written_1h": spent.written_1h,
        "reasoning": spent.reasoning,
    }
    if answer.usage is None:
        return true
    return {**dict.fromkeys(true, 0), **answer.usage} if answer.usage else None
