"""The journaled step: intent and hold, one act, one transaction for what came of it.

What can go wrong: the process dies before, during or after the act; the act's answer is lost; a
run that was presumed dead comes back; the transaction with a paid result fails. So: the intent is
on disk before the act; a recorded result is returned, never acted on again; an intent without a
result counts as charged in full and is repeated only as its effect class allows; every commit
checks that the run still holds its lease; a result whose transaction fails is committed bare.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from swarm_core.budget.model import Hold
from swarm_core.kernel.about import about
from swarm_core.kernel.actor import SWARM
from swarm_core.kernel.crash import crash_point
from swarm_core.kernel.errors import (
    AnswerLost,
    CeilingReached,
    Closing,
    Internal,
    ReplayDiverged,
    ResultKept,
    StaleLease,
    TryAgain,
    Undecided,
    WaggleError,
    Wait,
)
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import ZERO, MicroUSD
from swarm_core.kernel.redaction import redact
from swarm_core.kernel.text import describe
from swarm_core.steps import events as ev
from swarm_core.steps import tables
from swarm_core.steps.attempt import (
    Last,
    Tries,
    Try,
    acted,
    answer_of,
    concluded,
    encode,
    failure_of,
    keep,
)
from swarm_core.steps.model import Act, Answer, Call, Conclusion, Failure, Grant, Outcome, StepState
from swarm_core.steps.record import Ending, Kept, Recorded, Steps, Ticket
from swarm_core.steps.rules import backoff, lost_tries, may_repeat, needs_decision
from swarm_core.store import Tx

log = logging.getLogger(__name__)


class LiveRun:
    """A run under way: the `Run` a runner sees."""

    def __init__(self, steps: Steps, ticket: Ticket, recorded: Sequence[Recorded]) -> None:
        self._steps = steps
        self._ticket = ticket
        self._recorded: dict[int, list[Recorded]] = {}
        for entry in recorded:
            self._recorded.setdefault(entry.row.n, []).append(entry)
        self._n = 0
        self._missed: dict[int, tuple[str, Tries]] = {}
        """Tries of this process at a step that then had to wait: they are on record."""
        self._cost: int = sum(entry.row.cost for entry in recorded)
        self.concluded = False

    @property
    def task(self) -> TaskId:
        return self._ticket.task

    @property
    def id(self) -> RunId:
        return self._ticket.run

    @property
    def recorded(self) -> str | None:
        """See `Run.recorded`."""
        attempts = self._recorded.get(self._n + 1)
        if attempts:
            return attempts[-1].row.name
        return self._missed.get(self._n + 1, (None,))[0]

    async def step(self, call: Call, act: Act, *, last: Last | None = None) -> Outcome:
        """See `Run.step`."""
        n = self._n + 1
        if n > self._ticket.max_steps:
            raise CeilingReached(limit="steps", value=self._ticket.max_steps, unit="steps")
        self._n = n
        request = redact(encode(call.request).decode())
        attempts = self._recorded.pop(n, [])
        for entry in attempts:
            if entry.row.name != call.name or redact(entry.request or request) != request:
                raise ReplayDiverged(run=self.id, n=n, asked=call.name, recorded=entry.row.name)
        if attempts and attempts[-1].row.state in ("done", "failed"):
            return await self._replay(attempts[-1], last)
        states = [entry.row.state for entry in attempts]
        if needs_decision(call.effect, states):
            raise Undecided(n=n, name=call.name)
        before = Tries(unknown=len(lost_tries(states)), refused=states.count("refused"))
        name, before = self._missed.pop(n, (call.name, before))
        if name != call.name:
            raise ReplayDiverged(run=self.id, n=n, asked=call.name, recorded=name)
        with about(step=n):
            return await self._attempt(call, request, n, before, act, last)

    async def conclude(self, conclusion: Conclusion) -> None:
        """End the run when no step's commit has done it."""
        if not self.concluded:
            await self._steps.store.keep(lambda tx: self._finish(tx, conclusion))
            self.concluded = True

    def _finish(self, tx: Tx, conclusion: Conclusion) -> None:
        steps = self._steps
        steps.seams.guard(tx, self._ticket)
        # A step may be open when the run was cut short at its time limit.
        steps.abandon(tx, self.task, self.id)
        ending = Ending(conclusion, *tables.spent_by(tx, self.id))
        steps.seams.finish(tx, self._ticket, ending)

    async def _replay(self, entry: Recorded, last: Last | None) -> Outcome:
        row = entry.row
        outcome = Outcome(
            n=row.n,
            state=row.state,
            answer=answer_of(entry),
            failure=Failure(code=row.failure, data=row.failure_data) if row.failure else None,
            replayed=True,
        )
        if last and (conclusion := last(outcome)):
            await self.conclude(conclusion)
        return outcome

    async def _attempt(
        self, call: Call, request: str, n: int, before: Tries, act: Act, last: Last | None
    ) -> Outcome:
        unknown, refused = before.unknown, before.refused
        while True:
            attempt = unknown + refused + 1
            try:
                hold = await self._intend(call, request, n, attempt)
            except Wait:
                # Nothing came of it under this number: what is tried instead has it.
                self._n = n - 1
                if unknown or refused:
                    self._missed[n] = (call.name, Tries(unknown=unknown, refused=refused))
                raise
            this = Try(call=call, n=n, attempt=attempt, hold=hold)
            crash_point("step.act.before")
            try:
                key = f"{self.id}/{this.n}/{this.attempt}"
                answer = await acted(act, Grant(key=key, held=this.most))
            except asyncio.CancelledError:
                raise
            except TryAgain as error:
                lost = isinstance(error, AnswerLost)
                unknown, refused = unknown + lost, refused + (not lost)
                again = may_repeat(call.effect, unknown) if lost else refused <= call.retries
                if again:
                    await self._miss(this, error)
                    after = error.data.get("after")
                    asked = float(after) if isinstance(after, int) else 0.0
                    await asyncio.sleep(max(backoff(refused), asked))
                    continue
                if lost and call.effect in ("paid", "once"):
                    await self._miss(this, error)
                    raise Undecided(n=n, name=call.name) from error
                # All tries are used up. It is on record as failed, so that a resumed run, too,
                # goes on from the failure and does not find the call working by now.
                charged = this.most if lost else ZERO
                return await self._record(this, "failed", None, failure_of(error), last, charged)
            except WaggleError as error:
                return await self._record(this, "failed", None, failure_of(error), last)
            except Exception as error:
                # A bug in an act must not take the process down, nor lose what it may have cost.
                log.exception("step %s of run %s failed", call.name, self.id)
                internal = failure_of(Internal(problem=describe(error)))
                return await self._record(this, "failed", None, internal, last, this.most)
            crash_point("step.act.after")
            return await self._record(this, "done", answer, None, last, answer.cost)

    async def _intend(self, call: Call, request: str, n: int, attempt: int) -> Hold | None:
        ticket, steps = self._ticket, self._steps

        def intend(tx: Tx) -> Hold | None:
            steps.seams.guard(tx, ticket)
            # Not for its own few bytes: there has to be room for what comes of it.
            steps.store.health.admit()
            hold = steps.ledger.reserve(
                tx,
                ticket.payer,
                task=ticket.task,
                run=ticket.run,
                most=call.most,
                least=call.least,
                task_cap=ticket.cap,
            )
            intent = ev.StepIntended(
                n=n,
                attempt=attempt,
                step_kind=call.kind,
                name=call.name,
                effect=call.effect,
                request=tx.put_body(request),
                hold=hold.id if hold else None,
                because=call.because,
            )
            tx.append(intent, SWARM, task=ticket.task, run=ticket.run)
            return hold

        crash_point("step.intent.before")
        hold = await steps.store.write(intend)
        crash_point("step.intent.after")
        return hold

    async def _miss(self, this: Try, error: TryAgain) -> None:
        """Record a try after which the step is not over."""
        if isinstance(error, AnswerLost):
            await self._record(this, "ambiguous", None, failure_of(error), None, this.most)
        else:
            await self._record(this, "refused", None, failure_of(error), None)

    async def _record(
        self,
        this: Try,
        state: StepState,
        answer: Answer | None,
        failure: Failure | None,
        last: Last | None,
        cost: MicroUSD = ZERO,
    ) -> Outcome:
        outcome = Outcome(n=this.n, state=state, answer=answer, failure=failure)
        conclusion, fault = concluded(last, outcome)
        self._cost += cost

        def record(tx: Tx) -> None:
            kept = self._commit(tx, this, outcome, cost)
            if conclusion:
                said = kept.text if answer and answer.text == conclusion.text else None
                ending = Ending(conclusion, MicroUSD(self._cost), self._n, said)
                self._steps.seams.finish(tx, self._ticket, ending)

        crash_point("step.result.before")
        try:
            await self._steps.store.keep(record)
        except (StaleLease, Closing):
            raise
        except Exception as error:
            log.exception("the commit of step %s of run %s failed", this.call.name, self.id)
            await self._steps.store.keep(lambda tx: self._commit(tx, this, outcome, cost))
            raise ResultKept(problem=describe(error)) from error
        crash_point("step.result.after")
        self.concluded = self.concluded or conclusion is not None
        if fault:
            raise fault
        return outcome

    def _commit(self, tx: Tx, this: Try, outcome: Outcome, cost: MicroUSD) -> Kept:
        steps, ticket = self._steps, self._ticket
        steps.seams.guard(tx, ticket)
        kept = keep(tx, outcome.answer, personal=this.call.kind == "model")
        steps.end(
            tx,
            ticket.task,
            ticket.run,
            this.n,
            this.attempt,
            outcome.state,
            kept,
            outcome.failure,
            cost,
            self._use(this, outcome.answer),
        )
        steps.ledger.settle(tx, this.hold, cost, task=ticket.task, run=ticket.run)
        return kept

    def _use(self, this: Try, answer: Answer | None) -> ev.Use | None:
        if answer is None or answer.tokens is None:
            return None
        return ev.Use(
            worker=self._ticket.payer.worker,
            person=self._ticket.payer.person,
            model=answer.model or this.call.name,
            tokens=answer.tokens,
        )
