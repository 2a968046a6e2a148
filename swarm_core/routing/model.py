"""Values of a route."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal, Protocol

import msgspec

from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.tasks.model import Attached, Labels, Overheard, TaskKind


class Tier(IntEnum):
    """Order of preference when it makes no difference to the work."""

    PLAYBOOK = 0
    LOCAL = 1
    CHEAP = 2
    DEAR = 3


class Worker(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Somebody who can do work: what `/workers` lists."""

    name: str
    model: str
    tier: Tier
    summary: str
    examples: tuple[str, ...] = ()


class Wanted(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is to be done, as far as who does it depends on it. `worker` and `model` are wishes."""

    text: str
    kind: TaskKind
    labels: Labels = Labels()
    worker: str | None = None
    model: str | None = None
    files: tuple[Attached, ...] = ()
    room: tuple[Overheard, ...] = ()
    """What a worker would be given along, and `asker`, the key of who asks there: who does it
    does not depend on them, what it costs does."""
    asker: str = ""
    plain: bool = False
    """Nobody dear is chosen for it."""

    @property
    def pictures(self) -> bool:
        """Whether something has to be seen that is still there."""
        return any(file.picture and file.content is not None for file in self.files)


CERTAIN = 1_000
"""Expected success of what cannot but succeed, per mille."""

Obstacle = Literal["paused", "too_small", "too_dear", "blind"]
"""Why somebody cannot do it now: its provider is left alone after failures; the words do not fit
into its window; one call is above the cap of the task; there are pictures and it sees none."""
BARRING: frozenset[Obstacle] = frozenset({"blind"})
"""Obstacles that do not pass: who meets one is not chosen, even when everybody does."""


class Offer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A worker says it can do a task, and why.

    `because` is its own word for the match, `specific` how closely the words fit it, `most` what
    its first call would cost at worst, `success` how likely it is to do it well, per mille.
    `model` and `tier` are given when they are not the worker's usual ones.
    """

    worker: Worker
    specific: int
    because: str
    most: MicroUSD = ZERO
    success: int = CERTAIN
    model: str | None = None
    tier: Tier | None = None
    obstacle: Obstacle | None = None


class Source(Protocol):
    """Where workers come from: playbooks, and identities bound to models."""

    def workers(self) -> tuple[Worker, ...]: ...

    def offers(self, wanted: Wanted) -> tuple[Offer, ...]:
        """Who of this source can do it; quick, and without side effects. Raises `FixInput` when
        the words are meant for a worker but cannot be understood by it."""
        ...


class Candidate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One worker with one model that was considered, with the numbers it was judged by."""

    worker: str
    model: str
    tier: int
    because: str
    specific: int
    most: MicroUSD
    busy: int
    success: int = CERTAIN
    obstacle: Obstacle | None = None


class Route(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The choice: `chosen` None when nobody can. `reason` is a code for the catalogue."""

    chosen: Candidate | None
    reason: str
    candidates: tuple[Candidate, ...]


class Rules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How one is chosen. `value`: the cheapest whose expected success reaches `bar` (per mille).
    `least_loaded`: the best of success and idleness."""

    strategy: Literal["value", "least_loaded"] = "value"
    bar: int = 700
