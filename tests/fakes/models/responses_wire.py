"""Answers as OpenAI's Responses API writes them.

Shapes: openai/types/responses/response.py, response_usage.py, response_stream_event.py (3.54);
order of events: developers.openai.com/api/reference/resources/responses/streaming-events.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.models.answer import Json, Part
from tests.fakes.models.chat_wire import total
from tests.fakes.models.signing import sign
from tests.fakes.models.wire import Served, event, lying, pieces

STORED = "reasoning.encrypted_content"


def response(served: Served) -> Json:
    """The whole answer."""
    made = _shell(served, _status(served), _items(served))
    usage = _usage(served)
    if usage is not None:
        made["usage"] = usage
    _issue(served, made["output"])
    return made


def stream(served: Served) -> list[bytes]:
    """The answer as events."""
    started = _shell(served, "in_progress", []) | {"usage": None}
    made: list[Json] = [
        {"type": "response.created", "response": started},
        {"type": "response.in_progress", "response": started},
    ]
    done = response(served)
    for at, item in enumerate(done["output"]):
        made += _item_events(at, item)
    made.append({"type": f"response.{done['status']}", "response": done})
    return [
        event({**one, "sequence_number": number}, one["type"]) for number, one in enumerate(made)
    ]


def _shell(served: Served, status: str, items: list[Json]) -> Json:
    body = served.call.body
    return {
        "id": served.id("resp_"),
        "object": "response",
        "created_at": served.now,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": {"reason": _why(served)} if status == "incomplete" else None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": None,
        "metadata": body.get("metadata") or {},
        "model": served.model,
        "output": items,
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": body.get("previous_response_id"),
        "prompt_cache_key": body.get("prompt_cache_key"),
        "reasoning": {"effort": None, "summary": None, **(body.get("reasoning") or {})},
        "safety_identifier": body.get("safety_identifier"),
        "service_tier": "default",
        "store": body.get("store", True),
        "temperature": body.get("temperature", 1.0),
        "text": {"format": {"type": "text"}, "verbosity": "medium", **(body.get("text") or {})},
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools", []),
        "top_logprobs": 0,
        "top_p": body.get("top_p", 1.0),
        "truncation": body.get("truncation", "disabled"),
        "user": None,
    }


def _status(served: Served) -> str:
    stop = served.answer.stop
    if stop in ("max_output", "filter", "window"):
        return "incomplete"
    return stop if stop not in ("", "refusal") else "completed"


def _why(served: Served) -> str:
    return "content_filter" if served.answer.stop == "filter" else "max_output_tokens"


def _items(served: Served) -> list[Json]:
    """Reasoning is an item of its own; words next to each other are one message."""
    made = list[Json]()
    for at, part in enumerate(served.answer.parts):
        if part.kind in ("text", "refusal"):
            if not made or made[-1]["type"] != "message":
                made.append(_message(served, at))
            made[-1]["content"].append(_content(part))
        elif part.kind == "thinking":
            if served.call.model.reasons:
                made.append(_reasoning(served, at, part))
        elif part.kind == "tool":
            made.append(
                {
                    "id": served.id("fc_", at),
                    "type": "function_call",
                    "status": "completed",
                    "arguments": part.raw,
                    "call_id": served.id("call_", at),
                    "name": part.name,
                }
            )
        else:
            made.append({"id": served.id("item_", at), "type": part.name, "status": "completed"})
    return made


def _message(served: Served, at: int) -> Json:
    status = "incomplete" if _status(served) == "incomplete" else "completed"
    return {
        "id": served.id("msg_", at),
        "type": "message",
        "status": status,
        "role": "assistant",
        "content": [],
    }


def _content(part: Part) -> Json:
    if part.kind == "refusal":
        return {"type": "refusal", "refusal": part.text}
    return {"type": "output_text", "annotations": [], "logprobs": [], "text": part.text}


def _reasoning(served: Served, at: int, part: Part) -> Json:
    # A summary only when asked for; the reasoning itself sealed when asked for
    # (developers.openai.com/api/docs/guides/reasoning)
    body = served.call.body
    asked = (body.get("reasoning") or {}).get("summary")
    item: Json = {"id": served.id("rs_", at), "type": "reasoning"}
    item["summary"] = [{"type": "summary_text", "text": part.text}] if asked else []
    if STORED in (body.get("include") or ()):
        item["encrypted_content"] = sign(served.call.model.id, item["id"], served.id("enc", at))
    return item


def _item_events(at: int, item: Json) -> list[Json]:
    kind = item["type"]
    place: Json = {"output_index": at, "item_id": item["id"]}
    empty = {**item, "status": "in_progress"}
    inner = list[Json]()
    if kind == "message":
        empty["content"] = []
        for number, content in enumerate(item["content"]):
            inner += _content_events(place | {"content_index": number}, content)
    elif kind == "reasoning":
        empty = {**item, "summary": []}
        for number, summary in enumerate(item["summary"]):
            inner += _summary_events(place | {"summary_index": number}, summary["text"])
    elif kind == "function_call":
        empty["arguments"] = ""
        name = "response.function_call_arguments"
        inner += [{"type": f"{name}.delta", **place, "delta": p} for p in pieces(item["arguments"])]
        inner.append(
            {"type": f"{name}.done", **place, "name": item["name"], "arguments": item["arguments"]}
        )
    return [
        {"type": "response.output_item.added", "output_index": at, "item": empty},
        *inner,
        {"type": "response.output_item.done", "output_index": at, "item": item},
    ]


def _content_events(place: Json, content: Json) -> list[Json]:
    refused = content["type"] == "refusal"
    key, name = ("refusal", "refusal") if refused else ("text", "output_text")
    logs: Json = {} if refused else {"logprobs": []}
    text = content[key]
    return [
        {"type": "response.content_part.added", **place, "part": {**content, key: ""}},
        *({"type": f"response.{name}.delta", **place, "delta": p, **logs} for p in pieces(text)),
        {"type": f"response.{name}.done", **place, key: text, **logs},
        {"type": "response.content_part.done", **place, "part": content},
    ]


def _summary_events(place: Json, text: str) -> list[Json]:
    head = "response.reasoning_summary"
    part = {"type": "summary_text", "text": text}
    return [
        {"type": f"{head}_part.added", **place, "part": {**part, "text": ""}},
        *({"type": f"{head}_text.delta", **place, "delta": one} for one in pieces(text)),
        {"type": f"{head}_text.done", **place, "text": text},
        {"type": f"{head}_part.done", **place, "part": part},
    ]


def _issue(served: Served, items: list[Json]) -> None:
    """Remember which reasoning each later item needs, and what is stored."""
    reasoning = None
    needs = served.state.setdefault("needs", {})
    stored = served.state.setdefault("stored", {})
    for item in items:
        if item["type"] == "reasoning":
            reasoning = item["id"]
        elif reasoning:
            needs[item["id"]] = reasoning
        if served.call.body.get("store", True) is not False:
            stored[item["id"]] = item


def _usage(served: Served) -> Json | None:
    told = lying(served.answer, served.spent)
    if told is None:
        return None
    details: dict[str, Any] = {"cached_tokens": told["cached"], "cache_write_tokens": 0}
    if served.call.model.writes:
        details["cache_write_tokens"] = told["written"]
    return {
        "input_tokens": told["input"],
        "input_tokens_details": details,
        "output_tokens": told["output"],
        "output_tokens_details": {"reasoning_tokens": told["reasoning"]},
        "total_tokens": total(told),
    }


def broken(kind: str, text: str) -> bytes:
    """openai/types/responses/response_error_event.py"""
    told = {"type": "error", "code": kind, "message": text, "param": None, "sequence_number": 99}
    return event(told, "error")
