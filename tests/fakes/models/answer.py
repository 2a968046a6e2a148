"""What the fake model says: vendor-neutral values that each wire writes its own way."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One block of an answer. `kind`: text, thinking, tool, refusal or unknown. `raw` is a tool
    call's arguments as they go over the wire, JSON or not; `name` its tool, or the unknown kind."""

    kind: str
    text: str = ""
    name: str = ""
    raw: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`stop` "" follows from the parts; otherwise max_output, refusal, filter, stop_sequence or a
    word no client knows. `usage`: None is the truth, else what is claimed instead ({} = none)."""

    parts: tuple[Part, ...]
    stop: str = ""
    usage: Json | None = None
    model: str = ""
    faults: tuple[Json, ...] = ()

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts if part.kind == "text")


def tokens(text: str | bytes) -> int:
    """The rule of this fake: a token is four bytes of UTF-8, the last one may be shorter."""
    return -(-len(text.encode() if isinstance(text, str) else text) // 4)


def part_tokens(part: Part) -> int:
    return tokens(part.text) + tokens(part.name) + tokens(part.raw)


def output_tokens(answer: Answer) -> tuple[int, int]:
    """All tokens put out, and those of them that are reasoning. An answer costs one at least."""
    thought = sum(part_tokens(part) for part in answer.parts if part.kind == "thinking")
    return sum(part_tokens(part) for part in answer.parts) or 1, thought


def fitted(answer: Answer, most: int | None) -> Answer:
    """`answer` cut off where `most` tokens are used up, as the services do."""
    if most is None or output_tokens(answer)[0] <= most:
        return answer
    left, kept = most, list[Part]()
    for part in answer.parts:
        cost = part_tokens(part)
        if cost <= left:
            kept.append(part)
            left -= cost
            continue
        if part.kind == "tool" and left > tokens(part.name):
            kept.append(replace(part, raw=_head(part.raw, left - tokens(part.name))))
        elif part.text and left:
            kept.append(replace(part, text=_head(part.text, left)))
        break
    return replace(answer, parts=tuple(kept), stop="max_output")


def _head(text: str, most: int) -> str:
    return text.encode()[: most * 4].decode(errors="ignore")


_SHORT = ("text", "thinking", "refusal", "unknown", "nonsense")
_KNOWN = {*_SHORT, "tools", "parts", "stop", "usage", "model", "faults", "json", "obey"}


def from_json(step: Json) -> Answer:
    """An answer from a step of a script: `{"text": …, "thinking": …, "tools": [{"name": …,
    "input": {…}} or {"name": …, "raw": …}], "refusal": …, "unknown": kind, "json": …,
    "nonsense": true, "obey": true (an asked-for schema), "stop": …, "usage": …,
    "model": …, "faults": […]}`, or `"parts"` in order."""
    if wrong := set(step) - _KNOWN:
        raise ValueError(f"a step has no {sorted(wrong)}")
    parts = [_part(given) for given in step.get("parts", ())]
    if "thinking" in step:
        parts.append(Part(kind="thinking", text=step["thinking"]))
    if "text" in step:
        parts.append(Part(kind="text", text=step["text"]))
    if "json" in step:
        parts.append(Part(kind="text", text=json.dumps(step["json"])))
    if step.get("nonsense"):
        parts.append(Part(kind="text", text=NONSENSE))
    parts += [_part({"type": "tool", **tool}) for tool in step.get("tools", ())]
    if "unknown" in step:
        parts.append(Part(kind="unknown", name=step["unknown"]))
    stop = step.get("stop", "")
    if "refusal" in step:
        parts.append(Part(kind="refusal", text=step["refusal"]))
        stop = stop or "refusal"
    usage = step.get("usage")
    if isinstance(usage, str):
        usage = USAGES[usage]
    return Answer(
        parts=tuple(parts),
        stop=stop,
        usage=usage,
        model=step.get("model", ""),
        faults=tuple(step.get("faults", ())),
    )


NONSENSE = "\u202eflurb } ]] <tool_call>{{{\x00 ```json [null,, \ufffd"
USAGES: dict[str, Json | None] = {
    "true": None,
    "none": {},
    "absurd": {"input": -5, "output": 10**15, "cached": 10**12, "reasoning": -1},
    "zero": {"input": 0, "output": 0},
    "null": {"input": None, "output": None},
    "words": {"input": "many", "output": "more"},
}


def _part(given: Json) -> Part:
    kind = given["type"]
    if kind == "tool":
        raw = given["raw"] if "raw" in given else json.dumps(given.get("input", {}))
        return Part(kind="tool", name=given["name"], raw=raw)
    if kind == "unknown":
        return Part(kind="unknown", name=given["name"])
    return Part(kind=kind, text=given["text"])
