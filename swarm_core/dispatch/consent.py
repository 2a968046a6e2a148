"""What a task needs a person's yes for, asked and looked up inside a write.

What can go wrong: something starts without the yes it needs, or with one that was given for
something else. So the yes is bound to the exact action; it is compared when it is given, and once
more where every run begins, whatever has made the task ready; what does not fit waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from swarm_core.approvals import Approval, Approvals, Asking, digest_of
from swarm_core.approvals import tables as approved
from swarm_core.approvals.model import Kind
from swarm_core.dispatch import bound, sending
from swarm_core.dispatch.cheaper import cheaper_than
from swarm_core.dispatch.limits import Limits
from swarm_core.dispatch.model import Granted
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import (
    ActionChanged,
    AddressAsked,
    DearerFallback,
    PriceTag,
    Unanswered,
)
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.routing.model import Candidate
from swarm_core.settings import Settings
from swarm_core.store import Tx
from swarm_core.tasks import queries, queue
from swarm_core.tasks.model import Request, Startable, TaskKind, TaskState
from swarm_core.tasks.tasks import Tasks

UNDECIDED = (PriceTag.code, DearerFallback.code, AddressAsked.code)
"""Reasons of tasks that wait for a decision."""
_OF_STARTING: tuple[Kind, ...] = ("price", "fallback")
ASK_AGAIN = (Unanswered.code, ActionChanged.code)
"""Reasons of tasks that wait until somebody has it asked again, and end at last."""


class ConsentRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`above` which price a person is asked, None for never;
    how long to `keep` what nobody decided on; the caps that tasks have by default."""

    above: MicroUSD | None
    keep: timedelta
    caps: Mapping[TaskKind, MicroUSD | None]

    @classmethod
    def of(cls, settings: Settings) -> ConsentRules:
        return cls(
            above=settings.confirm.above,
            keep=settings.approvals.keep,
            caps={"ask": settings.budget.ask, "task": settings.budget.task},
        )

    def bounded(self, kind: TaskKind, cap: MicroUSD | None, most: MicroUSD) -> MicroUSD:
        """The price a person is asked about: a cap that a person gave bounds it."""
        return most if cap is None or cap == self.caps[kind] else min(most, cap)

    def asks(
        self, kind: TaskKind, cap: MicroUSD | None, most: MicroUSD, above: MicroUSD | None
    ) -> bool:
        """Whether a new task at that price has to wait for a yes."""
        return above is not None and self.bounded(kind, cap, most) > above


