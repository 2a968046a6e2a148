"""What people decide about what waits for them, and what follows, in one transaction."""

from __future__ import annotations

from swarm_core.approvals import Approval
from swarm_core.approvals import tables as approved
from swarm_core.approvals.model import Verdict
from swarm_core.dispatch.consent import UNDECIDED
from swarm_core.dispatch.leasing import Leasing
from swarm_core.dispatch.raising import Raising, owners_of
from swarm_core.dispatch.seeing import Seeing
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.errors import (
    Denied,
    IllegalTransition,
    NotFound,
    NothingCheaper,
    OverBudget,
    PriceTag,
    TooLate,
    WaggleError,
)
from swarm_core.kernel.ids import TaskId
from swarm_core.kernel.text import clip, escaped
from swarm_core.policy import RAISE, Action, Policy, Resource
from swarm_core.routing.model import Candidate
from swarm_core.steps.model import Conclusion, Failure
from swarm_core.store import Rows, Store, Tx
from swarm_core.tasks import queries
from swarm_core.tasks.model import TaskState
from swarm_core.tasks.rules import TaskEvent
from swarm_core.tasks.tasks import Tasks

MOST_SHOWN = 100
_TOO_DEAR = (OverBudget.code, PriceTag.code)


class Deciding:
    """Takes decisions. Each is one commit with all that follows from it, so a crash leaves either
    both or neither, and two at once are one after the other."""

    def __init__(
        self, store: Store, tasks: Tasks, policy: Policy, leasing: Leasing, raising: Raising
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._policy = policy
        self._leasing = leasing
        self._raising = raising
        self.seeing: Seeing
        """Set by the composition root."""

    async def open_ones(self) -> list[Approval]:
        """What waits for a decision, what expires first in front."""
        return await self._store.read(approved.open_ones)

    async def latest(self) -> list[Approval]:
        """The last that were asked, whatever became of them."""
        return await self._store.read(lambda rows: approved.latest(rows, MOST_SHOWN))

    async def of_task(self, task: TaskId) -> list[Approval]:
        """What was ever asked about a task, the oldest first."""
        return await self._store.read(lambda rows: approved.of_task(rows, task))

    async def find(self, approval: str) -> Approval:
        """One approval as it stands. Raises `NotFound`."""
        found = await self._store.read(lambda rows: approved.get(rows, approval))
        if found is None:
            raise NotFound(kind="approval", name=approval, near=())
        return found

    async def decide(
        self,
        actor: Actor,
        approval: str,
        verdict: Verdict,
        *,
        instead: bool = False,
        reason: str = "",
    ) -> Approval:
        """Say yes or no to one approval; `instead`: yes to the cheaper action.

        Raises `NotFound`, `NotAllowed`, `AlreadyDecided`, `TooLate`, `OtherAction`,
        `NothingCheaper` or `RaiseLimit`; then nothing was done, and that it was tried is recorded.
        """
        approval = clip(escaped(approval), 60)
        asked = await self.find(approval)
        for owner in await self._store.read(lambda rows: _owners(rows, asked)):
            if actor is not SWARM and not self.seeing.sight(actor).knows(owner, others=True):
                raise NotFound(kind="approval", name=approval, near=())
            self._policy.authorize(actor, Action.DECIDE, Resource(asked.kind, asked.id, owner))

        says_yes = verdict == "approved"

        def decide(tx: Tx) -> Approval | WaggleError:
            found = approved.get(tx, approval)
            assert found is not None
            consent, raising = self._leasing.consent, self._raising
            raises = found.kind == RAISE
            problem = consent.approvals.decide(
                tx,
                actor,
                found,
                verdict,
                digest=raising.present(tx, found) if raises else consent.present(tx, found),
                instead=instead,
                besides=raising.limit(tx, actor, found) if raises and says_yes else None,
                reason=reason,
            )
            if isinstance(problem, TooLate):
                consent.over(tx)
            if problem:
                return problem
            decided = approved.get(tx, approval)
            assert decided is not None
            self._follow(tx, actor, decided)
            return decided

        done = await self._store.write(decide, first=True)
        if isinstance(done, WaggleError):
            raise done
        return done

    async def cheaper(self, actor: Actor, task: TaskId) -> Candidate:
        """Give a task that waits for money, or for a yes to its price, to the next cheaper model;
        one that has begun keeps its worker. That is the yes to it, and to nothing dearer.

        Raises `NotFound`, `NotAllowed`, `IllegalTransition` or `NothingCheaper`.
        """
        found = await self._store.read(lambda rows: queries.get(rows, task))
        if found is None:
            raise NotFound(kind="task", name=str(task), near=())
        self._policy.authorize(actor, Action.DECIDE, Resource("price", str(task), found.person))

        def move(tx: Tx) -> Candidate:
            now = queries.get(tx, task)
            assert now is not None
            if now.state is not TaskState.WAITING or now.waiting not in _TOO_DEAR:
                raise IllegalTransition(task=task, state=now.state.value, event="cheaper")
            other = self._leasing.cheaper(tx, task)
            if other is None:
                raise NothingCheaper(task=task)
            self._tasks.move(tx, task, other.worker, other.model)
            self._leasing.consent.settle(tx, actor, task, other)
            self._tasks.wake(tx, task, "cheaper", actor=actor)
            return other

        return await self._store.write(move, first=True)

    def _follow(self, tx: Tx, actor: Actor, decided: Approval) -> None:
        if decided.kind == RAISE:
            if decided.state == "approved":
                self._raising.carry_out(tx, actor, decided)
            return
        task = queries.get(tx, decided.task)
        assert task is not None
        if decided.state == "denied" and decided.kind == "address":
            if task.state is TaskState.WAITING and task.waiting in UNDECIDED:
                self._tasks.wake(tx, task.id, "denied", actor=actor)
            return
        if decided.state == "denied":
            failure = Failure(
                code=Denied.code, data={"approval": decided.id, "actor": actor.key, "reason": ""}
            )
            conclusion = Conclusion(state="failed", failure=failure)
            self._leasing.end(tx, task.id, TaskEvent.CANCEL, conclusion, actor=actor)
            return
        if decided.instead:
            worker, model = (str(decided.allowed[name]) for name in ("worker", "model"))
            self._tasks.move(tx, task.id, worker, model)
        if task.state is TaskState.WAITING and task.waiting in UNDECIDED:
            self._tasks.wake(tx, task.id, "approved", actor=actor)


def _owners(rows: Rows, approval: Approval) -> tuple[str, ...]:
    """Whom policy has to think of: whoever decides must be another, or be the owner."""
    if approval.kind != RAISE:
        return (approval.asker,)
    task = queries.get(rows, approval.task) if approval.task else None
    return owners_of(approval, task.person if task else "")
