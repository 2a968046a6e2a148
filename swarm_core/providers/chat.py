"""Chat completions, as servers write them that are compatible with OpenAI's: LM Studio, Ollama,
vLLM, llama.cpp, and gateways. Each leaves something out, or writes it its own way; what is
needed of an answer is little, and the rest may be absent.
"""

from __future__ import annotations

from typing import Any

from swarm_core.kernel.errors import ProviderRejected
from swarm_core.providers.chat_answer import Gathered, completion
from swarm_core.providers.failures import Caller
from swarm_core.providers.model import (
    Capabilities,
    Completion,
    Image,
    Message,
    OnChunk,
    Prompt,
    Reasoning,
    Text,
    ToolResult,
    ToolUse,
)
from swarm_core.providers.openai import listed, open_openai
from swarm_core.providers.reading import thing, things, words
from swarm_core.providers.speech import Heard, Recording, transcribe
from swarm_core.providers.turns import closed, is_strict, json_text, said, turns, written
from swarm_core.providers.wire import STREAM_ABOVE, Timeouts, Wire


class Chat:
    """A provider that speaks chat completions."""

    capabilities = Capabilities(formats=True)

    def __init__(self, caller: Caller, base_url: str, timeouts: Timeouts) -> None:
        self._wire = Wire(caller, lambda key: open_openai(key, base_url, timeouts, foreign=True))
        self._quirks: set[str] = set()

    @property
    def name(self) -> str:
        return self._wire.caller.provider

    async def complete(self, prompt: Prompt, *, on_chunk: OnChunk | None = None) -> Completion:
        """As the port. A server that refuses a parameter of which there is another form, or that
        can be left out, served nothing: it counts as busy, and gets the other form next time."""
        streamed = on_chunk is not None or prompt.max_output > STREAM_ABOVE
        bound = f"max_tokens of {prompt.model}"
        asked = request(prompt, renamed=bound in self._quirks)
        if streamed:
            asked["stream"] = True
            if "stream_options" not in self._quirks:
                asked["stream_options"] = {"include_usage": True}
        try:
            answer = await self._answer(asked, prompt.model, on_chunk)
        except ProviderRejected as error:
            problem = str(error.data["problem"])
            if "max_completion_tokens" in problem and "max_tokens" in asked:
                self._quirks.add(bound)
            elif "stream_options" in problem and "stream_options" in asked:
                self._quirks.add("stream_options")
            else:
                raise
            raise self._wire.caller.busy(0, problem) from None
        return completion(answer, prompt)

    async def _answer(
        self, asked: dict[str, Any], model: str, on_chunk: OnChunk | None
    ) -> dict[str, Any]:
        caller, path = self._wire.caller, "/chat/completions"
        if "stream" in asked:
            gathered = Gathered(caller, model, on_chunk)
            async with self._wire.events(path, asked, model=model) as events:
                async for event in events:
                    gathered.take(event)
            if not gathered.ended:
                raise caller.lost(model, "the stream was cut")
            return gathered.answer
        answer = thing(await self._wire.whole(path, asked, model=model))
        if not things(answer.get("choices")):
            # Gateways answer 200 and an error, too.
            raise caller.broke(model, answer, served=False)
        return answer

    async def count(self, prompt: Prompt) -> int:
        raise ProviderRejected(provider=self.name, problem=f"it counts no tokens ({prompt.model})")

    async def models(self) -> tuple[str, ...]:
        return listed(await self._wire.whole("/models", None))

    async def transcribe(self, recording: Recording) -> Heard:
        """See `Transcriber`."""
        return await transcribe(self._wire, recording)

    async def close(self) -> None:
        await self._wire.close()


def request(prompt: Prompt, *, renamed: bool = False) -> dict[str, Any]:
    """What is asked; the bound of the answer under its newer name with `renamed`."""
    messages: list[dict[str, Any]] = []
    system = "\n\n".join(block.text for block in prompt.system if block.text.strip())
    if system:
        messages.append({"role": "system", "content": system})
    for turn in turns(prompt, "chat"):
        messages += _asked(turn) if turn.role == "user" else [_answered(turn)]
    body: dict[str, Any] = {
        "model": prompt.model,
        "messages": messages,
        "max_completion_tokens" if renamed else "max_tokens": prompt.max_output,
    }
    if prompt.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.schema,
                },
            }
            for tool in prompt.tools
        ]
    if prompt.format:
        schema = closed(prompt.format.schema)
        form = {"name": prompt.format.name, "schema": schema, "strict": is_strict(schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    if prompt.effort:
        body["reasoning_effort"] = prompt.effort
    return body


def _asked(turn: Message) -> list[dict[str, Any]]:
    """The user's turn: a message for each result, then one with the rest. It is plain text when
    it can be: not every server takes lists."""
    results = [
        {"role": "tool", "tool_call_id": part.id, "content": part.text}
        for part in turn.parts
        if isinstance(part, ToolResult)
    ]
    rest = [part for part in turn.parts if isinstance(part, Text | Image)]
    if any(isinstance(part, Image) for part in rest):
        return [*results, {"role": "user", "content": [_content(part) for part in rest]}]
    texts = [part.text for part in rest if isinstance(part, Text)]
    return [*results, {"role": "user", "content": "\n\n".join(texts)}] if texts else results


def _content(part: Text | Image) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    url = f"data:{part.media_type};base64,{part.data}"
    return {"type": "image_url", "image_url": {"url": url}}


def _answered(turn: Message) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said(turn.parts)}
    for part in turn.parts:
        if isinstance(part, Reasoning):
            field = words(part.opaque.get("field"))
            message[field] = message.get(field, "") + part.text
    calls = [
        {
            "id": use.id,
            "type": "function",
            "function": {"name": use.name, "arguments": json_text(written(use))},
        }
        for use in turn.parts
        if isinstance(use, ToolUse)
    ]
    if calls:
        message["tool_calls"] = calls
    return message
