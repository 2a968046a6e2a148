"""One run of one worker: what it knows, what it has tried, what an answer means for it.

Rebuilt from the record on resume. `conclude` is pure, because it is asked inside the commit of a
step and again after it; `take` moves the run on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from swarm_core.kernel.errors import (
    AnswerLost,
    ModelDeclined,
    NonsenseAnswer,
    NoSuchModel,
    OutOfCredit,
    ProviderBusy,
    ProviderPaused,
    ProviderUnreachable,
    Undecided,
    WaggleError,
    WrongKey,
    type_names,
)
from swarm_core.providers.card import ModelCard
from swarm_core.providers.estimate import estimate_tokens
from swarm_core.providers.model import Block, Completion, Prompt, ToolUse
from swarm_core.providers.registry import Registry
from swarm_core.steps.model import Conclusion, Failure, Outcome
from swarm_core.tasks.model import TaskKind
from swarm_core.workers.attached import parts_of
from swarm_core.workers.guard import Guard, GuardRules
from swarm_core.workers.overheard import Room
from swarm_core.workers.ports import Assignment, Character, Tools
from swarm_core.workers.prompts import Prompts
from swarm_core.workers.script import Before, stray
from swarm_core.workers.shown import NONE, shown
from swarm_core.workers.talk import Talk
from swarm_core.workers.verdict import Calls, Declined, Finished, Mend, Verdict, judge

PASSING = frozenset(
    error.code
    for error in (
        AnswerLost,
        NoSuchModel,
        OutOfCredit,
        ProviderBusy,
        ProviderPaused,
        ProviderUnreachable,
        Undecided,
        WrongKey,
    )
)
"""Failures of a provider, not of the request: the next model may do better."""

PAUSE_SECONDS = 60
"""How long a task waits that has tried all its models, unless a provider asked for longer."""


class Ways(msgspec.Struct, frozen=True, kw_only=True):
    """What all runs share: the models, the tools, the words, the guardrails."""

    models: Registry
    tools: Tools
    prompts: Prompts
    guards: Mapping[TaskKind, GuardRules]
    asks: bool = False
    """Whether a dearer model takes over only with somebody's yes."""


