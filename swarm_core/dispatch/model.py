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
    None where nobody was; the models that may take over, each up to its price; addresses."""

    limit: MicroUSD | None = None
    models: dict[str, int] = {}
    addresses: frozenset[str] = frozenset()
    """Those that the run may open after it has read words of others."""
    unasked: bool = False
    """No other address is asked about any more: somebody said no, or was asked often enough."""


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

    standing: str = ""
    """The standing priority it is done for; then what is looked at and not well has failed."""
    inherited: bool = False
    """Whether words of others went into the conversation before it."""

    @property
    def taints(self) -> tuple[str, ...]:
        """Where the words of others came from that are given along."""
        given = {
            "room": any(each.speaker != self.actor.key for each in self.room),
            "file": bool(self.files),
            "conversation": self.inherited,
        }
        return tuple(name for name, there in given.items() if there)

    @property
    def said(self) -> tuple[str, ...]:
        """What whoever asked wrote themselves, in the request and before it."""
        own = (each.text for each in self.room if each.speaker == self.actor.key)
        return (self.text, *(turn.asked for turn in self.earlier), *own)


class Runner(Protocol):
    """Carries out one run by steps. Satisfied by shape; `playbooks` is the first."""

    async def run(self, assignment: Assignment, run: Run) -> Conclusion:
        """Do the work through `run.step` alone and return how it ended.

        Called again with the same assignment after a restart: the recorded steps answer from
        the record, so code between steps must be deterministic. Cancellation ends it at once.
        """
        ...
