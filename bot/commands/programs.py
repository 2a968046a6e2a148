"""What programs are told: views as they are, but tasks by what a program asks of them."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from bot.commands import views
from bot.commands.model_views import Failed
from swarm_core import Approval, Stamp, TaskId, TaskState


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
    approval: Approval | UnsetType = UNSET
    """What it waits for a decision on, or what was decided."""


def plain(view: views.View) -> Any:
    """`view` as programs are given it."""
    if not isinstance(view, views.Accepted | views.Ended | views.Judged | views.Cheaper):
        return view
    task = view.task
    if task is None:
        return view
    stamp = view.stamp if isinstance(view, views.Accepted | views.Ended) else None
    approval = view.approval if isinstance(view, views.Accepted | views.Judged) else None
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
        approval=approval or UNSET,
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
