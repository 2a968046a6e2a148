"""What OpenAI refuses, the fake refuses, with the same status, code and words."""

from __future__ import annotations

from typing import Any

import openai
import pytest
from openai import AsyncOpenAI

from tests.fakes.models import FakeModels

HI: dict[str, Any] = {"role": "user", "content": "hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "read", "arguments": "{}"}}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
ANSWER = {"role": "tool", "tool_call_id": "call_1", "content": "x"}
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}
FC = {"type": "function_call", "call_id": "call_1", "name": "read", "arguments": "{}"}
OUT = {"type": "function_call_output", "call_id": "call_1", "output": "x"}
RS = {"type": "reasoning", "id": "rs_1", "summary": []}


def tool(name: str = "read", **more: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, **more}}


def picture(url: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}


def says(*messages: Any, **more: Any) -> dict[str, Any]:
    return {"messages": list(messages), **more}


CHAT: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": (says(HI, frobnicate=1), "Unknown parameter: 'frobnicate'."),
    "no messages": (says(), "Invalid 'messages': empty array"),
    "a bad role": (says({"role": "robot", "content": "x"}), "Invalid value: 'robot'"),
    "no content": (says({"role": "user", "content": None}), "expected a string, got null"),
    "an empty content": (says({"role": "user", "content": []}), "empty array"),
    "max_tokens of a reasoning model": (says(HI, max_tokens=5), "Use 'max_completion_tokens'"),
    "no tokens at all": (says(HI, max_completion_tokens=0), "below minimum value"),
    "temperature of a reasoning model": (says(HI, temperature=0.2), "does not support 0.2"),
    "an odd effort": (says(HI, reasoning_effort="huge"), "Invalid value: 'huge'"),
    "stream_options without stream": (says(HI, stream_options={}), "only allowed when 'stream'"),
    "an answer without call": (says(HI, ANSWER), "must be a response to a preceeding message"),
    "a call without answer": (says(HI, CALLS, HI), "did not have response messages: call_1"),
    "a call at the end": (says(HI, CALLS), "did not have response messages: call_1"),
    "no calls": (says(HI, {**CALLS, "tool_calls": []}), "content"),
    "arguments that are no text": (
        says(HI, {**CALLS, "tool_calls": [{**CALL, "function": {"name": "a", "arguments": {}}}]}),
        "expected a string, but got object",
    ),
    "a bad tool name": (says(HI, tools=[tool("read it")]), "string does not match pattern"),
    "a tool name twice": (says(HI, tools=[tool(), tool()]), "must be unique"),
    "no tools": (says(HI, tools=[]), "Invalid 'tools': empty array"),
    "a bad tool schema": (
        says(HI, tools=[tool(parameters={"type": "object", "properties": {"a": {"type": "int"}}})]),
        "Invalid schema for function 'read'",
    ),
    "a strict tool that is open": (
        says(HI, tools=[tool(parameters=OPEN, strict=True)]),
        "'additionalProperties' is required",
    ),
    "a strict tool of optional parts": (
        says(HI, tools=[tool(parameters={**OPEN, "additionalProperties": False}, strict=True)]),
        "Missing 'a'",
    ),
    "a choice without tools": (says(HI, tool_choice="required"), "when 'tools' are specified"),
    "an image of a wrong type": (says(picture("data:image/bmp;base64,AAAA")), "unsupported image"),
    "an image that is none": (says(picture("data:image/png;base64,AAAA")), "valid image"),
    "a format that is open": (
        says(
            HI,
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "s", "schema": OPEN, "strict": True},
            },
        ),
        "Invalid schema for response_format 's'",
    ),
}
RESPONSES: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"input": "x", "messages": []}, "Unknown parameter: 'messages'."),
    "no input": ({}, "Missing required parameter: 'input'."),
    "empty input": ({"input": []}, "at least one input item"),
    "a chat tool": ({"input": "x", "tools": [tool()]}, "Unknown parameter: 'tools[0].function'"),
    "a tool without parameters": (
        {"input": "x", "tools": [{"type": "function", "name": "read"}]},
        "Missing required parameter: 'tools[0].parameters'",
    ),
    "a tool that is strict unsaid": (
        {"input": "x", "tools": [{"type": "function", "name": "read", "parameters": OPEN}]},
        "'additionalProperties' is required",
    ),
    "too few tokens": ({"input": "x", "max_output_tokens": 15}, "Expected a value >= 16"),
    "top_p of a reasoning model": ({"input": "x", "top_p": 0.5}, "does not support 0.5"),
    "an odd include": ({"input": "x", "include": ["all"]}, "Invalid value: 'all'"),
    "an unknown item": ({"input": [{"type": "hologram"}]}, "Invalid value: 'hologram'"),
    "a tool message": ({"input": [ANSWER]}, "Unknown parameter"),
    "output_text of the user": (
        {"input": [{"role": "user", "content": [{"type": "output_text", "text": "x"}]}]},
        "Invalid value: 'output_text'",
    ),
    "an output without call": ({"input": [HI, OUT]}, "No tool call found for function call output"),
    "a call without output": ({"input": [HI, FC]}, "No tool output found for function call call_1"),
    "an id of another kind": (
        {"input": [HI, {**FC, "id": "call_1"}, OUT]},
        "Expected an ID that begins with 'fc'",
    ),
    "forged reasoning": (
        {"input": [HI, {**RS, "encrypted_content": "x"}, FC, OUT]},
        "could not be verified",
    ),
    "a response unknown": (
        {"input": "x", "previous_response_id": "resp_1"},
        "Previous response with id 'resp_1' not found.",
    ),
    "an effort unknown": ({"input": "x", "reasoning": {"effort": "huge"}}, "Invalid value: 'huge'"),
}


