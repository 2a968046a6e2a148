"""What runs leave on record, and what the floor above puts into each commit."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import Payer
from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.ids import Fence, RunId, TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.steps import events as ev
from swarm_core.steps import tables
from swarm_core.steps.model import Conclusion, Failure, StepState
from swarm_core.store import BodyRef, Store, Tx


class Ticket(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What lets a run act: who pays, under which cap, how many steps, under which lease."""

    task: TaskId
    run: RunId
    payer: Payer
    fence: Fence
    cap: MicroUSD | None
    max_steps: int


class Ending(msgspec.Struct, frozen=True, gc=False):
    """How a run ends, what it has cost, how many steps it made; `result` is the body that
    already holds the conclusion's text, when one does."""

    conclusion: Conclusion
    cost: MicroUSD = ZERO
    steps: int = 0
    result: BodyRef | None = None


class Seams(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the floor above puts into each commit: `guard` raises `StaleLease` when the run lost
    its lease; `finish` ends the run with its conclusion."""

    guard: Callable[[Tx, Ticket], None]
    finish: Callable[[Tx, Ticket, Ending], None]


class Kept(msgspec.Struct, frozen=True, gc=False):
    """The bodies that hold an answer: its text, and its data as JSON when it has any."""

    text: BodyRef | None = None
    data: BodyRef | None = None


class Recorded(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One recorded attempt with its texts."""

    row: tables.StepRow
    request: str | None
    text: str | None
    data: str | None


class Steps:
    """Records steps for live runs, and closes what a dead one left open."""

    def __init__(self, store: Store, ledger: Ledger, seams: Seams) -> None:
        self.store = store
        self.ledger = ledger
        self.seams = seams

    def abandon(self, tx: Tx, task: TaskId, run: RunId) -> int:
        """Close the intents of a run whose process or lease is gone: their outcome is not
        known, so each is charged in full. Returns how many there were."""
        open_rows = [row for row in tables.of_run(tx, run) if row.state == "intended"]
        for row in open_rows:
            hold = self.ledger.open_hold(tx, row.hold)
            cost = hold.most if hold else ZERO
            self.end(tx, task, run, row.n, row.attempt, "ambiguous", Kept(), _lost(row.name), cost)
            self.ledger.settle(tx, hold, cost, task=task, run=run)
        return len(open_rows)

    def recorded(self, tx: Tx, run: RunId) -> list[Recorded]:
        """What a resumed run starts from."""
        return [
            Recorded(
                row=row,
                request=tx.body(row.request_body),
                text=tx.body(row.answer_body),
                data=tx.body(row.data_body),
            )
            for row in tables.of_run(tx, run)
        ]

    def end(
        self,
        tx: Tx,
        task: TaskId,
        run: RunId,
        n: int,
        attempt: int,
        state: StepState,
        kept: Kept,
        failure: Failure | None,
        cost: MicroUSD,
        use: ev.Use | None = None,
    ) -> None:
        """Record what came of one attempt."""
        tx.append(
            ev.StepEnded(
                n=n,
                attempt=attempt,
                state=state,
                answer=kept.text,
                data=kept.data,
                failure=failure.code if failure else None,
                failure_data=failure.data if failure else {},
                cost=cost,
                use=use,
            ),
            SWARM,
            task=task,
            run=run,
        )


def _lost(name: str) -> Failure:
    return Failure(code="answer_lost", data={"what": name, "problem": "interrupted"})
