"""What the swarm did: the tool behind `standup`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from pydantic import Field

from swarm_core.kernel.clock import Micros, to_micros
from swarm_core.store import Rows, Store
from swarm_core.tasks import queries as tasks
from swarm_core.tasks.model import Task, TaskState
from swarm_core.tools.model import Arguments, Effect, Inward, ToolContext, ToolOutput

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LISTED = 20
"""Tasks named in each list; the numbers count them all."""


class Since(Arguments):
    since: str = Field("24h", pattern=r"^\d{1,4}[smhd]$", description="How far back: 30m, 24h, 7d")


class ActivityTool(Inward):
    """Tasks ended in a span of time, what they cost, and what is open now. The asking task
    itself is left out."""

    name = "activity"
    summary = "What the swarm did lately, what it cost, and what waits."
    effect: Effect = "pure"
    arguments = Since
    timeout = 10

    def __init__(self, store: Store) -> None:
        self._store = store

    def resource(self, args: Since) -> str:
        return args.since

    async def run(self, args: Since, context: ToolContext) -> ToolOutput:
        span = timedelta(**{_UNITS[args.since[-1]]: int(args.since[:-1])})
        start = to_micros(self._store.clock.now() - span)
        data = await self._store.read(lambda rows: _activity(rows, start, context.task))
        words = "{done} done, {failed} failed, {running} running, {ready} ready"
        return ToolOutput(text=words.format(**data), data=data)


def _activity(rows: Rows, start: Micros, asking: int | None) -> dict[str, Any]:
    open_now, ended = tasks.open_counts(rows), tasks.ended_counts(rows, start)
    shares = tasks.shares(rows, start)
    waiting = tasks.listing(rows, states=(TaskState.WAITING,), most=LISTED)
    return {
        "done": ended.get("done", 0),
        "failed": ended.get("failed", 0),
        "cancelled": ended.get("cancelled", 0),
        "running": max(0, open_now.get("running", 0) - (asking is not None)),
        "ready": open_now.get("ready", 0),
        "queued": open_now.get("queued", 0),
        "cost_micro_usd": sum(cost for _, _, _, cost in shares),
        "waiting": [
            {"task": task.id, "text": _words(task), "reason": task.waiting or ""}
            for task in waiting
        ],
        "by_worker": [
            {"worker": worker, "done": done, "failed": failed, "cost_micro_usd": cost}
            for worker, done, failed, cost in shares
        ],
        "recent": [
            {"task": task.id, "text": _words(task), "state": task.state.value}
            for task in tasks.recently_ended(rows, start, LISTED)
        ],
    }


def _words(task: Task) -> str:
    return re.sub(r"\s+", " ", (task.text or "")[:200]).strip()
