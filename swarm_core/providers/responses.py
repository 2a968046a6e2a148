"""OpenAI's Responses, https://developers.openai.com/api/docs/api-reference/responses.

Nothing is stored there: the conversation is sent with each call, and what the model thought goes
back encrypted.
"""

from __future__ import annotations

from typing import Any

from swarm_core.kernel.errors import ProviderRejected
from swarm_core.providers.failures import Caller
from swarm_core.providers.model import (
    Capabilities,
    Chunk,
    Completion,
    Image,
    Message,
    OnChunk,
    Part,
    Prompt,
    Reasoning,
    Stop,
    Text,
    ToolResult,
    ToolUse,
    Unknown,
    Usage,
)
from swarm_core.providers.openai import listed, open_openai
from swarm_core.providers.reading import thing, things, tool_use, usage, words
from swarm_core.providers.speech import Heard, Recording, transcribe
from swarm_core.providers.turns import closed, is_strict, json_text, turns, written
from swarm_core.providers.wire import STREAM_ABOVE, Timeouts, Wire

_WIRE = "responses"
_TEXT = {"response.output_text.delta", "response.refusal.delta"}
_THOUGHT = {"response.reasoning_summary_text.delta", "response.reasoning_text.delta"}


class Responses:
    """A provider that speaks Responses."""

    capabilities = Capabilities(formats=True)

    def __init__(self, caller: Caller, base_url: str, timeouts: Timeouts) -> None:
        self._wire = Wire(caller, lambda key: open_openai(key, base_url, timeouts))

    @property
    def name(self) -> str:
        return self._wire.caller.provider

    async def complete(self, prompt: Prompt, *, on_chunk: OnChunk | None = None) -> Completion:
        asked, model = request(prompt), prompt.model
        if on_chunk is None and prompt.max_output <= STREAM_ABOVE:
            answer = await self._wire.whole("/responses", asked, model=model)
        else:
            answer = await self._streamed({**asked, "stream": True}, model, on_chunk)
        response = thing(answer)
        if response.get("status") not in ("completed", "incomplete"):
            error = response.get("error") or {"message": "the answer is no response"}
            served = bool(things(response.get("output")))
            raise self._wire.caller.broke(model, {"error": error}, served=served)
        return completion(response, model)

    async def _streamed(
        self, asked: dict[str, Any], model: str, on_chunk: OnChunk | None
    ) -> dict[str, Any]:
        gathered = Gathered(self._wire.caller, model, on_chunk)
        async with self._wire.events("/responses", asked, model=model) as events:
            async for event in events:
                if gathered.take(thing(event)):
                    return gathered.response
        raise self._wire.caller.lost(model, "the stream was cut")

    async def count(self, prompt: Prompt) -> int:
        raise ProviderRejected(provider=self.name, problem=f"it counts no tokens ({prompt.model})")

    async def models(self) -> tuple[str, ...]:
        return listed(await self._wire.whole("/models", None))

    async def transcribe(self, recording: Recording) -> Heard:
        """See `Transcriber`."""
        return await transcribe(self._wire, recording)

    async def close(self) -> None:
        await self._wire.close()


def request(prompt: Prompt) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": prompt.model,
        "input": [item for turn in turns(prompt, _WIRE) for item in _items(turn)],
        "max_output_tokens": prompt.max_output,
        "store": False,
    }
    system = "\n\n".join(block.text for block in prompt.system if block.text.strip())
    if system:
        body["instructions"] = system
    if prompt.tools:
        body["tools"] = [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.schema,
                "strict": False,
            }
            for tool in prompt.tools
        ]
    if prompt.format:
        schema = closed(prompt.format.schema)
        form = {"type": "json_schema", "name": prompt.format.name, "schema": schema}
        body["text"] = {"format": {**form, "strict": is_strict(schema)}}
    if prompt.effort:
        body["reasoning"] = {"effort": prompt.effort}
        if prompt.effort != "none":
            # It comes by itself from models that reason; others refuse the request for it.
            body["include"] = ["reasoning.encrypted_content"]
    return body


def _items(turn: Message) -> list[dict[str, Any]]:
    """A turn as items: what it says and shows stays together, between calls, results and
    reasoning."""
    items: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    for part in turn.parts:
        content = _content(part, turn.role)
        if content:
            if not shown:
                items.append({"role": turn.role, "content": shown})
            shown.append(content)
        else:
            items.append(_item(part))
            shown = []
    return items


