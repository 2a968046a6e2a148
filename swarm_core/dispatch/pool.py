"""The local pool: runs workers as asyncio tasks in this process."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec

from swarm_core.budget.rules import renewal
from swarm_core.dispatch.leasing import Leased, Leasing
from swarm_core.dispatch.model import Runner
from swarm_core.dispatch.parking import PROVIDERS, ROOM
from swarm_core.kernel.about import begin_about
from swarm_core.kernel.clock import to_micros
from swarm_core.kernel.errors import (
    AddressAsked,
    CeilingReached,
    Closing,
    DearerFallback,
    Internal,
    OverBudget,
    ResultKept,
    ScopeFrozen,
    StaleLease,
    Undecided,
    WaggleError,
)
from swarm_core.kernel.ids import Fence, RunId, TaskId
from swarm_core.kernel.text import describe
from swarm_core.steps.live import LiveRun
from swarm_core.steps.model import Conclusion, Failure
from swarm_core.steps.record import Steps
from swarm_core.store import Store, Tx

log = logging.getLogger(__name__)


_GRACE = 5.0
"""Seconds an interrupted run has for its own cleaning up."""


ASKING = (DearerFallback, AddressAsked)
"""What a run needs somebody's yes for."""
PARKING = (OverBudget, ScopeFrozen, Undecided, ResultKept, *ASKING, *PROVIDERS, *ROOM)
"""What a task waits out, with its run: none of it is the task's own fault."""
LATER_SECONDS = 3_600
"""How long it waits for what only a person can mend; a start looks again at once."""


