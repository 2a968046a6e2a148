"""What programs are told: views as they are, but tasks by what a program asks of them."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from bot.commands import views
from swarm_core import Stamp, TaskId, TaskState


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """Why, as an error's code and data."""

    code: str
    data: dict[str, Any]


class Used(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of all answers: `cached` are a part of the input."""

    input: int
    output: int
    cached: int


class Fallback(msgspec.Struct, frozen=True, kw_only=True):
    """The model that was to answer and did not; `failure` why, where it was tried."""

    instead_of: str
    failure: Failed | None


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What programs are told of a task. `model` is the one that really answered, before that the
    one that is to; `tokens` None: no model has answered. `fallback`: it was not the first."""

    id: TaskId
    state: TaskState
    result: str | None
    cost_micro_usd: int
    worker: str | None
    model: str | None
    steps: int
    tokens: Used | None
    fallback: Fallback | None
    failure: Failed | UnsetType = UNSET


def plain(view: views.View) -> Any:
    """`view` as programs are given it."""
    if not isinstance(view, views.Accepted | views.Ended):
        return view
    task, stamp = view.task, view.stamp
    failed = Failed(code=task.failure, data=task.failure_data) if task.failure else UNSET
    return Work(
        id=task.id,
        state=task.state,
        result=task.result,
        cost_micro_usd=task.cost,
        worker=task.worker,
        model=stamp.model if stamp else task.model,
        steps=task.steps,
        tokens=_used(stamp) if stamp else None,
        fallback=_fallback(stamp) if stamp else None,
        failure=failed,
    )


def _used(stamp: Stamp) -> Used:
    tokens = stamp.tokens
    return Used(input=tokens.input, output=tokens.output, cached=tokens.cached)


def _fallback(stamp: Stamp) -> Fallback | None:
    if stamp.instead_of is None:
        return None
    why = stamp.failure
    return Fallback(
        instead_of=stamp.instead_of, failure=Failed(code=why.code, data=why.data) if why else None
    )