def _content(part: Part, role: str) -> dict[str, Any] | None:
    match part:
        case Text():
            kind = "input_text" if role == "user" else "output_text"
            return {"type": kind, "text": part.text}
        case Image():
            url = f"data:{part.media_type};base64,{part.data}"
            return {"type": "input_image", "image_url": url, "detail": "auto"}
        case _:
            return None


def _item(part: Part) -> dict[str, Any]:
    match part:
        case ToolUse():
            call = {"type": "function_call", "call_id": part.id, "name": part.name}
            return {**call, "arguments": json_text(written(part))}
        case ToolResult():
            return {"type": "function_call_output", "call_id": part.id, "output": part.text}
        case Reasoning():
            return {**thing(part.opaque.get("item"))}
        case _:
            raise AssertionError(f"{type(part).__name__} is no item")


class Gathered:
    """A response put together from its stream: the last event has it whole."""

    def __init__(self, caller: Caller, model: str, on_chunk: OnChunk | None) -> None:
        self.response: dict[str, Any] = {}
        self._caller = caller
        self._model = model
        self._tell = on_chunk or (lambda _: None)
        self._items: list[Any] = []
        self._served = False

    def take(self, event: dict[str, Any]) -> bool:
        """Whether the response is whole with `event`. Raises what an error event means."""
        kind = words(event.get("type"))
        if kind in _TEXT:
            self._tell(Chunk("text", words(event.get("delta"))))
        elif kind in _THOUGHT:
            self._tell(Chunk("reasoning", words(event.get("delta"))))
        elif kind == "response.output_item.done":
            self._items.append(event.get("item"))
        elif kind in ("response.completed", "response.incomplete"):
            self.response = {**thing(event.get("response"))}
            if not self.response.get("output"):
                self.response["output"] = self._items
            return True
        elif kind == "response.failed":
            told = {"error": thing(event.get("response")).get("error")}
            raise self._caller.broke(self._model, told, served=self._served)
        elif kind == "error":
            raise self._caller.broke(self._model, event, served=self._served)
        self._served = self._served or kind.startswith(("response.output", "response.reasoning"))
        return False


def completion(response: dict[str, Any], model: str) -> Completion:
    """What `response` says, an answer of `model`."""
    parts: list[Part] = []
    declined = False
    for item in things(response.get("output")):
        if item.get("type") == "message":
            for content in things(item.get("content")):
                declined = declined or content.get("type") == "refusal"
                parts.append(_said(content))
        else:
            parts.append(_part(item, model))
    return Completion(
        parts=tuple(part for part in parts if part != Text("")),
        stop="declined" if declined else _stop(response, parts),
        model=words(response.get("model")) or model,
        usage=_usage(thing(response.get("usage"))),
    )


def _said(content: dict[str, Any]) -> Part:
    kind = words(content.get("type"))
    if kind in ("output_text", "refusal"):
        return Text(words(content.get("text")) or words(content.get("refusal")))
    return Unknown(kind=kind)


def _part(item: dict[str, Any], model: str) -> Part:
    kind = words(item.get("type"))
    if kind == "function_call":
        return tool_use(words(item.get("call_id")), item.get("name"), item.get("arguments"))
    if kind != "reasoning":
        return Unknown(kind=kind)
    told = things(item.get("summary")) or things(item.get("content"))
    text = "\n\n".join(words(one.get("text")) for one in told)
    if not item.get("encrypted_content"):
        # Without it the item is a reference into a store in which it is not.
        return Reasoning(text=text, model=model)
    kept = {key: item[key] for key in ("type", "id", "summary", "encrypted_content") if key in item}
    return Reasoning(text=text, model=model, opaque={"wire": _WIRE, "item": kept})


def _stop(response: dict[str, Any], parts: list[Part]) -> Stop:
    if response.get("status") == "incomplete":
        reason = thing(response.get("incomplete_details")).get("reason")
        known: dict[object, Stop] = {
            "max_output_tokens": "max_output",
            "content_filter": "declined",
        }
        return known.get(reason, "unknown")
    return "tool_use" if any(isinstance(part, ToolUse) for part in parts) else "end"


def _usage(told: dict[str, Any]) -> Usage | None:
    took = thing(told.get("input_tokens_details"))
    return usage(
        input=told.get("input_tokens"),
        output=told.get("output_tokens"),
        cached=took.get("cached_tokens"),
        written=took.get("cache_write_tokens"),
        reasoning=thing(told.get("output_tokens_details")).get("reasoning_tokens"),
    )
