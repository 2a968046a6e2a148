"""The approvals: asking, deciding, expiring. Every method runs inside a write."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from swarm_core.approvals import events as ev
from swarm_core.approvals import tables
from swarm_core.approvals.model import Approval, Asking, Kind, Verdict, digest_of
from swarm_core.approvals.rules import LENGTH, refusal, token
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.errors import WaggleError
from swarm_core.kernel.ids import ApprovalId, Entropy, RunId, TaskId
from swarm_core.settings import Approvals as Settings
from swarm_core.store import Tx


class ApprovalRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How long a decision may be taken, and after what time people are reminded of it."""

    expiry: timedelta
    reminder: timedelta

    @classmethod
    def of(cls, settings: Settings) -> ApprovalRules:
        return cls(expiry=settings.expiry, reminder=settings.reminder)


class Approvals:
    """Keeps approvals. Whether somebody may decide is policy's to say, before."""

    def __init__(self, entropy: Entropy, rules: ApprovalRules) -> None:
        self._entropy = entropy
        self.rules = rules
        """For what is asked from here on."""
        self._asked: set[TaskId] | None = None
        """Every task that something was ever asked for, and maybe a few whose write failed: most
        have nothing to look up. None before the first look."""

    def ask(
        self, tx: Tx, asker: str, asking: Asking, task: TaskId, run: RunId | None = None
    ) -> Approval:
        """Have a person decide about one exact action, which serves the person `asker`; `task`
        may be `NO_TASK`. What was asked before about the same price is withdrawn."""
        if asking.kind == "price":
            self.withdraw(tx, task, asking.kind)
        self._known(tx).add(task)
        expires = to_micros(tx.now + self.rules.expiry)
        expires = min(expires, asking.until or expires)
        remind = to_micros(tx.now + self.rules.reminder)
        approval = ApprovalId(token(self._entropy.bytes(LENGTH)))
        asked = ev.ApprovalAsked(
            approval=approval,
            approval_kind=asking.kind,
            asker=asker,
            action=asking.action,
            other=asking.other,
            digest=digest_of(asking.action, asking.other),
            cost=asking.cost,
            shown=asking.shown,
            expires=expires,
            remind=remind if remind < expires else None,
            place=asking.place,
        )
        tx.append(asked, SWARM, task=task or None, run=run)
        found = tables.get(tx, approval)
        assert found is not None
        return found

    def decide(
        self,
        tx: Tx,
        actor: Actor,
        approval: Approval,
        verdict: Verdict,
        *,
        digest: str,
        instead: bool = False,
        beforehand: bool = False,
        besides: WaggleError | None = None,
        reason: str = "",
    ) -> WaggleError | None:
        """Record the decision, or that it could not be taken, and return why.

        `digest` is of the action as it would be done now, `besides` what else stands in the way.
        Nothing is raised, for the refusal has to be kept as well.
        """
        problem = refusal(approval, tx.at, digest, instead=instead) or besides
        if problem:
            refused = ev.ApprovalRefused(approval=approval.id, why=problem.code)
            tx.append(refused, actor, task=approval.task or None, run=approval.run)
            return problem
        chosen = approval.other if instead else approval.action
        assert chosen is not None
        decided = ev.ApprovalDecided(
            approval=approval.id,
            verdict=verdict,
            granted=digest_of(chosen) if verdict == "approved" else None,
            instead=instead,
            beforehand=beforehand,
            reason=tx.put_body(reason) if reason else None,
        )
        tx.append(decided, actor, task=approval.task or None, run=approval.run)
        return None

    def withdraw(self, tx: Tx, task: TaskId, *kinds: Kind) -> None:
        """What was asked or allowed for `task` counts no longer; of these kinds, if any."""
        for approval in self.of_task(tx, task):
            if approval.live and (not kinds or approval.kind in kinds):
                self.take_back(tx, approval)

    def take_back(self, tx: Tx, approval: Approval) -> None:
        """This one counts no longer."""
        fact = ev.ApprovalWithdrawn(approval=approval.id)
        tx.append(fact, SWARM, task=approval.task or None, run=approval.run)

    def expire(self, tx: Tx) -> list[Approval]:
        """Deny what nobody decided in time; returns it."""
        over = tables.expired(tx)
        for approval in over:
            fact = ev.ApprovalExpired(approval=approval.id)
            tx.append(fact, SWARM, task=approval.task or None, run=approval.run)
        return over

    def remind(self, tx: Tx) -> None:
        """Have people told once more of what waits for long."""
        for approval in tables.unreminded(tx):
            fact = ev.ApprovalReminded(approval=approval.id)
            tx.append(fact, SWARM, task=approval.task or None, run=approval.run)

    def live(self, tx: Tx, task: TaskId, kind: str) -> Approval | None:
        """What counts for `task` now."""
        found = [a for a in self.of_task(tx, task) if a.live and a.kind == kind]
        return found[-1] if found else None

    def of_task(self, tx: Tx, task: TaskId) -> list[Approval]:
        """Every approval there ever was for a task, the oldest first."""
        return tables.of_task(tx, task) if task in self._known(tx) else []

    def _known(self, tx: Tx) -> set[TaskId]:
        if self._asked is None:
            self._asked = tables.tasks_asked(tx)
        return self._asked