class Job:
    """The state of a run."""

    def __init__(self, ways: Ways, assignment: Assignment, character: Character) -> None:
        self.ways = ways
        self.character = character
        self.talk = Talk(
            ways.prompts,
            assignment.text,
            assignment.earlier,
            tuple(parts_of(assignment.files, ways.prompts)),
            Room(assignment.room, assignment.actor.key, ways.prompts),
        )
        self.guard = Guard(ways.guards[assignment.kind])
        self.turn = 0
        self.heard = 0
        self.model = ""
        """The model of the turn under way."""
        first = (assignment.model,) if assignment.model else ()
        self._models: tuple[str, ...] = tuple(dict.fromkeys((*first, *character.models)))
        self._tried: dict[str, Failure] = {}
        self._mended = False
        self._request = assignment.text
        self.because = ""
        """Why the next turn is asked for, when the one before it could not be used."""
        self.acts = 0
        """Calls to models that this process has made for the run."""
        self._fresh = True
        """Whether anything was tried since this process took the run up."""

    def hear(self, said: Sequence[str]) -> None:
        """What people said to the task meanwhile."""
        self.heard += len(said)
        for text in said:
            self.talk.told(self.ways.prompts.said_meanwhile.format(text=text))

    def choose(self, recorded: str | None) -> str:
        """The model of the next turn: that of the record, else the first that was not tried in
        vain and is not left alone. Raises what the task has to wait for."""
        self.model = recorded if recorded is not None else self._next()
        return self.model

    @property
    def first(self) -> str:
        """The model the run was given to; '' when none is known."""
        return self._models[0] if self._models else ""

    @property
    def has_another(self) -> bool:
        """Whether another model could take over now."""
        models = self.ways.models
        return any(
            name != self.model
            and name not in self._tried
            and models.health(models.card(name).provider).state != "open"
            for name in self._models
        )

    def _next(self) -> str:
        paused: list[WaggleError] = []
        models = self.ways.models
        for name in self._models:
            if name in self._tried:
                continue
            provider = models.card(name).provider
            health = models.health(provider)
            if health.state != "open":
                return name
            seconds = max(1, health.seconds)
            wait = ProviderPaused(provider=provider, seconds=seconds, problem=health.why)
            paused.append(health.error or wait)
        if paused:
            raise min(paused, key=_how_long)
        undecided = {n: f for n, f in self._tried.items() if f.code == Undecided.code}
        if self._fresh and len(undecided) < len(self._tried):
            # All of it is on record from before a wait: this is the next round, but not for a
            # model whose last call may have been made: that is for a person to decide.
            self._tried = undecided
            return self._next()
        raise self._exhausted()

    def _exhausted(self) -> WaggleError:
        if not self._tried:
            return self._none()
        name, failure = list(self._tried.items())[-1]
        if failure.code in (WrongKey.code, OutOfCredit.code, NoSuchModel.code, Undecided.code):
            return type_names[failure.code](**failure.data)
        after = failure.data.get("after")
        return ProviderPaused(
            provider=self.ways.models.card(name).provider,
            seconds=max(PAUSE_SECONDS, after if isinstance(after, int) else 0),
            problem=failure.code.replace("_", " "),
        )

    def _none(self) -> WaggleError:
        """No model is known: a provider has not said yet what it serves."""
        for provider, problem in self.ways.models.problems.items():
            said = problem.code.replace("_", " ")
            return ProviderPaused(provider=provider, seconds=PAUSE_SECONDS, problem=said)
        return NoSuchModel(provider="this swarm", model="any")

    def prompt(self, card: ModelCard) -> Prompt:
        """The next turn as a prompt, its parts in the order in which providers cache them."""
        character, ways = self.character, self.ways
        system = (Block(ways.prompts.house), Block(character.prompt, cache=True))
        tools = shown(ways.tools, character.tools) if card.skills.tools else NONE
        most = min(character.max_output, card.max_output, max(1, card.window // 2))
        fixed = sum(_size(block.text) for block in system) + tools.tokens
        room = max(1, card.window - most - fixed)
        return Prompt(
            model=card.id,
            system=system,
            tools=tools.specs,
            messages=self.talk.messages(card.name, room),
            max_output=most,
            effort=character.effort if card.skills.reasoning else None,
            grows=bool(tools.specs),
        )

    def failed(self, failure: Failure, *, replayed: bool) -> None:
        """The model of this turn did not answer."""
        self._tried[self.model] = failure
        self._fresh = self._fresh and replayed

    def conclude(self, outcome: Outcome) -> Conclusion | None:
        """The end that `outcome` brings, if it does."""
        if outcome.failure:
            passing = outcome.failure.code in PASSING
            return None if passing else Conclusion(state="failed", failure=outcome.failure)
        match self._judged(completion_of(outcome)):
            case Finished(text=text, cut=cut):
                note = self.ways.prompts.cut.format(tokens=f"{self.character.max_output:,}")
                return Conclusion(state="done", text=f"{text}\n\n{note}" if cut else text)
            case Declined(problem=problem):
                return _failed(ModelDeclined(model=self.model, problem=problem))
            case Mend(problem=problem) if self._mended:
                return _failed(NonsenseAnswer(model=self.model, problem=problem.replace("_", " ")))
        return None

    def take(self, outcome: Outcome) -> tuple[ToolUse, ...]:
        """Move on from an outcome that did not end the run; returns the tool calls to make.
        Raises `CeilingReached`."""
        if outcome.failure:
            self.failed(outcome.failure, replayed=outcome.replayed)
            return ()
        self._tried.clear()
        self.turn += 1
        completion = completion_of(outcome)
        verdict = self._judged(completion)
        if completion.usage:
            self.guard.used(completion.usage.input + completion.usage.output)
        self.talk.said(completion)
        self.because = ""
        match verdict:
            case Calls(uses=uses):
                return uses
            case Mend(problem=problem):
                self._mended = True
                self.because = problem
                self.talk.told(self._mending(verdict))
        return ()

    def _judged(self, completion: Completion) -> Verdict:
        """What an answer is. One in another script is mended once; after that it is taken: it
        is paid for, and may be of use."""
        verdict = judge(completion)
        if self._mended or not isinstance(verdict, Finished) or self.talk.sees:
            return verdict
        said, material = self.talk.given()
        who = self.character.prompt
        before = Before(asked=self._request, said=said, material=material, who=who)
        found = stray(verdict.text, before, self.ways.prompts.languages)
        return Mend(problem="other_script", stray=found) if found else verdict

    def _mending(self, mend: Mend) -> str:
        """What the model is told to mend."""
        prompts = self.ways.prompts
        if mend.stray:
            return prompts.other_script.format(asked=mend.stray.asked, answered=mend.stray.answered)
        return prompts.empty if mend.problem == "empty" else prompts.all_thought


def completion_of(outcome: Outcome) -> Completion:
    """What the model answered, from the record. An erased one counts as empty."""
    data = outcome.answer.data if outcome.answer else None
    if data is None:
        return Completion(parts=(), stop="unknown", model="", usage=None)
    return msgspec.convert(data, Completion)


@lru_cache(maxsize=128)
def _size(prompt: str) -> int:
    """The tokens of what opens every prompt of a worker, kept for its next one."""
    return estimate_tokens(prompt)


def _how_long(error: WaggleError) -> float:
    seconds = error.data.get("seconds")
    return seconds if isinstance(seconds, int) else math.inf


def _failed(error: WaggleError) -> Conclusion:
    return Conclusion(state="failed", failure=Failure(code=error.code, data=dict(error.data)))
