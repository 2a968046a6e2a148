"""Rounds of a long trial: each is drawn from a seed of its own and written down as soon as it is
over, so that a command which was interrupted goes on where it was when it is repeated.

A round that found something stays in the file and counts for nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.e2e.ledger import machine, source

_TRIED = ("bot", "swarm_core", "tests/e2e", "tests/discord", "tests/telegram", "tests/render")
MOST = "most "
"""Figures that begin so are the largest of all rounds, not their sum."""


@dataclass
class Round:
    """What one round of a part saw."""

    figures: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """`play` takes an empty folder, a seed and a size. `short` and `long` are how
    many rounds there are, of what size."""

    name: str
    play: Callable[[Path, int, int], Awaitable[Round]]
    short: tuple[int, int]
    long: tuple[int, int]


class Kept:
    """The file of rounds; without one nothing is written down, and nothing was before."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._source = source(*_TRIED) if file else ""

    def of(self, part: str, size: int) -> list[dict[str, Any]]:
        if self._file is None or not self._file.exists():
            return []
        entries = [json.loads(line) for line in self._file.read_text("utf-8").splitlines()]
        return [one for one in entries if (one["part"], one["size"]) == (part, size)]

    def add(self, part: str, size: int, seed: int, seen: Round) -> None:
        if self._file is None:
            return
        now = source(*_TRIED)
        entry = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "source": now if now == self._source else f"{self._source} to {now}",
            "part": part,
            "size": size,
            "seed": seed,
            "figures": seen.figures,
            "findings": seen.findings,
        }
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


async def played(part: Part, folder: Path, seed: int, *, long: bool, kept: Kept) -> Round:
    """All rounds of a part together, those of `kept` among them. It ends with the first round
    that finds something, which the next command does not play again."""
    rounds, size = part.long if long else part.short
    before = kept.of(part.name, size)
    whole = Round()
    for entry in before:
        if not entry["findings"]:
            _join(whole.figures, Counter(entry["figures"]))
    done = sum(not entry["findings"] for entry in before)
    following = max([seed, *(entry["seed"] + 1 for entry in before)])
    for number in range(following, following + max(0, rounds - done)):
        mine = folder / f"{part.name}-{number}"
        await asyncio.to_thread(mine.mkdir)
        seen = await part.play(mine, number, size)
        kept.add(part.name, size, number, seen)
        _join(whole.figures, seen.figures)
        if seen.findings:
            whole.findings = [f"{part.name}, seed {number}: {found}" for found in seen.findings]
            break
    return whole


def _join(whole: Counter[str], more: Counter[str]) -> None:
    for name, figure in more.items():
        together = max(whole[name], figure) if name.startswith(MOST) else whole[name] + figure
        whole[name] = together
