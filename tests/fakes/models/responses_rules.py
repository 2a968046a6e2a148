"""What OpenAI's Responses API takes and what it refuses. Sources as in `openai_checks`."""

from __future__ import annotations

from typing import Any

from tests.fakes.models import openai_checks as rule
from tests.fakes.models.answer import Json
from tests.fakes.models.call import Call, Segment, segment
from tests.fakes.models.catalogue import Catalogue, Model
from tests.fakes.models.responses_items import check_pairs
from tests.fakes.models.signing import signed

# SDK response_create_params.py
FIELDS = {
    *("access_programs", "background", "background_options", "context_management", "conversation"),
    *("image", "include", "input", "instructions", "max_output_tokens", "max_tool_calls"),
    *("metadata", "model", "moderation", "parallel_tool_calls", "previous_response_id", "prompt"),
    *("prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning"),
    *("safety_identifier", "service_tier", "store", "stream", "stream_options", "temperature"),
    *("text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user"),
}
# SDK response_includable.py
INCLUDES = (
    *("file_search_call.results", "web_search_call.results", "web_search_call.action.sources"),
    *("message.input_image.image_url", "computer_call_output.output.image_url"),
    *("code_interpreter_call.outputs", "reasoning.encrypted_content"),
    "message.output_text.logprobs",
)
# SDK *_param.py of the items a client of ours may send
ITEMS = {
    "message": {"type", "role", "content", "id", "status", "phase"},
    "function_call": {
        *("type", "id", "call_id", "name", "arguments", "status", "namespace", "caller", "async"),
    },
    "function_call_output": {
        *("type", "id", "call_id", "output", "status", "name", "namespace", "caller"),
    },
    "reasoning": {"type", "id", "summary", "content", "encrypted_content", "status"},
    "item_reference": {"type", "id"},
}
CONTENT = {
    "input_text": {"type", "text", "prompt_cache_breakpoint"},
    "input_image": {"type", "image_url", "file_id", "detail", "prompt_cache_breakpoint"},
    "input_file": {"type", "file_id", "file_data", "file_url", "filename", "detail"},
    "output_text": {"type", "text", "annotations", "logprobs"},
    "refusal": {"type", "refusal"},
}


def checked(body: Json, catalogue: Catalogue, state: Json) -> Call:
    """The call in `body`, or `Refused` as the service would. `state` is what was given out."""
    rule.only(body, FIELDS, "")
    model = rule.model_of(body, catalogue)
    given = rule.need(body, "input", "")
    rule.wants(given, (str, list), "input")
    if not given:
        raise rule.bad("input", "Invalid 'input': expected at least one input item.", "empty_array")
    rule.most(body, "max_output_tokens", model, 16)  # ERR, seen as integer_below_min_value
    rule.sampling(body, model)
    _reasoning(body, model)
    for at, one in enumerate(body.get("include") or ()):
        rule.one_of(one, INCLUDES, f"include[{at}]")
    if body.get("stream_options") is not None:
        rule.only(body["stream_options"], {"include_obfuscation"}, "stream_options")
    names = _tools(body)
    shape = _text(body)
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    for at, item in enumerate(items):
        _item(item, f"input[{at}]", model, state)
    before = _before(body, state)
    check_pairs([*before, *items], state)
    call = Call(
        wire="responses",
        asked=body["model"],
        model=model,
        stream=bool(body.get("stream")),
        body=body,
        segments=_segments(body, [*before, *items]),
        texts=_texts(body, items),
        most=body.get("max_output_tokens"),
        schema=shape,
        tools=tuple(sorted(names)),
    )
    rule.fits(call, "input")
    return call


def _reasoning(body: Json, model: Model) -> None:
    given = body.get("reasoning")
    if given is None:
        return
    rule.only(given, {"effort", "summary", "generate_summary", "context", "mode"}, "reasoning")
    rule.effort(given.get("effort"), model, "reasoning.effort")
    if given.get("summary") is not None:
        if not model.reasons:
            raise rule.unsupported("reasoning.summary")
        rule.one_of(given["summary"], ("concise", "detailed", "auto"), "reasoning.summary")


def _tools(body: Json) -> set[str]:
    names = set[str]()
    for at, tool in enumerate(body.get("tools") or ()):
        where = f"tools[{at}]"
        rule.one_of(rule.need(tool, "type", where), ("function",), f"{where}.type")
        fields = {
            *("type", "name", "description", "parameters", "strict", "allowed_callers"),
            *("defer_loading", "output_schema", "async"),
        }
        rule.only(tool, fields, where)
        # SDK function_tool_param.py: parameters and strict are required, strict defaults to true
        rule.need(tool, "parameters", where)
        rule.function({"strict": True, **tool}, where, names)
    rule.choice(body, names)
    return names


