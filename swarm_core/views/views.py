"""The read side: what people and programs are shown, composed over the rooms in few queries.

Every method reads one snapshot off the event loop. The values are plain data; `--json` prints
them as they are, and surfaces find the words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from swarm_core.budget import standing as money
from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import Account, Payer
from swarm_core.dispatch import tables as dispatch
from swarm_core.dispatch.spending import lacking
from swarm_core.kernel.actor import OWNER
from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.kernel.errors import NotFound, PastGone, Undecided
from swarm_core.kernel.ids import LARGEST, RunId, TaskId
from swarm_core.kernel.money import MicroUSD
from swarm_core.notices import tables as notices
from swarm_core.people import Directory
from swarm_core.routing.router import Router
from swarm_core.steps import tables as steps
from swarm_core.steps.deciding import in_doubt
from swarm_core.steps.model import Doubt
from swarm_core.store import Fact, Rows, Store
from swarm_core.tasks import files, room
from swarm_core.tasks import queries as tasks
from swarm_core.tasks.model import EVERYTHING_SEEN, Sight, Task, TaskState
from swarm_core.views.asked import AskedView, asked
from swarm_core.views.board import Board, board
from swarm_core.views.failing import Failing, failing
from swarm_core.views.judging import raising, with_reason
from swarm_core.views.stamping import stamp_of
from swarm_core.views.values import (
    CardView,
    FileView,
    Link,
    Need,
    StatusView,
    StepView,
    TaskView,
    WorkerView,
)
from swarm_core.views.whole import WholeView, whole


class Views:
    """Reads for people. `started` is when this swarm was opened."""

    def __init__(self, store: Store, ledger: Ledger, router: Router, directory: Directory) -> None:
        self._store = store
        self._ledger = ledger
        self._router = router
        self._directory = directory
        self._started = to_micros(store.clock.now())

    async def task(self, task: TaskId) -> TaskView:
        """Raises `NotFound`."""
        return await self._store.read(lambda rows: _task_view(rows, task))

    async def taken_in(self, task: TaskId) -> tuple[TaskView, tuple[str, ...]]:
        """The task, and the scopes that are stopped: what a receipt tells, at one look. Raises
        `NotFound`."""
        return await self._store.read(lambda rows: (_task_view(rows, task), dispatch.stops(rows)))

    async def stops(self) -> tuple[str, ...]:
        """The scopes that are stopped."""
        return await self._store.read(dispatch.stops)

    async def asked(self, approval: str) -> AskedView:
        """One approval, and what a person has to know to decide on it. Raises `NotFound`."""
        return await self._store.read(lambda rows: asked(rows, approval))

    async def whole(self, task: TaskId) -> WholeView:
        """The task with every text of it, uncut. Raises `NotFound`."""
        return await whole(self._store, task)

    async def cards(self, ids: Sequence[TaskId]) -> list[CardView]:
        """The cards of these tasks, those that exist, in this order."""
        return await self._store.read(
            lambda rows: [card for task in ids if (card := _card(rows, task))]
        )

    async def open_of(self, person: str) -> int:
        """How many unfinished tasks a person has."""
        return await self._store.read(lambda rows: tasks.count_of(rows, person))

    async def listing(
        self,
        *,
        states: tuple[TaskState, ...] = (),
        person: str | None = None,
        sight: Sight = EVERYTHING_SEEN,
        before: TaskId | None = None,
        most: int = 20,
    ) -> list[Task]:
        """Tasks, newest first."""
        return await self._store.read(
            lambda rows: tasks.listing(
                rows, states=states, person=person, sight=sight, before=before, most=most
            )
        )

    async def why(self, task: TaskId) -> list[Fact]:
        """The task's facts in order. Raises `NotFound`; `PastGone` when they were deleted."""
        history = await self._store.history(task) if task <= LARGEST else []
        if not history:
            there = task <= LARGEST and await self._store.read(lambda r: bool(tasks.get(r, task)))
            if there:
                raise PastGone(task=task)
            raise NotFound(kind="task", name=str(task), near=())
        return history

    async def status(self) -> StatusView:
        now = self._store.clock.now()
        midnight = to_micros(now.replace(hour=0, minute=0, second=0, microsecond=0))

        def read(rows: Rows) -> StatusView:
            day = money.accounts(rows, (f"day/{now:%Y-%m-%d}",))
            account = next(iter(day.values()), None)
            return StatusView(
                open=tasks.open_counts(rows),
                ended=tasks.ended_counts(rows, midnight),
                since=midnight,
                spent_today=account.spent if account else MicroUSD(0),
                held_now=account.held if account else MicroUSD(0),
                stops=dispatch.stops(rows),
                unread=tuple(notices.unread(rows, "terminal")),
                workers=len(self._router.workers()),
                started=self._started,
                now=to_micros(now),
            )

        return await self._store.read(read)

    async def workers(self, busy: Mapping[str, int]) -> list[WorkerView]:
        """All workers by tier and name, with their record."""

        def read(rows: Rows) -> list[WorkerView]:
            records = tasks.records(rows)
            ready = tasks.ready_counts(rows)
            return [
                WorkerView(
                    worker=worker,
                    running=busy.get(name, 0),
                    ready=ready.get(name, 0),
                    done=records.get(name, (0, 0, 0))[0],
                    failed=records.get(name, (0, 0, 0))[1],
                    cost=MicroUSD(records.get(name, (0, 0, 0))[2]),
                )
                for name, worker in self._router.workers().items()
            ]

        found = await self._store.read(read)
        return sorted(found, key=lambda v: (v.worker.tier, v.worker.name))

    async def failing(self, since: Micros) -> tuple[Failing, ...]:
        """What failed since an instant and what waits now, by reason."""
        return await self._store.read(lambda rows: failing(rows, since))

    async def board(self) -> Board:
        """All of it at one look."""
        now, workers = self._store.clock.now(), self._router.workers()
        return await self._store.read(lambda rows: board(rows, now, workers))

    async def money(self, person: str) -> list[Account]:
        """Every account that binds `person` now, widest first."""
        now = self._store.clock.now()
        owner = OWNER in self._directory.actor_of(person).roles
        payer = Payer(person=self._directory.whose(person), place="", worker="", owner=owner)
        return await self._store.read(lambda rows: self._ledger.standing(rows, now, payer))

    async def frozen(self) -> tuple[Account, ...]:
        """Every account that takes no holds, also those of single tasks."""
        return await self._store.read(money.frozen)


