"""The exact actions that a yes is bound to, as flat data.

A task's cap stands in them with what it was raised by: whoever says yes is told what the task may
cost in all, and a raise makes that another action.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swarm_core.budget import standing
from swarm_core.kernel.ids import RunId
from swarm_core.kernel.money import MicroUSD
from swarm_core.store import Tx
from swarm_core.tasks.model import Startable

Bound = dict[str, str | int | None]

CHOICE = ("worker", "model", "most")
"""What of a price is another one when the cheaper model is taken."""


def cap_of(tx: Tx, task: Startable) -> MicroUSD | None:
    """What `task` may cost in all now; None for no cap of its own."""
    if task.cap is None:
        return None
    return MicroUSD(task.cap + standing.raised(tx, f"task/{task.id}"))


def price(tx: Tx, task: Startable, worker: str, model: str | None, most: int | str | None) -> Bound:
    """Having `task` begun by that worker with that model, for up to `most`."""
    return {
        "kind": "price",
        "task": task.id,
        "text": tx.body_digest(task.text_body),
        "worker": worker,
        "model": model,
        "most": most,
        "cap": cap_of(tx, task),
    }


def address(tx: Tx, task: Startable, run: RunId | None, data: Mapping[str, Any]) -> Bound:
    """Having a run open one address after words of others."""
    return {
        "kind": "address",
        "task": task.id,
        "run": run,
        "text": tx.body_digest(task.text_body),
        **{name: data.get(name) for name in ("tool", "address", "after")},
    }


def fallback(tx: Tx, task: Startable, run: RunId | None, data: Mapping[str, Any]) -> Bound:
    """Going on with a run by a dearer model."""
    return {
        "kind": "fallback",
        "task": task.id,
        "run": run,
        "text": tx.body_digest(task.text_body),
        "model": data.get("model"),
        "most": data.get("most"),
        "instead_of": data.get("instead_of"),
        "cap": cap_of(tx, task),
    }


OF_RUNS = {"fallback": fallback, "address": address}
"""What a run asks about while it is under way."""
