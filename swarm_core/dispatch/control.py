"""What people do to work under way: cancel, retry, stop, resume."""

from __future__ import annotations

from swarm_core.approvals import Approval
from swarm_core.budget.model import Account
from swarm_core.dispatch import tables
from swarm_core.dispatch.consent import ASK_AGAIN, UNDECIDED
from swarm_core.dispatch.events import EVERYTHING, WorkResumed, WorkStopped
from swarm_core.dispatch.intake import Receipt
from swarm_core.dispatch.leasing import Leasing
from swarm_core.dispatch.pool import LocalPool
from swarm_core.dispatch.seeing import Seeing
from swarm_core.kernel.actor import SWARM, Actor
from swarm_core.kernel.errors import (
    AwaitsApproval,
    DecidedBefore,
    DependencyFailed,
    GivenUp,
    IllegalTransition,
    NothingToDecide,
    ScopeFrozen,
    Stopped,
    TextErased,
    Undecided,
)
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.policy import Action, Policy, Resource
from swarm_core.routing.model import Wanted
from swarm_core.routing.router import Router, routed, unserved
from swarm_core.steps import deciding
from swarm_core.steps.model import Conclusion, Decision, Doubt, Failure
from swarm_core.store import Store, Tx
from swarm_core.tasks import files, queries, queue, room
from swarm_core.tasks.model import Task, TaskState
from swarm_core.tasks.rules import TaskEvent
from swarm_core.tasks.tasks import Tasks

STOPPED = Stopped.code


