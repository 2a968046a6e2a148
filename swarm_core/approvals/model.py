"""Values of an approval, and the form in which an action is bound.

The digest is plain SHA-256, not keyed: all that goes into it is in the journal, so whoever audits
it can compute it again without the swarm's own key; texts go in as their salted digests, so that
it gives none of them away; and it is not a secret to begin with, for what has to be unguessable
is the id.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import ApprovalId, RunId, TaskId
from swarm_core.kernel.money import MicroUSD

Kind = Literal["price", "fallback", "address", "raise"]
"""price: a task whose first call may cost much. fallback: a dearer model takes over. address: a
run that has read words of others opens one. raise: more room under a cap, of a task or of none."""

State = Literal["open", "approved", "denied", "expired", "withdrawn"]
"""withdrawn: the action it was about is no longer to be done."""

Verdict = Literal["approved", "denied"]

Action = Mapping[str, str | int | None]
"""One exact action as flat data: whatever would make it another action is in it."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def canonical(action: Any) -> bytes:
    """The one form in which the same action is the same bytes: JSON with sorted keys."""
    return _encode(action)


def digest_of(action: Action, other: Action | None = None) -> str:
    """What an approval is bound to: the action, and the cheaper one that may be had instead."""
    return hashlib.sha256(canonical([action, other])).hexdigest()


class Asking(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is asked. `other` may be chosen in place of `action`; `cost` is what it may cost;
    `shown` are the facts a person needs to decide, for the words of the surface. After `until`
    there is nothing left to decide; at `place` people are told of it and of what came of it."""

    kind: Kind
    action: dict[str, str | int | None]
    other: dict[str, str | int | None] | None = None
    cost: MicroUSD
    shown: dict[str, str | int | None] = {}
    until: Micros | None = None
    place: Place | None = None


class Approval(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An approval as it stands. `asker` and `decided_by` are people's keys, times microseconds.

    `granted` is the digest of what was allowed, the action or the other one, and `instead` tells
    which; `live`: it still counts for its task, `NO_TASK` where it is of none; a raise counts
    once, when it is decided on. `reason` is what the decider said; `place` where it was asked,
    for what is not told with its task.
    """

    id: ApprovalId
    kind: Kind
    task: TaskId
    run: RunId | None
    asker: str
    action: dict[str, str | int | None]
    other: dict[str, str | int | None] | None
    digest: str
    cost: MicroUSD
    shown: dict[str, str | int | None]
    asked: Micros
    expires: Micros
    state: State
    live: bool
    decided: Micros | None
    decided_by: str | None
    instead: bool
    granted: str | None
    reason: str | None
    place: Place | None

    @property
    def allowed(self) -> dict[str, str | int | None]:
        """The action that was chosen, or that would be."""
        return self.other if self.instead and self.other else self.action
