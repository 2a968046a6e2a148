"""What goes wrong on purpose, for which calls, how often; all of it by seed.

A fault is `{"kind": …}` with, to choose calls: `task`, `model`, `wire` (messages, chat, responses,
speech),
`count` (at most so many), `after` (not the first so many), `probability`. Kinds:
status: `status`, `retry_after` (seconds), `date` (the header as a date), `message`, `error`, `code`
reset: the connection breaks before an answer (`served` false: before it was worked on)
cut: after `bytes` of the body (negative: so many before its end), `reset` for a hard end
hang: says no more after `bytes` (0: not even a status line)
error_event: `after_events` events, then an error of `error` in the stream
latency: `seconds` before the answer; per_token: `seconds` for each token of output
trickle: `bytes` at a time, `seconds` between
A status, and a reset with `served` false, serve nothing; all others serve, and are paid.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.fakes.models.answer import Json

KINDS = {
    "status": {"status", "retry_after", "date", "message", "error", "code"},
    "reset": {"served"},
    "cut": {"bytes", "reset"},
    "hang": {"bytes"},
    "error_event": {"after_events", "error", "message"},
    "latency": {"seconds"},
    "per_token": {"seconds"},
    "trickle": {"bytes", "seconds"},
}
CHOICE = {"kind", "task", "model", "wire", "count", "after", "probability"}


def proper(fault: Json) -> Json:
    """`fault`, or ValueError."""
    if fault.get("kind") not in KINDS:
        raise ValueError(f"no fault is called {fault.get('kind')!r}")
    if wrong := set(fault) - CHOICE - KINDS[fault["kind"]]:
        raise ValueError(f"a {fault['kind']} has no {sorted(wrong)}")
    return fault


def refuses(fault: Json) -> bool:
    """Whether nothing is served under `fault`."""
    return fault["kind"] == "status" or (fault["kind"] == "reset" and not fault.get("served", True))


@dataclass
class _Rule:
    fault: Json
    met: int = 0
    used: int = 0


@dataclass
class Faults:
    """The faults in force. Chance depends on the seed, the prompt and how often it came, not on
    the order in which calls of different tasks arrive."""

    seed: int = 0
    _rules: list[_Rule] = field(default_factory=list)
    _tried: dict[tuple[object, ...], int] = field(default_factory=dict)
    _scripted: dict[tuple[object, ...], _Rule] = field(default_factory=dict)

    def add(self, fault: Json) -> None:
        self._rules.append(_Rule(proper(fault)))

    def clear(self) -> None:
        self._rules.clear()
        self._tried.clear()
        self._scripted.clear()

    def strike(
        self, *, task: str, model: str, wire: str, digest: str, scripted: tuple[Json, ...] = ()
    ) -> list[Json]:
        """The faults for this call. `scripted` ones, from the answer itself, strike the same
        prompt once unless they say how often."""
        here = {"task": task, "model": model, "wire": wire}
        rules = list(enumerate(self._rules))
        for at, fault in enumerate(scripted):
            rule = self._scripted.setdefault((digest, at), _Rule({"count": 1, **proper(fault)}))
            rules.append((-at - 1, rule))
        struck = list[Json]()
        for at, rule in rules:
            fault = rule.fault
            if any(key in fault and fault[key] != value for key, value in here.items()):
                continue
            rule.met += 1
            if rule.met <= fault.get("after", 0) or rule.used >= fault.get("count", rule.met):
                continue
            if not self._chance(at, fault.get("probability", 1.0), task, digest):
                continue
            rule.used += 1
            struck.append(fault)
            if refuses(fault):
                break
        return struck

    def _chance(self, at: int, probability: float, task: str, digest: str) -> bool:
        if probability >= 1:
            return True
        key = (at, task, digest)
        self._tried[key] = self._tried.get(key, 0) + 1
        chance = random.Random(f"{self.seed} {at} {task} {digest} {self._tried[key]}")
        return chance.random() < probability
