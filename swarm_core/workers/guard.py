"""Guardrails of a run: what ends one that is going nowhere. Each run starts at zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from swarm_core.kernel.errors import CeilingReached

_encode = msgspec.json.Encoder(order="sorted").encode


class GuardRules(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How many tool calls a run may make, how often the very same one, how many that fail in a
    row, and how many tokens it may use in all."""

    calls: int = 200
    same: int = 10
    errors: int = 5
    tokens: int = 100_000


class Guard:
    """Counts what a run does and says when it is enough."""

    def __init__(self, rules: GuardRules) -> None:
        self.rules = rules
        self._calls = self._errors = self._tokens = 0
        self._same: dict[bytes, int] = {}

    def calling(self, name: str, arguments: Mapping[str, Any]) -> int:
        """Count a tool call about to be made; returns how often this very one was made with it.
        Raises `CeilingReached`."""
        self._calls += 1
        self._check("tool calls", self._calls, self.rules.calls)
        key = _encode([name, dict(arguments)])
        same = self._same[key] = self._same.get(key, 0) + 1
        self._check("equal tool calls", same, self.rules.same)
        return same

    def called(self, *, failed: bool) -> None:
        """Count what came of it. Raises `CeilingReached` at too many failures in a row."""
        self._errors = self._errors + 1 if failed else 0
        if self._errors >= self.rules.errors:
            self._stop("failed tool calls in a row", self.rules.errors)

    def used(self, tokens: int) -> None:
        """Count the tokens of a model call. Raises `CeilingReached`."""
        self._tokens += tokens
        self._check("tokens", self._tokens, self.rules.tokens)

    def _check(self, unit: str, count: int, most: int) -> None:
        if count > most:
            self._stop(unit, most)

    @staticmethod
    def _stop(unit: str, most: int) -> None:
        raise CeilingReached(limit=unit, value=most, unit=unit)
