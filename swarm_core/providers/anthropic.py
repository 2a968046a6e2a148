"""Anthropic's Messages, https://platform.claude.com/docs/en/api/messages (version 2026-10-21)."""

from __future__ import annotations

from typing import Any

from swarm_core.providers.failures import Caller
from swarm_core.providers.model import (
    Block,
    Capabilities,
    Chunk,
    Completion,
    Image,
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
from swarm_core.providers.reading import thing, things, tool_use, usage, words
from swarm_core.providers.turns import closed, turns, written
from swarm_core.providers.wire import STREAM_ABOVE, Opened, Timeouts, Wire, tls

_WIRE = "anthropic"
_MARK = {"cache_control": {"type": "ephemeral"}}
_MOST_MARKS = 4
_STOPS: dict[str, Stop] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "tool_use",
    "max_tokens": "max_output",
    "model_context_window_exceeded": "max_output",
    "refusal": "declined",
}


class Anthropic:
    """A provider that speaks Messages."""

    capabilities = Capabilities(counts=True, caches=True, formats=True)

    def __init__(self, caller: Caller, base_url: str, timeouts: Timeouts) -> None:
        self._wire = Wire(caller, lambda key: _open(key, base_url, timeouts))

    @property
    def name(self) -> str:
        return self._wire.caller.provider

    async def complete(self, prompt: Prompt, *, on_chunk: OnChunk | None = None) -> Completion:
        asked = {**request(prompt), "max_tokens": prompt.max_output}
        path, model = "/v1/messages", prompt.model
        if on_chunk is None and prompt.max_output <= STREAM_ABOVE:
            answer = await self._wire.whole(path, asked, model=model)
        else:
            gathered = Gathered(self._wire.caller, model, on_chunk)
            async with self._wire.events(path, {**asked, "stream": True}, model=model) as events:
                async for event in events:
                    if gathered.take(thing(event)):
                        break
                else:
                    raise self._wire.caller.lost(model, "the stream was cut")
            answer = gathered.message
        if not isinstance(thing(answer).get("content"), list):
            raise self._wire.caller.lost(model, "the answer is no message")
        return completion(answer, model)

    async def count(self, prompt: Prompt) -> int:
        counted = await self._wire.whole(
            "/v1/messages/count_tokens", request(prompt), model=prompt.model
        )
        proven = usage(input=thing(counted).get("input_tokens"), output=0)
        if proven is None:
            raise self._wire.caller.lost(prompt.model, "the count is no number")
        return proven.input

    async def models(self) -> tuple[str, ...]:
        found: list[str] = []
        page = "/v1/models?limit=1000"
        while True:
            listed = thing(await self._wire.whole(page, None))
            found += [words(one.get("id")) for one in things(listed.get("data"))]
            last = words(listed.get("last_id"))
            if listed.get("has_more") is not True or not last or page.endswith(last):
                return tuple(filter(None, found))
            page = f"/v1/models?limit=1000&after_id={last}"

    async def close(self) -> None:
        await self._wire.close()


def _open(key: str, base_url: str, timeouts: Timeouts) -> Opened:
    import anthropic
    import httpx2

    timeout = httpx2.Timeout(
        connect=timeouts.connect, read=timeouts.read, write=timeouts.read, pool=None
    )
    client = anthropic.AsyncAnthropic(
        api_key=key,
        base_url=base_url,
        timeout=timeout,
        max_retries=0,
        open_telemetry=False,
        http_client=anthropic.DefaultAioHttpClient(
            verify=tls(), timeout=timeout, follow_redirects=False
        ),
    )
    return Opened(client, anthropic.APIStatusError)


def request(prompt: Prompt) -> dict[str, Any]:
    """What is asked, but for the bound of the answer: this much is counted, too."""
    messages = [
        {"role": turn.role, "content": [_content(part) for part in turn.parts]}
        for turn in turns(prompt, _WIRE)
    ]
    body: dict[str, Any] = {"model": prompt.model, "messages": messages}
    marks = any(block.cache for block in prompt.system)
    if prompt.tools:
        body["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.schema}
            for tool in prompt.tools
        ]
        if marks:
            # Tools stand before the system prompt, so this keeps them when only that changes.
            body["tools"][-1] |= _MARK
    system = _system(prompt.system, _MOST_MARKS - bool(prompt.tools))
    if system:
        body["system"] = system
    if prompt.grows:
        used = sum("cache_control" in one for one in (*system, *body.get("tools", ())))
        _mark_turns(messages, _MOST_MARKS - used)
    output: dict[str, Any] = {}
    if prompt.format:
        output["format"] = {"type": "json_schema", "schema": closed(prompt.format.schema)}
    if prompt.effort == "none":
        body["thinking"] = {"type": "disabled"}
    elif prompt.effort:
        body["thinking"] = {"type": "adaptive", "display": "summarized"}
        output["effort"] = prompt.effort
    if output:
        body["output_config"] = output
    return body


def _system(blocks: tuple[Block, ...], most: int) -> list[dict[str, Any]]:
    """The blocks that say something. Of more marks than there may be the last stay: they keep
    the longest prefixes."""
    kept = [block for block in blocks if block.text.strip()]
    marked = [n for n, block in enumerate(kept) if block.cache][-most:]
    return [
        {"type": "text", "text": block.text, **(_MARK if n in marked else {})}
        for n, block in enumerate(kept)
    ]


