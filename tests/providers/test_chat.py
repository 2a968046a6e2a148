"""Servers that are compatible, each in its own way."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from swarm_core.kernel.errors import AnswerLost, ProviderBusy
from swarm_core.providers.chat_answer import Gathered, completion
from swarm_core.providers.failures import Caller
from swarm_core.providers.model import Completion, Message, Text, ToolUse, Usage
from tests.providers.benches import ask, reach

CALLER = Caller(provider="local", variable="", key=None)


def whole(message: dict[str, Any], finish: str = "stop", **more: Any) -> Completion:
    answer = {"choices": [{"message": message, "finish_reason": finish}], **more}
    return completion(answer, ask("m-1"))


def streamed(*deltas: dict[str, Any], finish: str = "tool_calls") -> Completion:
    gathered = Gathered(CALLER, "m-1", None)
    for delta in deltas:
        gathered.take({"choices": [{"delta": delta}]})
    gathered.take({"choices": [{"delta": {}, "finish_reason": finish}]})
    assert gathered.ended
    return completion(gathered.answer, ask("m-1"))


def call(**more: Any) -> dict[str, Any]:
    function = {key: more.pop(key) for key in ("name", "arguments") if key in more}
    return {"tool_calls": [{**more, "function": function}]}


def test_arguments_may_be_an_object_and_ids_absent() -> None:
    answer = whole({"content": None, **call(name="read", arguments={"path": "a"})})
    assert answer.tool_uses == (ToolUse(id="call_1", name="read", arguments={"path": "a"}),)
    assert answer.stop == "tool_use"
    assert answer.usage is None


def test_an_id_of_ours_is_new_in_the_conversation() -> None:
    before = Message("assistant", (ToolUse(id="call_1", name="read", arguments={}),))
    message = call(name="read", arguments="{}")
    answer = completion({"choices": [{"message": message}]}, ask("m-1", before))
    assert answer.tool_uses[0].id == "call_2"


@pytest.mark.parametrize(
    "deltas",
    [
        (
            call(index=0, id="a", name="read", arguments=""),
            call(index=0, arguments='{"path":'),
            call(index=0, arguments=' "x"}'),
            call(index=1, id="b", name="list", arguments="{}"),
        ),
        # no index
        (
            call(id="a", name="read", arguments='{"path": "x"}'),
            call(id="b", name="list", arguments="{}"),
        ),
        # one index for all
        (
            call(index=0, id="a", name="read", arguments='{"path": "x"}'),
            call(index=0, id="b", name="list", arguments="{}"),
        ),
        # objects
        (
            call(index=0, id="a", name="read", arguments={"path": "x"}),
            call(index=1, id="b", name="list"),
        ),
    ],
)
def test_calls_come_in_pieces_however_they_are_numbered(deltas: tuple[dict[str, Any], ...]) -> None:
    assert streamed(*deltas).tool_uses == (
        ToolUse(id="a", name="read", arguments={"path": "x"}),
        ToolUse(id="b", name="list", arguments={}),
    )


def test_calls_without_number_and_id_are_told_apart() -> None:
    answer = streamed(
        call(name="read", arguments={"path": "x"}), call(name="read", arguments={"path": "y"})
    )
    assert [use.arguments for use in answer.tool_uses] == [{"path": "x"}, {"path": "y"}]
    assert [use.id for use in answer.tool_uses] == ["call_1", "call_2"]


def test_content_may_be_a_list_and_reasoning_is_kept_apart() -> None:
    answer = whole({"content": [{"type": "text", "text": "hi"}], "reasoning_content": "hm"})
    assert answer.text == "hi"
    assert answer.parts[0].opaque == {"wire": "chat", "field": "reasoning_content"}  # type: ignore[union-attr]


def test_usage_is_read_when_it_is_there() -> None:
    told = {"prompt_tokens": 5, "completion_tokens": 3, "prompt_tokens_details": None}
    assert whole({"content": "x"}, usage=told).usage == Usage(input=5, output=3)
    assert (
        whole({"content": "x"}, usage={"prompt_tokens": -5, "completion_tokens": 3}).usage is None
    )


@pytest.mark.parametrize("finish", ["length", "content_filter", "whatever"])
def test_why_it_stopped(finish: str) -> None:
    stops = {"length": "max_output", "content_filter": "declined", "whatever": "unknown"}
    assert whole({"content": "x"}, finish).stop == stops[finish]


async def serve(answer: Any) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


async def test_a_server_that_does_not_know_an_option_is_asked_without_it_next_time() -> None:
    asked: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(await request.json())
        if "stream_options" in asked[-1]:
            problem = {"error": {"message": "Unrecognized request argument: stream_options"}}
            return web.json_response(problem, status=400)
        # It does not stream either.
        told = {"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}
        return web.json_response(told)

    runner, url = await serve(answer)
    provider = reach("chat", url, key=None)
    with pytest.raises(ProviderBusy):
        await provider.complete(ask("m-1"), on_chunk=lambda _: None)
    said = await provider.complete(ask("m-1"), on_chunk=lambda _: None)
    assert said.parts == (Text("hi"),)
    assert len(asked) == 2
    await provider.close()
    await runner.cleanup()


async def test_an_error_under_a_good_status_is_one() -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(0)
        return web.Response(text=json.dumps({"error": {"message": "upstream died"}}))

    runner, url = await serve(answer)
    provider = reach("chat", url, key=None)
    with pytest.raises(AnswerLost, match="upstream died"):
        await provider.complete(ask("m-1"))
    await provider.close()
    await runner.cleanup()
