"""What Anthropic refuses, the fake refuses, with the same status, type and words."""

from __future__ import annotations

import base64
from typing import Any

import aiohttp
import anthropic
import pytest
from anthropic import AsyncAnthropic

from tests.fakes.models import KEY, FakeModels

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 40).decode()
HI: dict[str, Any] = {"role": "user", "content": "hi"}
TOOL: dict[str, Any] = {"name": "read", "input_schema": {"type": "object"}}
USE = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}
MARK = {"type": "ephemeral"}


def model(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def text(said: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said, **more}


def image(media_type: str, data: str = PNG) -> dict[str, Any]:
    source = {"type": "base64", "media_type": media_type, "data": data}
    return {"type": "image", "source": source}


def says(*turns: Any, **more: Any) -> dict[str, Any]:
    return {"messages": list(turns), **more}


WRONG = {
    "an unknown field": (says(HI, frobnicate=1), "frobnicate: Extra inputs"),
    "no max_tokens": (says(HI, max_tokens=None), "max_tokens: Field required"),
    "max_tokens negative": (says(HI, max_tokens=-1), "max_tokens: Input should be"),
    "max_tokens above the model's": (says(HI, max_tokens=200_000), "200000 > 128000"),
    "temperature": (says(HI, temperature=0.5), "temperature: Extra inputs"),
    "top_k": (says(HI, top_k=5), "top_k: Extra inputs"),
    "no messages": (says(), "at least one message"),
    "a bad role": (says({"role": "tool", "content": "x"}), "messages.0.role"),
    "the model first": (says(model(text()), HI), 'first message must use the "user" role'),
    "prefill": (says(HI, model(text())), "does not support assistant message prefill"),
    "empty content": (says(user()), "must have non-empty content"),
    "empty text": (says(user(text(""))), "text content blocks must be non-empty"),
    "blank text": (says(user(text(" \n"))), "must contain non-whitespace text"),
    "an unknown block": (says(user({"type": "hologram"})), "Input tag 'hologram'"),
    "a field too many in a block": (says(user(text(colour="red"))), "colour: Extra inputs"),
    "a tool call of the user": (says(user(USE)), "`tool_use` blocks are not allowed"),
    "a document of the model": (
        says(HI, model({"type": "document", "source": {}}), HI),
        "`document` blocks are not allowed",
    ),
    "citations of the user": (says(user(text(citations=[{}]))), "citations: Extra inputs"),
    "a call without result": (says(HI, model(USE), HI), "`tool_use` ids were found without"),
    "a call at the end": (says(HI, model(USE)), "`tool_use` ids were found without"),
    "a result without call": (says(HI, model(text()), user(RESULT)), "unexpected `tool_use_id`"),
    "a result twice": (says(HI, model(USE), user(RESULT, RESULT)), "must have a single result"),
    "words before a result": (
        says(HI, model(USE), user(text(), RESULT)),
        "`tool_use` ids were found without",
    ),
    "an image of a wrong type": (says(user(image("image/bmp"))), "Input should be 'image/jpeg'"),
    "an image that is another": (says(user(image("image/gif"))), "does not appear to be"),
    "an image that is none": (says(user(image("image/png", "%%"))), "not valid base64"),
    "a forged signature": (
        says(HI, model({"type": "thinking", "thinking": "x", "signature": "y"}, text()), HI),
        "Invalid `signature` in `thinking` block",
    ),
    "a bad tool name": (
        says(HI, tools=[{**TOOL, "name": "read it"}]),
        "String should match pattern",
    ),
    "a tool name twice": (says(HI, tools=[TOOL, TOOL]), "Tool names must be unique"),
    "a tool without a schema": (says(HI, tools=[{"name": "read"}]), "input_schema: Field required"),
    "a tool schema of no object": (
        says(HI, tools=[{"name": "a", "input_schema": {"type": "string"}}]),
        "Input should be 'object'",
    ),
    "a tool schema that is none": (
        says(HI, tools=[{"name": "a", "input_schema": {"type": "object", "properties": []}}]),
        "JSON schema is invalid",
    ),
    "a tool schema of unknown types": (
        says(
            HI,
            tools=[
                {
                    "name": "a",
                    "input_schema": {"type": "object", "properties": {"x": {"type": "int"}}},
                }
            ],
        ),
        "JSON schema is invalid",
    ),
    "a choice without tools": (says(HI, tool_choice={"type": "any"}), "while providing tools"),
    "a choice of no tool": (
        says(HI, tools=[TOOL], tool_choice={"type": "tool", "name": "b"}),
        "not found in provided tools",
    ),
    "five cache marks": (
        says(user(*[text(cache_control=MARK)] * 5)),
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    ),
    "a long mark after a short one": (
        says(
            user(text(cache_control={**MARK, "ttl": "1h"})),
            system=[text(cache_control=MARK)],
        ),
        "must not come after a ttl='5m'",
    ),
    "a mark of an odd time": (
        says(user(text(cache_control={**MARK, "ttl": "2h"}))),
        "cache_control: Input should be",
    ),
    "manual thinking where it is gone": (
        says(HI, thinking={"type": "enabled", "budget_tokens": 1024}),
        '"thinking.type.enabled" is not supported',
    ),
    "an odd effort": (says(HI, output_config={"effort": "huge"}), "output_config.effort"),
    "a format of open objects": (
        says(
            HI,
            output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}},
        ),
        "additionalProperties",
    ),
    "an empty system": (says(HI, system=[text("")]), "system: text content blocks"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_a_wrong_request_is_refused(
    fake: FakeModels, claude: AsyncAnthropic, what: str
) -> None:
    told, words = WRONG[what]
    body = {"model": "claude-sonnet-5", "max_tokens": 100, **told}
    if body["max_tokens"] is None:
        del body["max_tokens"]
    with pytest.raises(anthropic.BadRequestError) as raised:
        await claude.post("/v1/messages", cast_to=object, body=body)
    assert words in raised.value.body["error"]["message"]
    assert raised.value.body["type"] == "error"
    assert raised.value.body["error"]["type"] == "invalid_request_error"
    assert raised.value.request_id == raised.value.body["request_id"]
    assert fake.counts()["total"]["served"] == 0
    assert fake.counts()["total"]["refused_400"] == 1


async def test_what_is_right_is_taken(claude: AsyncAnthropic) -> None:
    turns = [
        user(text("hi", cache_control=MARK), image("image/png")),
        model(text(), USE),
        user(RESULT, text()),
        HI,
    ]
    await claude.messages.create(
        model="claude-opus-5",
        max_tokens=100,
        messages=turns,
        tools=[{**TOOL, "cache_control": {**MARK, "ttl": "1h"}}],
        system=[text(cache_control=MARK)],
    )


async def test_prompts_too_long_and_models_unknown_are_refused(
    fake: FakeModels, claude: AsyncAnthropic
) -> None:
    fake.script(models={"tiny": {"vendor": "anthropic", "window": 10}})
    long = [{"role": "user", "content": "x" * 400}]
    with pytest.raises(anthropic.BadRequestError, match=r"prompt is too long: \d+ tokens > 10 max"):
        await claude.messages.create(model="tiny", max_tokens=5, messages=long)
    with pytest.raises(anthropic.NotFoundError, match="model: gpt-5") as raised:
        await claude.messages.create(model="gpt-5", max_tokens=5, messages=long)
    assert raised.value.body["error"]["type"] == "not_found_error"


async def test_old_models_and_versions_have_their_own_rules(fake: FakeModels) -> None:
    old = {"anthropic-version": "2023-06-01"}
    told: dict[str, Any] = {"max_tokens": 2000, "messages": [HI]}
    async with AsyncAnthropic(
        api_key=KEY, base_url=fake.anthropic, max_retries=0, default_headers=old
    ) as client:

        async def send(**body: Any) -> None:
            await client.post("/v1/messages", cast_to=object, body={**told, **body})

        await send(model="claude-haiku-4-5", temperature=0.3)
        await send(model="claude-haiku-4-5", messages=[HI, model(text("a"))])
        with pytest.raises(anthropic.BadRequestError, match="`temperature` is deprecated"):
            await send(model="claude-sonnet-5", temperature=0.3)
        thinks = {"type": "enabled", "budget_tokens": 1024}
        with pytest.raises(anthropic.BadRequestError, match=r"greater than `thinking\.budget"):
            await send(model="claude-haiku-4-5", thinking=thinks, max_tokens=1024)
        with pytest.raises(anthropic.BadRequestError, match="Expected `thinking`"):
            await send(
                model="claude-haiku-4-5", thinking=thinks, messages=[HI, model(USE), user(RESULT)]
            )


async def test_thinking_before_a_tool_call_comes_back_unchanged(claude: AsyncAnthropic) -> None:
    said = user(text("[[task 1: think hm; tool read {}]]"))
    call: dict[str, Any] = {"model": "claude-sonnet-5", "max_tokens": 100, "tools": [TOOL]}
    first = await claude.messages.create(messages=[said], **call)
    thought, use = first.content
    result = user({**RESULT, "tool_use_id": use.id})
    await claude.messages.create(messages=[said, model(thought, use), result], **call)
    with pytest.raises(anthropic.BadRequestError, match="cannot be modified"):
        await claude.messages.create(messages=[said, model(use), result], **call)
    altered = thought.model_copy(update={"thinking": "hm!"})
    with pytest.raises(anthropic.BadRequestError, match="Invalid `signature`"):
        await claude.messages.create(messages=[said, model(altered, use), result], **call)


async def test_keys_and_headers_are_checked(fake: FakeModels) -> None:
    async with AsyncAnthropic(api_key="wrong", base_url=fake.anthropic, max_retries=0) as client:
        with pytest.raises(anthropic.AuthenticationError) as raised:
            await client.messages.create(model="claude-sonnet-5", max_tokens=9, messages=[HI])
        assert raised.value.body["error"]["type"] == "authentication_error"
    async with aiohttp.ClientSession() as session:
        headers = {"x-api-key": KEY}
        async with session.post(f"{fake.url}/v1/messages", json={}, headers=headers) as answer:
            assert answer.status == 400
            assert "anthropic-version: header is required" in await answer.text()
        headers["anthropic-version"] = "2026-10-21"
        async with session.post(f"{fake.url}/v1/messages", data=b"{", headers=headers) as answer:
            assert answer.status == 400
        del headers["x-api-key"]
        async with session.post(f"{fake.url}/v1/messages", json={}, headers=headers) as answer:
            assert answer.status == 401
