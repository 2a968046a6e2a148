"""What OpenAI's Chat Completions takes and what it refuses. Sources as in `openai_checks`."""

from __future__ import annotations

from typing import Any

from tests.fakes.models import openai_checks as rule
from tests.fakes.models.answer import Json
from tests.fakes.models.call import Call, Segment, segment
from tests.fakes.models.catalogue import Catalogue

# SDK completion_create_params.py
FIELDS = {
    *("messages", "model", "audio", "frequency_penalty", "function_call", "functions"),
    *("logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "metadata", "modalities"),
    *("moderation", "n", "parallel_tool_calls", "prediction", "presence_penalty"),
    *("prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning_effort"),
    *("response_format", "safety_identifier", "seed", "service_tier", "stop", "store", "stream"),
    *("stream_options", "temperature", "tool_choice", "tools", "top_logprobs", "top_p", "user"),
    *("verbosity", "web_search_options"),
}
# SDK chat_completion_*_message_param.py
ROLES = {
    "system": {"role", "content", "name"},
    "developer": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {
        *("role", "content", "name", "refusal", "tool_calls", "audio", "function_call"),
    },
    "tool": {"role", "content", "tool_call_id"},
}
PARTS = {
    "system": ("text",),
    "developer": ("text",),
    "user": ("text", "image_url", "input_audio", "file"),
    "assistant": ("text", "refusal"),
    "tool": ("text",),
}


def checked(body: Json, catalogue: Catalogue) -> Call:
    """The call in `body`, or `Refused` as the service would."""
    rule.only(body, FIELDS, "")
    model = rule.model_of(body, catalogue)
    messages = rule.need(body, "messages", "")
    rule.wants(messages, list, "messages")
    if not messages:
        raise rule.bad(
            "messages",
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            "empty_array",
        )
    if model.reasons and body.get("max_tokens") is not None:
        # SDK completion_create_params.py: max_tokens is not compatible with reasoning models
        raise rule.unsupported("max_tokens", "max_completion_tokens")
    for name in ("max_completion_tokens", "max_tokens"):
        rule.most(body, name, model, 1)
    rule.sampling(body, model)
    rule.effort(body.get("reasoning_effort"), model, "reasoning_effort")
    if body.get("stream_options") is not None:
        if not body.get("stream"):  # SDK: only set this when you set stream: true
            raise rule.bad(
                "stream_options",
                "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                None,
            )
        rule.only(
            body["stream_options"], {"include_usage", "include_obfuscation"}, "stream_options"
        )
    names = _tools(body)
    shape = _format(body)
    for at, message in enumerate(messages):
        _message(message, f"messages[{at}]")
    _pairs(messages)
    call = Call(
        wire="chat",
        asked=body["model"],
        model=model,
        stream=bool(body.get("stream")),
        body=body,
        segments=_segments(body),
        texts=_texts(messages),
        most=body.get("max_completion_tokens") or body.get("max_tokens"),
        schema=shape,
        tools=tuple(sorted(names)),
    )
    rule.fits(call, "messages")
    return call


def _tools(body: Json) -> set[str]:
    names = set[str]()
    tools = body.get("tools")
    if tools is None:
        rule.choice(body, names)
        return names
    rule.wants(tools, list, "tools")
    if not tools:
        raise rule.bad(
            "tools",
            "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            "empty_array",
        )
    for at, tool in enumerate(tools):
        where = f"tools[{at}]"
        rule.only(tool, {"type", "function"}, where)
        rule.one_of(rule.need(tool, "type", where), ("function",), f"{where}.type")
        inner = rule.need(tool, "function", where)
        rule.only(inner, {"name", "description", "parameters", "strict"}, f"{where}.function")
        rule.function(inner, f"{where}.function", names)
    rule.choice(body, names)
    return names


def _format(body: Json) -> Json | None:
    given = body.get("response_format")
    if given is None:
        return None
    kinds = ("json_object", "json_schema", "text")
    rule.one_of(rule.need(given, "type", "response_format"), kinds, "response_format.type")
    if given["type"] != "json_schema":
        return None
    inner = rule.need(given, "json_schema", "response_format")
    where = "response_format.json_schema"
    rule.only(inner, {"name", "description", "schema", "strict"}, where)
    return rule.shape_of(inner, where)


def _message(message: Any, where: str) -> None:
    rule.wants(message, dict, where)
    role = rule.need(message, "role", where)
    rule.one_of(role, ("system", "assistant", "user", "tool", "developer"), f"{where}.role")
    rule.only(message, ROLES[role], where)
    content = message.get("content")
    if content is None:
        if role != "assistant" or not (message.get("tool_calls") or message.get("refusal")):
            raise rule.bad(
                f"{where}.content",
                "Invalid value for 'content': expected a string, got null.",
                "invalid_type",
            )
    else:
        rule.wants(content, (str, list), f"{where}.content")
        if content == []:
            raise rule.bad(
                f"{where}.content",
                f"Invalid '{where}.content': empty array. Expected an array with minimum length 1, "
                "but got an empty array instead.",
                "empty_array",
            )
    for at, part in enumerate(content if isinstance(content, list) else ()):
        _part(part, f"{where}.content[{at}]", role)
    if role == "tool":
        rule.wants(rule.need(message, "tool_call_id", where), str, f"{where}.tool_call_id")
    if "tool_calls" in message:
        _calls(message["tool_calls"], f"{where}.tool_calls")


def _part(part: Any, where: str, role: str) -> None:
    kind = rule.need(part, "type", where)
    rule.one_of(kind, PARTS[role], f"{where}.type")
    if kind == "text":
        rule.only(part, {"type", "text", "prompt_cache_breakpoint"}, where)
        rule.wants(rule.need(part, "text", where), str, f"{where}.text")
    elif kind == "image_url":
        rule.only(part, {"type", "image_url", "prompt_cache_breakpoint"}, where)
        inner = rule.need(part, "image_url", where)
        rule.only(inner, {"url", "detail"}, f"{where}.image_url")
        rule.image(rule.need(inner, "url", f"{where}.image_url"), f"{where}.image_url.url")


def _calls(calls: Any, where: str) -> None:
    rule.wants(calls, list, where)
    if not calls:
        raise rule.bad(
            where,
            f"Invalid '{where}': empty array. Expected an array with minimum length 1, but got an "
            "empty array instead.",
            "empty_array",
        )
    for at, one in enumerate(calls):
        place = f"{where}[{at}]"
        rule.only(one, {"id", "type", "function"}, place)
        rule.wants(rule.need(one, "id", place), str, f"{place}.id")
        rule.one_of(rule.need(one, "type", place), ("function",), f"{place}.type")
        inner = rule.need(one, "function", place)
        rule.only(inner, {"name", "arguments"}, f"{place}.function")
        name = rule.need(inner, "name", f"{place}.function")
        if not isinstance(name, str) or not rule.NAME.fullmatch(name):
            raise rule.bad(
                f"{place}.function.name",
                f"Invalid '{place}.function.name': string does not match pattern.",
            )
        rule.wants(
            rule.need(inner, "arguments", f"{place}.function"), str, f"{place}.function.arguments"
        )


def _pairs(messages: list[Json]) -> None:
    # FC: every call is answered by a tool message before anything else is said
    open_: list[str] = []
    asked = 0
    for at, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_:
                raise rule.bad(
                    f"messages.[{at}].role",
                    "Invalid parameter: messages with role 'tool' must be a response to a "
                    "preceeding message with 'tool_calls'.",
                    None,
                )
            open_.remove(message["tool_call_id"])
            continue
        _answered(open_, asked)
        open_ = [one["id"] for one in message.get("tool_calls") or ()]
        asked = at
    _answered(open_, asked)


def _answered(open_: list[str], asked: int) -> None:
    if open_:
        raise rule.bad(
            f"messages.[{asked}].role",
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{', '.join(open_)}",
            None,
        )


def _segments(body: Json) -> list[Segment]:
    shape = [body["response_format"]] if body.get("response_format") else []
    return [segment(one) for one in [*(body.get("tools") or ()), *shape, *body["messages"]]]


def _texts(messages: list[Json]) -> list[tuple[str, int]]:
    after = sum(one["role"] == "assistant" for one in messages)
    found = list[tuple[str, int]]()
    for message in messages:
        if message["role"] == "assistant":
            after -= 1
        elif message["role"] != "tool":
            content = message["content"]
            parts = [{"text": content}] if isinstance(content, str) else content
            found += [(part["text"], after) for part in parts if "text" in part]
    return found
