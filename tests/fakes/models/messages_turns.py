"""The turns of a Messages request: roles, blocks, and which block has to answer which."""

from __future__ import annotations

from typing import Any

from tests.fakes.models.answer import Json
from tests.fakes.models.call import Refused
from tests.fakes.models.catalogue import Model
from tests.fakes.models.checks import IMAGES, TOOL_NAME, decoded, looks_like
from tests.fakes.models.signing import signed

# SDK *_block_param.py: what a block of each kind may hold
BLOCKS = {
    "text": {"type", "text", "cache_control", "citations"},
    "image": {"type", "source", "cache_control", "transformations"},
    "tool_use": {"type", "id", "name", "input", "cache_control", "caller", "toolset_name"},
    "tool_result": {
        *("type", "tool_use_id", "content", "is_error", "cache_control", "toolset_name"),
    },
    "thinking": {"type", "thinking", "signature"},
    "redacted_thinking": {"type", "data"},
    "document": {"type", "source", "cache_control", "citations", "context", "title"},
}
HERE = {
    "user": {"text", "image", "tool_result", "document"},
    "assistant": {"text", "tool_use", "thinking", "redacted_thinking"},
    "system": {"text"},
}


def bad(where: str, problem: str) -> Refused:
    return Refused(400, f"{where}: {problem}" if where else problem)


def only(value: Any, fields: set[str], where: str) -> None:
    """`value` is an object of nothing but `fields`."""
    if not isinstance(value, dict):
        raise bad(where, "Input should be an object")
    for name in value:
        if name not in fields:
            raise bad(f"{where}.{name}" if where else name, "Extra inputs are not permitted")