class Control:
    """Interrupts and restarts work. Each change is recorded first; then code is interrupted, so
    a crash in between leaves only a zombie whose commits are refused."""

    def __init__(
        self,
        store: Store,
        tasks: Tasks,
        policy: Policy,
        router: Router,
        leasing: Leasing,
        pool: LocalPool,
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._policy = policy
        self._router = router
        self._leasing = leasing
        self._pool = pool
        self.seeing: Seeing
        """Set by the composition root."""

    async def cancel(self, actor: Actor, task: TaskId) -> None:
        """End an unfinished task. Raises `NotFound`, `AlreadyEnded`, `NotAllowed`."""
        await self._authorize(actor, Action.CANCEL_TASK, task)
        await self.give_way(task, actor)

    async def give_way(self, task: TaskId, actor: Actor = SWARM) -> None:
        """End an unfinished task that another takes the place of; nobody is asked whether it may.
        Raises `NotFound`, `AlreadyEnded`."""

        def cancel(tx: Tx) -> RunId | None:
            reason = Failure(code="cancelled_by", data={"actor": actor.key})
            conclusion = Conclusion(state="failed", failure=reason)
            return self._leasing.end(tx, task, TaskEvent.CANCEL, conclusion, actor=actor)

        self._interrupt([await self._store.write(cancel, first=True)])

    async def retry(
        self,
        actor: Actor,
        task: TaskId,
        *,
        yes: bool = False,
        max_cost: MicroUSD | None = None,
    ) -> Receipt:
        """Another run of a failed or cancelled task, routed anew; its price is asked about only
        when it is higher than what was approved for it before, or by `yes` and `max_cost` is now.

        Raises `NotFound`, `TextErased`, `IllegalTransition`, `NoWorker`... as intake does.
        """
        found = await self._authorize(actor, Action.RETRY_TASK, task)
        if found.text is None:
            raise TextErased(task=task)
        if yes or max_cost is not None:
            self._policy.authorize(actor, Action.DECIDE, Resource("price", "", found.person))
        limits = self._leasing.consent.limits
        if limits:
            limits.count(actor)
        wanted = Wanted(
            text=found.text or "",
            kind=found.kind,
            labels=await self._store.read(lambda rows: queue.labels_of(rows, task)),
            worker=found.wish,
            model=found.model_wish,
            files=await self._store.read(lambda rows: files.read(rows, task)),
            room=await self._store.read(lambda rows: room.read(rows, task)),
            asker=found.person,
            plain=bool(limits and limits.barred(found.person, found.model_wish)),
        )
        route = self._router.choose(wanted, self._pool.busy)
        chosen = route.chosen

        def retry(tx: Tx) -> tuple[TaskState, Approval | None]:
            worker = chosen.worker if chosen else None
            model = chosen.model if chosen else None
            state = self._tasks.retry(tx, actor, task, worker, model)
            tx.append(routed(route, found.wish), actor, task=task)
            if chosen is None:
                self._tasks.end(tx, task, TaskEvent.FAIL, failure=unserved(route))
                return TaskState.FAILED, None
            if state is TaskState.QUEUED and (need := self._tasks.doomed(tx, task)) is not None:
                lost = DependencyFailed.code
                self._tasks.end(
                    tx, task, TaskEvent.FAIL, failure=lost, failure_data={"needs": need}
                )
                return TaskState.FAILED, None
            asked = self._leasing.consent.price(
                tx, actor, task, chosen, route.candidates, yes=yes, max_cost=max_cost
            )
            return self._tasks.state(tx, task), asked

        state, asked = await self._store.write(retry, first=True)
        return Receipt(
            task=task,
            state=state,
            worker=chosen.worker if chosen else None,
            model=chosen.model if chosen else None,
            most=chosen.most if chosen else ZERO,
            approval=asked,
        )

    async def stop(self, actor: Actor, scope: TaskId | str) -> int:
        """Stop one task (an id), one person's tasks (their key), or `EVERYTHING`, until it is
        resumed, across restarts. Returns how many tasks were interrupted."""
        if isinstance(scope, int):
            await self._authorize(actor, Action.STOP, scope)
        else:
            self._policy.authorize(actor, Action.STOP, _work(scope))

        def stop(tx: Tx) -> list[RunId | None]:
            if isinstance(scope, int):
                return [self._stop_one(tx, actor, TaskId(scope))]
            tx.append(WorkStopped(scope=scope), actor)
            person = None if scope == EVERYTHING else scope
            return [self._park(tx, actor, task, scope) for task in queue.running(tx, person)]

        runs = await self._store.write(stop, first=True)
        self._interrupt(runs)
        return len(runs)

    def _stop_one(self, tx: Tx, actor: Actor, task: TaskId) -> RunId | None:
        state = self._tasks.state(tx, task)
        if state not in (TaskState.READY, TaskState.RUNNING):
            raise IllegalTransition(task=task, state=state.value, event="stop")
        return self._park(tx, actor, task, f"task/{task}")

    def _park(self, tx: Tx, actor: Actor, task: TaskId, scope: str) -> RunId | None:
        return self._leasing.park(tx, task, STOPPED, {"scope": scope}, actor=actor)

    async def resume(self, actor: Actor, scope: TaskId | str) -> int:
        """Undo a stop of the same scope. Returns how many tasks go on.

        Raises `Undecided` for a task that waits for a decision: that is what lets it go on.
        """
        if isinstance(scope, int):
            await self._authorize(actor, Action.RESUME, scope)
        else:
            self._policy.authorize(actor, Action.RESUME, _work(scope))

        def resume(tx: Tx) -> int:
            name = f"task/{scope}" if isinstance(scope, int) else scope
            if isinstance(scope, int):
                found = queries.get(tx, TaskId(scope))
                if found is None or found.state is not TaskState.WAITING:
                    state = found.state.value if found else ""
                    raise IllegalTransition(task=scope, state=state, event="resume")
                if found.waiting == Undecided.code:
                    raise Undecided(**found.waiting_data)
                if found.waiting in UNDECIDED:
                    approval = found.waiting_data["approval"]
                    raise AwaitsApproval(task=scope, approval=approval)
                if found.waiting in ASK_AGAIN:
                    self._leasing.ask_again(tx, actor, TaskId(scope))
                    return 1
                self._tasks.wake(tx, TaskId(scope), "resumed", actor=actor)
                return 1
            if scope in tables.stops(tx):
                tx.append(WorkResumed(scope=scope), actor)
            waiting = [
                task for task, data in queue.waiting_for(tx, STOPPED) if data["scope"] == name
            ]
            for task in waiting:
                self._tasks.wake(tx, task, "resumed", actor=actor)
            return len(waiting)

        return await self._store.write(resume, first=True)

    async def thaw(self, actor: Actor) -> tuple[tuple[Account, ...], int]:
        """Let budgets that a bill above its hold froze take holds again, and wake what waits for
        that. Returns the accounts as they stood, and how many tasks go on."""
        self._policy.authorize(actor, Action.THAW_BUDGET, Resource("budget"))

        def thaw(tx: Tx) -> tuple[tuple[Account, ...], int]:
            frozen = self._leasing.steps.ledger.thaw(tx, actor)
            waiting = queue.waiting_for(tx, ScopeFrozen.code) if frozen else []
            for task, _ in waiting:
                self._tasks.wake(tx, task, "thawed", actor=actor)
            return frozen, len(waiting)

        return await self._store.write(thaw, first=True)

    async def decide(
        self, actor: Actor, task: TaskId, decision: Decision, attempt: int | None = None
    ) -> None:
        """Decide on the step of unknown outcome that `task` waits with: make it once more, under
        a hold of its own, or take it as not done, which fails the task, retryable.

        `attempt` is the try that was looked at. Raises `NotFound`, `NothingToDecide`,
        `DecidedBefore`, `NotAllowed`; so a second press does nothing.
        """
        await self._authorize(actor, Action.DECIDE_STEP, task)

        def decide(tx: Tx) -> None:
            run, doubt = self._in_doubt(tx, task)
            if attempt not in (None, doubt.attempt):
                raise DecidedBefore(task=task, n=doubt.n)
            deciding.decide(tx, actor, task, run, doubt, decision)
            if decision == "repeat":
                self._tasks.wake(tx, task, "decided", actor=actor)
                return
            failure = Failure(
                code=GivenUp.code,
                data={"n": doubt.n, "name": doubt.name, "actor": actor.key},
            )
            conclusion = Conclusion(state="failed", failure=failure)
            self._leasing.end(tx, task, TaskEvent.FAIL, conclusion, actor=actor)

        await self._store.write(decide, first=True)

    def _in_doubt(self, tx: Tx, task: TaskId) -> tuple[RunId, Doubt]:
        found = queries.get(tx, task)
        if found and found.waiting == Undecided.code and found.run is not None:
            doubt = deciding.in_doubt(tx, found.run, found.waiting_data["n"])
            if doubt is not None:
                return found.run, doubt
        state = found.state.value if found else ""
        raise NothingToDecide(task=task, state=state)

    def _interrupt(self, runs: list[RunId | None]) -> None:
        for run in runs:
            if run is not None:
                self._pool.cancel(run)

    async def _authorize(self, actor: Actor, action: Action, task: TaskId) -> Task:
        return await self.seeing.task(actor, action, task)


def _work(scope: str) -> Resource:
    """All of it, or one person's."""
    return Resource("work", scope, "" if scope == EVERYTHING else scope)
