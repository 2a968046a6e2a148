"""The tool calls of one turn: at once where their effects allow it, each a step of its own.

A call that cannot be made (no such tool, arguments that are no object) and one that fails both
come back to the model as a structured error, so that it can mend it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from swarm_core.kernel.errors import BadToolArguments, UnknownTool, WaggleError
from swarm_core.kernel.text import nearest, untrusted
from swarm_core.providers.model import ToolResult, ToolUse
from swarm_core.steps.model import Answer, Call, Failure, Grant, Outcome, Run
from swarm_core.workers.job import Job
from swarm_core.workers.ports import Tools
from swarm_core.workers.sending import Sending
from swarm_core.workers.talk import RECALL

_encode = msgspec.json.Encoder(order="sorted").encode

Done = tuple[ToolResult, int | None]


class Calling:
    """Makes the tool calls of a run."""

    def __init__(self, tools: Tools, sending: Sending, job: Job) -> None:
        self._tools = tools
        self._sending = sending
        self._job = job

    async def carry_out(self, uses: Sequence[ToolUse], run: Run) -> None:
        """Make the calls and tell the model. Raises `CeilingReached`, `AddressAsked` and what a
        step raises."""
        if run.recorded is None:
            known = self._job.character.tools
            self._sending.check([use for use in uses if use.name in known])
        done: list[Done] = []
        together: list[ToolUse] = []
        for use in uses:
            if self._alone(use):
                done += await self._at_once(together, run)
                together = []
                done += await self._at_once([use], run)
            else:
                together.append(use)
        done += await self._at_once(together, run)
        for result, _ in done:
            self._job.guard.called(failed=result.error)
        self._job.talk.brought([result for result, _ in done], [step for _, step in done])

    def _alone(self, use: ToolUse) -> bool:
        """Whether what it does may depend on, or disturb, what the others do."""
        if use.name not in self._job.character.tools:
            return False
        return self._tools.effect_of(use.name) != "pure"

    async def _at_once(self, uses: Sequence[ToolUse], run: Run) -> list[Done]:
        found = await asyncio.gather(*(self._one(u, run) for u in uses), return_exceptions=True)
        for each in found:
            if isinstance(each, BaseException):
                raise each
        return [each for each in found if not isinstance(each, BaseException)]

    async def _one(self, use: ToolUse, run: Run) -> Done:
        if use.arguments is None:
            problem = "the arguments are not a JSON object"
            return _error(use, BadToolArguments(tool=use.name, problem=problem)), None
        if use.name == RECALL.name:
            return self._recall(use), None
        names = self._job.character.tools
        if use.name not in names:
            near = nearest(use.name[:80], names)
            return _error(use, UnknownTool(name=use.name[:80], near=near)), None
        arguments, context = use.arguments, self._sending.context
        count = self._job.guard.calling(use.name, arguments)

        async def act(_: Grant) -> Answer:
            output = await self._tools.call(use.name, arguments, context)
            data = {"tainted": output.tainted, "truncated": output.truncated}
            return Answer(text=output.text, data=data)

        effect = self._tools.effect_of(use.name)
        call = Call(kind="tool", name=use.name, request=arguments, effect=effect)
        outcome = await run.step(call, act)
        return self._told(use, outcome, count), outcome.n

    def _told(self, use: ToolUse, outcome: Outcome, count: int) -> ToolResult:
        """The result as the model reads it."""
        if outcome.answer is None:
            failure = outcome.failure or Failure(code=f"step_{outcome.state}")
            return _failure(use, failure)
        text = outcome.answer.text
        if (outcome.answer.data or {}).get("tainted"):
            text = untrusted(text, use.name)
            self._sending.read(use.name)
        rules, prompts = self._job.guard.rules, self._job.ways.prompts
        if count > max(1, rules.same // 2):
            text = f"{text}\n\n{prompts.repeats.format(count=count, most=rules.same)}"
        return ToolResult(id=use.id, text=text)

    def _recall(self, use: ToolUse) -> ToolResult:
        arguments = use.arguments or {}
        step, offset = arguments.get("step"), arguments.get("offset", 0)
        text = None
        if isinstance(step, int) and isinstance(offset, int):
            text = self._job.talk.recall(step, offset)
        if text is None:
            problem = "there is no such step with a result, or it has nothing at that offset"
            return _error(use, BadToolArguments(tool=use.name, problem=problem))
        return ToolResult(id=use.id, text=text)


def _error(use: ToolUse, error: WaggleError) -> ToolResult:
    return _failure(use, Failure(code=error.code, data=dict(error.data)))


def _failure(use: ToolUse, failure: Failure) -> ToolResult:
    text = _encode({"error": failure.code, **failure.data}).decode()
    return ToolResult(id=use.id, text=text, error=True)
