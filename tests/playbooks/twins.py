"""Twins of what playbooks stand between: scripted tools below, a journaled run above."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from swarm_core.kernel.actor import Actor, Place
from swarm_core.kernel.errors import ReplayDiverged, UnknownTool, WaggleError
from swarm_core.kernel.ids import RunId, TaskId
from swarm_core.kernel.money import ZERO
from swarm_core.playbooks import Book, load_book
from swarm_core.steps.model import Act, Answer, Call, Conclusion, Effect, Failure, Grant, Outcome

SHIPPED = Path(__file__).parents[2] / "data" / "playbooks"
NAMES = {
    "list": "pure",
    "read": "pure",
    "search": "pure",
    "http_get": "pure",
    "extract_summary": "pure",
    "activity": "pure",
    "last_result": "pure",
    "remember": "repeatable",
    "post": "once",
    "oracle": "paid",
}


class Result(msgspec.Struct, frozen=True):
    data: Any = None
    text: str = "as recorded"
    truncated: str = ""


class ScriptedTools:
    """Answers each tool by its function of the arguments; an error it returns is raised."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers
        self.calls: list[tuple[str, dict[str, Any], Any]] = []

    names = tuple(NAMES)

    def effect_of(self, name: str) -> Effect:
        if name not in NAMES:
            raise UnknownTool(name=name, near=())
        return NAMES[name]  # type: ignore[return-value]

    async def call(self, name: str, arguments: Mapping[str, Any], context: Any) -> Result:
        self.calls.append((name, dict(arguments), context))
        await asyncio.sleep(0)
        answer = self._answers[name]
        found = answer(arguments) if callable(answer) else answer
        if isinstance(found, WaggleError):
            raise found
        return found if isinstance(found, Result) else Result(found)


class MemoryRun:
    """Journals steps as JSON, replays them, and dies where it is told to."""

    task = TaskId(7)
    id = RunId(1)

    def __init__(self, record: list[bytes] | None = None, die_before: int | None = None) -> None:
        self.record = list(record or [])
        self.ended: list[Conclusion] = []
        self._n = 0
        self._die_before = die_before

    async def step(
        self, call: Call, act: Act, *, last: Callable[[Outcome], Conclusion | None] | None = None
    ) -> Outcome:
        n, self._n = self._n, self._n + 1
        asked = [call.kind, call.name, call.request, call.effect]
        if n < len(self.record):
            known, outcome = msgspec.json.decode(self.record[n], type=tuple[list[Any], Outcome])
            if known != asked:
                raise ReplayDiverged(run=1, n=n, asked=str(asked), recorded=str(known))
            return msgspec.structs.replace(outcome, replayed=True)
        if n == self._die_before:
            raise asyncio.CancelledError
        try:
            outcome = Outcome(n=n, state="done", answer=await act(Grant(key=f"1/{n}/1", held=ZERO)))
        except WaggleError as error:
            failure = Failure(code=error.code, data=dict(error.data))
            outcome = Outcome(n=n, state="failed", failure=failure)
        if last is not None and (conclusion := last(outcome)) is not None:
            assert last(outcome) == conclusion
            self.ended.append(conclusion)
        self.record.append(msgspec.json.encode((asked, outcome)))
        return outcome

    @property
    def answers(self) -> list[Answer | None]:
        return [msgspec.json.decode(r, type=tuple[Any, Outcome])[1].answer for r in self.record]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    task: TaskId = TaskId(7)
    kind: Literal["ask", "task"] = "task"
    actor: Actor = Actor(surface="terminal", space="local", person="1")
    place: Place = Place(surface="terminal", space="local")
    workspace: Path | None = Path("/work")
    standing: str = ""


@cache
def _shipped() -> Book:
    return load_book([SHIPPED], ScriptedTools())


def shipped(tools: ScriptedTools | None = None) -> Book:
    return _shipped()


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return file
