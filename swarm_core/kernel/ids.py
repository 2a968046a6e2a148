"""Ids and the one source of randomness.

Ids that people see and tables join on are integers given out by the store. Tokens that must not
be guessed come from an `Entropy`, which a simulation seeds so that a run can be repeated exactly.
"""

from __future__ import annotations

import random
import secrets
from typing import NewType, Protocol

TaskId = NewType("TaskId", int)
NO_TASK = TaskId(0)
"""In rows and values that can be about a task and are about none; the first task is 1."""
RunId = NewType("RunId", int)
NoticeId = NewType("NoticeId", int)
HoldId = NewType("HoldId", int)
ApprovalId = NewType("ApprovalId", str)
"""Drawn at random, so that nobody finds one by trying."""
BodyId = NewType("BodyId", int)
Seq = NewType("Seq", int)
"""Position in the journal, from 1."""
Fence = NewType("Fence", int)
"""Grows with every lease given; whoever has a smaller one is a zombie."""


LARGEST = 2**63 - 1
"""The largest number the store can hold; what is beyond it was never given out."""


class Entropy(Protocol):
    def bytes(self, n: int) -> bytes:
        """`n` unpredictable bytes."""
        ...


class SystemEntropy:
    def bytes(self, n: int) -> bytes:
        return secrets.token_bytes(n)


class SeededEntropy:
    """Repeatable bytes for simulations; never for anything that must stay secret."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311

    def bytes(self, n: int) -> bytes:
        return self._random.randbytes(n)
