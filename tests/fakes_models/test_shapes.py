"""What goes over the wire is of the SDKs' own types, checked strictly: the SDKs themselves let
anything through."""

from __future__ import annotations

import functools
import json
from typing import Any

import aiohttp
import pytest
from anthropic.types import Message, RawMessageStreamEvent
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from tests.fakes.models import KEY, FakeModels

TEXTS = (
    '[[task 1: think hm; say hello there, you; tool read {"path": "a"}; tool read {}]]',
    "[[task 1: refuse no]]",
    "[[task 1: say hello; stop max_output]]",
    "[[task 1: empty]]",
    "plain",
)
HEADERS = {"x-api-key": KEY, "anthropic-version": "2026-10-21", "authorization": f"Bearer {KEY}"}


@functools.cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


async def sent(fake: FakeModels, path: str, body: dict[str, Any]) -> str:
    headers = {k: v for k, v in HEADERS.items() if "messages" in path or k == "authorization"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{fake.url}/v1/{path}", json=body) as answer,
    ):
        assert answer.status == 200, await answer.text()
        return await answer.text()


def events(body: str) -> list[tuple[str, Any]]:
    found = list[tuple[str, Any]]()
    for block in body.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        data = lines["data"]
        found.append((lines.get("event", ""), data if data == "[DONE]" else json.loads(data)))
    return found


@pytest.mark.parametrize("text", TEXTS)
async def test_messages(fake: FakeModels, text: str) -> None:
    body = {
        "model": "claude-sonnet-5",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": text}],
        "thinking": {"type": "adaptive", "display": "summarized"},
    }
    Message.model_validate_json(await sent(fake, "messages", body), strict=True)
    stream = events(await sent(fake, "messages", {**body, "stream": True}))
    assert all(name == data["type"] for name, data in stream)
    for _, data in stream:
        if data["type"] != "ping":
            adapter(RawMessageStreamEvent).validate_python(data)


@pytest.mark.parametrize("text", TEXTS)
async def test_chat(fake: FakeModels, text: str) -> None:
    body = {"model": "gpt-5.6-luna", "messages": [{"role": "user", "content": text}]}
    ChatCompletion.model_validate_json(await sent(fake, "chat/completions", body), strict=True)
    more = {"stream": True, "stream_options": {"include_usage": True}}
    stream = events(await sent(fake, "chat/completions", {**body, **more}))
    assert stream.pop() == ("", "[DONE]")
    for _, data in stream:
        ChatCompletionChunk.model_validate(data)
    assert (stream[-1][1]["choices"], bool(stream[-1][1]["usage"])) == ([], True)


@pytest.mark.parametrize("text", TEXTS)
async def test_responses(fake: FakeModels, text: str) -> None:
    body = {
        "model": "gpt-5.6-luna",
        "input": text,
        "reasoning": {"summary": "auto"},
        "include": ["reasoning.encrypted_content"],
    }
    Response.model_validate_json(await sent(fake, "responses", body))
    stream = events(await sent(fake, "responses", {**body, "stream": True}))
    for number, (name, data) in enumerate(stream):
        assert (name, data["sequence_number"]) == (data["type"], number)
        adapter(ResponseStreamEvent).validate_python(data)
