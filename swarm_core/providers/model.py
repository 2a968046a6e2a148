"""Values between workers and providers: prompts, completions, usage; and the port.

They are ours, not any vendor's. What only one vendor knows (a signature over its reasoning, say)
travels in `Reasoning.opaque` and goes back only to the model it came from.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec

from swarm_core.kernel.errors import WaggleError


class Text(msgspec.Struct, frozen=True, tag="text", gc=False):
    text: str


class Image(msgspec.Struct, frozen=True, kw_only=True, tag="image", gc=False):
    """A picture for the model to see. `data` is base64; width and height in pixels, from which
    what it costs is computed."""

    media_type: Literal["image/png", "image/jpeg", "image/gif", "image/webp"]
    data: str
    width: int
    height: int


class ToolUse(msgspec.Struct, frozen=True, kw_only=True, tag="tool_use"):
    """The model wants a tool called. `arguments` None: it wrote something that is no JSON
    object, kept in `raw`, for the one turn in which it may mend that."""

    id: str
    name: str
    arguments: dict[str, Any] | None
    raw: str = ""


class ToolResult(msgspec.Struct, frozen=True, kw_only=True, tag="tool_result", gc=False):
    """What came of the tool call `id`. `error`: it failed, and `text` says why."""

    id: str
    text: str
    error: bool = False


class Reasoning(msgspec.Struct, frozen=True, kw_only=True, tag="reasoning"):
    """What the model thought aloud. `opaque` goes back unchanged to `model`, and to no other:
    some vendors refuse a conversation whose tool calls come without it."""

    text: str
    model: str
    opaque: dict[str, Any] = {}


class Unknown(msgspec.Struct, frozen=True, kw_only=True, tag="unknown", gc=False):
    """A part of a kind we do not know. It is counted and never sent back."""

    kind: str


Part = Text | Image | ToolUse | ToolResult | Reasoning | Unknown


class Message(msgspec.Struct, frozen=True, gc=False):
    """One turn. Tool results stand in the user's turn that follows the model's tool calls."""

    role: Literal["user", "assistant"]
    parts: tuple[Part, ...]


class Block(msgspec.Struct, frozen=True, gc=False):
    """A piece of the system prompt. With `cache`, what precedes and includes it is the same in
    many calls: a provider that can is asked to keep it."""

    text: str
    cache: bool = False


class ToolSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as the model is shown it; `schema` is the JSON schema of its arguments."""

    name: str
    description: str
    schema: dict[str, Any]


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """The answer has to be JSON of this schema."""

    name: str
    schema: dict[str, Any]


Effort = Literal["none", "low", "medium", "high"]


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """One call. Parts stand in the order in which providers cache: system, tools, messages.

    `max_output` bounds what may be billed for output, reasoning included, in tokens.
    `effort` None leaves it to the model. With `grows`, the next call is likely to repeat all of
    it and go on from there: a provider that takes marks is asked to keep the turns, too.
    """

    model: str
    system: tuple[Block, ...]
    messages: tuple[Message, ...]
    max_output: int
    tools: tuple[ToolSpec, ...] = ()
    format: Format | None = None
    effort: Effort | None = None
    grows: bool = False


class Usage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was served, in tokens. `input` is all of it, `cached` (read) and `written` (to the
    cache) are parts of it; `output` is all of it, `reasoning` a part of it."""

    input: int
    output: int
    cached: int = 0
    written: int = 0
    reasoning: int = 0


Stop = Literal["end", "tool_use", "max_output", "declined", "unknown"]


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. `model` is the one that really answered; `usage` None when the provider
    said nothing that makes sense: then the hold is what is charged."""

    parts: tuple[Part, ...]
    stop: Stop
    model: str
    usage: Usage | None

    @property
    def text(self) -> str:
        """The words of the answer, without reasoning."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        return tuple(part for part in self.parts if isinstance(part, ToolUse))


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """A piece of an answer under way, for whoever watches."""

    kind: Literal["text", "reasoning"]
    text: str


OnChunk = Callable[[Chunk], None]


class Capabilities(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a provider's wire can carry. What a model can do is in the catalogue."""

    counts: bool = False
    """Whether it counts a prompt's tokens before it is sent, free of charge."""
    caches: bool = False
    """Whether it takes marks for its prompt cache."""
    formats: bool = False
    """Whether it holds an answer to a schema."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether calls reach a provider. `open`: none for now, `since` it failed, as `why` says, for
    `seconds` more. `half-open`: the next one tries. `closed`: all do."""

    state: Literal["closed", "half-open", "open"]
    since: datetime | None = None
    seconds: int = 0
    why: str = ""
    error: WaggleError | None = None
    """The failure that keeps it left alone when only a person can mend that."""


class Provider(Protocol):
    """Who answers prompts. Adapters make no retries, keep no money, and have no state but their
    connections."""

    @property
    def name(self) -> str:
        """As the configuration calls it."""
        ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def complete(self, prompt: Prompt, *, on_chunk: OnChunk | None = None) -> Completion:
        """Make exactly one call. It streams when somebody watches.

        Raises, with nothing served: `ProviderBusy`, `ProviderUnreachable`, `ProviderPaused`,
        `WrongKey`, `OutOfCredit`, `NoSuchModel`, `PromptTooLong`, `ProviderRejected`. Raises
        `AnswerLost` when it was sent and what came of it is not known, a cut stream included.
        """
        ...

    async def count(self, prompt: Prompt) -> int:
        """The input tokens of `prompt`, when `capabilities.counts`. Raises as `complete` does."""
        ...

    async def models(self) -> tuple[str, ...]:
        """The ids of the models it serves to us; free of charge, so also a check of the key."""
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...