class PoolRules(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds a run may take in one go, by kind of task."""

    ask_seconds: float
    task_seconds: float


class LocalPool:
    """Carries out leased runs and turns whatever happens in one into a visible outcome."""

    def __init__(
        self,
        store: Store,
        steps: Steps,
        leasing: Leasing,
        runners: Mapping[str, Runner],
        rules: PoolRules,
    ) -> None:
        self._store = store
        self._steps = steps
        self._leasing = leasing
        self._runners = runners
        self._rules = rules
        self._active: dict[RunId, tuple[asyncio.Task[None], Leased]] = {}
        self._going: set[asyncio.Task[None]] = set()
        """All that are not over, also those that were cancelled and do not let go: the loop alone
        does not keep them, and one that is thrown away would hold its place for ever."""
        self._overdue: set[asyncio.Task[None]] = set()
        self.busy: Counter[str] = Counter()
        """Runs under way by worker."""

    def start(self, leased: Leased) -> None:
        """Carry out a run in the background. A run of the same id that is still here is a
        zombie and is cancelled."""
        run = leased.ticket.run
        self.cancel(run)
        worker = leased.assignment.worker
        self.busy[worker] += 1
        task = asyncio.create_task(self._carry(leased), name=f"run-{run}")
        self._active[run] = (task, leased)
        self._going.add(task)
        task.add_done_callback(lambda done: self._gone(run, worker, done))

    def _gone(self, run: RunId, worker: str, task: asyncio.Task[None]) -> None:
        self._going.discard(task)
        self.busy[worker] -= 1
        current = self._active.get(run)
        if current and current[0] is task:
            del self._active[run]
        if not task.cancelled() and (error := task.exception()):
            # The run stays leased and is taken back when the lease runs out or at restart.
            log.error("run %s could not be recorded", run, exc_info=error)

    def cancel(self, run: RunId) -> None:
        """Stop a run's code at once. Its state is the canceller's to record."""
        if run in self._active:
            self._active.pop(run)[0].cancel()

    def leases(self) -> list[tuple[RunId, Fence]]:
        """The leases to keep alive. Called from the writer's thread, hence the copy."""
        return [(run, leased.ticket.fence) for run, (_, leased) in list(self._active.items())]

    def adopt(self, rules: PoolRules) -> None:
        """From here on these rules hold for what begins."""
        self._rules = rules

    def running(self) -> list[TaskId]:
        """The tasks that runs are under way for."""
        return [leased.ticket.task for _, leased in self._active.values()]

    async def those_under_way(self) -> None:
        """Until every run that is under way now is over."""
        if tasks := [task for task, _ in self._active.values()]:
            await asyncio.wait(tasks)

    async def drain(self, seconds: float, hurry: asyncio.Future[Any] | None = None) -> list[TaskId]:
        """Let runs finish for a while, or until `hurry` is done, then interrupt the rest: they
        resume at the next start. One that will not be interrupted is left behind; it can record
        nothing any more. Returns whose runs were interrupted."""
        active = list(self._active.values())
        finishing = asyncio.gather(*(task for task, _ in active), return_exceptions=True)
        await asyncio.wait(
            (finishing, *((hurry,) if hurry else ())),
            timeout=seconds,
            return_when=asyncio.FIRST_COMPLETED,
        )
        left = [(task, leased.ticket.task) for task, leased in active if task.cancel()]
        if left:
            await asyncio.wait([task for task, _ in left], timeout=_GRACE)
        finishing.cancel()
        return [number for _, number in left]

    async def _carry(self, leased: Leased) -> None:
        assignment, ticket = leased.assignment, leased.ticket
        live = LiveRun(self._steps, ticket, leased.recorded)
        seconds = self._rules.ask_seconds if assignment.kind == "ask" else self._rules.task_seconds
        loop = asyncio.get_running_loop()
        limit = loop.call_later(seconds, self._out_of_time, leased, live, int(seconds))
        begin_about(task=ticket.task, run=ticket.run, worker=assignment.worker)
        try:
            conclusion = await self._runners[assignment.worker].run(assignment, live)
            await live.conclude(conclusion)
        except (StaleLease, Closing):
            return
        except PARKING as error:
            await self._park(leased, error)
        except WaggleError as error:
            await self._fail(live, error)
        except Exception as error:
            log.exception("run %s of task %s failed", ticket.run, ticket.task)
            await self._fail(live, Internal(problem=describe(error)))
        finally:
            limit.cancel()

    def _out_of_time(self, leased: Leased, live: LiveRun, seconds: int) -> None:
        task = asyncio.create_task(self._end_overdue(leased, live, seconds), name="overdue")
        self._overdue.add(task)
        task.add_done_callback(self._overdue.discard)

    async def _end_overdue(self, leased: Leased, live: LiveRun, seconds: int) -> None:
        """The end is recorded first, then the code interrupted: it may not let go."""
        ceiling = CeilingReached(limit="time", value=seconds, unit="seconds")
        try:
            if await self._fail(live, ceiling):
                self.cancel(leased.ticket.run)
        except Closing:
            return
        except WaggleError:
            log.exception("the end of run %s could not be recorded", leased.ticket.run)

    async def _fail(self, live: LiveRun, error: WaggleError) -> bool:
        """Whether the run could still be ended."""
        failure = Failure(code=error.code, data=dict(error.data))
        try:
            await live.conclude(Conclusion(state="failed", failure=failure))
        except StaleLease:
            return False
        return True

    async def _park(self, leased: Leased, error: WaggleError) -> None:
        def park(tx: Tx) -> None:
            self._leasing.guard(tx, leased.ticket)
            over = renewal(str(error.data["scope"])) if isinstance(error, OverBudget) else None
            if isinstance(error, (*PROVIDERS, *ROOM)):
                seconds = error.data.get("seconds")
                wait = seconds if isinstance(seconds, int) else LATER_SECONDS
                over = tx.now + timedelta(seconds=wait)
            data = dict[str, Any](error.data)
            if isinstance(error, ASKING):
                ticket = leased.ticket
                data = self._leasing.consent.asked(tx, ticket.task, ticket.run, error)
            self._leasing.park(
                tx,
                leased.ticket.task,
                error.code,
                data,
                until=to_micros(over) if over else None,
            )

        try:
            await self._store.keep(park)
        except StaleLease:
            return