@pytest.mark.parametrize(
    ("path", "what"),
    [
        *(("/chat/completions", what) for what in CHAT),
        *(("/responses", what) for what in RESPONSES),
    ],
)
async def test_a_wrong_request_is_refused(
    fake: FakeModels, gpt: AsyncOpenAI, path: str, what: str
) -> None:
    told, words = (RESPONSES if path == "/responses" else CHAT)[what]
    with pytest.raises(openai.BadRequestError) as raised:
        await gpt.post(path, cast_to=object, body={"model": "gpt-5", **told})
    assert words in raised.value.message
    assert raised.value.type == "invalid_request_error"
    assert fake.counts()["total"]["served"] == 0


async def test_models_unknown_keys_wrong_and_prompts_too_long_are_refused(
    fake: FakeModels, gpt: AsyncOpenAI
) -> None:
    for send in (
        gpt.chat.completions.create(model="gpt-9", messages=[HI]),
        gpt.responses.create(model="gpt-9", input="x"),
    ):
        with pytest.raises(openai.NotFoundError) as missing:
            await send
        assert missing.value.code == "model_not_found"
    fake.script(models={"tiny": {"vendor": "openai", "window": 10}})
    for send in (
        gpt.chat.completions.create(model="tiny", messages=[{**HI, "content": "x" * 99}]),
        gpt.responses.create(model="tiny", input="x" * 99),
    ):
        with pytest.raises(openai.BadRequestError) as long:
            await send
        assert long.value.code == "context_length_exceeded"
    with pytest.raises(openai.AuthenticationError) as wrong:
        await gpt.with_options(api_key="wrong").models.list()
    assert wrong.value.code == "invalid_api_key"
    assert fake.counts()["models"]["-"]["refused_401"] == 1


async def test_reasoning_comes_back_with_what_it_led_to(gpt: AsyncOpenAI) -> None:
    call: dict[str, Any] = {
        "model": "gpt-5",
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }
    said = {"role": "user", "content": "[[task 1: think hm; tool read {}]]"}
    first = await gpt.responses.create(input=[said], **call)
    thought, use = (one.model_dump(exclude_none=True, by_alias=True) for one in first.output)
    out = {**OUT, "call_id": use["call_id"]}
    await gpt.responses.create(input=[said, thought, use, out], **call)
    with pytest.raises(openai.BadRequestError, match="without its required 'reasoning' item"):
        await gpt.responses.create(input=[said, use, out], **call)
    with pytest.raises(openai.BadRequestError, match="without its required following item"):
        await gpt.responses.create(input=[said, thought], **call)
    del thought["encrypted_content"]
    with pytest.raises(openai.NotFoundError, match="Items are not persisted"):
        await gpt.responses.create(input=[said, thought, use, out], **call)
    sealed = first.output[0].model_dump(exclude_none=True)
    call["model"] = "gpt-5-mini"
    with pytest.raises(openai.BadRequestError, match="could not be verified"):
        await gpt.responses.create(input=[said, sealed, use, out], **call)
