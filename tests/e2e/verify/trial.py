"""What every trial is given and gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Given:
    """An empty folder on the disk, what chance is drawn from, and whether to take long."""

    folder: Path
    seed: int = 1
    long: bool = False
    rounds: Path | None = None
    """Where the rounds of a trial that has some are written down, and those of before stand."""


@dataclass
class Seen:
    """What a trial saw, in one sentence, and what it found wrong. `skipped` says why it could
    not be made on this machine."""

    sentence: str = ""
    findings: list[str] = field(default_factory=list)
    skipped: str = ""


Trial = Callable[[Given], Awaitable[Seen]]


@contextmanager
def all_hands(given: Given) -> Iterator[Callable[..., Iterable[Any]]]:
    """A `map`, by a process for each core where it takes long enough to be worth it."""
    if not given.long:
        yield map
        return
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as hands:
        yield hands.map
