"""Leasing: which ready task starts, and a run's end. All of it inside a write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from swarm_core.budget.model import Payer
from swarm_core.dispatch import parking, tables
from swarm_core.dispatch.consent import ASK_AGAIN
from swarm_core.dispatch.events import EVERYTHING
from swarm_core.dispatch.limits import Limits
from swarm_core.dispatch.material import with_material
from swarm_core.dispatch.model import Assignment
from swarm_core.dispatch.rerouting import Rerouting
from swarm_core.dispatch.turns import Guests, next_ready
from swarm_core.kernel.actor import MEMBER, OWNER, SWARM, Actor
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import NobodyDecided, NoWorker, WorkerGone
from swarm_core.kernel.ids import Fence, RunId, TaskId
from swarm_core.people import Directory
from swarm_core.routing.model import Candidate
from swarm_core.steps.model import Conclusion, Failure
from swarm_core.steps.record import Ending, Recorded, Steps, Ticket
from swarm_core.steps.tables import spent_by
from swarm_core.store import Tx
from swarm_core.tasks import queries, queue
from swarm_core.tasks.model import Startable, TaskState
from swarm_core.tasks.rules import TaskEvent
from swarm_core.tasks.tasks import Tasks


class LeaseRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`duration` of a lease; how many steps a run may make, by kind of task; the folder that
    people at the terminal may have read."""

    duration: timedelta
    ask_steps: int
    task_steps: int
    workspace: Path | None


