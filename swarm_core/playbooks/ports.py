"""What playbooks need from outside: the tools, and what a task is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.ids import TaskId
from swarm_core.steps.model import Effect


class Output(Protocol):
    """What a tool call brought back: words for people, JSON without floats for templates."""

    @property
    def text(self) -> str: ...

    @property
    def data(self) -> Any: ...

    @property
    def truncated(self) -> str:
        """What was left out, in words; empty when nothing was."""
        ...


class Tools(Protocol):
    """The tools a playbook may call; each call passes the one pipeline behind it."""

    @property
    def names(self) -> Collection[str]: ...

    def effect_of(self, name: str) -> Effect:
        """Raises `UnknownTool`."""
        ...

    async def call(self, name: str, arguments: Mapping[str, Any], context: Any) -> Output:
        """Make one call. Raises `WaggleError`; `context` says for whom and where."""
        ...


class Assignment(Protocol):
    """The part of dispatch's assignment that playbooks and the tools' context look at."""

    @property
    def task(self) -> TaskId: ...

    @property
    def text(self) -> str: ...

    @property
    def standing(self) -> str:
        """The standing priority it is done for, '' for what a person asked for."""
        ...

    @property
    def kind(self) -> Literal["ask", "task"]: ...

    @property
    def actor(self) -> Actor: ...

    @property
    def place(self) -> Place: ...

    @property
    def workspace(self) -> Path | None: ...

    @property
    def taints(self) -> tuple[str, ...]:
        """Where the words of others came from that are given along."""
        ...

    @property
    def said(self) -> tuple[str, ...]:
        """What whoever asked wrote themselves."""
        ...
