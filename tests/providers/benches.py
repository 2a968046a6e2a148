"""Every provider there is behind one door, each with a way to say what it shall answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from swarm_core.kernel.errors import (
    AnswerLost,
    NoSuchModel,
    OutOfCredit,
    PromptTooLong,
    ProviderBusy,
    ProviderRejected,
    WrongKey,
)
from swarm_core.kernel.secret import Secret
from swarm_core.providers.model import (
    Completion,
    Message,
    Prompt,
    Provider,
    Text,
    ToolSpec,
    ToolUse,
    Unknown,
    Usage,
)
from swarm_core.providers.opening import Access, Kind, adapter
from swarm_core.providers.wire import Timeouts
from swarm_core.testing import ScriptedProvider
from tests.fakes.models import KEY, FakeModels, serving

READ = ToolSpec(
    name="read",
    description="Reads a file.",
    schema={"type": "object", "properties": {"path": {"type": "string"}}},
)
KINDS: dict[str, tuple[Kind, str]] = {
    "anthropic": ("anthropic", "claude-haiku-5-5"),
    "responses": ("openai", "gpt-5.6-luna"),
    "chat": ("openai-compatible", "gpt-4.1-mini"),
}


def ask(model: str, *messages: Message, **more: Any) -> Prompt:
    given = messages or (Message("user", (Text("Hello?"),)),)
    fields: dict[str, Any] = {"system": (), "max_output": 500, "tools": (READ,), **more}
    return Prompt(model=model, messages=given, **fields)


def reach(name: str, url: str, **more: Any) -> Provider:
    """The adapter called `name`, on a server at `url`."""
    base = url if name == "anthropic" else f"{url}/v1"
    fields = {"name": name, "key": Secret(KEY), "variable": "FAKE_KEY", **more}
    return adapter(Access(kind=KINDS[name][0], base_url=base, **fields))


class Bench(Protocol):
    provider: Provider
    model: str

    def text(self, text: str) -> None: ...
    def call(self, name: str, raw: str) -> None: ...
    def unknown(self, text: str) -> None: ...
    def unbilled(self) -> None: ...
    def refuse(self, error: type[Exception]) -> None: ...
    def requests(self) -> int:
        """How many calls it has received, served or not."""
        ...


class Wired:
    """An adapter with the fake service behind it."""

    def __init__(self, name: str, fake: FakeModels) -> None:
        self.provider = reach(name, fake.url, timeouts=Timeouts(connect=5, read=20))
        self.model = KINDS[name][1]
        self.wire = {"anthropic": "messages"}.get(name, name)
        self._fake = fake

    def text(self, text: str) -> None:
        self._fake.script(queue=[{"text": text}])

    def call(self, name: str, raw: str) -> None:
        self._fake.script(queue=[{"tools": [{"name": name, "raw": raw}]}])

    def unknown(self, text: str) -> None:
        parts = [{"type": "unknown", "name": "hologram"}, {"type": "text", "text": text}]
        self._fake.script(queue=[{"parts": parts}])

    def unbilled(self) -> None:
        self._fake.script(queue=[{"text": "hm", "usage": "absurd"}])

    def refuse(self, error: type[Exception]) -> None:
        claude = self.wire == "messages"
        faults: dict[type[Exception], dict[str, Any]] = {
            ProviderBusy: {"status": 429, "retry_after": 7},
            WrongKey: {"status": 401},
            OutOfCredit: {"status": 429, "code": "insufficient_quota", "error": "billing_error"},
            NoSuchModel: {
                "status": 404,
                "error": "not_found_error" if claude else "invalid_request_error",
                "message": f"model: {self.model}" if claude else "The model does not exist",
                "code": "model_not_found",
            },
            PromptTooLong: {
                "status": 400,
                "message": "prompt is too long: 9 tokens > 8 maximum",
                "code": "context_length_exceeded",
            },
            ProviderRejected: {"status": 422, "message": "I do not like it"},
            AnswerLost: {"status": 500},
        }
        self._fake.fault(kind="status", count=1, **faults[error])

    def requests(self) -> int:
        return len(self._fake.service.requests)


class Scripted:
    """The twin."""

    def __init__(self) -> None:
        self._twin = ScriptedProvider()
        self.provider: Provider = self._twin
        self.model = "scripted-1"

    def text(self, text: str) -> None:
        self._twin.script.append(text)

    def call(self, name: str, raw: str) -> None:
        arguments = {"path": "a"} if raw.endswith("}") else None
        use = ToolUse(id="1", name=name, arguments=arguments, raw="" if arguments else raw)
        self._twin.script.append(self._completion(use, stop="tool_use"))

    def unknown(self, text: str) -> None:
        self._twin.script.append(self._completion(Unknown(kind="hologram"), Text(text)))

    def unbilled(self) -> None:
        self._twin.script.append(self._completion(Text("hm"), usage=None))

    def refuse(self, error: type[Exception]) -> None:
        given: dict[type[Exception], Exception] = {
            ProviderBusy: ProviderBusy(provider="scripted", after=7, problem="full"),
            WrongKey: WrongKey(provider="scripted", variable="FAKE_KEY"),
            OutOfCredit: OutOfCredit(provider="scripted", problem="empty"),
            NoSuchModel: NoSuchModel(provider="scripted", model=self.model),
            PromptTooLong: PromptTooLong(model=self.model, problem="9 > 8"),
            ProviderRejected: ProviderRejected(provider="scripted", problem="no"),
            AnswerLost: AnswerLost(what="scripted", problem="cut"),
        }
        self._twin.script.append(given[error])

    def requests(self) -> int:
        return len(self._twin.prompts)

    def _completion(self, *parts: Any, **more: Any) -> Completion:
        fields = {"stop": "end", "usage": Usage(input=3, output=2), **more}
        return Completion(parts=parts, model=self.model, **fields)


@asynccontextmanager
async def _wired(name: str) -> AsyncIterator[Bench]:
    async with serving() as fake:
        bench = Wired(name, fake)
        try:
            yield bench
        finally:
            await bench.provider.close()


@asynccontextmanager
async def _scripted(name: str) -> AsyncIterator[Bench]:
    yield Scripted()


BENCHES: dict[str, Callable[[str], Any]] = {**dict.fromkeys(KINDS, _wired), "scripted": _scripted}
