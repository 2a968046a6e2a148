"""What a round of chaos will do, drawn from its seed: where lives end, what work is given."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Literal

from swarm_core.kernel.crash import POINTS

RANDOM = "random"

_SPREAD = {"store": (6, 40), "step": (4, 24), "intake": (1, 4), "claim": (1, 3), "outbox": (1, 3)}
"""For each family of points, at which of its passings the process may die."""


@dataclass(frozen=True)
class Kill:
    """The end of one life: at the `nth` passing of `point`, or, at random, `delay` seconds after
    the `nth` request began. `told`: what the swarm is told just before it dies."""

    point: str
    nth: int
    delay: float = 0.0
    told: Literal["", "close", "reload"] = ""

    def spec(self, first: int) -> str:
        """For `arm`. Submissions count after the `first` ones, which set the swarm to work."""
        if self.point == RANDOM:
            return ""
        return f"{self.point}:{self.nth + first * self.point.startswith('intake')}"

    def moved(self, by: int) -> Kill:
        return replace(self, nth=max(1, self.nth + by))


Where = Literal["both", "points", "random"]


def kills(chance: random.Random, count: int, where: Where) -> list[Kill]:
    """`count` kills in random order: half of them, all or none at the named points in turn; where
    all are, each point at least once."""
    at_points = {"both": count // 2, "points": max(count, len(POINTS)), "random": 0}[where]
    wanted = [POINTS[i % len(POINTS)] for i in range(at_points)]
    wanted += [RANDOM] * (max(count, at_points) - at_points)
    chance.shuffle(wanted)
    return [_kill(chance, point) for point in wanted]


def _kill(chance: random.Random, point: str) -> Kill:
    if point == RANDOM:
        told = chance.choices(("", "close", "reload"), (6, 1, 1))[0]
        return Kill(point, chance.randint(1, 12), chance.uniform(0.0, 0.02), told)
    return Kill(point, chance.randint(*_SPREAD[point.split(".")[0]]))


def texts(chance: random.Random, prefix: str, count: int, port: int) -> dict[str, str]:
    """Fresh work by key; of four tasks at least one is free, so that no cap stops everything."""
    work = {}
    for number in range(count):
        key = f"{prefix}-{number}"
        word = "probe" if number % 4 == 0 else chance.choice(("pay", "long", "stubborn", "probe"))
        url = f"http://127.0.0.1:{port}/pure/{key}/0"
        work[key] = f"probe {url}" if word == "probe" else f"{word} {key}"
    return work
