"""A playbook's file → a playbook that can run, or every flaw found in it.

All that can be known without running is checked here, so that a playbook which loads fails only
for reasons that lie outside its file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from swarm_core.kernel.errors import WaggleError
from swarm_core.kernel.text import nearest
from swarm_core.playbooks.matching import read
from swarm_core.playbooks.model import RESERVED, Param, PlaybookFile, StepSpec
from swarm_core.playbooks.phrase import Phrase, any_of, compile_phrase
from swarm_core.playbooks.ports import Tools
from swarm_core.playbooks.script import AFTER, BEFORE, Playbook, Step
from swarm_core.playbooks.templates import (
    BadTemplate,
    Scope,
    compile_expression,
    compile_text,
    compile_tree,
)
from swarm_core.playbooks.values import bind, expected, parse

RECALL, REMEMBER = "last_result", "remember"
"""The tools a playbook with `remember` needs: both get `playbook` and `key`."""

_T = TypeVar("_T")
Where = tuple[str | int, ...]


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong at the key `where` of the file, `line` lines into its text (from 1)."""

    where: Where
    problem: str
    line: int = 0


def compile_playbook(source: PlaybookFile, file: str, tools: Tools) -> Playbook | list[Flaw]:
    """The playbook, or all its flaws."""
    return _Compiler(source, tools).playbook(file)


class _Compiler:
    def __init__(self, source: PlaybookFile, tools: Tools) -> None:
        self._source = source
        self._tools = tools
        self._flaws: list[Flaw] = []

    def playbook(self, file: str) -> Playbook | list[Flaw]:
        source = self._source
        if source.name in RESERVED:
            self._flaw(("name",), f"`{source.name}` is a word of the chat itself")
        for name, param in source.params.items():
            self._param(name, param)
        phrases = self._phrases()
        steps = self._steps()
        output = self._template(("output",), compile_text, source.output, self._scope())
        wrong = source.wrong and self._template(
            ("wrong",), compile_expression, source.wrong, self._scope()
        )
        if self._flaws or output is None:
            return self._flaws
        playbook = Playbook(
            name=source.name,
            summary=source.summary,
            examples=source.examples,
            params=source.params,
            phrases=phrases,
            any_phrase=any_of(phrases),
            constants=source.constants,
            steps=steps,
            output=output,
            wrong=wrong or None,
            limits=source.limits,
            file=file,
        )
        self._examples(playbook)
        return self._flaws or playbook

    def _flaw(self, where: Where, problem: str, line: int = 0) -> None:
        self._flaws.append(Flaw(where=where, problem=problem, line=line))

    def _param(self, name: str, param: Param) -> None:
        where: Where = ("params", name)
        if (param.type == "choice") != bool(param.choices):
            self._flaw(where, "`choices` belong to type choice, and it needs them")
        if param.type != "int" and (param.least is not None or param.most is not None):
            self._flaw(where, "`least` and `most` belong to type int")
        if param.required and param.default is not None:
            self._flaw(where, "a required parameter has no default")
        if param.default is not None:
            self._fits((*where, "default"), param, param.default)

    def _fits(self, where: Where, param: Param, value: Any) -> None:
        try:
            parse(param, str(value))
        except ValueError:
            self._flaw(where, f"`{value}` is not {expected(param)}")

    def _phrases(self) -> tuple[Phrase, ...]:
        params = self._source.params
        required = {name for name, param in params.items() if param.required}
        phrases: list[Phrase] = []
        for index, trigger in enumerate(self._source.triggers):
            where: Where = ("triggers", index)
            try:
                phrase = compile_phrase(trigger.say, params, dict(trigger.preset))
            except ValueError as error:
                self._flaw(where, str(error))
                continue
            for name in sorted(required - phrase.names - set(trigger.preset)):
                self._flaw(where, f"said this way, required `{name}` is never given")
            for name, value in trigger.preset.items():
                if name not in params:
                    self._flaw(where, f"there is no parameter `{name}`")
                else:
                    self._fits(where, params[name], value)
            phrases.append(phrase)
        return tuple(phrases)

    def _scope(self, steps: int | None = None, *roots: str) -> Scope:
        ids = [step.id for step in self._source.steps]
        known = ids if steps is None else ids[:steps]
        return Scope(
            params=frozenset(self._source.params),
            constants=frozenset(self._source.constants),
            steps=frozenset(known),
            later=frozenset(ids) - frozenset(known),
            roots=frozenset(roots) | ({"before"} if self._source.remember else set()),
        )

    def _steps(self) -> tuple[Step, ...]:
        steps: list[Step] = []
        calls = 0
        ids: set[str] = set()
        for index, spec in enumerate(self._source.steps):
            if spec.id in ids:
                self._flaw(("steps", index, "id"), f"step `{spec.id}` is there twice")
            ids.add(spec.id)
            calls += spec.most if spec.foreach is not None else 1
            self._tool(("steps", index, "tool"), spec.tool)
            steps.append(self._step(index, spec))
        if self._source.remember is not None:
            calls += 2
            steps = self._with_memory(steps)
        if calls > self._source.limits.steps:
            self._flaw(
                ("steps",),
                f"up to {calls} tool calls, but limits.steps is {self._source.limits.steps}",
            )
        return tuple(steps)

    def _step(self, index: int, spec: StepSpec) -> Step:
        where: Where = ("steps", index)
        scope = self._scope(index)
        inner = scope if spec.foreach is None else self._scope(index, "item")
        when = spec.when and self._template((*where, "when"), compile_expression, spec.when, scope)
        each = spec.foreach and self._template(
            (*where, "foreach"), compile_expression, spec.foreach, scope
        )
        args = {
            name: self._template((*where, "args", name), compile_tree, value, inner)
            for name, value in spec.args.items()
        }
        return Step(
            id=spec.id,
            tool=spec.tool,
            args=args,
            when=when or None,
            foreach=each or None,
            most=spec.most,
            on_error=spec.on_error,
        )

    def _with_memory(self, steps: list[Step]) -> list[Step]:
        remember = self._source.remember
        assert remember is not None
        for tool in (RECALL, REMEMBER):
            self._tool(("remember",), tool)
        params = Scope(params=frozenset(self._source.params))
        key = self._template(("remember", "key"), compile_tree, remember.key, params)
        value = self._template(("remember", "value"), compile_tree, remember.value, self._scope())
        named = {"playbook": self._source.name, "key": key}
        return [
            Step(id=BEFORE, tool=RECALL, args=named),
            *steps,
            Step(id=AFTER, tool=REMEMBER, args={**named, "value": value}),
        ]

    def _tool(self, where: Where, name: str) -> None:
        if name not in self._tools.names:
            near = "".join(f"; near: {known}" for known in nearest(name, self._tools.names, 1))
            self._flaw(where, f"there is no tool `{name}`{near}")
        elif self._tools.effect_of(name) == "paid":
            self._flaw(where, f"`{name}` costs money, and a playbook is free")

    def _template(
        self, where: Where, compiler: Callable[[Any, Scope], _T], source: Any, scope: Scope
    ) -> _T | None:
        try:
            return compiler(source, scope)
        except BadTemplate as error:
            self._flaw(where, error.problem, error.line)
            return None

    def _examples(self, playbook: Playbook) -> None:
        for index, example in enumerate(playbook.examples):
            try:
                said = read(playbook, example)
                if said is not None:
                    bind(playbook.name, playbook.params, said.given, example=example)
                    continue
            except WaggleError as error:
                self._flaw(("examples", index), f"this example does not work: {error}")
                continue
            self._flaw(("examples", index), "no trigger fits this example")
