"""What a playbook does next: pure decisions over what its steps brought back.

Everything here depends on the playbook, its parameters and the recorded outcomes alone. A resumed
run therefore asks for the same calls in the same order, and `Run.step` may ask what comes after an
outcome as often as it likes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from swarm_core.kernel.errors import FoundWrong, PlaybookBroken
from swarm_core.kernel.text import clip, printable
from swarm_core.playbooks.model import Limits, Param
from swarm_core.playbooks.phrase import Phrase
from swarm_core.playbooks.templates import STOPPED, Text, Tree, Value, fill, problem_of
from swarm_core.steps.model import Conclusion, Failure, Outcome

BEFORE, AFTER = "_before", "_after"
"""Ids of the steps that `remember` stands for; no author's step can be called so."""
TRUNCATED = "truncated"
_PLAIN = str.maketrans("", "", "*`")
_LONGEST_FOUND = 300


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One compiled step."""

    id: str
    tool: str
    args: dict[str, Tree]
    when: Value | None = None
    foreach: Value | None = None
    most: int = 1
    on_error: Literal["fail", "continue"] = "fail"


class Playbook(msgspec.Struct, frozen=True, kw_only=True):
    """One playbook, checked and ready to run."""

    name: str
    summary: str
    examples: tuple[str, ...]
    params: dict[str, Param]
    phrases: tuple[Phrase, ...]
    any_phrase: re.Pattern[str]
    constants: dict[str, Any]
    steps: tuple[Step, ...]
    output: Text
    wrong: Value | None
    limits: Limits
    file: str


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a run is: what finished steps brought, and where in the current one it stands."""

    script: Playbook
    params: dict[str, Any]
    standing: bool = False
    """Nobody has asked: what is found to be wrong is a failure, so that somebody is told."""
    done: dict[str, Any] = {}
    index: int = 0
    items: tuple[Any, ...] | None = None
    each: tuple[dict[str, Any], ...] = ()
    left_out: int = 0

    @property
    def step(self) -> Step:
        return self.script.steps[self.index]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """The next call: `tool` with `args`; `after` is asked with what came of it."""

    tool: str
    args: dict[str, Any]
    progress: Progress


Move = Ask | Conclusion


def recorded(data: Any, truncated: str) -> Any:
    """What a step keeps of a tool's data: with it, in words, what the tool left out."""
    return {**data, TRUNCATED: truncated} if truncated and isinstance(data, dict) else data


def begin(playbook: Playbook, params: Mapping[str, Any], *, standing: bool = False) -> Move:
    """The first move of a run; `standing`: of a standing priority."""
    return _seek(Progress(script=playbook, params=dict(params), standing=standing))


def after(ask: Ask, outcome: Outcome) -> Move:
    """The move that follows `outcome` of `ask`. Never raises: a broken playbook concludes."""
    progress = ask.progress
    step = progress.step
    view = _view(outcome)
    if not view["ok"] and step.on_error == "fail":
        return Conclusion(state="failed", failure=_failure(outcome))
    if progress.items is None:
        return _seek(_finish(progress, view))
    items = progress.items
    each = (*progress.each, {"item": items[len(progress.each)], **view})
    progress = msgspec.structs.replace(progress, each=each)
    return _seek(progress if len(each) < len(items) else _finish_each(progress))


def _seek(progress: Progress) -> Move:
    """Pass over steps that have nothing to do, to the next call or the end."""
    where = "output"
    try:
        while progress.index < len(progress.script.steps):
            step = progress.step
            where = f"step {step.id}"
            if progress.items is None:
                seen = _variables(progress)
                if step.when is not None and not step.when.get(seen):
                    progress = _finish(progress, _SKIPPED if step.foreach is None else _NONE)
                    continue
                if step.foreach is not None:
                    progress = _open(progress, step.foreach.get(seen))
            if progress.items == ():
                progress = _finish_each(progress)
                continue
            return Ask(tool=step.tool, args=_args(progress), progress=progress)
        where = "output"
        return _concluded(progress)
    except STOPPED as error:
        return _broken(progress.script, where, problem_of(error))


