"""What Anthropic's Messages API takes and what it refuses, rule by rule.

Sources: API = platform.claude.com/docs/en/api/messages, ERR = …/api/errors, CACHE =
…/build-with-claude/prompt-caching, THINK = …/build-with-claude/extended-thinking, TOOLS =
…/agents-and-tools/tool-use, VERSION = …/api/migration-2026-10-21, SDK = a type of anthropic 2.12
(anthropic/types).
"""

from __future__ import annotations

from typing import Any

from tests.fakes.models import schema
from tests.fakes.models.answer import Json
from tests.fakes.models.call import Call, Refused, Segment, segment
from tests.fakes.models.catalogue import Catalogue, Model
from tests.fakes.models.checks import TOOL_NAME, is_int
from tests.fakes.models.messages_turns import bad, check_citations, check_turns, only, texts

# SDK message_create_params.py; with version 2023-06-01, sampling parameters too
FIELDS = {
    *("max_tokens", "messages", "model", "cache_control", "container", "diagnostics"),
    *("inference_geo", "metadata", "output_config", "service_tier", "speed", "stop_sequences"),
    *("stream", "system", "thinking", "tool_choice", "tools", "temperature", "top_p", "top_k"),
    *("context_management", "mcp_servers", "user_profile_id"),
}
# SDK message_count_tokens_params.py
COUNT_FIELDS = FIELDS - {
    *("max_tokens", "stream", "stop_sequences", "temperature", "top_p", "top_k", "metadata"),
    *("service_tier", "container", "diagnostics", "inference_geo"),
}
# SDK tool_param.py
TOOL_FIELDS = {
    *("input_schema", "name", "allowed_callers", "cache_control", "defer_loading", "description"),
    *("eager_input_streaming", "input_examples", "strict", "type"),
}
NEWEST = "2026-10-21"
SAMPLING = {"temperature", "top_p", "top_k"}
EFFORTS = ("low", "medium", "high", "xhigh", "max")  # SDK output_config_param.py
NOT_TAKEN = "`{}` is deprecated for this model."


def checked(
    body: Json,
    catalogue: Catalogue,
    issued: dict[str, str],
    *,
    version: str = NEWEST,
    counting: bool = False,
) -> Call:
    """The call in `body`, or `Refused` as the service would. `issued` are the signatures of the
    thinking that went before each tool call of ours."""
    only(body, COUNT_FIELDS if counting else FIELDS, "")
    if version == NEWEST:  # VERSION: sampling parameters are removed, for all models
        only(body, FIELDS - SAMPLING, "")
    for need in ("model", "messages") if counting else ("model", "max_tokens", "messages"):
        if need not in body:  # API: required
            raise bad(need, "Field required")
    if not isinstance(body["model"], str):
        raise bad("model", "Input should be a valid string")
    model = catalogue.find("anthropic", body["model"])
    if model is None:  # ERR: 404 not_found_error
        raise Refused(404, f"model: {body['model']}", kind="not_found_error")
    if not counting:
        _numbers(body, model)
    _tools(body)
    config = body.get("output_config") or {}
    _output(config)
    thinks, shown = _thinking(body, model)
    system = _system(body)
    off = (body.get("thinking") or {}).get("type") == "disabled"
    check_turns(body["messages"], model, {} if off else issued, thinks=thinks)
    if version == NEWEST:
        check_citations(body["messages"])
    segments = _segments(body, system)
    _marks(segments)
    call = Call(
        wire="messages",
        asked=body["model"],
        model=model,
        stream=bool(body.get("stream")),
        body=body,
        segments=segments,
        texts=texts(body["messages"], system),
        most=body.get("max_tokens"),
        schema=(config.get("format") or {}).get("schema"),
        shown=shown,
        tools=tuple(tool["name"] for tool in body.get("tools", ())),
    )
    _fits(call)
    return call


