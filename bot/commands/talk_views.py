"""What commands about conversations answer, as values."""

from __future__ import annotations

import msgspec

from swarm_core import Memory, TaskId, TaskState


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A new conversation; it knows nothing of the `turns` before."""

    turns: int


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a conversation; `most` is how many turns a worker is given at most."""

    memory: Memory
    most: int


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """The texts of these tasks were erased; those of `left` were not, as they have not ended."""

    tasks: tuple[TaskId, ...]
    left: tuple[TaskId, ...]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Something was said to a task, which was in `state` then."""

    task: TaskId
    state: TaskState
    worker: str


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """What was said while nobody was there, and nobody has decided on: the beginning of each."""

    lines: tuple[str, ...]


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """So many of it are let go of, and so many are left, of others."""

    count: int
    left: int


Talk = Begun | Remembered | Forgotten | Told | Missed | Skipped
