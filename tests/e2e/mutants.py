"""Faults put into a swarm process on purpose, by name: each breaks one promise, and the checks must
see it. They are applied to the running classes of that process; no production code knows them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import msgspec

from swarm_core.budget.ledger import Ledger
from swarm_core.budget.model import Hold
from swarm_core.dispatch import tables as leases
from swarm_core.kernel.ids import HoldId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.steps import live, record
from swarm_core.steps.attempt import keep
from swarm_core.steps.model import Answer, Call, Failure, Outcome, StepState
from swarm_core.store import Tx, writer


def split() -> None:
    """Result and state in two transactions, the state first."""

    async def record_in_two(
        self: live.LiveRun,
        this: live.Try,
        state: StepState,
        answer: Answer | None,
        failure: Failure | None,
        last: live.Last | None,
        cost: MicroUSD = ZERO,
    ) -> Outcome:
        outcome = Outcome(n=this.n, state=state, answer=answer, failure=failure)
        conclusion = last(outcome) if last else None
        self._cost += cost
        steps, ticket = self._steps, self._ticket
        if conclusion:
            ending = record.Ending(conclusion, MicroUSD(self._cost), self._n)

            def finish(tx: Tx) -> None:
                steps.seams.guard(tx, ticket)
                steps.seams.finish(tx, ticket, ending)

            await steps.store.write(finish)
            self.concluded = True

        def settle(tx: Tx) -> None:
            kept = keep(tx, answer, personal=False)
            n, attempt = this.n, this.attempt
            steps.end(tx, ticket.task, ticket.run, n, attempt, state, kept, failure, cost)
            steps.ledger.settle(tx, this.hold, cost, task=ticket.task, run=ticket.run)

        await steps.store.write(settle)
        return outcome

    live.LiveRun._record = record_in_two  # type: ignore[method-assign]


def unfenced() -> None:
    """The lease guard does nothing, so what was presumed dead may commit."""
    leases.guard = lambda tx, run, fence: None


def refund() -> None:
    """A paid call of unknown outcome is charged nothing, and repeated as often as it takes."""
    end: Any = record.Steps.end

    def free(self: record.Steps, *args: Any) -> None:
        tx, task, run, n, attempt, state, kept, failure, cost, *use = args
        billed = ZERO if state == "ambiguous" else cost
        end(self, tx, task, run, n, attempt, state, kept, failure, billed, *use)

    settle = Ledger.settle

    def forgiven(self: Ledger, tx: Tx, hold: Any, cost: Any, **place: Any) -> None:
        settle(self, tx, hold, ZERO if hold and cost == hold.most else cost, **place)

    record.Steps.end = free  # type: ignore[method-assign, assignment]
    Ledger.settle = forgiven  # type: ignore[method-assign]
    vars(live)["may_repeat"] = lambda effect, unknown: effect != "once"


def ack_first() -> None:
    """Callers are told before the commit."""

    def run(self: writer.Batch, jobs: list[writer.Job]) -> writer.Outcome:
        told: list[asyncio.Future[Any]] = []

        def early(fn: writer.WriteFunction, future: asyncio.Future[Any]) -> writer.WriteFunction:
            def call(tx: Tx) -> Any:
                value = fn(tx)
                heard = threading.Event()
                told.append(future)
                loop = future.get_loop()
                loop.call_soon_threadsafe(_tell, future, value, heard)
                heard.wait(1.0)
                return value

            return call

        outcome = honest(self, [(early(fn, future), future) for fn, future in jobs])
        left = [entry for entry in outcome.done if entry[0] not in told]
        return msgspec.structs.replace(outcome, done=left)

    honest = writer.Batch.run
    writer.Batch.run = run  # type: ignore[method-assign]


def _tell(future: asyncio.Future[Any], value: Any, heard: threading.Event) -> None:
    future.set_result(value)
    loop = future.get_loop()
    loop.call_soon(loop.call_soon, heard.set)  # whoever awaits it has gone on by then


def cut_free() -> None:
    """A call whose answer was cut is settled at nothing."""
    honest = live.LiveRun._record

    async def settle(
        self: live.LiveRun, this: live.Try, state: StepState, *rest: Any, **more: Any
    ) -> Outcome:
        answer, failure, last, cost = (*rest, ZERO)[:4]
        free = state == "ambiguous"
        return await honest(self, this, state, answer, failure, last, ZERO if free else cost)

    live.LiveRun._record = settle  # type: ignore[method-assign]


def one_hold() -> None:
    """A call that is tried again goes by the hold of its first try, which is settled by then."""
    intend, settle = live.LiveRun._intend, Ledger.settle

    async def again(
        self: live.LiveRun, call: Call, request: str, n: int, attempt: int
    ) -> Hold | None:
        if attempt == 1 or not call.most:
            return await intend(self, call, request, n, attempt)
        free = msgspec.structs.replace(call, most=ZERO, least=None)
        await intend(self, free, request, n, attempt)
        return Hold(HoldId(0), call.most, ())

    def settled(self: Ledger, tx: Tx, hold: Any, cost: Any, **place: Any) -> None:
        if hold is None or hold.id:
            settle(self, tx, hold, cost, **place)

    live.LiveRun._intend = again  # type: ignore[method-assign]
    Ledger.settle = settled  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    "split": split,
    "unfenced": unfenced,
    "refund": refund,
    "ack-first": ack_first,
}


OF_MODELS: dict[str, Callable[[], None]] = {
    "refund": refund,
    "cut-free": cut_free,
    "one-hold": one_hold,
}
"""Those that a swarm with models is tried with."""


def apply(name: str) -> None:
    """Break this process in the named way; an empty name leaves it whole."""
    if name:
        (MUTANTS | OF_MODELS)[name]()
