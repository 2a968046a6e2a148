"""What a rule captured."""

from __future__ import annotations

from typing import TypeVar

from swarm_core.schedule.reading.grammar import Captured

_T = TypeVar("_T")


class Got:
    """What was captured, by the rules that did it."""

    def __init__(self, captured: Captured) -> None:
        self._captured = captured

    def __contains__(self, name: str) -> bool:
        return name in self._captured

    def all(self, name: str, sort: type[_T]) -> tuple[_T, ...]:
        return tuple(v for v in self._captured.get(name, ()) if isinstance(v, sort))

    def one(self, name: str, sort: type[_T]) -> _T:
        return self.all(name, sort)[0]

    def maybe(self, name: str, sort: type[_T]) -> _T | None:
        return next(iter(self.all(name, sort)), None)

    def only(self) -> object:
        return next((v for some in self._captured.values() for v in some), None)
