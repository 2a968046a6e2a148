"""The tasks: every change of a task's state, as one call inside a transaction."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import msgspec

from swarm_core.kernel.actor import SWARM, Actor, Place
from swarm_core.kernel.clock import Micros
from swarm_core.kernel.errors import AlreadyEnded, DependencyFailed, NotFound
from swarm_core.kernel.ids import LARGEST, RunId, Seq, TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.kernel.text import fold
from swarm_core.settings import Settings
from swarm_core.store import BodyRef, Tx
from swarm_core.tasks import events as ev
from swarm_core.tasks.model import FINISHED, Labels, Request, TaskState
from swarm_core.tasks.rules import TaskEvent, after, rank
from swarm_core.tasks.tables import FAIRNESS


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """How ready tasks are ordered. Microseconds."""

    weight: int = 60_000_000
    quantum: int = 1_000_000

    @classmethod
    def of(cls, settings: Settings) -> Order:
        rules, micro = settings.tasks, timedelta(microseconds=1)
        return cls(weight=rules.priority_weight // micro, quantum=rules.fairness_quantum // micro)


def request_digest(key: bytes, person: str, place: Place, request: Request) -> str:
    """How an identical request is known, without the journal giving the text away.

    Keyed, so that nobody can test guesses against it without the swarm's own key.
    """
    parts = (
        person,
        place.surface,
        place.space,
        place.thread,
        request.kind,
        request.worker or "",
        request.model or "",
        fold(request.text),
        *((file.name, file.digest) for file in request.files),
    )
    material = repr(parts).encode("utf-8", "surrogatepass")  # quoted: no part can pass for two
    return hashlib.blake2b(material, key=key, digest_size=16).hexdigest()


class Tasks:
    """Changes tasks. Every method runs inside a write and records exactly one fact."""

    def __init__(self, order: Order) -> None:
        self._order = order

    def known(self, tx: Tx, key: str | None) -> TaskId | None:
        """The task an inbound event with this key already made."""
        if key is None:
            return None
        row = tx.execute(
            "select id from tasks where key = ?1 union all"
            " select task from task_keys where key = ?1",
            (key,),
        ).fetchone()
        return TaskId(row[0]) if row else None

    def unfinished_twin(self, tx: Tx, digest: str) -> TaskId | None:
        """An identical request that has not ended."""
        row = tx.execute(
            "select id from tasks where request = ? and ended is null", (digest,)
        ).fetchone()
        return TaskId(row[0]) if row else None

    def accept(
        self,
        tx: Tx,
        actor: Actor,
        request: Request,
        *,
        digest: str,
        labels: Labels,
        worker: str | None,
        cap: MicroUSD | None,
        model: str | None = None,
    ) -> tuple[TaskId, Seq, TaskState]:
        """Take a request in; returns its id, the fact, and whether it is queued or ready.

        Raises `NotFound` for a dependency that does not exist. Ids only grow and a task can
        only need older ones, so there are no cycles.
        """
        task = TaskId(tx.next_id("tasks"))
        blocked, needs = False, tuple(dict.fromkeys(request.needs))
        for need in needs:
            blocked = self.state(tx, need) is not TaskState.DONE or blocked
        row = tx.tallies.get(FAIRNESS, actor.key)
        place, virtual = rank(
            tx.at,
            row[0] if row else 0,
            request.priority,
            weight=self._order.weight,
            quantum=self._order.quantum,
        )
        seq = tx.append(
            ev.TaskAccepted(
                text=tx.put_body(request.text),
                task_kind=request.kind,
                person=actor.key,
                place=request.place,
                labels=labels,
                priority=request.priority,
                rank=place,
                virtual=virtual,
                cap=cap,
                needs=needs,
                blocked=blocked,
                key=request.key,
                request=digest,
                wish=request.worker,
                worker=worker,
                deadline=request.deadline,
                parent=request.parent,
                model=model,
                model_wish=request.model,
                standing=request.standing,
            ),
            actor,
            task=task,
        )
        return task, seq, TaskState.QUEUED if blocked else TaskState.READY

    def join(self, tx: Tx, actor: Actor, task: TaskId, key: str | None) -> None:
        tx.append(ev.TaskJoined(key=key), actor, task=task)

    def link(self, tx: Tx, task: TaskId, other: TaskId, percent: int) -> None:
        tx.append(ev.TaskLinked(other=other, percent=percent), SWARM, task=task)

    def state(self, tx: Tx, task: TaskId) -> TaskState:
        """Raises `NotFound`."""
        return self.standing(tx, task)[0]

    def standing(self, tx: Tx, task: TaskId) -> tuple[TaskState, Place]:
        """A task's state, and where it is told. Raises `NotFound`."""
        row = tx.execute(
            "select t.state, coalesce(a.surface, t.surface), coalesce(a.space, t.space),"
            " coalesce(a.thread, t.thread) from tasks t left join told_at a on a.task = t.id"
            " where t.id = ?",
            (min(task, LARGEST),),
        ).fetchone()
        if row is None:
            raise NotFound(kind="task", name=str(task), near=())
        return TaskState(row[0]), Place(surface=row[1], space=row[2], thread=row[3])

    def move(self, tx: Tx, task: TaskId, worker: str, model: str | None = None) -> None:
        tx.append(ev.TaskMoved(worker=worker, model=model), SWARM, task=task)

    def start(
        self,
        tx: Tx,
        task: TaskId,
        run: RunId,
        *,
        worker: str,
        model: str,
        attempt: int,
        state: TaskState,
        resumed: bool,
    ) -> Seq:
        """A worker has it. `state` is what the caller has just read in this transaction."""
        again = state is TaskState.RUNNING
        after(task, state, TaskEvent.RESUME if again else TaskEvent.START)
        event = ev.TaskStarted(worker=worker, model=model, attempt=attempt, resumed=resumed)
        return tx.append(event, SWARM, task=task, run=run)

    def park(
        self,
        tx: Tx,
        task: TaskId,
        reason: str,
        data: dict[str, Any],
        *,
        actor: Actor = SWARM,
        run: RunId | None = None,
        until: Micros | None = None,
    ) -> Seq:
        state, place = self.standing(tx, task)
        after(task, state, TaskEvent.PARK)
        event = ev.TaskParked(reason=reason, data=data, until=until, place=place)
        return tx.append(event, actor, task=task, run=run)

    def wake(self, tx: Tx, task: TaskId, reason: str, *, actor: Actor = SWARM) -> Seq:
        after(task, self.state(tx, task), TaskEvent.WAKE)
        return tx.append(ev.TaskWoken(reason=reason), actor, task=task)

    def end(
        self,
        tx: Tx,
        task: TaskId,
        event: TaskEvent,
        *,
        actor: Actor = SWARM,
        run: RunId | None = None,
        result: BodyRef | None = None,
        failure: str | None = None,
        failure_data: dict[str, Any] | None = None,
        cost: MicroUSD = ZERO,
        steps: int = 0,
        cause: Seq | None = None,
    ) -> Seq:
        """Finish, fail or cancel. Raises `AlreadyEnded` when it has ended."""
        state, place = self.standing(tx, task)
        if state in FINISHED:
            raise AlreadyEnded(task=task, state=state.value)
        return tx.append(
            ev.TaskEnded(
                outcome=after(task, state, event),
                place=place,
                result=result,
                failure=failure,
                failure_data=failure_data or {},
                cost=cost,
                steps=steps,
            ),
            actor,
            task=task,
            run=run,
            cause=cause,
        )

    def retry(
        self, tx: Tx, actor: Actor, task: TaskId, worker: str | None, model: str | None = None
    ) -> TaskState:
        """Another run of a failed or cancelled task. Raises `IllegalTransition` otherwise."""
        blocked = self._blocked(tx, task)
        event = TaskEvent.RETRY_BLOCKED if blocked else TaskEvent.RETRY
        state = after(task, self.state(tx, task), event)
        (priority,) = tx.execute("select priority from tasks where id = ?", (task,)).fetchone()
        place, _ = rank(tx.at, 0, priority, weight=self._order.weight, quantum=self._order.quantum)
        retried = ev.TaskRetried(rank=place, blocked=blocked, worker=worker, model=model)
        tx.append(retried, actor, task=task)
        return state

    def doomed(self, tx: Tx, task: TaskId) -> TaskId | None:
        """What `task` needs and will not come: it has failed or was cancelled."""
        row = tx.execute(
            "select n.needs from task_needs n join tasks t on t.id = n.needs where n.task = ?"
            " and t.state in ('failed', 'cancelled') order by n.needs limit 1",
            (task,),
        ).fetchone()
        return TaskId(row[0]) if row else None

    def unblock_dependents(self, tx: Tx, task: TaskId, cause: Seq) -> list[TaskId]:
        """After `task` is done: those that waited only for it become ready."""
        freed = []
        for dependent in self._dependents(tx, task):
            if not self._blocked(tx, dependent):
                after(dependent, self.state(tx, dependent), TaskEvent.UNBLOCK)
                tx.append(ev.TaskUnblocked(), SWARM, task=dependent, cause=cause)
                freed.append(dependent)
        return freed

    def fail_dependents(self, tx: Tx, task: TaskId, cause: Seq) -> None:
        """After `task` failed or was cancelled: what waits for it cannot be done, nor what waits
        for that, however far down."""
        failed = [task]
        for need in failed:
            for dependent in self._dependents(tx, need):
                self.end(
                    tx,
                    dependent,
                    TaskEvent.FAIL,
                    failure=DependencyFailed.code,
                    failure_data={"needs": need},
                    cause=cause,
                )
                failed.append(dependent)

    def _dependents(self, tx: Tx, task: TaskId) -> list[TaskId]:
        found = tx.execute(
            "select n.task from task_needs n join tasks t on t.id = n.task"
            " where n.needs = ? and t.state = 'queued' order by n.task",
            (task,),
        ).fetchall()
        return [TaskId(row[0]) for row in found]

    def _blocked(self, tx: Tx, task: TaskId) -> bool:
        return (
            tx.execute(
                "select 1 from task_needs n join tasks t on t.id = n.needs"
                " where n.task = ? and t.state != 'done' limit 1",
                (task,),
            ).fetchone()
            is not None
        )
