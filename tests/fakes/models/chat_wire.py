"""Answers as OpenAI's Chat Completions writes them.

Shapes: openai/types/chat/chat_completion.py, chat_completion_chunk.py, completion_usage.py (3.54).
"""

from __future__ import annotations

from typing import Any

from tests.fakes.models.answer import Json
from tests.fakes.models.call import Refused
from tests.fakes.models.catalogue import Model
from tests.fakes.models.wire import Served, event, lying, pieces

STOPS = {"max_output": "length", "filter": "content_filter", "refusal": "stop", "window": "length"}


def completion(served: Served) -> Json:
    """The whole answer."""
    text = served.answer.text
    refused = _refused(served)
    calls = _calls(served)
    said: Json = {"role": "assistant", "content": text or (None if calls or refused else "")}
    said |= {"refusal": refused, "annotations": []}
    if calls:
        said["tool_calls"] = calls
    if thought := _thought(served):
        said["reasoning_content"] = thought
    choice = {"index": 0, "message": said, "logprobs": None, "finish_reason": _finish(served)}
    made = _shell(served, "chat.completion") | {"choices": [choice]}
    usage = _usage(served)
    if usage is not None:
        made["usage"] = usage
    return made


def stream(served: Served) -> list[bytes]:
    """The answer as chunks; usage in one more chunk when asked for (chat_completion_stream_options
    _param.py: include_usage)."""
    asked = (served.call.body.get("stream_options") or {}).get("include_usage")
    more: Json = {"usage": None} if asked else {}
    deltas: list[Json] = [{"role": "assistant", "content": "", "refusal": None}]
    deltas += [{"reasoning_content": one} for one in pieces(_thought(served))]
    deltas += [{"content": one} for one in pieces(served.answer.text)]
    deltas += [{"refusal": one} for one in pieces(_refused(served) or "")]
    for at, call in enumerate(_calls(served)):
        if call["type"] != "function":
            deltas.append({"tool_calls": [{"index": at, **call}]})
            continue
        named = {"name": call["function"]["name"], "arguments": ""}
        head = {"index": at, "id": call["id"], "type": "function", "function": named}
        deltas.append({"tool_calls": [head]})
        deltas += [
            {"tool_calls": [{"index": at, "function": {"arguments": one}}]}
            for one in pieces(call["function"]["arguments"])
        ]
    chunks = [_chunk(served, delta, None) | more for delta in deltas]
    chunks.append(_chunk(served, {}, _finish(served)) | more)
    usage = _usage(served)
    if asked and usage is not None:
        last = _shell(served, "chat.completion.chunk")
        chunks.append(last | {"choices": [], "usage": usage})
    return [*(event(one) for one in chunks), b"data: [DONE]\n\n"]


def _shell(served: Served, kind: str) -> Json:
    return {
        "id": served.id("chatcmpl-"),
        "object": kind,
        "created": served.now,
        "model": served.model,
        "service_tier": "default",
        "system_fingerprint": "fp_fake",
    }


def _chunk(served: Served, delta: Json, finish: str | None) -> Json:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return _shell(served, "chat.completion.chunk") | {"choices": [choice]}


def _calls(served: Served) -> list[Json]:
    made = list[Json]()
    for at, part in enumerate(served.answer.parts):
        if part.kind == "tool":
            function = {"name": part.name, "arguments": part.raw}
            made.append({"id": served.id("call_", at), "type": "function", "function": function})
        elif part.kind == "unknown":
            made.append({"id": served.id("call_", at), "type": part.name, part.name: {}})
    return made


def _thought(served: Served) -> str:
    """What a local server shows of its thinking, beyond OpenAI's format (docs.vllm.ai, "Reasoning
    outputs"); a model of OpenAI's shows none here."""
    parts = served.answer.parts if served.call.model.shows else ()
    return "".join(part.text for part in parts if part.kind == "thinking")


def _refused(served: Served) -> str | None:
    return "".join(one.text for one in served.answer.parts if one.kind == "refusal") or None


def _finish(served: Served) -> str:
    stop = served.answer.stop
    uses = any(part.kind == "tool" for part in served.answer.parts)
    return STOPS.get(stop, stop) or ("tool_calls" if uses else "stop")


def _usage(served: Served) -> Json | None:
    told = lying(served.answer, served.spent)
    if told is None:
        return None
    details: Json = {"cached_tokens": told["cached"], "audio_tokens": 0}
    if served.call.model.writes:
        details["cache_write_tokens"] = told["written"]
    return {
        "prompt_tokens": told["input"],
        "completion_tokens": told["output"],
        "total_tokens": total(told),
        "prompt_tokens_details": details,
        "completion_tokens_details": {
            "reasoning_tokens": told["reasoning"],
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def total(told: Json) -> Any:
    numbers = isinstance(told["input"], int) and isinstance(told["output"], int)
    return told["input"] + told["output"] if numbers else None


def refusal(refused: Refused) -> Json:
    """openai/types/shared/error_object.py"""
    return {
        "error": {
            "message": refused.message,
            "type": refused.kind,
            "param": refused.param,
            "code": refused.code,
        }
    }


def broken(kind: str, text: str) -> bytes:
    """An error in the middle of a stream: openai/_streaming.py raises on an `error` in the data."""
    error = {"message": text, "type": kind, "param": None, "code": None}
    return event({"error": error})


def listed(models: list[Model]) -> Json:
    """openai/types/model.py"""
    data = [
        {"id": name, "object": "model", "created": 1_780_000_000, "owned_by": "system"}
        for one in models
        for name in (*one.aliases, one.id)
    ]
    return {"object": "list", "data": data}
