"""What chaos and simulation saw, for people, for programs, and as a dated line in the docs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from swarm_core.kernel.crash import POINTS
from tests.e2e.chaos import Result
from tests.e2e.ledger import RELIABILITY, machine
from tests.e2e.model_chaos import ModelResult
from tests.e2e.plan import RANDOM
from tests.e2e.simulated import Simulated


@dataclass
class Report:
    """All rounds of one command."""

    command: str
    rounds: list[Result] = field(default_factory=list)
    simulated: list[Simulated] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def findings(self) -> list[str]:
        both: Sequence[Result | Simulated] = [*self.rounds, *self.simulated]
        return [f"seed {one.seed}: {what}" for one in both for what in one.findings]

    @property
    def kills(self) -> Counter[str]:
        return sum((one.kills for one in self.rounds), Counter())

    def total(self, name: str) -> int:
        both: Sequence[Result | Simulated] = [*self.rounds, *self.simulated]
        return sum(getattr(one, name, 0) for one in both)

    def as_json(self) -> str:
        """One object, on one line."""
        data: dict[str, Any] = {
            "command": self.command,
            "ok": not self.findings,
            "seconds": round(self.seconds, 1),
            "kills": dict(self.kills),
            "killed": self.kills.total(),
            "findings": self.findings,
            "rounds": [one.plain() for one in self.rounds],
            "simulated": [
                {**asdict(one), "outcomes": dict(one.outcomes)} for one in self.simulated
            ],
        }
        return json.dumps(data)

    def as_text(self) -> str:
        lines = [f"{self.command}: {self._sentence()}"]
        lines += [f"  {one.sentence}" for one in self.rounds if isinstance(one, ModelResult)]
        if self.rounds:
            lines += [f"  {n:6} kills  {point}" for point, n in self._by_point()]
        lines += [f"  FOUND {what}" for what in self.findings]
        return "\n".join(lines)

    def _by_point(self) -> list[tuple[str, int]]:
        kills = self.kills
        return [(point, kills[point]) for point in (RANDOM, *POINTS)]

    def _sentence(self) -> str:
        found = f"{len(self.findings)} findings" if self.findings else "nothing found"
        spans = f"in {self.seconds:.0f} s"
        if self.simulated:
            return (
                f"{len(self.simulated)} seeds, {self.total('tasks')} tasks,"
                f" {self.total('facts')} facts {spans}, {found}"
            )
        return (
            f"{self.kills.total()} kills with a step in flight"
            f" ({self.total('missed')} more met none), {self.total('tasks')} tasks,"
            f" {self.total('served')} calls served, {self.total('told')} deliveries"
            f" ({self.total('repeats')} labelled as repeats), {self.total('facts')} facts"
            f" {spans}, {found}"
        )

    def append(self) -> None:
        """Add a dated line to docs/reliability.md."""
        line = f"- {datetime.now(UTC):%Y-%m-%d}, {machine()}: `{self.command}`: {self._sentence()}."
        with RELIABILITY.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
