"""Values of a route."""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

import msgspec

from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.tasks.model import TaskKind


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


class Offer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A worker says it can do a task, and why: `because` is its own word for the match,
    `specific` how closely the words fit it, `most` what it would cost at worst."""

    worker: Worker
    specific: int
    because: str
    most: MicroUSD = ZERO


class Source(Protocol):
    """Where workers come from: playbooks now, identities bound to models next."""

    def workers(self) -> tuple[Worker, ...]: ...

    def offers(self, text: str, kind: TaskKind) -> tuple[Offer, ...]:
        """Who of this source can do it; pure and quick. Raises `FixInput` when the words are
        meant for a worker but cannot be understood by it."""
        ...


class Candidate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One worker that was considered, with the numbers it was judged by."""

    worker: str
    model: str
    tier: int
    because: str
    specific: int
    most: MicroUSD
    busy: int


class Route(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The choice: `chosen` None when nobody can. `reason` is a code for the catalogue."""

    chosen: Candidate | None
    reason: str
    candidates: tuple[Candidate, ...]
