"""Answers as Anthropic's Messages API writes them.

Shapes: anthropic/types/message.py, usage.py, raw_message_stream_event.py (2.12); order of events:
platform.claude.com/docs/en/build-with-claude/streaming.
"""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.models.answer import Json, Part
from tests.fakes.models.call import Refused
from tests.fakes.models.catalogue import Model
from tests.fakes.models.signing import sign
from tests.fakes.models.wire import Served, event, lying, pieces

STOPS = {
    "max_output": "max_tokens",
    "refusal": "refusal",
    "filter": "refusal",
    "window": "model_context_window_exceeded",
}


def message(served: Served) -> Json:
    """The whole answer."""
    blocks = [_block(served, at, part) for at, part in enumerate(_parts(served))]
    _issue(served, blocks)
    made = _shell(served) | {"content": blocks} | _ending(served)
    usage = _usage(served)
    if usage is None:
        del made["usage"]
    else:
        made["usage"] = usage
    return made


def stream(served: Served) -> list[bytes]:
    """The answer as events."""
    usage = _usage(served)
    start = _shell(served)
    if usage is None:
        del start["usage"]
    else:
        start["usage"] = {**usage, "output_tokens": min(1, served.spent.output)}
        start["usage"].pop("output_tokens_details", None)
    made: list[Json] = [{"type": "message_start", "message": start}]
    blocks = list[Json]()
    for at, part in enumerate(_parts(served)):
        block = _block(served, at, part)
        blocks.append(block)
        empty, deltas = _pieces(part, block)
        made.append({"type": "content_block_start", "index": at, "content_block": empty})
        if at == 0:
            made.append({"type": "ping"})
        made += [{"type": "content_block_delta", "index": at, "delta": one} for one in deltas]
        made.append({"type": "content_block_stop", "index": at})
    _issue(served, blocks)
    end: Json = {"type": "message_delta", "delta": _ending(served)}
    if usage is not None:
        keys = (
            *("input_tokens", "output_tokens", "output_tokens_details"),
            *("cache_creation_input_tokens", "cache_read_input_tokens"),
        )
        end["usage"] = {key: usage[key] for key in keys if key in usage}
    made += [end, {"type": "message_stop"}]
    return [event(one, one["type"]) for one in made]


def _parts(served: Served) -> tuple[Part, ...]:
    """Thinking comes when it is not switched off; a refusal says nothing but its stop reason."""
    return tuple(
        part
        for part in served.answer.parts
        if not (part.kind == "thinking" and not served.call.shown)
        and not (part.kind == "refusal" and not part.text)
    )


def _shell(served: Served) -> Json:
    return {
        "id": served.id("msg_01"),
        "type": "message",
        "role": "assistant",
        "model": served.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": {},
    }


def _ending(served: Served) -> Json:
    stop = served.answer.stop
    uses = any(part.kind == "tool" for part in served.answer.parts)
    reason = STOPS.get(stop, stop) or ("tool_use" if uses else "end_turn")
    details = None
    if reason == "refusal":  # …/build-with-claude/handling-stop-reasons
        text = next((part.text for part in served.answer.parts if part.kind == "refusal"), "")
        details = {"type": "refusal", "category": None, "explanation": text or None}
    return {"stop_reason": reason, "stop_sequence": None, "stop_details": details}


def _block(served: Served, at: int, part: Part) -> Json:
    match part.kind:
        case "thinking":
            text = part.text if served.call.shown == "summarized" else ""
            signature = sign(served.call.model.id, text, served.id("sig", at))
            return {"type": "thinking", "thinking": text, "signature": signature}
        case "tool":
            return {
                "type": "tool_use",
                "id": served.id("toolu_01", at),
                "name": part.name,
                "input": _arguments(part.raw),
            }
        case "unknown":
            return {"type": part.name, "id": served.id("blk_", at), "data": "…"}
        case _:
            return {"type": "text", "text": part.text}


def _arguments(raw: str) -> Any:
    try:
        return json.loads(raw or "{}")
    except ValueError:
        return raw


def _pieces(part: Part, block: Json) -> tuple[Json, list[Json]]:
    """How a block starts, and what is added to it."""
    match block["type"]:
        case "thinking":
            deltas = [
                {"type": "thinking_delta", "thinking": one} for one in pieces(block["thinking"])
            ]
            deltas.append({"type": "signature_delta", "signature": block["signature"]})
            return {"type": "thinking", "thinking": "", "signature": ""}, deltas
        case "tool_use":
            raw = "" if part.raw == "{}" else part.raw
            parts = ["", *pieces(raw)]
            return {**block, "input": {}}, [
                {"type": "input_json_delta", "partial_json": one} for one in parts
            ]
        case "text":
            return {"type": "text", "text": ""}, [
                {"type": "text_delta", "text": one} for one in pieces(part.text)
            ]
        case _:
            return block, []


def _issue(served: Served, blocks: list[Json]) -> None:
    """Remember what was thought before each tool call."""
    signature = None
    for block in blocks:
        if block["type"] == "thinking":
            signature = block["signature"]
        elif block["type"] == "tool_use" and signature:
            served.state.setdefault("issued", {})[block["id"]] = signature


def _usage(served: Served) -> Json | None:
    told = lying(served.answer, served.spent)
    if told is None:
        return None
    plain = told["input"]
    if isinstance(plain, int):  # CACHE: input_tokens is what is neither read nor written
        plain -= (
            (told["cached"] or 0) + (told["written"] or 0) if served.answer.usage is None else 0
        )
    made: Json = {
        "input_tokens": plain,
        "output_tokens": told["output"],
        "cache_creation_input_tokens": told["written"],
        "cache_read_input_tokens": told["cached"],
        "service_tier": "standard",
    }
    if served.answer.usage is None:
        made["cache_creation"] = {
            "ephemeral_5m_input_tokens": told["written"] - told["written_1h"],
            "ephemeral_1h_input_tokens": told["written_1h"],
        }
    if told["reasoning"]:
        made["output_tokens_details"] = {"thinking_tokens": told["reasoning"]}
    return made


def refusal(refused: Refused, request: str) -> Json:
    """anthropic/types/shared/error_response.py"""
    error = {"type": refused.kind, "message": refused.message}
    return {"type": "error", "error": error, "request_id": request}


def broken(kind: str, text: str) -> bytes:
    """An error in the middle of a stream (…/api/errors, "Error event")."""
    return event({"type": "error", "error": {"type": kind, "message": text}}, "error")


def listed(models: list[Model]) -> Json:
    """anthropic/types/model_info.py"""
    data = [
        {
            "type": "model",
            "id": one.id,
            "display_name": one.id,
            "created_at": "2026-01-01T00:00:00Z",
            "lifecycle": "active",
            "max_input_tokens": one.window,
            "max_tokens": one.output,
        }
        for one in models
    ]
    last = data[-1]["id"] if data else None
    return {
        "data": data,
        "has_more": False,
        "first_id": data[0]["id"] if data else None,
        "last_id": last,
    }