def _task_view(rows: Rows, task: TaskId) -> TaskView:
    found = tasks.get(rows, task, result=True)
    if found is None:
        raise NotFound(kind="task", name=str(task), near=())
    found = with_reason(rows, found)
    made = [(run, steps.of_run(rows, run)) for run in tasks.runs_of(rows, task)]
    account = money.accounts(rows, (f"task/{task}",)).get(f"task/{task}")
    return TaskView(
        task=found,
        tags=tasks.tags_of(rows, task),
        needs=tuple(Need(task=t, state=s) for t, s in tasks.needs_of(rows, task)),
        links=tuple(Link(task=t, percent=p) for t, p in tasks.links_of(rows, task)),
        steps=tuple(_step(run, row) for run, attempts in made for row in attempts),
        held=account.held if account else MicroUSD(0),
        cap=money.room(rows, f"task/{task}", found.cap).cap,
        stamp=stamp_of(found.model, [attempts for _, attempts in made]),
        doubt=_doubt(rows, found),
        files=tuple(
            FileView(
                name=file.name,
                media_type=file.media_type,
                size=file.size,
                there=file.content is not None,
            )
            for file in files.read(rows, task, content=False)
        ),
        lacking=lacking(rows, found),
        raising=raising(rows, found),
        overheard=room.count(rows, task),
    )


def _doubt(rows: Rows, task: Task) -> Doubt | None:
    if task.waiting != Undecided.code or task.run is None:
        return None
    return in_doubt(rows, task.run, task.waiting_data["n"])


def _step(run: RunId, row: steps.StepRow) -> StepView:
    return StepView(
        run=run,
        n=row.n,
        attempt=row.attempt,
        kind=row.kind,
        name=row.name,
        effect=row.effect,
        state=row.state,
        failure=row.failure,
        failure_data=row.failure_data,
        cost=row.cost,
        started=row.started,
        ended=row.ended,
        model=row.model,
        tokens=row.tokens,
    )


def _card(rows: Rows, task: TaskId) -> CardView | None:
    found = tasks.get(rows, task)
    if found is None:
        return None
    made = steps.of_run(rows, found.run) if found.run is not None else []
    doing = next((row.name for row in reversed(made) if row.state == "intended"), None)
    account = money.accounts(rows, (f"task/{task}",)).get(f"task/{task}")
    return CardView(
        task=found,
        held=account.held if account else MicroUSD(0),
        spent=account.spent if account else MicroUSD(0),
        steps=len({row.n for row in made}),
        doing=doing,
        resumed=any(row.state == "ambiguous" for row in made),
        doubt=_doubt(rows, found),
        lacking=lacking(rows, found),
        raising=raising(rows, found),
    )