def _numbers(body: Json, model: Model) -> None:
    most = body["max_tokens"]
    if not is_int(most):  # API: max_tokens; 0 only fills the cache
        raise bad("max_tokens", "Input should be greater than or equal to 0")
    if most > model.output:  # ERR, seen as "max_tokens: N > M, which is the maximum allowed…"
        raise Refused(
            400,
            f"max_tokens: {most} > {model.output}, which is the maximum allowed number of output "
            f"tokens for {model.id}",
        )
    if "stream" in body and not isinstance(body["stream"], bool):
        raise bad("stream", "Input should be a valid boolean")
    for name in ("temperature", "top_p", "top_k"):
        # ERR: since Opus 4.7 any but the default is refused
        if name in body and not model.sampling and body[name] != 1:
            raise Refused(400, NOT_TAKEN.format(name))
        if name in body and name != "top_k" and not 0 <= body[name] <= 1:
            raise bad(name, "Input should be less than or equal to 1")
    stops = body.get("stop_sequences", [])
    if not isinstance(stops, list) or not all(isinstance(one, str) for one in stops):
        raise bad("stop_sequences", "Input should be a valid list")
    if any(not one.strip() for one in stops):  # API: stop_sequences
        raise Refused(400, "stop_sequences: each stop sequence must contain non-whitespace")


def _tools(body: Json) -> None:
    tools = body.get("tools", [])
    if not isinstance(tools, list):
        raise bad("tools", "Input should be a valid list")
    names = set[str]()
    for at, tool in enumerate(tools):
        where = f"tools.{at}.custom"
        only(tool, TOOL_FIELDS, where)
        for need in ("name", "input_schema"):
            if need not in tool:
                raise bad(f"{where}.{need}", "Field required")
        if not isinstance(tool["name"], str) or not TOOL_NAME.fullmatch(tool["name"]):
            raise bad(f"{where}.name", "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
        if tool["name"] in names:  # TOOLS
            raise Refused(400, "tools: Tool names must be unique.")
        names.add(tool["name"])
        shape = tool["input_schema"]
        if not isinstance(shape, dict) or "type" not in shape:
            raise bad(f"{where}.input_schema.type", "Field required")
        if shape["type"] != "object":
            raise bad(f"{where}.input_schema.type", "Input should be 'object'")
        if schema.fault(shape):  # TOOLS: draft 2020-12
            raise Refused(
                400,
                f"{where}.input_schema: JSON schema is invalid. It must match JSON Schema draft "
                "2020-12 (https://json-schema.org/draft/2020-12).",
            )
        if tool.get("strict") and (said := schema.loose(shape, all_required=False)):
            raise Refused(400, f"{where}: For 'object' type, {said}")
    choice = body.get("tool_choice")
    if choice is None:
        return
    if not isinstance(choice, dict) or choice.get("type") not in ("auto", "any", "tool", "none"):
        raise bad("tool_choice", "Input tag does not match any of: 'auto', 'any', 'tool', 'none'")
    if not tools:  # TOOLS: tool_choice may only be given with tools
        raise Refused(400, "tool_choice may only be specified while providing tools.")
    if choice["type"] == "tool" and choice.get("name") not in names:
        raise Refused(400, f"Tool '{choice.get('name')}' not found in provided tools")


def _output(config: Any) -> None:
    # …/build-with-claude/structured-outputs and …/effort
    only(config, {"effort", "format"}, "output_config")
    if config.get("effort") not in (None, *EFFORTS):
        raise bad(
            "output_config.effort",
            "Input should be 'low', 'medium', 'high', 'xhigh' or 'max'",
        )
    given = config.get("format")
    if given is None:
        return
    only(given, {"type", "schema"}, "output_config.format")
    if given.get("type") != "json_schema":
        raise bad("output_config.format.type", "Input should be 'json_schema'")
    if "schema" not in given:
        raise bad("output_config.format.schema", "Field required")
    problem = schema.fault(given["schema"])
    if said := problem or schema.loose(given["schema"], all_required=False):
        raise Refused(400, f"output_config.format.schema: For 'object' type, {said}")


def _thinking(body: Json, model: Model) -> tuple[bool, str]:
    """Whether thinking has to come back in this call, and how it is shown."""
    given = body.get("thinking")
    default = "summarized" if model.shows else "omitted"  # THINK: display
    if given is None:
        return False, default if "adaptive" in model.thinking else ""
    only(given, {"type", "budget_tokens", "display"}, "thinking")
    kind = given.get("type")
    if kind not in ("enabled", "adaptive", "disabled", "between_tools"):  # SDK
        raise bad("thinking", f"Input tag '{kind}' found using 'type' does not match")
    if kind not in model.thinking:
        raise Refused(400, f'"thinking.type.{kind}" is not supported for this model.')
    if kind == "disabled":
        return False, ""
    if kind == "enabled":
        budget = given.get("budget_tokens")
        if not is_int(budget, 1024):  # THINK: at least 1024
            raise bad(
                "thinking.enabled.budget_tokens",
                "Input should be greater than or equal to 1024",
            )
        if budget >= body.get("max_tokens", budget + 1):  # THINK
            raise Refused(400, "`max_tokens` must be greater than `thinking.budget_tokens`.")
        if body.get("temperature", 1) != 1:  # THINK: not with other temperatures
            raise Refused(400, "`temperature` may only be set to 1 when thinking is enabled.")
    if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):  # THINK
        raise Refused(400, "Thinking may not be enabled when tool_choice forces tool use.")
    return True, given.get("display") or default


