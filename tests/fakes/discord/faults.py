"""What goes wrong on purpose with a request; by seed where it is by chance.

A fault is `{"kind": …}` with, to choose requests: `operation` (as in schema.json), `channel`,
`count` (at most so many), `after` (not the first so many), `probability`. Kinds:
status: `status`, `code`, `message`: refused before anything is done
limit: a 429 of `retry_after` seconds, `everywhere` for the global one, `shared` for a shared one
before: the connection breaks and nothing was done
lost: it is done, and the connection breaks before the answer (`bytes`: after so many of it)
late: it is done, and the answer takes `seconds`
slow: it is begun after `seconds`
page: a page of Cloudflare's with `status`, no JSON; `done` true: after the effect
hang: no answer ever; `done` true: after the effect
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.fakes.discord.errors import Json

KINDS = {
    "status": {"status", "code", "message"},
    "limit": {"retry_after", "everywhere", "shared"},
    "before": set[str](),
    "lost": {"bytes"},
    "late": {"seconds"},
    "slow": {"seconds"},
    "page": {"status", "done"},
    "hang": {"done"},
}
CHOICE = {"kind", "operation", "channel", "count", "after", "probability"}


@dataclass
class _Rule:
    fault: Json
    met: int = 0
    used: int = 0


@dataclass
class Faults:
    seed: int = 0
    _rules: list[_Rule] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def add(self, fault: Json) -> None:
        if fault.get("kind") not in KINDS:
            raise ValueError(f"no fault is called {fault.get('kind')!r}")
        if wrong := set(fault) - CHOICE - KINDS[fault["kind"]]:
            raise ValueError(f"a {fault['kind']} has no {sorted(wrong)}")
        self._rules.append(_Rule(fault))

    def reset(self, seed: int | None = None) -> None:
        self._rules.clear()
        self.seed = self.seed if seed is None else seed
        self._random = random.Random(self.seed)

    def strike(self, operation: str, channel: str | None) -> Json | None:
        """The first fault that is for this request."""
        for rule in self._rules:
            fault = rule.fault
            if fault.get("operation", operation) != operation:
                continue
            if "channel" in fault and fault["channel"] != channel:
                continue
            rule.met += 1
            if rule.met <= fault.get("after", 0) or rule.used >= fault.get("count", rule.met):
                continue
            if self._random.random() >= fault.get("probability", 1.0):
                continue
            rule.used += 1
            return fault
        return None
