"""The trunk of the tree: what every error is, and its branches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

type_names: dict[str, type[WaggleError]] = {}

Value = str | int | bool | None | Sequence[str]


class WaggleError(Exception):
    """Base of all errors people may meet. `data` has exactly the keys in `fields`."""

    code: ClassVar[str] = "unknown"
    fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **data: Value) -> None:
        if set(data) != set(self.fields):
            raise TypeError(f"{type(self).__name__} takes {self.fields}, got {tuple(data)}")
        self.data: dict[str, Value] = data
        super().__init__(
            f"{self.code}: " + ", ".join(f"{key}={value}" for key, value in data.items())
        )

    def __init_subclass__(cls) -> None:
        if "code" in cls.__dict__:
            if cls.code in type_names:
                raise TypeError(f"error code {cls.code} is taken by {type_names[cls.code]}")
            type_names[cls.code] = cls


class FixInput(WaggleError):
    """The request is wrong: change it and ask again."""


class NotAllowed(WaggleError):
    """`actor` may not do `action` on `resource`; `rule` is the policy that says so."""

    code = "not_allowed"
    fields: ClassVar[tuple[str, ...]] = ("actor", "action", "resource", "rule", "instead")


class NotFound(WaggleError):
    """There is no `kind` called `name`; `near` are the closest ones."""

    code = "not_found"
    fields = ("kind", "name", "near")


class Conflict(WaggleError):
    """The state does not allow this now."""


class Wait(WaggleError):
    """Nothing is wrong with the request, but not now."""


class TryAgain(WaggleError):
    """The outside world failed in a way that may pass."""


class GiveUp(WaggleError):
    """Trying again will not help; somebody has to look."""
