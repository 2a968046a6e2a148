"""Values of a notice, and the port through which it leaves."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import msgspec

from swarm_core.kernel.actor import Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.ids import NoticeId, TaskId

NoticeKind = Literal[
    "accepted",
    "parked",
    "reminder",
    "ended",
    "warned",
    "frozen",
    "asked",
    "decided",
    "undelivered",
    "linked",
    "unlinked",
    "paused",
    "missed",
    "remind",
    "incident",
    "incident_reminder",
    "escalated",
    "recovered",
    "digest",
]
"""Of a task: accepted, parked, reminder, ended. Of money: warned, near a cap; frozen, after an
overrun. Of a raise: asked, to who may decide; decided, to who asked. Of
another notice: undelivered, it may not have arrived, or could not. Of a person's accounts: linked,
one became theirs; unlinked, one is theirs no longer. Of a standing priority: paused, by itself;
missed, some of its instants passed while nobody was there; remind, what it is to say. Of an
incident: incident, it began; incident_reminder, nobody has taken it; escalated, others are told
for that; recovered, it is over. digest: what there was since the last one."""

DeliveryClass = Literal["result", "decision", "card"]
"""result: an answer; sent again with a label when nobody knows whether it arrived. decision:
never sent again by itself. card: repeating it does no harm."""

NoticeState = Literal["pending", "sent", "uncertain", "failed", "superseded", "kept"]
"""kept: as the person wishes it, it stands in the list of notices and is sent nowhere."""

CLASS_OF: dict[NoticeKind, DeliveryClass] = {
    "accepted": "card",
    "parked": "card",
    "reminder": "decision",
    "ended": "result",
    "warned": "decision",
    "frozen": "decision",
    "asked": "decision",
    "decided": "decision",
    "undelivered": "card",
    "linked": "decision",
    "unlinked": "decision",
    "paused": "decision",
    "missed": "decision",
    "remind": "result",
    "incident": "decision",
    "incident_reminder": "decision",
    "escalated": "decision",
    "recovered": "decision",
    "digest": "result",
}


WEBHOOK = "webhook"
"""The surface of other systems; a target of the settings is a space of it."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One notice on its way. It carries facts; the surface finds the words. `repeat`: it may
    have arrived before, and says so. `about` is what it tells besides the task's own state;
    `task` is `NO_TASK` for what is about none; `created` when it was queued; `held` for one that
    quiet hours kept back, which keeps its turn among those of its place."""

    notice: NoticeId
    kind: NoticeKind
    delivery_class: DeliveryClass
    task: TaskId
    place: Place
    repeat: bool
    about: dict[str, Any] = {}
    created: Micros = Micros(0)
    held: bool = False


class Courier(Protocol):
    """How a surface takes deliveries."""

    async def deliver(self, delivery: Delivery) -> str:
        """Bring it to people and return the platform's id of the message, '' for none.

        Raises `TryAgain` when it certainly did not arrive, `AnswerLost` when nobody knows,
        any other `WaggleError` when it never will.
        """
        ...
