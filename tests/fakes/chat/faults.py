"""Faults that a test puts in the way of requests; by seed where it is by chance.

A fault is `{"kind": …}` with what it says itself, and to choose requests: what the fake tells its
requests apart by, `count` (at most so many), `after` (not the first so many), `probability`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.chat.record import Json

CHOICE = {"kind", "count", "after", "probability"}


@dataclass
class _Rule:
    fault: Json
    met: int = 0
    used: int = 0


@dataclass
class Faults:
    """`kinds` with what each may say; `apart`, what requests are told apart by."""

    kinds: Mapping[str, set[str]]
    apart: set[str]
    seed: int = 0
    _rules: list[_Rule] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def add(self, fault: Json) -> None:
        if fault.get("kind") not in self.kinds:
            raise ValueError(f"no fault is called {fault.get('kind')!r}")
        if wrong := set(fault) - CHOICE - self.apart - self.kinds[fault["kind"]]:
            raise ValueError(f"a {fault['kind']} has no {sorted(wrong)}")
        self._rules.append(_Rule(fault))

    def reset(self, seed: int | None = None) -> None:
        self._rules.clear()
        self.seed = self.seed if seed is None else seed
        self._random = random.Random(self.seed)

    def strike(self, **request: Any) -> Json | None:
        """The first fault that is for this request."""
        for rule in self._rules:
            fault = rule.fault
            if any(fault.get(key, request.get(key)) != request.get(key) for key in self.apart):
                continue
            rule.met += 1
            if rule.met <= fault.get("after", 0) or rule.used >= fault.get("count", rule.met):
                continue
            if self._random.random() >= fault.get("probability", 1.0):
                continue
            rule.used += 1
            return fault
        return None
