"""What workers need from outside: the models, the tools, and what a task is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.providers.model import Prompt, Provider, ToolSpec, Usage
from swarm_core.steps.model import Effect
from swarm_core.tools.model import ToolOutput


class Turn(Protocol):
    """Something said earlier in the same conversation. `answer` None: it has none, and `failure`
    is the code of why, when it failed."""

    @property
    def asked(self) -> str: ...

    @property
    def answer(self) -> str | None: ...

    @property
    def failure(self) -> str | None: ...


class Assignment(Protocol):
    """The part of dispatch's assignment that workers look at."""

    @property
    def task(self) -> TaskId: ...

    @property
    def text(self) -> str: ...

    @property
    def kind(self) -> Literal["ask", "task"]: ...

    @property
    def actor(self) -> Actor: ...

    @property
    def place(self) -> Place: ...

    @property
    def workspace(self) -> Path | None: ...

    @property
    def worker(self) -> str: ...

    @property
    def model(self) -> str | None:
        """The model it was routed to."""
        ...

    @property
    def tags(self) -> Sequence[str]: ...

    @property
    def earlier(self) -> Sequence[Turn]:
        """The conversation before it, oldest first."""
        ...


class Card(Protocol):
    """What a run has to know of a model."""

    @property
    def name(self) -> str:
        """As routes, steps and people call it."""
        ...

    @property
    def id(self) -> str:
        """As its provider calls it."""
        ...

    @property
    def window(self) -> int:
        """Tokens of prompt and answer together."""
        ...

    @property
    def max_output(self) -> int: ...

    @property
    def tools(self) -> bool: ...

    @property
    def local(self) -> bool: ...


class Models(Protocol):
    """The models there are, what they cost, and who serves them."""

    def card(self, name: str) -> Card:
        """Raises `UnknownModel`."""
        ...

    def provider(self, name: str) -> Provider:
        """Who serves the model. Raises `UnknownModel`."""
        ...

    def paused(self, name: str) -> tuple[int, str]:
        """For how many seconds its provider is left alone, 0 for not at all, and why."""
        ...

    def most(self, name: str, prompt: Prompt, tokens: int | None = None) -> MicroUSD:
        """What the call may cost at worst; `tokens` is the input as the provider counted it."""
        ...

    def output_for(
        self, name: str, prompt: Prompt, held: MicroUSD, tokens: int | None = None
    ) -> int:
        """The longest answer, up to the prompt's `max_output`, that `held` surely pays for."""
        ...

    def bill(self, name: str, usage: Usage) -> MicroUSD: ...


class Tools(Protocol):
    """The tools there are, behind their one pipeline."""

    def specs(self, names: Sequence[str]) -> tuple[ToolSpec, ...]:
        """Those of `names` that there are, as models are shown them."""
        ...

    def effect_of(self, name: str) -> Effect:
        """Raises `UnknownTool`."""
        ...

    async def call(self, name: str, arguments: Mapping[str, Any], context: Any) -> ToolOutput:
        """Make one call. Raises `WaggleError`; `context` says for whom and where."""
        ...


class Character(msgspec.Struct, frozen=True, kw_only=True):
    """Who a worker is in one run: its prompt in the form this task calls for, what it may use,
    whom to turn to, how long its answers may be, in tokens, and its guardrails."""

    prompt: str
    tools: tuple[str, ...]
    models: tuple[str, ...]
    max_output: int
    effort: Literal["none", "low", "medium", "high"] | None = None
