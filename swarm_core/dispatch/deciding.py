"""What people decide about what waits for them, and what follows, in one transaction."""

from __future__ import annotations

from swarm_core.approvals import Approval
from swarm_core.approvals import tables as approved
from swarm_core.approvals.model import Verdict
from swarm_core.dispatch.consent import UNDECIDED
from swarm_core.dispatch.leasing import Leasing
from swarm_core.kernel.actor import Actor
from swarm_core.kernel.errors import Denied, NotFound, TooLate, WaggleError
from swarm_core.kernel.text import clip, escaped
from swarm_core.policy import Action, Policy, Resource
from swarm_core.steps.model import Conclusion, Failure
from swarm_core.store import Store, Tx
from swarm_core.tasks import queries
from swarm_core.tasks.model import TaskState
from swarm_core.tasks.rules import TaskEvent
from swarm_core.tasks.tasks import Tasks

MOST_SHOWN = 100


class Deciding:
    """Takes decisions. Each is one commit with all that follows from it, so a crash leaves either
    both or neither, and two at once are one after the other."""

    def __init__(self, store: Store, tasks: Tasks, policy: Policy, leasing: Leasing) -> None:
        self._store = store
        self._tasks = tasks
        self._policy = policy
        self._leasing = leasing

    async def open_ones(self) -> list[Approval]:
        """What waits for a decision, what expires first in front."""
        return await self._store.read(approved.open_ones)

    async def latest(self) -> list[Approval]:
        """The last that were asked, whatever became of them."""
        return await self._store.read(lambda rows: approved.latest(rows, MOST_SHOWN))

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

        Raises `NotFound`, `NotAllowed`, `AlreadyDecided`, `TooLate`, `OtherAction` or
        `NothingCheaper`; then nothing was done, and that it was tried is recorded.
        """
        approval = clip(escaped(approval), 60)
        asked = await self._store.read(lambda rows: approved.get(rows, approval))
        if asked is None:
            raise NotFound(kind="approval", name=approval, near=())
        self._policy.authorize(actor, Action.DECIDE, Resource(asked.kind, asked.id, asked.asker))

        def decide(tx: Tx) -> Approval | WaggleError:
            found = approved.get(tx, approval)
            assert found is not None
            consent = self._leasing.consent
            problem = consent.approvals.decide(
                tx,
                actor,
                found,
                verdict,
                digest=consent.present(tx, found),
                instead=instead,
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

    def _follow(self, tx: Tx, actor: Actor, decided: Approval) -> None:
        task = queries.get(tx, decided.task)
        assert task is not None
        if decided.state == "denied":
            failure = Failure(code=Denied.code, data={"approval": decided.id, "actor": actor.key})
            conclusion = Conclusion(state="failed", failure=failure)
            self._leasing.end(tx, task.id, TaskEvent.CANCEL, conclusion, actor=actor)
            return
        if decided.instead:
            worker, model = (str(decided.allowed[name]) for name in ("worker", "model"))
            self._tasks.move(tx, task.id, worker, model)
        if task.state is TaskState.WAITING and task.waiting in UNDECIDED:
            self._tasks.wake(tx, task.id, "approved", actor=actor)
