"""Which tasks stand in the table, in which order, in which columns. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.answers.top import TASKS, WORKERS, task_cells
from bot.answers.words import Words
from swarm_core import Board, BoardTask

ORDERS = ("state", "newest", "spent", "worker")
NARROW, MIDDLE = 60, 100
"""Columns of a terminal below which less of a task is shown."""
_FEW = ("task", "state", "what")
_SOME = ("task", "state", "what", "worker", "step", "since", "spent")

_KEYS: dict[str, Callable[[BoardTask], Any]] = {
    "newest": lambda one: -one.task.id,
    "spent": lambda one: (-(one.spent or one.task.cost), one.task.id),
    "worker": lambda one: (one.task.worker or "~", one.task.id),
}


def task_columns(width: int) -> tuple[str, ...]:
    return _FEW if width < NARROW else _SOME if width < MIDDLE else TASKS


def worker_columns(width: int) -> tuple[str, ...]:
    return tuple(n for n in WORKERS if width >= NARROW or n not in ("state", "ready"))


def arranged(words: Words, board: Board, *, order: str, wanted: str) -> list[BoardTask]:
    """Open tasks and those that ended lately, as `order` says; of those that hold every word of
    `wanted` in what is shown of them."""
    found: Sequence[BoardTask] = (*board.tasks, *board.ended)
    if wanted.strip():
        parts = wanted.casefold().split()
        found = [
            one
            for one in found
            if all(part in " ".join(task_cells(words, one)).casefold() for part in parts)
        ]
    return list(found) if order == "state" else sorted(found, key=_KEYS[order])
