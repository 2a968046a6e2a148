"""How conversations are written for each vendor."""

from __future__ import annotations

from typing import Any

from swarm_core.providers import anthropic, chat, responses
from swarm_core.providers.model import (
    Block,
    Format,
    Image,
    Message,
    Part,
    Prompt,
    Reasoning,
    Text,
    ToolResult,
    ToolUse,
    Unknown,
)
from tests.providers.benches import READ

REQUESTS = (anthropic.request, responses.request, chat.request)


def user(*parts: Part) -> Message:
    return Message("user", parts)


def model(*parts: Part) -> Message:
    return Message("assistant", parts)


def prompt(*messages: Message, **more: Any) -> Prompt:
    return Prompt(
        model="m-1", system=more.pop("system", ()), messages=messages, max_output=9, **more
    )


def use(name: str, **more: Any) -> ToolUse:
    return ToolUse(id=name, name="read", arguments=more.pop("arguments", {}), **more)


TALK = prompt(
    user(Text("one")),
    model(use("a"), use("b")),
    user(Text("and"), ToolResult(id="b", text="B"), ToolResult(id="a", text="A", error=True)),
)


def test_results_stand_first_and_in_the_order_of_their_calls() -> None:
    last = anthropic.request(TALK)["messages"][-1]["content"]
    assert [part.get("tool_use_id", part["type"]) for part in last] == ["a", "b", "text"]
    assert last[0]["is_error"] is True
    items = responses.request(TALK)["input"]
    assert [item.get("call_id", item.get("role")) for item in items] == [
        *("user", "a", "b", "a", "b", "user")
    ]
    told = chat.request(TALK)["messages"]
    assert [message.get("tool_call_id", message["role"]) for message in told] == [
        *("user", "assistant", "a", "b", "user")
    ]


def test_neighbours_of_one_role_are_one_turn_and_empty_ones_none() -> None:
    talk = prompt(user(Text("one")), user(Text("two")), model(Text(" ")), user(Unknown(kind="x")))
    [turn] = anthropic.request(talk)["messages"]
    assert [part["text"] for part in turn["content"]] == ["one", "two"]


def test_reasoning_goes_back_to_its_model_and_wire_only() -> None:
    block = {"type": "thinking", "thinking": "hm", "signature": "s"}
    item = {"type": "reasoning", "id": "r", "summary": [], "encrypted_content": "e"}
    thoughts = [
        Reasoning(text="hm", model=name, opaque=opaque)
        for name in ("m-1", "m-2")
        for opaque in (
            {"wire": "anthropic", "block": block},
            {"wire": "responses", "item": item},
            {"wire": "chat", "field": "reasoning_content"},
        )
    ]
    talk = prompt(user(Text("?")), model(*thoughts, Text("!")), user(Text("?")))
    said = anthropic.request(talk)["messages"][1]["content"]
    assert said == [block, {"type": "text", "text": "!"}]
    assert item in responses.request(talk)["input"]
    assert len(responses.request(talk)["input"]) == 4
    assert chat.request(talk)["messages"][1] == {
        "role": "assistant",
        "content": "!",
        "reasoning_content": "hm",
    }


def test_reasoning_after_which_nothing_was_said_stays_here() -> None:
    thought = Reasoning(text="hm", model="m-1", opaque={"wire": "anthropic", "block": {}})
    talk = prompt(user(Text("?")), model(thought), user(Text("?")))
    assert len(anthropic.request(talk)["messages"]) == 2 or anthropic.request(talk)["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "?"}, {"type": "text", "text": "?"}]}
    ]


def test_arguments_that_were_no_object_go_back_inside_of_one() -> None:
    talk = prompt(user(Text("?")), model(use("a", arguments=None, raw="{oops")))
    told = anthropic.request(talk)["messages"][1]["content"][0]["input"]
    assert told == {"malformed_arguments": "{oops"}
    text = '{"malformed_arguments":"{oops"}'
    assert responses.request(talk)["input"][1]["arguments"] == text
    calls = chat.request(talk)["messages"][1]["tool_calls"]
    assert calls[0]["function"]["arguments"] == text


def test_cache_marks_stand_on_the_last_tool_and_on_four_blocks_at_most() -> None:
    blocks = tuple(Block(f"block {n}", cache=True) for n in range(6))
    body = anthropic.request(prompt(user(Text("?")), system=(*blocks, Block("")), tools=(READ,)))
    assert "cache_control" in body["tools"][-1]
    marked = ["cache_control" in block for block in body["system"]]
    assert marked == [False, False, False, True, True, True]
    plain = anthropic.request(prompt(user(Text("?")), system=(Block("a"),), tools=(READ,)))
    assert "cache_control" not in str(plain)


def test_pictures_are_shown() -> None:
    picture = Image(media_type="image/png", data="aGk=", width=1, height=1)
    talk = prompt(user(Text("see"), picture))
    for request in REQUESTS:
        assert "aGk=" in str(request(talk))


def test_a_schema_is_closed_and_strict_when_it_can_be() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "object", "properties": {}, "required": []}},
        "required": ["a"],
    }
    talk = prompt(user(Text("?")), format=Format(name="it", schema=schema))
    sent = anthropic.request(talk)["output_config"]["format"]["schema"]
    assert sent["additionalProperties"] is False
    assert sent["properties"]["a"]["additionalProperties"] is False
    assert "additionalProperties" not in schema
    assert responses.request(talk)["text"]["format"]["strict"] is True
    loose = prompt(user(Text("?")), format=Format(name="it", schema={**schema, "required": []}))
    assert chat.request(loose)["response_format"]["json_schema"]["strict"] is False


def test_effort_is_said_in_each_vendors_words() -> None:
    none, high = (prompt(user(Text("?")), effort=effort) for effort in ("none", "high"))
    assert anthropic.request(none)["thinking"] == {"type": "disabled"}
    assert anthropic.request(high)["output_config"] == {"effort": "high"}
    assert responses.request(high)["reasoning"] == {"effort": "high"}
    assert chat.request(high)["reasoning_effort"] == "high"
    assert all("effort" not in str(request(TALK)) for request in REQUESTS)


def test_nothing_is_stored_by_the_vendor() -> None:
    assert responses.request(TALK)["store"] is False