def _mark_turns(messages: list[dict[str, Any]], most: int) -> None:
    """Mark the end of the last turns of the user: of the last, so that the next call finds it
    there, and of the one before, where the last call left it: the vendor looks for what it has
    only 20 blocks back from a mark, and one turn may bring more results than that. Below the
    least length it keeps, which differs by model, a mark is ignored and costs nothing."""
    turned = [turn["content"] for turn in messages if turn["role"] == "user"]
    for content in turned[-min(2, most) :] if most > 0 else ():
        # Nothing that is empty may carry one.
        last = next((block for block in reversed(content) if block.get("content", "…")), None)
        if last:
            last |= _MARK


def _content(part: Part) -> dict[str, Any]:
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Image():
            source = {"type": "base64", "media_type": part.media_type, "data": part.data}
            return {"type": "image", "source": source}
        case ToolUse():
            use = {"type": "tool_use", "id": part.id, "name": part.name}
            return {**use, "input": written(part)}
        case ToolResult():
            result: dict[str, Any] = {"type": "tool_result", "tool_use_id": part.id}
            failed = {"is_error": True} if part.error else {}
            return {**result, "content": part.text, **failed}
        case Reasoning():
            return {**thing(part.opaque.get("block"))}
        case Unknown():
            raise AssertionError("turns() leaves unknown parts out")


class Gathered:
    """A message put together from its stream."""

    def __init__(self, caller: Caller, model: str, on_chunk: OnChunk | None) -> None:
        self.message: dict[str, Any] = {}
        self._caller = caller
        self._model = model
        self._tell = on_chunk or (lambda _: None)
        self._blocks: dict[object, dict[str, Any]] = {}

    def take(self, event: dict[str, Any]) -> bool:
        """Whether the message is whole with `event`. Raises what an error event means."""
        match event.get("type"):
            case "message_start":
                self.message = {**thing(event.get("message"))}
                # What stands there of the output is of its first token.
                started = {**thing(self.message.get("usage"))}
                started.pop("output_tokens", None)
                self.message["usage"] = started
            case "content_block_start":
                self._blocks[event.get("index")] = {**thing(event.get("content_block"))}
            case "content_block_delta":
                block = self._blocks.setdefault(event.get("index"), {"type": "unannounced"})
                self._grow(block, thing(event.get("delta")))
            case "message_delta":
                self.message |= thing(event.get("delta"))
                last = thing(event.get("usage"))
                known = {key: value for key, value in last.items() if value is not None}
                self.message["usage"] = thing(self.message.get("usage")) | known
            case "message_stop":
                self.message["content"] = list(self._blocks.values())
                return True
            case "error":
                served = bool(self.message)
                raise self._caller.broke(self._model, event, served=served)
        return False

    def _grow(self, block: dict[str, Any], delta: dict[str, Any]) -> None:
        match delta.get("type"):
            case "text_delta":
                text = words(delta.get("text"))
                block["text"] = words(block.get("text")) + text
                self._tell(Chunk("text", text))
            case "thinking_delta":
                thought = words(delta.get("thinking"))
                block["thinking"] = words(block.get("thinking")) + thought
                self._tell(Chunk("reasoning", thought))
            case "signature_delta":
                signed = words(delta.get("signature"))
                block["signature"] = words(block.get("signature")) + signed
            case "input_json_delta":
                # The block begins with an empty object, in whose place this text comes.
                before = block.get("input")
                so_far = before if isinstance(before, str) else ""
                block["input"] = so_far + words(delta.get("partial_json"))


def completion(message: dict[str, Any], model: str) -> Completion:
    """What `message` says, an answer of `model`."""
    parts = (_part(block, model) for block in things(message.get("content")))
    return Completion(
        parts=tuple(part for part in parts if part != Text("")),
        stop=_STOPS.get(words(message.get("stop_reason")), "unknown"),
        model=words(message.get("model")) or model,
        usage=_usage(thing(message.get("usage"))),
    )


def _part(block: dict[str, Any], model: str) -> Part:
    kind = words(block.get("type"))
    match kind:
        case "text":
            return Text(words(block.get("text")))
        case "thinking" | "redacted_thinking":
            opaque = {"wire": _WIRE, "block": block}
            return Reasoning(text=words(block.get("thinking")), model=model, opaque=opaque)
        case "tool_use":
            return tool_use(words(block.get("id")), block.get("name"), block.get("input"))
        case _:
            return Unknown(kind=kind)


def _usage(told: dict[str, Any]) -> Usage | None:
    read, wrote = told.get("cache_read_input_tokens"), told.get("cache_creation_input_tokens")
    parts = [told.get("input_tokens"), read or 0, wrote or 0]
    counts = [part for part in parts if type(part) is int]
    return usage(
        input=sum(counts) if len(counts) == len(parts) and min(counts) >= 0 else None,
        output=told.get("output_tokens"),
        cached=read,
        written=wrote,
        reasoning=thing(told.get("output_tokens_details")).get("thinking_tokens"),
    )
