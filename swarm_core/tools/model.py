"""Values of the tools room, and the shape every tool has."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar

import msgspec
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from swarm_core.kernel.actor import Actor
from swarm_core.kernel.ids import TaskId

Effect = Literal["pure", "paid", "repeatable", "once"]
"""The effect classes of a step (the same words as in `steps`, which tools do not know)."""


class ToolContext(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a tool works, the folder it may reach files in (none: no files), and the task
    that asks, when it is one."""

    actor: Actor
    workspace: Path | None = None
    task: TaskId | None = None
    taints: tuple[str, ...] = ()
    """Where words of others came from that the worker has read by now, like `room`."""
    said: tuple[str, ...] = ()
    """What whoever asked wrote themselves."""
    agreed: frozenset[str] = frozenset()
    """The addresses that whoever asked has said yes to."""


class Reach(msgspec.Struct, frozen=True):
    """Where a call sends something out of this machine."""

    address: str
    allowed: bool = False
    """The operator allows it by name."""
    barred: bool = False
    """It is refused anyway, whoever says yes to it."""


class ToolOutput(msgspec.Struct, frozen=True, kw_only=True):
    """What a tool brought back."""

    text: str
    """For people and models."""
    data: Any = None
    """JSON without floats, for templates."""
    truncated: str = ""
    """What was left out, in words; empty when nothing was."""
    tainted: bool = False
    """True when any of it came from outside: it may hold instructions that are not ours."""


class Arguments(BaseModel):
    """Base of the arguments of tools: unknown names are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


ArgumentsT = TypeVar("ArgumentsT", bound=Arguments)


class Tool(Protocol[ArgumentsT]):
    """One thing a worker can do."""

    @property
    def name(self) -> str: ...

    @property
    def summary(self) -> str:
        """One line, for people and models."""
        ...

    @property
    def effect(self) -> Effect: ...

    @property
    def arguments(self) -> type[ArgumentsT]:
        """Its JSON schema is what models are shown."""
        ...

    @property
    def timeout(self) -> int:
        """Seconds after which a call is ended."""
        ...

    def resource(self, args: ArgumentsT) -> str:
        """What this call touches (a path, an address), for policy."""
        ...

    def reaches(self, args: ArgumentsT) -> Reach | None:
        """Where this call sends anything, were it but the address that is asked for; None when
        everything stays on this machine. Raises `WaggleError`."""
        ...

    async def run(self, args: ArgumentsT, context: ToolContext) -> ToolOutput:
        """Do it. Raises `WaggleError`; stops its threads and processes when cancelled."""
        ...


class Inward:
    """A tool that sends nothing out of this machine."""

    def reaches(self, args: Any) -> Reach | None:  # noqa: ARG002
        return None


def _openable(path: str) -> str:
    if "\0" in path:
        raise ValueError("a path cannot hold a NUL character")
    path.encode("utf-8", "surrogateescape")
    return path


PathText = Annotated[str, StringConstraints(max_length=4096), AfterValidator(_openable)]
"""A path as somebody wrote it: relative to the workspace, or absolute and inside it."""
