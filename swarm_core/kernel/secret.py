"""A value that never prints."""

from __future__ import annotations


class Secret:
    """Wraps a secret string: `repr`, `str`, formatting and pickling do not show it.

    Only `reveal()` gives it away, so every use can be found by searching for that word.
    `variable` names the variable of the environment it came from, for people who have to mend it.
    """

    __slots__ = ("_value", "variable")

    def __init__(self, value: str, variable: str = "") -> None:
        self._value = value
        self.variable = variable

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> str:
        raise TypeError("a secret cannot be pickled")