class Leased(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A run given out: what to do, the ticket to act with, what is recorded of it already."""

    assignment: Assignment
    ticket: Ticket
    recorded: Sequence[Recorded]


class Leasing:
    """Gives out runs and takes them back."""

    def __init__(
        self, tasks: Tasks, rerouting: Rerouting, directory: Directory, rules: LeaseRules
    ) -> None:
        self._tasks = tasks
        self.rerouting = rerouting
        self.consent = rerouting.consent
        self.directory = directory
        self.limits: Limits | None = None  # set by the composition root
        self._rules = rules
        self.steps: Steps
        self.models: Mapping[str, str] = {}
        """The usual model of each worker there is; set with `steps` by the composition root."""
        self.talkers: frozenset[str] = frozenset()
        """Workers that are given the conversation and the labels of what they do."""
        self.only: frozenset[TaskId] | None = None
        """The tasks that may start; None for all."""

    def adopt(self, rules: LeaseRules, models: Mapping[str, str], talkers: frozenset[str]) -> None:
        """From here on these rules hold, and these workers are there."""
        self._rules, self.models, self.talkers = rules, models, talkers

    def until(self, tx: Tx) -> Micros:
        return to_micros(tx.now + self._rules.duration)

    def claim(self, tx: Tx, concurrency: int) -> list[Leased]:
        """Lease the next ready tasks of each worker, up to `concurrency` runs at once."""
        stopped = tables.stops(tx)
        if EVERYTHING in stopped:
            return []
        waiting = queue.ready_workers(tx)
        taken = tables.places_taken(tx, self.only) if waiting else {}
        guests = Guests(tx, self.limits) if waiting else None
        return [
            self._lease(tx, task)
            for worker in waiting
            if (free := concurrency - taken.get(worker, 0)) > 0 and worker in self.models
            for task in next_ready(tx, worker, free, stopped, self.only, guests)
            if not self._held_back(tx, task)
        ]

    def _held_back(self, tx: Tx, task: Startable) -> bool:
        """Whether `task` waits, instead of running, for a yes it needs."""
        held = self.consent.held_back(tx, task)
        if held:
            self.park(tx, task.id, held.reason, held.data, until=held.until)
        return held is not None

    def take_back(self, tx: Tx, run: RunId, task: TaskId) -> Leased | None:
        """Lease a run again whose process or lease is gone; it resumes at its next step.

        None when its worker is gone: the task then failed, retryable.
        """
        self.steps.abandon(tx, task, run)
        found = queue.startable(tx, task)
        if found.worker not in self.models:
            gone = Failure(code=WorkerGone.code, data={"worker": found.worker})
            self.end(tx, task, TaskEvent.FAIL, Conclusion(state="failed", failure=gone))
            return None
        return None if self._held_back(tx, found) else self._lease(tx, found)

    def reroute_orphans(self, tx: Tx) -> None:
        """Tasks that wait for a worker that is gone go to whoever can do them now, or fail,
        retryable. One that it had begun fails: nobody else can go on from another's record."""
        for task in queue.without_worker(tx, tuple(self.models)):
            found = queue.startable(tx, task)
            if found.state is TaskState.FAILED:  # with one it waits for
                continue
            gone = Failure(code=WorkerGone.code, data={"worker": found.worker})
            failed = Conclusion(state="failed", failure=gone)
            if found.run is not None:
                self.end(tx, task, TaskEvent.FAIL, failed)
                continue
            if not self.rerouting.move(tx, SWARM, task, wishes=False):
                self.end(tx, task, TaskEvent.FAIL, failed)

    def ask_again(self, tx: Tx, actor: Actor, task: TaskId) -> None:
        """Have a task that nobody decided on routed and asked for anew; one that has a run goes
        on to where it needs the yes."""
        self._tasks.wake(tx, task, "asked_again", actor=actor)
        begun = queue.begun_run(tx, task) is not None
        if not begun and not self.rerouting.move(tx, actor, task):
            none = Failure(code=NoWorker.code)
            self.end(tx, task, TaskEvent.FAIL, Conclusion(state="failed", failure=none))

    def cheaper(self, tx: Tx, task: TaskId) -> Candidate | None:
        """Who could do `task` for less; of the same worker when it has begun."""
        return self.rerouting.cheaper(tx, queue.startable(tx, task))

    def wait_over(self, tx: Tx, task: TaskId) -> None:
        """The instant has come until which `task` waits: it goes on, or nobody wanted it."""
        found = queries.get(tx, task)
        if found and found.waiting in ASK_AGAIN:
            nobody = Failure(code=NobodyDecided.code)
            self.end(tx, task, TaskEvent.CANCEL, Conclusion(state="failed", failure=nobody))
        else:
            self._tasks.wake(tx, task, "due")

    def _lease(self, tx: Tx, task: Startable) -> Leased:
        resumed = task.run is not None
        run = RunId(tx.next_id("runs")) if task.run is None else task.run
        seq = self._tasks.start(
            tx,
            task.id,
            run,
            worker=task.worker,
            model=task.model or self.models[task.worker],
            attempt=task.attempts if resumed else task.attempts + 1,
            state=task.state,
            resumed=resumed,
        )
        fence = Fence(seq)
        tables.give(tx, run, task.id, task.worker, fence, self.until(tx))
        rules = self._rules
        directory, place = self.directory, task.place
        actor = _at_work(directory.actor_of(task.person))
        assignment = Assignment(
            task=task.id,
            text=tx.body(task.text_body) or "",
            kind=task.kind,
            actor=actor,
            place=place,
            worker=task.worker,
            workspace=directory.workspace(place, rules.workspace),
            model=task.model,
            model_wish=task.model_wish,
            standing=task.standing,
        )
        if task.worker in self.talkers:
            granted = self.consent.granted(tx, task.id, run)
            assignment = with_material(tx, assignment, task.person, granted)
        ticket = Ticket(
            task=task.id,
            run=run,
            payer=Payer(
                person=task.person if OWNER in actor.roles else directory.whose(task.person),
                place=f"{place.surface}/{place.space}",
                worker=task.worker,
                category=task.category,
                owner=OWNER in actor.roles,
                standing=task.standing,
            ),
            fence=fence,
            cap=task.cap,
            max_steps=rules.ask_steps if task.kind == "ask" else rules.task_steps,
        )
        recorded = self.steps.recorded(tx, run) if resumed else ()
        return Leased(assignment=assignment, ticket=ticket, recorded=recorded)

    def guard(self, tx: Tx, ticket: Ticket) -> None:
        """The step runner's seam: raises `StaleLease` for a zombie."""
        tables.guard(tx, ticket.run, ticket.fence)

    def finish(self, tx: Tx, ticket: Ticket, ending: Ending) -> None:
        """The step runner's seam: end the run and its task. Call `guard` first."""
        tables.end(tx, ticket.run)
        event = TaskEvent.FINISH if ending.conclusion.state == "done" else TaskEvent.FAIL
        self._end(tx, ticket.task, event, SWARM, ticket.run, ending)

    def end(
        self,
        tx: Tx,
        task: TaskId,
        event: TaskEvent,
        conclusion: Conclusion,
        *,
        actor: Actor = SWARM,
    ) -> RunId | None:
        """End a task whatever it is doing: its lease goes, open steps count as charged.

        Returns the run whose code is to be interrupted; a run that was parked ends as well.
        """
        leased = tables.drop(tx, task)
        run = leased if leased is not None else queue.begun_run(tx, task)
        ending = Ending(conclusion)
        if run is not None:
            self.steps.abandon(tx, task, run)
            ending = Ending(conclusion, *spent_by(tx, run))
        self._end(tx, task, event, actor, run, ending)
        return leased

    def _end(
        self,
        tx: Tx,
        task: TaskId,
        event: TaskEvent,
        actor: Actor,
        run: RunId | None,
        ending: Ending,
    ) -> None:
        conclusion, failure = ending.conclusion, ending.conclusion.failure
        result = ending.result
        if result is None and conclusion.text:
            result = tx.put_body(conclusion.text)
        self._tasks.end(
            tx,
            task,
            event,
            actor=actor,
            run=run,
            result=result,
            failure=failure.code if failure else None,
            failure_data=failure.data if failure else None,
            cost=ending.cost,
            steps=ending.steps,
        )

    def park(
        self,
        tx: Tx,
        task: TaskId,
        reason: str,
        data: dict[str, Any],
        *,
        actor: Actor = SWARM,
        until: Micros | None = None,
    ) -> RunId | None:
        """Take a task off its worker; its run goes on from its next step when it is woken, at
        `until` at the latest."""
        run = tables.drop(tx, task)
        if run is not None:
            self.steps.abandon(tx, task, run)
        self._tasks.park(tx, task, reason, data, actor=actor, run=run, until=until)
        return run

    def wake_for_providers(self, tx: Tx) -> None:
        """Wake what waits for a provider."""
        parking.wake_for_providers(tx, self._tasks)

    def wake_for_room(self, tx: Tx) -> None:
        """Wake what waits for room on the disk."""
        parking.wake_for_room(tx, self._tasks)

    def wake_affordable(self, tx: Tx, search: parking.Search) -> parking.Search:
        """Wake what waits for money and fits now, as far as one write goes."""
        return parking.wake_affordable(tx, self._tasks, self.steps.ledger.session, search)


def _at_work(actor: Actor) -> Actor:
    """For whom a run works. Only who is let ask has a task, also where that is by the word of a
    platform, which is not asked again: what a member's work may do, theirs may."""
    return actor if actor.roles else msgspec.structs.replace(actor, roles=frozenset({MEMBER}))
