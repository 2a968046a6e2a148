"""Everything that was said and done in a task, uncut: what a person reads who wants to see it all.

What models are told of themselves (the house rules, their identity) is the same for many tasks
and not kept with any; all else that a prompt held is here.
"""

from __future__ import annotations

from typing import Any

import msgspec

from swarm_core.kernel.errors import NotFound
from swarm_core.kernel.ids import LARGEST, RunId, TaskId
from swarm_core.steps import tables as steps
from swarm_core.store import Rows, Store, read_body
from swarm_core.tasks import files, queries, room, talk
from swarm_core.tasks.model import Attached, Overheard, Task, Turn


class StepWhole(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of one step: its arguments, and what it brought, as text and as data; of a
    model call `data` has every part of the answer. None: there is none, or it was erased."""

    run: RunId
    n: int
    attempt: int
    kind: str
    name: str
    state: str
    failure: str | None
    failure_data: dict[str, Any]
    request: Any
    answer: str | None
    data: Any


class WholeView(msgspec.Struct, frozen=True, kw_only=True):
    """A task with its texts: the conversation `before` it, its files, what was said before it in
    the `room`, what people `said` to it while it was done, and every attempt of every step of all
    its runs."""

    task: Task
    before: tuple[Turn, ...]
    files: tuple[Attached, ...]
    room: tuple[Overheard, ...]
    said: tuple[str | None, ...]
    steps: tuple[StepWhole, ...]


async def whole(store: Store, task: TaskId) -> WholeView:
    """Raises `NotFound`."""
    return await store.read(lambda rows: _whole(rows, task))


def _whole(rows: Rows, task: TaskId) -> WholeView:
    found = queries.get(rows, task, result=True) if task <= LARGEST else None
    if found is None:
        raise NotFound(kind="task", name=str(task), near=())
    talks = found.kind == "ask"
    return WholeView(
        task=found,
        before=talk.earlier(rows, found.person, found.place, task) if talks else (),
        files=files.read(rows, task),
        room=room.read(rows, task),
        said=talk.said_to(rows, task),
        steps=tuple(
            _step(rows, run, row)
            for run in queries.runs_of(rows, task)
            for row in steps.of_run(rows, run)
        ),
    )


def _step(rows: Rows, run: RunId, row: steps.StepRow) -> StepWhole:
    def body(number: int | None) -> str | None:
        return read_body(rows.execute, number)

    request, data = body(row.request_body), body(row.data_body)
    return StepWhole(
        run=run,
        n=row.n,
        attempt=row.attempt,
        kind=row.kind,
        name=row.name,
        state=row.state,
        failure=row.failure,
        failure_data=row.failure_data,
        request=msgspec.json.decode(request) if request else None,
        answer=body(row.answer_body),
        data=msgspec.json.decode(data) if data else None,
    )