def _open(progress: Progress, items: Any) -> Progress:
    if not isinstance(items, list):
        raise TypeError("foreach needs a list")
    most = progress.step.most
    return msgspec.structs.replace(
        progress, items=tuple(items[:most]), left_out=max(0, len(items) - most)
    )


def _finish(progress: Progress, view: dict[str, Any]) -> Progress:
    return Progress(
        script=progress.script,
        params=progress.params,
        standing=progress.standing,
        done={**progress.done, progress.step.id: view},
        index=progress.index + 1,
    )


def _concluded(progress: Progress) -> Conclusion:
    text, wrong = _render(progress), progress.script.wrong
    if progress.standing and wrong is not None and wrong.get(_variables(progress)):
        first = text.partition("\n")[0].translate(_PLAIN)
        failure = Failure(code=FoundWrong.code, data={"found": clip(first, _LONGEST_FOUND)})
        return Conclusion(state="failed", failure=failure)
    return Conclusion(state="done", text=text)


def _finish_each(progress: Progress) -> Progress:
    ok = all(view["ok"] for view in progress.each)
    view = {**_NONE, "ok": ok, "skipped": False, "each": list(progress.each)}
    return _finish(progress, {**view, "left_out": progress.left_out})


def _args(progress: Progress) -> dict[str, Any]:
    """The arguments of the next call; one that comes out as none is left to the tool's default."""
    seen = _variables(progress)
    if progress.items is not None:
        seen["item"] = progress.items[len(progress.each)]
    filled = {name: fill(tree, seen) for name, tree in progress.step.args.items()}
    keep = progress.step.id in (BEFORE, AFTER)
    return {name: value for name, value in filled.items() if keep or value is not None}


def _variables(progress: Progress) -> dict[str, Any]:
    return {
        "params": progress.params,
        "constants": progress.script.constants,
        "steps": progress.done,
        "before": progress.done.get(BEFORE, _SKIPPED)["data"],
    }


_SKIPPED: dict[str, Any] = {
    "ok": False,
    "skipped": True,
    "text": "",
    "data": None,
    "truncated": "",
    "failure": None,
}
_NONE: dict[str, Any] = {"ok": False, "skipped": True, "each": [], "left_out": 0}


def _view(outcome: Outcome) -> dict[str, Any]:
    """What templates see of one call."""
    if outcome.state == "done" and outcome.answer is not None:
        answer = outcome.answer
        left_out = answer.data.get(TRUNCATED) if isinstance(answer.data, dict) else ""
        return {
            **_SKIPPED,
            "ok": True,
            "skipped": False,
            "text": answer.text,
            "data": answer.data,
            "truncated": left_out if isinstance(left_out, str) else "",
        }
    failure = _failure(outcome)
    return {**_SKIPPED, "skipped": False, "failure": {**failure.data, "code": failure.code}}


def _failure(outcome: Outcome) -> Failure:
    return outcome.failure or Failure(code=f"step_{outcome.state}")


def _render(progress: Progress) -> str:
    """The answer, stopped as soon as it is longer than it may be, and then said so."""
    most = progress.script.limits.output
    parts: list[str] = []
    room = most
    for piece in progress.script.output.pieces(_variables(progress)):
        parts.append(piece)
        room -= len(piece)
        if room < 0:
            break
    text = printable("".join(parts)).strip()
    if not text:
        raise ValueError("it says nothing")
    return text if room >= 0 else _cut(text, most)


def _cut(text: str, most: int) -> str:
    """`text` up to the last whole line that fits, an open fence closed."""
    kept = text[:most].rpartition("\n")[0] or text[:most]
    fence = ""
    for line in kept.splitlines():
        if line.startswith("```"):
            ticks = line[: len(line) - len(line.lstrip("`"))]
            if not fence:
                fence = ticks
            elif line == fence:
                fence = ""
    end = f"\n{fence}" if fence else ""
    return f"{kept}{end}\n\n… cut here: this answer may have {most:,} characters."


def _broken(playbook: Playbook, where: str, problem: str) -> Conclusion:
    error = PlaybookBroken(playbook=playbook.name, where=where, problem=problem)
    return Conclusion(state="failed", failure=Failure(code=error.code, data=dict(error.data)))
