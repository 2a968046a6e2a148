"""What an argument may be. Each kind reads what was typed, or the same thing from JSON, checks
it, and says in a few words what would do."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, ClassVar
from unicodedata import category

from swarm_core import TaskId, parse_usd

_LARGEST = 10**1000
"""Beyond it nothing is a number any more; that no task has one of these is for the core to say."""
_NOTHING = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Categories of what shows nothing."""
_NUMBER = re.compile(r"#?([0-9]{1,1000})")
_SPAN = re.compile(r"(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?")
_MOST_ENTRIES = 100


class Misfit(ValueError):
    """What was given is not of this kind."""


class Kind:
    """One sort of argument. `many`: the option may be given again."""

    expected: str = ""
    metavar: str = ""
    switch: ClassVar[bool] = False
    many: ClassVar[bool] = False

    def read(self, given: Any) -> Any:
        """The value of `given`: text as it was typed, or JSON. Raises `Misfit`."""
        raise NotImplementedError

    def choices(self) -> tuple[str, ...]:
        """What completion may offer."""
        return ()


class Words(Kind):
    """Free text, all that is left of the line."""

    def __init__(self, metavar: str = "text", expected: str = "some words") -> None:
        self.metavar, self.expected = metavar, expected

    def read(self, given: Any) -> str:
        if not isinstance(given, str) or all(category(c) in _NOTHING for c in given):
            raise Misfit
        # Half a surrogate comes from bytes that are not UTF-8; it cannot be stored or shown.
        return given.encode("utf-8", "replace").decode()


class Name(Words):
    """One word."""

    def read(self, given: Any) -> str:
        name = super().read(given).strip()
        if len(name.split()) != 1 or len(name) > 200:
            raise Misfit
        return name


class Switch(Kind):
    """There or not."""

    switch = True
    expected = "true or false"

    def read(self, given: Any) -> bool:
        if not isinstance(given, bool):
            raise Misfit
        return given


class Whole(Kind):
    """A whole number in a range."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high
        self.expected = f"a whole number from {low} to {high}"
        self.metavar = f"{low}..{high}"

    def read(self, given: Any) -> int:
        if isinstance(given, str) and re.fullmatch(r"[+-]?[0-9]{1,18}", given.strip()):
            given = int(given)
        if not isinstance(given, int) or isinstance(given, bool):
            raise Misfit
        if not self.low <= given <= self.high:
            raise Misfit
        return given


class Number(Kind):
    """A task's number, as `142` or `#142`."""

    expected = "the number of a task, like 142"
    metavar = "number"

    def read(self, given: Any) -> TaskId:
        if isinstance(given, str) and (found := _NUMBER.fullmatch(given.strip())):
            given = int(found[1])
        if not isinstance(given, int) or isinstance(given, bool) or not 0 < given <= _LARGEST:
            raise Misfit
        return TaskId(given)


class Numbers(Kind):
    """Several of them, `12,13` or one by one."""

    expected = "numbers of tasks, like 12,13"
    metavar = "number"
    many = True

    def read(self, given: Any) -> tuple[TaskId, ...]:
        found = [Number().read(entry) for entry in _entries(given)]
        return tuple(dict.fromkeys(found))


class Names(Kind):
    """Several single words, `a,b` or one by one."""

    many = True

    def __init__(self, metavar: str, expected: str) -> None:
        self.metavar, self.expected = metavar, expected

    def read(self, given: Any) -> tuple[str, ...]:
        return tuple(dict.fromkeys(Name().read(entry) for entry in _entries(given)))


class Each(Kind):
    """Several entries, each as it was typed: names and paths, which may hold spaces and commas."""

    many = True

    def __init__(self, metavar: str, expected: str) -> None:
        self.metavar, self.expected = metavar, expected

    def read(self, given: Any) -> tuple[str, ...]:
        entries = given if isinstance(given, list | tuple) else [given]
        if len(entries) > _MOST_ENTRIES:
            raise Misfit
        return tuple(dict.fromkeys(Words().read(entry) for entry in entries))


class Choice(Kind):
    """One of a few words."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.expected = " or ".join((", ".join(names[:-1]), names[-1])[len(names) == 1 :])
        self.metavar = "|".join(names)

    def read(self, given: Any) -> str:
        if not isinstance(given, str) or given.strip().lower() not in self.names:
            raise Misfit
        return given.strip().lower()

    def choices(self) -> tuple[str, ...]:
        return self.names


class Scope(Kind):
    """What is stopped or resumed: everything, what is mine, one task, or what `more` names."""

    def __init__(self, *more: str) -> None:
        self.names = ("all", "me", *more)
        words = ", ".join(f"`{name}`" for name in self.names)
        self.expected = f"{words} or the number of a task"
        self.metavar = "|".join((*self.names, "number"))

    def read(self, given: Any) -> TaskId | str:
        if isinstance(given, str) and given.strip().lower() in self.choices():
            return given.strip().lower()
        return Number().read(given)

    def choices(self) -> tuple[str, ...]:
        return self.names


class Amount(Kind):
    """Dollars in text, never a float."""

    expected = "an amount in dollars, like 0.25"
    metavar = "dollars"

    def read(self, given: Any) -> int:
        if not isinstance(given, str):
            raise Misfit
        try:
            return parse_usd(given)
        except ValueError:
            raise Misfit from None


class Span(Kind):
    """A length of time."""

    expected = "a length of time, like 7d, 12h or 1d12h"
    metavar = "time"

    def read(self, given: Any) -> timedelta:
        text = given.strip().lower() if isinstance(given, str) else ""
        if not text or not (found := _SPAN.fullmatch(text)):
            raise Misfit
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


class Since(Span):
    """An instant in the past: a length of time before now, or a date, also with a time."""

    expected = "a length of time, like 7d, or a date, like 2026-12-24 or 2026-12-24T18:00Z"
    metavar = "when"

    def read(self, given: Any) -> Any:
        try:
            return super().read(given)
        except Misfit:
            pass
        try:
            return datetime.fromisoformat(given.strip()).astimezone()
        except (AttributeError, ValueError, OverflowError, OSError):
            raise Misfit from None


class Limit(Amount):
    """Dollars, or none at all."""

    expected = "an amount in dollars, like 5 or 0.25, or none"
    metavar = "dollars|none"

    def read(self, given: Any) -> Any:
        if isinstance(given, str) and given.strip().lower() == "none":
            return "none"
        return super().read(given)


class Instant(Kind):
    """When: a length of time from now, or a date with a time; without a zone it is local."""

    expected = "a time to come, like 2h, 1d12h or 2026-12-24T18:00"
    metavar = "when"

    def read(self, given: Any) -> timedelta | datetime:
        if not isinstance(given, str):
            raise Misfit
        text = given.strip()
        try:
            if text and _SPAN.fullmatch(text.lower()):
                return Span().read(text)
            return datetime.fromisoformat(text).astimezone()
        except (ValueError, OverflowError, OSError):
            raise Misfit from None


def _entries(given: Any) -> list[Any]:
    """`given` as a list; text is cut at commas."""
    if not isinstance(given, list | tuple):
        given = [given]
    entries: list[Any] = []
    for entry in given:
        parts = entry.split(",") if isinstance(entry, str) else [entry]
        entries += [part for part in parts if not isinstance(part, str) or part.strip()]
    if not entries or len(entries) > _MOST_ENTRIES:
        raise Misfit
    return entries