def blocks_of(turn: Json) -> list[Json]:
    content = turn["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def texts(messages: list[Json], system: list[Json]) -> list[tuple[str, int]]:
    """The words of the system and of the user, each with the number of model turns after it."""
    after = sum(turn["role"] == "assistant" for turn in messages)
    found = [(block["text"], after) for block in system]
    for turn in messages:
        if turn["role"] == "assistant":
            after -= 1
            continue
        found += [(one["text"], after) for one in blocks_of(turn) if one["type"] == "text"]
    return found


def check_turns(messages: Any, model: Model, issued: dict[str, str], *, thinks: bool) -> None:
    if not isinstance(messages, list):
        raise bad("messages", "Input should be a valid list")
    if not messages:  # ERR
        raise bad("messages", "at least one message is required")
    for at, turn in enumerate(messages):
        _turn(turn, at, last=at == len(messages) - 1)
    if messages[0]["role"] != "user":  # API: messages
        raise bad("messages", 'first message must use the "user" role')
    merged = _merged(messages)
    _pairs(merged)
    if merged[-1][1] == "assistant":
        if not model.prefill or thinks:  # ERR, "Prefill not supported"
            raise Refused(
                400,
                "This model does not support assistant message prefill. The conversation must end "
                "with a user message.",
            )
        if str(merged[-1][2][-1].get("text", "x")).endswith((" ", "\n")):
            raise bad("messages", "final assistant content cannot end with trailing whitespace")
    _thoughts(merged, model, thinks=thinks)
    _kept(merged, issued)


def check_citations(messages: list[Json]) -> None:
    """VERSION: the user's text holds no citations since 2026-10-21."""
    for at, turn in enumerate(messages):
        for number, block in enumerate(blocks_of(turn) if turn["role"] == "user" else ()):
            if block["type"] == "text" and block.get("citations"):
                raise bad(
                    f"messages.{at}.content.{number}.text.citations",
                    "Extra inputs are not permitted",
                )


def _turn(turn: Any, at: int, *, last: bool) -> None:
    where = f"messages.{at}"
    only(turn, {"role", "content"}, where)
    role = turn.get("role")
    if role not in HERE:  # API: messages[].role; SDK has SystemMessageParam too
        raise bad(f"{where}.role", "Input should be 'user', 'assistant' or 'system'")
    content = turn.get("content")
    if not isinstance(content, (str, list)):
        raise bad(f"{where}.content", "Field required")
    if not content and not (last and role == "assistant"):  # ERR
        raise bad(
            where,
            f"{role} messages must have non-empty content"
            if role != "assistant"
            else "all messages must have non-empty content except for the optional final "
            "assistant message",
        )
    for number, block in enumerate(content if isinstance(content, list) else ()):
        _block(block, f"{where}.content.{number}", role)


def _block(block: Any, where: str, role: str) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in BLOCKS:
        raise bad(
            where,
            f"Input tag '{kind}' found using 'type' does not match any of the expected tags",
        )
    only(block, BLOCKS[kind], f"{where}.{kind}")
    if kind not in HERE[role]:  # API: which role holds which block
        raise bad(where, f"`{kind}` blocks are not allowed in `{role}` messages")
    if kind == "text":
        if not isinstance(block.get("text"), str):
            raise bad(f"{where}.text.text", "Field required")
        if not block["text"]:  # ERR
            raise bad("messages", "text content blocks must be non-empty")
        if not block["text"].strip():
            raise bad("messages", "text content blocks must contain non-whitespace text")
    elif kind == "image":
        _image(block.get("source"), where)
    elif kind == "tool_use":
        _tool_use(block, f"{where}.tool_use")
    elif kind == "tool_result":
        _tool_result(block, where)
    elif kind == "thinking":
        for need in ("thinking", "signature"):
            if not isinstance(block.get(need), str):
                raise bad(f"{where}.thinking.{need}", "Field required")


def _image(source: Any, where: str) -> None:
    # …/build-with-claude/vision: four media types, and the data has to be of the named one
    where = f"{where}.image.source"
    kind = source.get("type") if isinstance(source, dict) else None
    if kind not in ("base64", "url", "file"):
        raise bad(where, f"Input tag '{kind}' found using 'type' does not match")
    if kind != "base64":
        return
    only(source, {"type", "media_type", "data"}, f"{where}.base64")
    if source.get("media_type") not in IMAGES:
        raise bad(
            f"{where}.base64.media_type",
            "Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
        )
    data = decoded(source.get("data", ""))
    if not data:
        raise bad(f"{where}.base64.data", "image cannot be empty or is not valid base64")
    if not looks_like(source["media_type"], data):
        raise bad(
            f"{where}.base64",
            f"The image was specified using the {source['media_type']} media type, but does not "
            "appear to be one",
        )


def _tool_use(block: Json, where: str) -> None:
    if not isinstance(block.get("id"), str) or not TOOL_NAME.fullmatch(block["id"]):
        raise bad(f"{where}.id", "String should match pattern '^[a-zA-Z0-9_-]+$'")
    if not isinstance(block.get("name"), str) or not TOOL_NAME.fullmatch(block["name"]):
        raise bad(f"{where}.name", "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
    if not isinstance(block.get("input"), dict):
        raise bad(f"{where}.input", "Input should be a valid dictionary")


def _tool_result(block: Json, where: str) -> None:
    if not isinstance(block.get("tool_use_id"), str):
        raise bad(f"{where}.tool_result.tool_use_id", "Field required")
    content = block.get("content", "")
    if isinstance(content, str):
        return
    for at, inner in enumerate(content):
        if not isinstance(inner, dict) or inner.get("type") not in ("text", "image", "document"):
            raise bad(f"{where}.tool_result.content.{at}", "Input tag does not match")
        _block(inner, f"{where}.tool_result.content.{at}", "user")


Turn = tuple[int, str, list[Json]]


def _merged(messages: list[Json]) -> list[Turn]:
    """API: consecutive turns of one role are one turn. System turns stand in nobody's way."""
    merged: list[Turn] = []
    for at, turn in enumerate(messages):
        if turn["role"] == "system":
            continue
        if merged and merged[-1][1] == turn["role"]:
            merged[-1][2].extend(blocks_of(turn))
        else:
            merged.append((at, turn["role"], list(blocks_of(turn))))
    return merged


def _pairs(merged: list[Turn]) -> None:
    # TOOLS …/implement-tool-use: results stand first in the turn after the calls, one for each
    wanted: list[str] = []
    for at, role, blocks in merged:
        results = [one["tool_use_id"] for one in blocks if one["type"] == "tool_result"]
        if role == "user":
            for number, one in enumerate(results):
                if one not in wanted:
                    raise bad(
                        f"messages.{at}.content.{number}",
                        f"unexpected `tool_use_id` found in `tool_result` blocks: {one}. Each "
                        "`tool_result` block must have a corresponding `tool_use` block in the "
                        "previous message.",
                    )
                if results.count(one) > 1:
                    raise bad(
                        f"messages.{at}.content.{number}",
                        "each tool_use must have a single result. Found multiple `tool_result` "
                        f"blocks with id: {one}",
                    )
            kinds = [one["type"] == "tool_result" for one in blocks]
            missing = [one for one in wanted if one not in results]
            if missing or (wanted and not all(kinds[: len(wanted)])):
                _unanswered(at - 1, missing or wanted)
        wanted = [one["id"] for one in blocks if one["type"] == "tool_use"]
        if len(set(wanted)) != len(wanted):
            raise bad("messages", "`tool_use` ids must be unique")
    if wanted:
        _unanswered(merged[-1][0], wanted)


def _unanswered(at: int, ids: list[str]) -> None:
    raise bad(
        f"messages.{at}",
        "`tool_use` ids were found without `tool_result` blocks immediately after: "
        f"{', '.join(ids)}. Each `tool_use` block must have a corresponding `tool_result` block in "
        "the next message.",
    )


def _thoughts(merged: list[Turn], model: Model, *, thinks: bool) -> None:
    for at, _, blocks in merged:
        for number, block in enumerate(blocks):
            if block["type"] == "thinking" and not signed(
                model.id, block["thinking"], block["signature"]
            ):  # THINK: signatures are checked
                raise bad(
                    f"messages.{at}.content.{number}",
                    "Invalid `signature` in `thinking` block",
                )
    models = [turn for turn in merged if turn[1] == "assistant"]
    if not thinks or not models or merged[-1][1] != "user":
        return
    at, _, blocks = models[-1]
    loop = any(one["type"] == "tool_result" for one in merged[-1][2])
    # THINK: in a tool loop the model's turn starts with its thinking (manual mode)
    if loop and "enabled" in model.thinking and "thinking" not in blocks[0]["type"]:
        raise bad(
            f"messages.{at}.content.0.type",
            f"Expected `thinking` or `redacted_thinking`, but found `{blocks[0]['type']}`. When "
            "`thinking` is enabled, a final `assistant` message must start with a thinking block.",
        )


def _kept(merged: list[Turn], issued: dict[str, str]) -> None:
    """THINK: what was thought before a tool call comes back with it, unchanged."""
    models = [turn for turn in merged if turn[1] == "assistant"]
    for at, _, blocks in models[-1:]:
        there = {one.get("signature") for one in blocks if one["type"] == "thinking"}
        for number, block in enumerate(blocks):
            if block["type"] == "tool_use" and issued.get(block["id"]) not in {None, *there}:
                raise bad(
                    f"messages.{at}.content.{number}",
                    "`thinking` or `redacted_thinking` blocks in the latest assistant message "
                    "cannot be modified. These blocks must remain as they were in the original "
                    "response.",
                )
