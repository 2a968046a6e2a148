"""Facts about approvals. The task is in the fact itself."""

from __future__ import annotations

from typing import ClassVar

from swarm_core.approvals.model import Kind, Verdict
from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import ApprovalId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import BodyRef, Event


class ApprovalAsked(Event, frozen=True, kw_only=True, gc=False):
    """A person is to decide about exactly `action`, or `other` in its place, until `expires`.
    With a `place` it is told there, and what came of it."""

    kind: ClassVar[str] = "approval.asked"

    approval: ApprovalId
    approval_kind: Kind
    asker: str
    action: dict[str, str | int | None]
    other: dict[str, str | int | None] | None
    digest: str
    cost: MicroUSD
    shown: dict[str, str | int | None]
    expires: Micros
    remind: Micros | None
    place: Place | None = None


class ApprovalDecided(Event, frozen=True, kw_only=True, gc=False):
    """The fact's actor decided. `granted` is the digest of what is allowed, None when denied;
    `instead`: the other action; `beforehand`: said before it was asked, up to a price."""

    kind: ClassVar[str] = "approval.decided"

    approval: ApprovalId
    verdict: Verdict
    granted: str | None
    instead: bool = False
    beforehand: bool = False
    reason: BodyRef | None = None


class ApprovalRefused(Event, frozen=True, kw_only=True, gc=False):
    """The fact's actor tried to decide and could not: `why` is an error's code."""

    kind: ClassVar[str] = "approval.refused"

    approval: ApprovalId
    why: str


class ApprovalReminded(Event, frozen=True, kw_only=True, gc=False):
    """Nobody has decided for long, and people are told once more."""

    kind: ClassVar[str] = "approval.reminded"

    approval: ApprovalId


class ApprovalExpired(Event, frozen=True, kw_only=True, gc=False):
    """Nobody decided in time, which denies the action."""

    kind: ClassVar[str] = "approval.expired"

    approval: ApprovalId


class ApprovalWithdrawn(Event, frozen=True, kw_only=True, gc=False):
    """It counts no longer for its task: that ended, or is to be done in another way."""

    kind: ClassVar[str] = "approval.withdrawn"

    approval: ApprovalId
