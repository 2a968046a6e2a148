"""The runner: carries out playbooks through `run.step` alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from swarm_core.kernel.errors import NotFound, ToolTimeout, WaggleError
from swarm_core.kernel.text import clip, printable
from swarm_core.playbooks.loading import Book
from swarm_core.playbooks.ports import Assignment, Tools
from swarm_core.playbooks.script import Ask, Move, after, begin, recorded
from swarm_core.steps.model import Answer, Call, Conclusion, Failure, Grant, Outcome, Run


class PlaybookRunner:
    """Serves the tasks whose text means a playbook of its book; never costs anything.

    `context_of` makes what the tools need to know of a task (who, where, which workspace).
    """

    def __init__(self, book: Book, tools: Tools, context_of: Callable[[Assignment], Any]) -> None:
        self._book = book
        self._tools = tools
        self._context_of = context_of

    async def run(self, assignment: Assignment, run: Run) -> Conclusion:
        """Do the script's calls in order. A failure inside it is a failed conclusion; what
        `run.step` raises (`CeilingReached`, `StaleLease`, a diverged replay) goes through."""
        try:
            match = self._book.find(assignment.text)
            if match is None:
                raise self._nothing(assignment.text)
        except WaggleError as error:
            return Conclusion(state="failed", failure=_failure(error))
        seconds = match.playbook.limits.seconds
        context = self._context_of(assignment)
        move = begin(match.playbook, match.params, standing=bool(assignment.standing))
        while isinstance(move, Ask):
            move = await self._step(run, move, context, seconds)
        return move

    async def _step(self, run: Run, ask: Ask, context: Any, seconds: int) -> Move:
        async def act(_: Grant) -> Answer:
            try:
                async with asyncio.timeout(seconds):
                    output = await self._tools.call(ask.tool, ask.args, context)
            except TimeoutError:
                raise ToolTimeout(tool=ask.tool, seconds=seconds) from None
            return Answer(text=output.text, data=recorded(output.data, output.truncated))

        decided: list[tuple[Outcome, Move]] = []

        def last(outcome: Outcome) -> Conclusion | None:
            move = after(ask, outcome)
            decided[:] = [(outcome, move)]
            return move if isinstance(move, Conclusion) else None

        effect = self._tools.effect_of(ask.tool)
        call = Call(kind="tool", name=ask.tool, request=ask.args, effect=effect)
        outcome = await run.step(call, act, last=last)
        if decided and decided[0][0] is outcome:
            return decided[0][1]
        return after(ask, outcome)

    def _nothing(self, text: str) -> NotFound:
        near = [candidate.playbook for candidate in self._book.near(text)]
        return NotFound(kind="playbook", name=clip(printable(text), 80), near=near)


def _failure(error: WaggleError) -> Failure:
    data = {k: v if isinstance(v, str | int | None) else list(v) for k, v in error.data.items()}
    return Failure(code=error.code, data=data)