def _system(body: Json) -> list[Json]:
    system = body.get("system", [])
    if isinstance(system, str):
        return [{"type": "text", "text": system}] if system else []
    if not isinstance(system, list):
        raise bad("system", "Input should be a valid string")
    for at, block in enumerate(system):
        only(block, {"type", "text", "cache_control", "citations"}, f"system.{at}")
        if block.get("type") != "text":
            raise bad(f"system.{at}.type", "Input should be 'text'")
        if not block.get("text"):  # ERR
            raise Refused(400, "system: text content blocks must be non-empty")
    return system


def _segments(body: Json, system: list[Json]) -> list[Segment]:
    """CACHE: prefixes are made of tools, then system, then messages."""
    pieces: list[tuple[Any, Any]] = [
        (one, one.get("cache_control")) for one in body.get("tools", ())
    ]
    pieces += [(one, one.get("cache_control")) for one in system]
    for turn in body["messages"]:
        content = turn["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        pieces += [
            ({"role": turn["role"], "block": one}, one.get("cache_control")) for one in blocks
        ]
    if body.get("cache_control") and pieces and not pieces[-1][1]:
        pieces[-1] = (pieces[-1][0], body["cache_control"])
    made = list[Segment]()
    for piece, control in pieces:
        mark = ""
        if control is not None:
            only(control, {"type", "ttl"}, "cache_control")
            if control.get("type") != "ephemeral" or control.get("ttl", "5m") not in ("5m", "1h"):
                raise bad("cache_control", "Input should be 'ephemeral' with ttl '5m' or '1h'")
            mark = control.get("ttl", "5m")
            text = piece.get("text", piece.get("block", {}).get("text"))
            if text is not None and not text.strip():  # CACHE: empty text cannot be cached
                raise Refused(400, "cache_control cannot be set for empty text blocks")
            if piece.get("block", {}).get("type") in ("thinking", "redacted_thinking"):  # CACHE
                raise bad("cache_control", "Extra inputs are not permitted")
        made.append(segment(piece, mark))
    return made


def _marks(segments: list[Segment]) -> None:
    marks = [one.mark for one in segments if one.mark]
    if len(marks) > 4:  # CACHE: four at most
        raise Refused(
            400,
            f"A maximum of 4 blocks with cache_control may be provided. Found {len(marks)}.",
        )
    if "1h" in marks[marks.index("5m") :] if "5m" in marks else False:  # CACHE: longer ones first
        raise Refused(
            400,
            "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. "
            "Note that blocks are processed in the following order: `tools`, `system`, `messages`.",
        )


def _fits(call: Call) -> None:
    if call.input > call.model.window:  # ERR: "prompt is too long"
        raise Refused(400, f"prompt is too long: {call.input} tokens > {call.model.window} maximum")