class Held(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Why a task may not start: what it is to wait for."""

    reason: str
    data: dict[str, Any]
    until: Micros | None = None


class Consent:
    """Asks for what needs a yes, and says whether it is there."""

    def __init__(self, tasks: Tasks, approvals: Approvals, rules: ConsentRules) -> None:
        self._tasks = tasks
        self.approvals = approvals
        self.rules = rules
        self.limits: Limits | None = None
        """Of guests, who are asked at a lower price; set by the composition root."""

    def above(self, person: str) -> MicroUSD | None:
        """Above which price `person` is asked."""
        usual = self.rules.above
        return self.limits.above(person, usual) if self.limits else usual

    def price(
        self,
        tx: Tx,
        actor: Actor,
        task: TaskId,
        chosen: Candidate,
        candidates: Sequence[Candidate] = (),
        *,
        yes: bool = False,
        max_cost: MicroUSD | None = None,
        above: MicroUSD | None = None,
    ) -> Approval | None:
        """Ask about the price of a task that was given to `chosen`, when it needs that, and let
        it wait. None: it needs no yes, or has it: by `yes`, by `max_cost`, or because as much was
        approved for this task before."""
        before = self._approved_before(tx, task)
        self.approvals.withdraw(tx, task, *_OF_STARTING)
        found = queue.startable(tx, task)
        above = self.above(found.person) if above is None else above
        if above is None or chosen.most <= above:
            return None
        most = self._most(tx, found, chosen)
        if most <= above:
            return None
        able = [c for c in candidates if found.wish in (None, c.worker)]
        approval = self._ask(tx, found, chosen, most, cheaper_than(most, chosen.worker, able))
        if yes or most <= max(max_cost or 0, before):
            self.agree(tx, actor, approval)
            return None
        self.park(tx, actor, approval)
        return approval

    def _most(self, tx: Tx, task: Startable, chosen: Candidate) -> MicroUSD:
        if task.cap == self.rules.caps[task.kind]:
            return chosen.most
        return self.rules.bounded(task.kind, bound.cap_of(tx, task), chosen.most)

    def _approved_before(self, tx: Tx, task: TaskId) -> int:
        found = self.approvals.of_task(tx, task)
        yes = [a for a in found if a.kind == "price" and a.state == "approved"]
        return max((int(a.allowed["most"] or 0) for a in yes), default=0)

    def _ask(
        self, tx: Tx, task: Startable, chosen: Candidate, most: MicroUSD, other: Candidate | None
    ) -> Approval:
        asking = Asking(
            kind="price",
            action=bound.price(tx, task, chosen.worker, chosen.model, most),
            other=bound.price(tx, task, other.worker, other.model, other.most) if other else None,
            cost=most,
        )
        return self.approvals.ask(tx, task.person, asking, task.id)

    def agree(self, tx: Tx, actor: Actor, approval: Approval) -> None:
        """Record a yes that was given before the question."""
        self.approvals.decide(
            tx, actor, approval, "approved", digest=approval.digest, beforehand=True
        )

    def settle(self, tx: Tx, actor: Actor, task: TaskId, chosen: Candidate) -> None:
        """A person has picked `chosen`: that is the yes to it, and to nothing dearer."""
        self.approvals.withdraw(tx, task, *_OF_STARTING)
        approval = self._ask(tx, queue.startable(tx, task), chosen, chosen.most, None)
        self.agree(tx, actor, approval)

    def open_price(self, tx: Tx, task: TaskId, request: Request, actor: Actor) -> Approval | None:
        """What a request that joins `task` is asked; None when it brings the yes with it."""
        approval = self.approvals.live(tx, task, "price")
        if approval is None or approval.state != "open":
            return None
        if not (request.yes or approval.cost <= (request.max_cost or 0)):
            return approval
        self.agree(tx, actor, approval)
        if queue.startable(tx, task).state is TaskState.WAITING:
            self._tasks.wake(tx, task, "approved", actor=actor)
        return None

    def fallback(self, tx: Tx, task: TaskId, run: RunId, error: DearerFallback) -> dict[str, Any]:
        """Ask whether a dearer model may take over a run; returns what the task waits with."""
        data, found = error.data, queue.startable(tx, task)
        action = bound.fallback(tx, found, run, data)
        most = MicroUSD(int(str(data["most"])))
        asking = Asking(kind="fallback", action=action, cost=most)
        approval = self.approvals.ask(tx, found.person, asking, task, run)
        return {**data, "approval": approval.id}

    def asked(
        self, tx: Tx, task: TaskId, run: RunId, error: DearerFallback | AddressAsked
    ) -> dict[str, Any]:
        """Ask what a run under way needs a yes for; returns what its task waits with."""
        if isinstance(error, AddressAsked):
            return sending.ask(tx, self.approvals, task, run, error)
        return self.fallback(tx, task, run, error)

    def present(self, tx: Tx, approval: Approval) -> str:
        """The digest of what `approval` is about, as it would be done now."""
        task = queue.startable(tx, approval.task)
        action, other = approval.action, approval.other
        if task.state in (TaskState.DONE, TaskState.FAILED, TaskState.CANCELLED):
            return ""
        match approval.kind:
            case "price":
                most = action.get("most")
                now = bound.price(tx, task, task.worker, task.model, most)
                also = {**now, **{k: other.get(k) for k in bound.CHOICE}} if other else None
                return digest_of(now, also)
            case "fallback" | "address":
                waits = queries.get(tx, task.id)
                data = waits.waiting_data if waits else {}
                if data.get("approval") != approval.id:
                    return ""
                now = bound.OF_RUNS[approval.kind](tx, task, task.run, data)
                return digest_of(now)
            case "raise":
                return ""  # decided on where raises are

    def held_back(self, tx: Tx, task: Startable) -> Held | None:
        """Why `task` may not begin or go on now, for want of a yes; None when it may."""
        approval = self.approvals.live(tx, task.id, "price")
        if approval is None:
            return None
        if approval.state == "open":
            return Held(reason=PriceTag.code, data=tag_of(approval))
        if approval.state == "approved":
            now = bound.price(tx, task, task.worker, task.model, approval.allowed.get("most"))
            whole = digest_of(approval.action, approval.other) == approval.digest
            if whole and digest_of(now) == approval.granted:
                return None
            return self._later(tx, ActionChanged(task=task.id))
        return self._later(tx, Unanswered(task=task.id, approval=approval.id))

    def granted(self, tx: Tx, task: TaskId, run: RunId) -> Granted:
        """What people have said yes to for `task`, and for this `run` of it."""
        asked = self.approvals.of_task(tx, task)
        found = [a for a in asked if a.live and a.state == "approved"]
        prices = [int(a.allowed["most"] or 0) for a in found if a.kind == "price"]
        return Granted(
            limit=MicroUSD(prices[-1]) if prices else None,
            models={
                str(a.action["model"]): int(a.action["most"] or 0)
                for a in found
                if a.kind == "fallback" and digest_of(a.action) == a.granted
            },
            addresses=sending.agreed(asked, run),
            unasked=sending.unasked(asked, run),
        )

    def over(self, tx: Tx) -> None:
        """Remind people of what waits long, and deny what waited too long: its task is kept for a
        while, to be asked for again."""
        self.approvals.remind(tx)
        for approval in self.approvals.expire(tx):
            if approval.kind == "raise":
                continue  # its task waits for money, not for this
            task = queries.get(tx, approval.task)
            if task and task.state is TaskState.WAITING and task.waiting in UNDECIDED:
                held = self._later(tx, Unanswered(task=task.id, approval=approval.id))
                self._tasks.wake(tx, task.id, "unanswered")
                self._tasks.park(
                    tx, task.id, held.reason, held.data, run=task.run, until=held.until
                )

    def _later(self, tx: Tx, error: Unanswered | ActionChanged) -> Held:
        until = to_micros(tx.now + self.rules.keep)
        return Held(reason=error.code, data=dict(error.data), until=until)

    def park(self, tx: Tx, actor: Actor, approval: Approval) -> None:
        """Let a task wait for its price, unless something else keeps it: then where it would
        begin. What `actor` asked for is told by the reply to that."""
        found = queries.get(tx, approval.task)
        assert found is not None
        if found.state is TaskState.WAITING and found.waiting in UNDECIDED:
            self._tasks.wake(tx, found.id, "asked_again")
        elif found.state is not TaskState.READY:
            return
        self._tasks.park(tx, found.id, PriceTag.code, tag_of(approval), actor=actor)

    def ask_fallback_again(self, tx: Tx, task: TaskId) -> None:
        """A task that waits for a yes to a dearer model waits for a new one, if it does."""
        waits = queries.get(tx, task)
        if waits is None or waits.waiting != DearerFallback.code or waits.run is None:
            return
        before = approved.get(tx, str(waits.waiting_data["approval"]))
        if before and before.live:
            self.approvals.take_back(tx, before)
        data = self.fallback(tx, task, waits.run, DearerFallback(**waits.waiting_data))
        self._tasks.wake(tx, task, "asked_again")
        self._tasks.park(tx, task, DearerFallback.code, data, run=waits.run)


def tag_of(approval: Approval) -> dict[str, Any]:
    """What a task waits with, and what people are shown of its price."""
    action, other = approval.action, approval.other
    return {
        "approval": approval.id,
        **{name: action[name] for name in ("worker", "model", "most", "cap")},
        "cheaper": other["model"] if other else None,
        "cheaper_most": other["most"] if other else None,
    }
