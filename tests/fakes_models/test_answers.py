"""Every shape of answer, over all three wires, streamed and whole, through the vendors' SDKs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic import AsyncAnthropic, BadRequestError
from openai import AsyncOpenAI

from tests.fakes.models import KEY, FakeModels

USED = '[[task 17: think hm hm; say hello there; tool read {"path": "a"} => say done it]]'
READ = {"name": "read", "description": "Reads.", "input_schema": {"type": "object"}}
SHAPE = {
    "type": "object",
    "properties": {"n": {"type": "integer"}, "who": {"enum": ["bee", "wasp"]}},
    "required": ["n", "who"],
    "additionalProperties": False,
}


def asked(text: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": text}]
    return {"model": "claude-sonnet-5", "max_tokens": 200, "messages": messages, **more}


async def test_messages_come_the_same_streamed_and_whole(claude: AsyncAnthropic) -> None:
    thinks = {"type": "adaptive", "display": "summarized"}
    call = asked(USED, tools=[READ], thinking=thinks)
    whole = await claude.messages.create(**call)
    kinds = list[str]()
    async with claude.messages.stream(**call) as stream:
        async for event in stream:
            kinds.append(event.type)
        streamed = await stream.get_final_message()
    for answer in (whole, streamed):
        thought, text, use = answer.content
        assert (thought.type, thought.thinking) == ("thinking", "hm hm")
        assert thought.signature
        assert (text.type, text.text) == ("text", "hello there")
        assert (use.type, use.name, use.input) == ("tool_use", "read", {"path": "a"})
        assert answer.stop_reason == "tool_use"
        assert answer.usage.output_tokens == 2 + 3 + 1 + 4
        assert answer.usage.output_tokens_details.thinking_tokens == 2
    assert streamed.usage.input_tokens == whole.usage.input_tokens
    assert {"message_start", "content_block_start", "content_block_delta"} < set(kinds)
    assert {"content_block_stop", "message_delta", "message_stop", "signature"} < set(kinds)
    turns = [
        *call["messages"],
        {"role": "assistant", "content": whole.content},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": whole.content[2].id, "content": "x"}
            ],
        },
    ]
    after = await claude.messages.create(**{**call, "messages": turns})
    assert (after.content[0].text, after.stop_reason) == ("done it", "end_turn")


async def test_chat_comes_the_same_streamed_and_whole(gpt: AsyncOpenAI) -> None:
    call: dict[str, Any] = {
        "model": "gpt-5-mini",
        "messages": [{"role": "user", "content": USED}],
    }
    whole = await gpt.chat.completions.create(**call)
    options = {"include_usage": True}
    async with gpt.chat.completions.stream(**call, stream_options=options) as stream:
        streamed = await stream.get_final_completion()
    for answer in (whole, streamed):
        (choice,) = answer.choices
        assert (choice.finish_reason, choice.message.content) == ("tool_calls", "hello there")
        (use,) = choice.message.tool_calls
        assert (use.function.name, json.loads(use.function.arguments)) == ("read", {"path": "a"})
        assert answer.model == "gpt-5-mini-2025-08-07"
        assert answer.usage.completion_tokens == 10
        assert answer.usage.completion_tokens_details.reasoning_tokens == 2
    turns = [
        *call["messages"],
        whole.choices[0].message.model_dump(exclude_none=True, exclude={"annotations"}),
        {"role": "tool", "tool_call_id": use.id, "content": "x"},
    ]
    turns[2]["tool_call_id"] = whole.choices[0].message.tool_calls[0].id
    after = await gpt.chat.completions.create(model="gpt-5-mini", messages=turns)
    assert (after.choices[0].message.content, after.choices[0].finish_reason) == ("done it", "stop")


async def test_chat_streams_no_usage_unasked(gpt: AsyncOpenAI) -> None:
    stream = await gpt.chat.completions.create(
        model="gpt-5-mini", messages=[{"role": "user", "content": "hi"}], stream=True
    )
    assert [chunk.usage async for chunk in stream if chunk.usage] == []


async def test_responses_come_the_same_streamed_and_whole(gpt: AsyncOpenAI) -> None:
    call: dict[str, Any] = {
        "model": "gpt-5.6-luna",
        "reasoning": {"summary": "auto"},
        "include": ["reasoning.encrypted_content"],
        "store": False,
    }
    whole = await gpt.responses.create(input=USED, **call)
    kinds = list[str]()
    async with gpt.responses.stream(input=USED, **call) as stream:
        async for event in stream:
            kinds.append(event.type)
        streamed = await stream.get_final_response()
    for answer in (whole, streamed):
        thought, said, use = answer.output
        assert (thought.type, thought.summary[0].text) == ("reasoning", "hm hm")
        assert (said.type, said.content[0].text) == ("message", "hello there")
        assert (use.type, use.name, use.arguments) == ("function_call", "read", '{"path": "a"}')
        assert answer.status == "completed"
        assert answer.usage.output_tokens_details.reasoning_tokens == 2
    for kind in (
        *("created", "in_progress", "output_item.added", "output_item.done", "completed"),
        *("content_part.added", "output_text.delta", "output_text.done", "content_part.done"),
        *("reasoning_summary_part.added", "reasoning_summary_text.delta"),
        *("reasoning_summary_text.done", "reasoning_summary_part.done"),
        *("function_call_arguments.delta", "function_call_arguments.done"),
    ):
        assert f"response.{kind}" in kinds
    items = [
        {"role": "user", "content": USED},
        *(item.model_dump(exclude_none=True, by_alias=True) for item in whole.output),
        {"type": "function_call_output", "call_id": whole.output[2].call_id, "output": "x"},
    ]
    after = await gpt.responses.create(input=items, **call)
    assert after.output_text == "done it"


async def test_a_stored_response_is_gone_on_from(gpt: AsyncOpenAI) -> None:
    first = await gpt.responses.create(model="gpt-5", input=USED)
    result = {"type": "function_call_output", "call_id": first.output[2].call_id, "output": "x"}
    more = await gpt.responses.create(model="gpt-5", input=[result], previous_response_id=first.id)
    assert more.usage.input_tokens > first.usage.input_tokens


async def test_declining_and_running_out_are_told_apart(
    claude: AsyncAnthropic, gpt: AsyncOpenAI
) -> None:
    declined = await claude.messages.create(**asked("[[task 1: refuse I will not]]"))
    assert declined.stop_reason == "refusal"
    assert declined.stop_details.explanation == "I will not"
    short = await claude.messages.create(**asked("[[task 1: say abcdefghij]]", max_tokens=2))
    assert (short.stop_reason, short.content[0].text) == ("max_tokens", "abcdefgh")
    assert short.usage.output_tokens == 2
    said = [{"role": "user", "content": "[[task 1: refuse I will not]]"}]
    chat = await gpt.chat.completions.create(model="gpt-5", messages=said)
    assert chat.choices[0].message.refusal == "I will not"
    assert chat.choices[0].message.content is None
    response = await gpt.responses.create(model="gpt-5", input=said)
    assert response.output[0].content[0].refusal == "I will not"
    long = f"[[task 1: say {'a' * 100}]]"
    cut = await gpt.responses.create(model="gpt-5", input=long, max_output_tokens=16)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    async with gpt.responses.stream(model="gpt-5", input=said) as stream:
        assert "response.refusal.done" in [event.type async for event in stream]


async def test_a_schema_asked_for_is_obeyed(claude: AsyncAnthropic, gpt: AsyncOpenAI) -> None:
    config = {"format": {"type": "json_schema", "schema": SHAPE}}
    answer = await claude.messages.create(**asked("[[task 1: obey]]", output_config=config))
    assert json.loads(answer.content[0].text) == {"n": 1, "who": "bee"}
    shape = {"name": "s", "schema": SHAPE, "strict": True}
    chat = await gpt.chat.completions.create(
        model="gpt-5",
        messages=[{"role": "user", "content": "anything"}],
        response_format={"type": "json_schema", "json_schema": shape},
    )
    assert json.loads(chat.choices[0].message.content) == {"n": 1, "who": "bee"}
    told = await gpt.responses.create(
        model="gpt-5", input="anything", text={"format": {"type": "json_schema", **shape}}
    )
    assert json.loads(told.output_text) == {"n": 1, "who": "bee"}


@pytest.mark.parametrize(
    ("words", "usage"),
    [("none", None), ("absurd", 10**15), ("zero", 0), ("null", None), ("words", "more")],
)
async def test_usage_may_be_a_lie(
    fake: FakeModels, gpt: AsyncOpenAI, claude: AsyncAnthropic, words: str, usage: object
) -> None:
    text = f"[[task 1: say hello; usage {words}]]"
    said = [{"role": "user", "content": text}]
    chat = await gpt.chat.completions.create(model="gpt-5", messages=said)
    assert (chat.usage and chat.usage.completion_tokens) == usage
    whole = await claude.messages.create(**asked(text))
    assert getattr(getattr(whole, "usage", None), "output_tokens", None) == usage
    assert fake.counts()["tasks"]["1"]["output"] == 4


async def test_nonsense_comes_as_it_is(claude: AsyncAnthropic, gpt: AsyncOpenAI) -> None:
    odd = await claude.messages.create(**asked("[[task 1: unknown hologram; say hi]]"))
    assert [block.type for block in odd.content] == ["hologram", "text"]
    empty = await claude.messages.create(**asked("[[task 1: empty]]"))
    assert empty.content == []
    raw = '[[task 1: tool read raw {"path": ]]'
    said = [{"role": "user", "content": raw}]
    chat = await gpt.chat.completions.create(model="gpt-5", messages=said)
    assert chat.choices[0].message.tool_calls[0].function.arguments == '{"path":'
    stream = await claude.messages.create(**asked(raw), stream=True)
    deltas = [event.delta for event in [e async for e in stream] if hasattr(event, "delta")]
    written = "".join(getattr(delta, "partial_json", "") for delta in deltas)
    assert written == '{"path":'
    response = await gpt.responses.create(model="gpt-5", input="[[task 1: unknown hologram]]")
    assert response.output[0].type == "hologram"
    for wrong in ("[[task 1: dance]]", "[[task 1: say x; usage odd]]", "[[task 1: say x"):
        with pytest.raises(BadRequestError, match="the fake was told wrong"):
            await claude.messages.create(**asked(wrong))
    stopped = await claude.messages.create(**asked("[[task 1: say x; stop bored]]"))
    assert stopped.stop_reason == "bored"


async def test_scripts_go_by_task_and_turn_and_queues_by_call(
    fake: FakeModels, gpt: AsyncOpenAI
) -> None:
    fake.script(
        tasks={"5": [{"text": "one"}, {"text": "two"}, {"again": True}]},
        queue=[{"text": "first"}, {"text": "second"}],
    )

    async def say(*texts: str) -> str | None:
        roles = ["user", "assistant"] * len(texts)
        messages: Any = [
            {"role": role, "content": text} for role, text in zip(roles, texts, strict=False)
        ]
        made = await gpt.chat.completions.create(model="gpt-5", messages=messages)
        return made.choices[0].message.content

    assert [await say("[[task 5]]"), await say("[[task 5]]")] == ["one", "one"]
    assert await say("[[task 5]]", "one", "go on") == "two"
    assert await say("[[task 5]]", "one", "go on", "two", "and on") == "two"
    assert [await say("x"), await say("x"), await say("x")][:2] == ["first", "second"]


async def test_models_and_tokens_are_listed_for_each_vendor(
    claude: AsyncAnthropic, gpt: AsyncOpenAI
) -> None:
    assert "claude-sonnet-5" in [one.id async for one in claude.models.list()]
    assert "gpt-5-mini" in [one.id async for one in gpt.models.list()]
    told = asked("hello")
    counted = await claude.messages.count_tokens(model=told["model"], messages=told["messages"])
    answer = await claude.messages.create(**told)
    assert counted.input_tokens == answer.usage.input_tokens
    assert answer.model == "claude-sonnet-5"


async def test_a_local_server_asks_no_key_and_shows_its_reasoning(fake: FakeModels) -> None:
    fake.script(keys=None, models={"tiny": {"vendor": "openai", "shows": True, "sampling": True}})
    async with AsyncOpenAI(api_key="none", base_url=fake.openai, max_retries=0) as client:
        said = [{"role": "user", "content": "[[task 1: think hm; say yes]]"}]
        chat = await client.chat.completions.create(model="tiny", messages=said, temperature=0.2)
    assert chat.choices[0].message.model_extra["reasoning_content"] == "hm"
    assert KEY not in repr(fake.service.requests)
