"""What workers need from outside: the tools, and what a task is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

import msgspec

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Effect
from swarm_core.tasks.model import Attached, Labels, Overheard
from swarm_core.tools.model import ToolContext, ToolOutput


class Turn(Protocol):
    """Something said earlier in the same conversation. `answer` None: it has none, and `failure`
    is the code of why, when it failed."""

    @property
    def asked(self) -> str: ...

    @property
    def answer(self) -> str | None: ...

    @property
    def failure(self) -> str | None: ...


class Granted(Protocol):
    """What people said yes to: calls that hold up to `limit`, None where nobody was asked;
    models that may take over, each up to its price, in micro-dollars; addresses that may be opened
    after words of others. `unasked`: nobody is asked about another one any more."""

    @property
    def limit(self) -> int | None: ...

    @property
    def models(self) -> Mapping[str, int]: ...

    @property
    def addresses(self) -> frozenset[str]: ...

    @property
    def unasked(self) -> bool: ...


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
    def model_wish(self) -> str | None:
        """The model that was asked for by name: that one, or none."""
        ...

    @property
    def labels(self) -> Labels: ...

    @property
    def earlier(self) -> Sequence[Turn]:
        """The conversation before it, oldest first."""
        ...

    @property
    def files(self) -> Sequence[Attached]:
        """What came with the request."""
        ...

    @property
    def room(self) -> Sequence[Overheard]:
        """What was said where it was asked before that, oldest first: material."""
        ...

    @property
    def taints(self) -> tuple[str, ...]:
        """Where the words of others came from that are given along."""
        ...

    @property
    def said(self) -> tuple[str, ...]:
        """What whoever asked wrote themselves, in the request and before it."""
        ...

    @property
    def granted(self) -> Granted: ...


class Tools(Protocol):
    """The tools there are, behind their one pipeline."""

    def described(self, names: Iterable[str]) -> tuple[tuple[str, str, dict[str, Any]], ...]:
        """Name, summary and schema of those of `names` that there are."""
        ...

    def effect_of(self, name: str) -> Effect:
        """Raises `UnknownTool`."""
        ...

    def asks(self, name: str, arguments: Mapping[str, Any], context: ToolContext) -> str:
        """The address a call needs somebody's yes to first; '' for none."""
        ...

    async def call(
        self, name: str, arguments: Mapping[str, Any], context: ToolContext
    ) -> ToolOutput:
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
