"""Values of dispatch, and its port: a `Runner` carries out runs."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Protocol

import msgspec

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.steps.model import Conclusion, Run
from swarm_core.tasks.model import Attached, Labels, Overheard, Turn


class Granted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What people have said yes to for a run: calls that hold up to `limit`, whoever is asked,
    None where nobody was; and the models that may take over, each up to its price."""

    limit: MicroUSD | None = None
    models: dict[str, int] = {}


class Assignment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a worker is told: the words, who asked, where, and where it may read files."""

    task: TaskId
    text: str
    kind: Literal["ask", "task"]
    actor: Actor
    place: Place
    worker: str
    workspace: Path | None
    model: str | None = None
    """The model it was routed to; None for a worker that has but one, or none."""
    model_wish: str | None = None
    labels: Labels = Labels()
    """Of a worker that talks; else the default."""
    earlier: tuple[Turn, ...] = ()
    """The conversation before a question, oldest first; for a worker that talks."""
    files: tuple[Attached, ...] = ()
    """What came with the request, for a worker that talks."""
    room: tuple[Overheard, ...] = ()
    """What was said where it was asked before that, for a worker that talks."""
    granted: Granted = Granted()
    """What people have said yes to, for a worker that talks."""

    @property
    def taints(self) -> tuple[str, ...]:
        """Where the words of others came from that are given along."""
        return ("room",) if self.room else ()


class Runner(Protocol):
    """Carries out one run by steps. Satisfied by shape; `playbooks` is the first."""

    async def run(self, assignment: Assignment, run: Run) -> Conclusion:
        """Do the work through `run.step` alone and return how it ended.

        Called again with the same assignment after a restart: the recorded steps answer from
        the record, so code between steps must be deterministic. Cancellation ends it at once.
        """
        ...
