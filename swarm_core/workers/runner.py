"""The run loop: a model is asked, its tool calls are made, it is asked again, until it is done.

Read `run`: it is the whole loop. On resume the recorded steps answer from the record; what is
decided anew (which model, what people said meanwhile) follows the record as long as there is one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from swarm_core.kernel.errors import OverBudget, Undecided, WaggleError
from swarm_core.kernel.ids import TaskId
from swarm_core.providers.card import ModelCard
from swarm_core.providers.model import OnChunk, Prompt
from swarm_core.steps.model import Answer, Call, Conclusion, Failure, Grant, Outcome, Run, Tokens
from swarm_core.tools.model import ToolContext
from swarm_core.workers.calling import Calling
from swarm_core.workers.dearer import allowed
from swarm_core.workers.job import Job, Ways
from swarm_core.workers.ports import Assignment, Character
from swarm_core.workers.sending import Sending

RETRIES, RETRIES_OF_THE_LAST = 1, 7
"""How often a call that was refused (nothing served) is made again, each time after a longer
wait: once where another model can take over, and more often where none can."""
LEAST_OUTPUT = 256
"""Tokens of answer below which a smaller hold is of no use: then the task waits for money."""


class Seams(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is joined to: who the worker is for a task, what tools must know of it, what
    people have said to it (beyond a number of messages), where its words go while they come."""

    character: Callable[[Assignment], Character]
    context: Callable[[Assignment], ToolContext]
    heard: Callable[[TaskId, int], Awaitable[Sequence[str]]]
    watch: Callable[[TaskId], OnChunk | None]
    silence: Callable[[TaskId], None]


class ModelRunner:
    """Serves the tasks of workers that are models."""

    def __init__(self, ways: Ways, seams: Seams) -> None:
        self._ways = ways
        self._seams = seams

    async def run(self, assignment: Assignment, run: Run) -> Conclusion:
        """See `Runner.run`. What `run.step` raises goes through, and `CeilingReached`,
        `PromptTooLong`, `AddressAsked`, and what all models of the worker have to wait for."""
        seams = self._seams
        job = Job(self._ways, assignment, seams.character(assignment))
        tools = self._ways.tools
        sending = Sending(tools, seams.context(assignment), assignment.granted)
        calling = Calling(tools, sending, job)
        while True:
            if run.recorded is None:
                said = await seams.heard(assignment.task, job.heard)
                job.hear(said)
                sending.heard(said)
            outcome = await self._ask(job, assignment, run)
            if ended := job.conclude(outcome):
                return ended
            if uses := job.take(outcome):
                await calling.carry_out(uses, run)

    async def _ask(self, job: Job, assignment: Assignment, run: Run) -> Outcome:
        """One turn of the model as a step; when its fate stays unknown, the next model's."""
        while True:
            card = self._ways.models.card(job.choose(run.recorded))
            prompt, acts = job.prompt(card), job.acts
            if run.recorded is None:
                allowed(job, assignment, card, prompt)
            try:
                return await self._afford(job, run, card, prompt)
            except Undecided as error:
                failure = Failure(code=error.code, data=dict(error.data))
                job.failed(failure, replayed=job.acts == acts)

    async def _afford(self, job: Job, run: Run, card: ModelCard, prompt: Prompt) -> Outcome:
        """The step as its bound in bytes allows, or else by the provider's count."""
        try:
            return await self._step(job, run, card, prompt)
        except OverBudget:
            counted = await self._count(card, prompt)
            if counted is None:
                raise
        return await self._step(job, run, card, prompt, counted)

    async def _step(
        self, job: Job, run: Run, card: ModelCard, prompt: Prompt, counted: int | None = None
    ) -> Outcome:
        models = self._ways.models
        quote, wanted = models.quote(card, prompt, counted), prompt.max_output
        most = quote.most(wanted)

        async def act(grant: Grant) -> Answer:
            job.acts += 1
            output = max(1, quote.output(grant.held, wanted))
            try:
                completion = await models.provider(card.name).complete(
                    msgspec.structs.replace(prompt, max_output=output),
                    on_chunk=self._seams.watch(run.task),
                )
            finally:
                self._seams.silence(run.task)
            usage = completion.usage
            return Answer(
                text=completion.text,
                data=msgspec.to_builtins(completion),
                cost=models.bill(card, completion.model, usage) if usage else grant.held,
                model=completion.model,
                # Who answered is on record also when nobody said what it took.
                tokens=Tokens(**msgspec.structs.asdict(usage)) if usage else Tokens(),
            )

        call = Call(
            kind="model",
            name=card.name,
            request={"turn": job.turn},
            effect="paid" if most else "pure",
            most=most,
            least=quote.most(min(LEAST_OUTPUT, wanted)),
            because=job.because,
            retries=RETRIES if job.has_another else RETRIES_OF_THE_LAST,
        )
        return await run.step(call, act, last=job.conclude)

    async def _count(self, card: ModelCard, prompt: Prompt) -> int | None:
        """The prompt's tokens by its provider's own count, where that is to be had: the bound by
        bytes is several times too high, and alone should not make a task wait. A provider that
        fails to count is no reason for a task to fail: it waits for money, as without a count."""
        provider = self._ways.models.provider(card.name)
        if not provider.capabilities.counts:
            return None
        try:
            return await provider.count(prompt)
        except WaggleError:
            return None
