"""Reading the answers of chat completions, whole or in pieces."""

from __future__ import annotations

from typing import Any

from swarm_core.providers.failures import Caller
from swarm_core.providers.model import (
    Chunk,
    Completion,
    OnChunk,
    Part,
    Prompt,
    Reasoning,
    Stop,
    Text,
    ToolUse,
    Unknown,
    Usage,
)
from swarm_core.providers.reading import thing, things, tool_use, usage, words

_THOUGHTS = ("reasoning_content", "reasoning")
"""Where servers put what the model thought: vLLM, llama.cpp and DeepSeek in the one, Ollama, LM
Studio and OpenRouter in the other."""
_STOPS: dict[str, Stop] = {
    "stop": "end",
    "eos": "end",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "length": "max_output",
    "content_filter": "declined",
}


class Gathered:
    """A completion put together from its stream, in the shape it has when it is not streamed."""

    def __init__(self, caller: Caller, model: str, on_chunk: OnChunk | None) -> None:
        self.ended = False
        self._caller = caller
        self._model = model
        self._tell = on_chunk or (lambda _: None)
        self._whole: dict[str, Any] = {}
        self._message: dict[str, Any] = {}
        self._calls: list[dict[str, Any]] = []

    @property
    def answer(self) -> dict[str, Any]:
        message = {**self._message, "tool_calls": self._calls}
        finish = self._whole.get("finish_reason")
        return {**self._whole, "choices": [{"message": message, "finish_reason": finish}]}

    def take(self, event: object) -> None:
        """Add `event`. Raises what an error event means."""
        chunk = thing(event)
        if chunk.get("error") or chunk.get("object") == "error":
            raise self._caller.broke(self._model, chunk, served=bool(self._whole))
        for key in ("model", "usage", "id"):
            if chunk.get(key):
                self._whole[key] = chunk[key]
        for choice in things(chunk.get("choices"))[:1]:
            # Whole messages come from servers that cannot stream, or not with tools.
            self._grow(thing(choice.get("delta")) or thing(choice.get("message")))
            if choice.get("finish_reason"):
                self._whole["finish_reason"] = choice["finish_reason"]
                self.ended = True

    def _grow(self, delta: dict[str, Any]) -> None:
        for key in ("content", "refusal", *_THOUGHTS):
            text = _text(delta.get(key))
            if text:
                self._message[key] = self._message.get(key, "") + text
                self._tell(Chunk("reasoning" if key in _THOUGHTS else "text", text))
        for call in things(delta.get("tool_calls")):
            self._called(call)

    def _called(self, piece: dict[str, Any]) -> None:
        """Add a piece of a call to the one of its index, or of its id, or to the last one."""
        at, id_ = piece.get("index"), words(piece.get("id"))
        same = [
            call
            for call in self._calls
            if (call["index"] == at or at is None) and (not id_ or call["id"] in ("", id_))
        ]
        named = words(thing(piece.get("function")).get("name"))
        whole = isinstance(thing(piece.get("function")).get("arguments"), dict)
        if not same or (at is None and not id_ and named and (whole or same[-1]["whole"])):
            fresh = {"index": at, "id": id_, "whole": whole, "function": {"name": ""}}
            self._calls.append(fresh)
            same = [fresh]
        call = same[-1]
        call["id"] = call["id"] or id_
        function = call["function"]
        if named and function["name"] != named:
            function["name"] += named
        given = thing(piece.get("function")).get("arguments")
        if isinstance(given, str):
            before = function.get("arguments")
            function["arguments"] = (before if isinstance(before, str) else "") + given
        elif given is not None:
            function["arguments"] = given


def completion(answer: dict[str, Any], prompt: Prompt) -> Completion:
    """What `answer` says; there is one choice."""
    choice = things(answer.get("choices"))[0]
    message = thing(choice.get("message"))
    parts = _parts(message, prompt)
    stop = _STOPS.get(words(choice.get("finish_reason")), "unknown")
    if message.get("refusal"):
        stop = "declined"
    elif stop == "end" and any(isinstance(part, ToolUse) for part in parts):
        # Some say "stop" whatever came before.
        stop = "tool_use"
    return Completion(
        parts=tuple(part for part in parts if part != Text("")),
        stop=stop,
        model=words(answer.get("model")) or prompt.model,
        usage=_usage(thing(answer.get("usage"))),
    )


def _parts(message: dict[str, Any], prompt: Prompt) -> list[Part]:
    parts: list[Part] = []
    for field in _THOUGHTS:
        thought = _text(message.get(field))
        if thought:
            opaque = {"wire": "chat", "field": field}
            parts.append(Reasoning(text=thought, model=prompt.model, opaque=opaque))
            break
    content = message.get("content")
    parts.append(Text(_text(content)))
    parts += [
        Unknown(kind=words(one.get("type")))
        for one in things(content)
        if one.get("type") not in ("text", "output_text")
    ]
    parts.append(Text(_text(message.get("refusal"))))
    earlier = sum(isinstance(part, ToolUse) for turn in prompt.messages for part in turn.parts)
    for n, call in enumerate(things(message.get("tool_calls")), earlier + 1):
        # An id of our own, where there is none, is the same for the same conversation.
        function = thing(call.get("function"))
        if not function:
            parts.append(Unknown(kind=words(call.get("type"))))
            continue
        given = function.get("arguments")
        named = words(call.get("id")) or f"call_{n}"
        parts.append(tool_use(named, function.get("name"), {} if given is None else given))
    return parts


def _text(content: object) -> str:
    """A text, or the texts of a list of parts."""
    if isinstance(content, list):
        return "".join(
            words(one.get("text"))
            for one in things(content)
            if one.get("type") in ("text", "output_text")
        )
    return words(content)


def _usage(told: dict[str, Any]) -> Usage | None:
    took = thing(told.get("prompt_tokens_details"))
    return usage(
        input=told.get("prompt_tokens"),
        output=told.get("completion_tokens"),
        cached=took.get("cached_tokens"),
        written=took.get("cache_write_tokens"),
        reasoning=thing(told.get("completion_tokens_details")).get("reasoning_tokens"),
    )
