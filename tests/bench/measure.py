"""Measuring: repeats in fresh processes, medians with their spread, one value a line."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MACHINE = (
    f"{os.cpu_count()} cpus, {platform.system()} {platform.release()},"
    f" Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
)
Sample = dict[str, float]
"""What one repeat measured, by the name of the measure."""


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much of everything: full for numbers that count, tiny to see that a bench runs."""

    tasks: int = 10_000
    submitters: tuple[int, ...] = (1, 100, 1_000)
    repeats: int = 3
    queued: int = 10_000
    running: int = 100
    stored: int = 1_000_000
    few: int = 1_000
    """What `stored` is compared with."""
    tools: tuple[int, ...] = (0, 2)
    """Tool calls of a conversation."""
    probes: int = 200
    """How often something that takes a moment is tried."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line. `value` is the median of `n` repeats; `reference` what the bare database did in
    the same call; `ratio` ours to it; `goal` what it should be, in words."""

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    min: float | None = None
    max: float | None = None
    n: int = 1
    goal: str = ""
    machine: str = MACHINE


def fresh(child: str, **arguments: Any) -> Sample:
    """Run `tests.bench.<module>:<function>` with `arguments` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tests.bench.child", child, json.dumps(arguments)],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    sample: Sample = json.loads(done.stdout.splitlines()[-1])
    return sample


def environment() -> dict[str, str]:
    """The environment of a child: it finds this checkout, and nothing of ours is configured."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WAGGLE_")}
    return kept | {"PYTHONPATH": str(ROOT)}


def in_turns(repeats: int, *sides: Callable[[], Sample]) -> list[list[Sample]]:
    """Run the sides one after another, `repeats` times; the samples of each side."""
    rounds = [[side() for side in sides] for _ in range(repeats)]
    return [list(samples) for samples in zip(*rounds, strict=True)]


def result(
    name: str,
    unit: str,
    ours: Sequence[float],
    reference: Sequence[float] = (),
    *,
    goal: str = "",
) -> Result:
    """The median of `ours`, and its ratio to the median of `reference`."""
    value = statistics.median(ours)
    beside = statistics.median(reference) if reference else None
    return Result(
        name=name,
        value=value,
        unit=unit,
        reference=beside,
        ratio=value / beside if beside else None,
        min=min(ours),
        max=max(ours),
        n=len(ours),
        goal=goal,
    )


def spread(
    prefix: str, samples: Sequence[Sample], measures: Mapping[str, tuple[str, str]]
) -> Iterator[Result]:
    """A result for each measure (its unit and goal) of the samples."""
    for key, (unit, goal) in measures.items():
        yield result(f"{prefix} {key}", unit, [sample[key] for sample in samples], goal=goal)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def as_json(one: Result) -> str:
    return json.dumps(asdict(one), ensure_ascii=False)


def as_row(one: Result) -> str:
    """One line of the table for people."""
    beside = "" if one.reference is None else f"bare {_number(one.reference)}"
    ratio = "" if one.ratio is None else f"x {one.ratio:.2f}"
    between = "" if one.n < 2 else f"[{_number(one.min)} - {_number(one.max)}]"
    left = f"{one.name:<44} {_number(one.value):>9} {one.unit:<10}"
    return f"{left} {between:<22} {beside:<13} {ratio:<7} {one.goal}".rstrip()


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:.3f}"