def _text(body: Json) -> Json | None:
    given = body.get("text")
    if given is None:
        return None
    rule.only(given, {"format", "verbosity"}, "text")
    shape = given.get("format")
    if shape is None:
        return None
    kinds = ("json_object", "json_schema", "text")
    rule.one_of(rule.need(shape, "type", "text.format"), kinds, "text.format.type")
    if shape["type"] != "json_schema":
        return None
    rule.only(shape, {"type", "name", "schema", "strict", "description"}, "text.format")
    return rule.shape_of(shape, "text.format")


def _item(item: Any, where: str, model: Model, state: Json) -> None:
    rule.wants(item, dict, where)
    kind = item.get("type", "message" if "role" in item else None)
    rule.one_of(kind, tuple(ITEMS), f"{where}.type" if "type" in item else where)
    rule.only(item, ITEMS[kind], where)
    if kind == "message":
        _message(item, where)
    elif kind == "function_call":
        for name in ("call_id", "name", "arguments"):
            rule.wants(rule.need(item, name, where), str, f"{where}.{name}")
        _prefix(item, "fc", where)
    elif kind == "function_call_output":
        rule.wants(rule.need(item, "call_id", where), str, f"{where}.call_id")
        rule.wants(rule.need(item, "output", where), (str, list), f"{where}.output")
    elif kind == "reasoning":
        _sealed(item, where, model, state)


def _message(item: Json, where: str) -> None:
    role = rule.need(item, "role", where)
    rule.one_of(role, ("assistant", "system", "developer", "user"), f"{where}.role")
    content = rule.need(item, "content", where)
    rule.wants(content, (str, list), f"{where}.content")
    if role == "assistant":
        _prefix(item, "msg", where)
    allowed = (
        ("output_text", "refusal")
        if role == "assistant"
        else ("input_text", "input_image", "input_file")
    )
    for at, part in enumerate(content if isinstance(content, list) else ()):
        place = f"{where}.content[{at}]"
        rule.one_of(rule.need(part, "type", place), allowed, f"{place}.type")
        rule.only(part, CONTENT[part["type"]], place)
        if part["type"] == "input_image" and part.get("image_url") is not None:
            rule.image(part["image_url"], f"{place}.image_url")
        elif part["type"] in ("input_text", "output_text"):
            rule.wants(rule.need(part, "text", place), str, f"{place}.text")


def _prefix(item: Json, prefix: str, where: str) -> None:
    if item.get("id") is not None and not str(item["id"]).startswith(prefix):
        raise rule.bad(
            f"{where}.id",
            f"Invalid '{where}.id': '{item['id']}'. Expected an ID that begins with '{prefix}'.",
        )


def _sealed(item: Json, where: str, model: Model, state: Json) -> None:
    # REASON: what is not stored has to come back sealed, and as it was
    rule.wants(rule.need(item, "summary", where), list, f"{where}.summary")
    name = rule.need(item, "id", where)
    _prefix(item, "rs", where)
    seal = item.get("encrypted_content")
    if seal is not None and not signed(model.id, name, seal):
        raise rule.bad(
            where,
            f"The encrypted content for item {name} could not be verified.",
            "invalid_encrypted_content",
        )
    if seal is None and name not in state.get("stored", {}):
        raise rule.Refused(
            404,
            f"Item with id '{name}' not found. Items are not persisted when `store` is set to "
            "false. Try again with `store` set to true, or remove this item from your input.",
            param="input",
        )


def _before(body: Json, state: Json) -> list[Json]:
    """…/guides/conversation-state: what a response given by its id had before it, and said."""
    name = body.get("previous_response_id")
    if name is None:
        return []
    if name not in state.get("responses", {}):
        raise rule.bad(
            "previous_response_id",
            f"Previous response with id '{name}' not found.",
            "previous_response_not_found",
        )
    found: list[Json] = state["responses"][name]
    return found


def _segments(body: Json, items: list[Json]) -> list[Segment]:
    told = [{"instructions": body["instructions"]}] if body.get("instructions") else []
    shape = [body["text"]] if body.get("text") else []
    return [segment(one) for one in [*(body.get("tools") or ()), *shape, *told, *items]]


def _texts(body: Json, items: list[Json]) -> list[tuple[str, int]]:
    """A turn of the model is a run of its items."""
    mine = [
        item.get("role") == "assistant" or item.get("type") in ("function_call", "reasoning")
        for item in items
    ]
    starts = [own and not (at and mine[at - 1]) for at, own in enumerate(mine)]
    found = [(body["instructions"], sum(starts))] if body.get("instructions") else []
    for at, item in enumerate(items):
        if mine[at] or "role" not in item:
            continue
        content = item["content"]
        parts = [{"text": content}] if isinstance(content, str) else content
        found += [(one["text"], sum(starts[at:])) for one in parts if "text" in one]
    return found
