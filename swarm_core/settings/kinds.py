"""What a value in `waggle.yaml` may be: each kind reads source text, checks, and says itself.

A kind stands in a field's annotation and is the one description of it: pydantic validates by
it, `expected` goes into errors and the reference, `show` writes a value the way it is read.
What does not fit is raised as a `misfit` whose words follow the value ("`x` is not a number").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from swarm_core.kernel.money import MicroUSD, format_usd, parse_usd

T = TypeVar("T")


class Bases(msgspec.Struct, frozen=True, kw_only=True):
    """Where relative folders start, and what `~` is; passed as pydantic's context."""

    folder: Path
    home: Path | None


def misfit(reason: str) -> PydanticCustomError:
    return PydanticCustomError("misfit", "{reason}", {"reason": reason})


class Kind(Generic[T]):
    """A sort of value. `none` says what null means here; without it null is refused."""

    expected: str
    none: str | None = None

    def read(self, text: str) -> T:
        """The value of `text`; raises `misfit`."""
        raise NotImplementedError

    def check(self, value: Any) -> T:
        """`value` as given by code; raises `misfit`."""
        raise misfit(f"is a {type(value).__name__}, not text")

    def show(self, value: Any) -> str:
        return str(value)

    def wanted(self) -> str:
        return self.expected if self.none is None else f"{self.expected}, or null for {self.none}"

    def shown(self, value: Any) -> str:
        return "null" if value is None else self.show(value)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return self.schema()

    def schema(self) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def _validate(self, value: Any, info: ValidationInfo) -> T | None:
        if value is None:
            if self.none is None:
                raise misfit("is given; a value is needed, or leave the key out")
            return None
        if isinstance(value, dict | list):
            raise misfit("is given where one value belongs")
        if not isinstance(value, str):
            return self.check(value)
        if any(unicodedata.category(c) in ("Cc", "Cs") for c in value):
            raise misfit("holds characters that cannot be printed")
        return self.read_in(value.strip(), info.context)

    def read_in(self, text: str, _bases: Bases | None) -> T:
        return self.read(text)


class Whole(Kind[int]):
    def __init__(self, low: int, high: int, unit: str = "", none: str | None = None) -> None:
        self.low, self.high, self.unit, self.none = low, high, unit, none
        self.expected = f"a whole number from {low:,} to {high:,}"

    def read(self, text: str) -> int:
        text = text.removesuffix(self.unit).rstrip()
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", text):
            raise misfit("is not a whole number")
        return self.check(int(text))

    def check(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise misfit("is not a whole number")
        if value < self.low:
            raise misfit("is too small")
        if value > self.high:
            raise misfit("is too large")
        return value

    def show(self, value: Any) -> str:
        return f"{value} {self.unit}" if self.unit[:1].isalpha() else f"{value}{self.unit}"


_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_LENGTH = re.compile(r"(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")


class Duration(Kind[timedelta]):
    """`30s`, `10m`, `2h`, `1d`, `1h30m`; whole seconds."""

    def __init__(self, low: timedelta, high: timedelta, none: str | None = None) -> None:
        self.low, self.high, self.none = low, high, none
        self.expected = (
            f"a length of time from {self.show(low)} to {self.show(high)}, like 30s, 10m or 1h30m"
        )

    def read(self, text: str) -> timedelta:
        if re.fullmatch(r"[0-9]+", text):
            raise misfit("has no unit; add s, m, h or d")
        found = _LENGTH.fullmatch(text.lower())
        if not found or not text:
            raise misfit("is not a length of time")
        amounts = zip(found.groups(), _UNITS.values(), strict=True)
        return self.check(timedelta(seconds=sum(int(n or 0) * unit for n, unit in amounts)))

    def check(self, value: Any) -> timedelta:
        if not isinstance(value, timedelta):
            raise misfit("is not a length of time")
        if value < self.low:
            raise misfit("is too short")
        if value > self.high:
            raise misfit("is too long")
        return value

    def show(self, value: Any) -> str:
        left, parts = value // timedelta(seconds=1), []
        for unit, seconds in _UNITS.items():
            amount, left = divmod(left, seconds)
            parts += [f"{amount}{unit}"] if amount else []
        return "".join(parts) or "0s"


class Money(Kind[MicroUSD]):
    """Dollars in text, micro-dollars in code; read from the source text, never from a float."""

    expected = "an amount in dollars, like 5 or 0.25"

    def __init__(self, none: str | None = None) -> None:
        self.none = none

    def read(self, text: str) -> MicroUSD:
        try:
            return parse_usd(text)
        except ValueError:
            raise misfit("is not an amount in dollars with at most six decimals") from None

    def check(self, value: Any) -> MicroUSD:
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise misfit("is not a whole, positive number of micro-dollars")
        return MicroUSD(value)

    def show(self, value: Any) -> str:
        return format_usd(MicroUSD(value))


class Flag(Kind[bool]):
    expected = "true or false"

    def __init__(self, none: str | None = None) -> None:
        self.none = none

    def read(self, text: str) -> bool:
        match text.lower():
            case "true" | "yes" | "on":
                return True
            case "false" | "no" | "off":
                return False
        raise misfit("is neither true nor false")

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise misfit("is neither true nor false")
        return value

    def show(self, value: Any) -> str:
        return str(value).lower()


class Choice(Kind[str]):
    def __init__(self, *names: str, none: str | None = None) -> None:
        self.names, self.none = names, none
        self.expected = f"one of {', '.join(names[:-1])} and {names[-1]}"

    def read(self, text: str) -> str:
        return self.check(text.lower())

    def check(self, value: Any) -> str:
        if value not in self.names:
            raise misfit("is not one of them")
        return str(value)


class Text(Kind[str]):
    """One line of text."""

    def __init__(self, most: int, what: str = "text", none: str | None = None) -> None:
        self.most, self.none = most, none
        self.expected = f"{what} of 1 to {most} characters"

    def read(self, text: str) -> str:
        if not text:
            raise misfit("is empty")
        if len(text) > self.most:
            raise misfit("is too long")
        return text


class Folder(Kind[Path]):
    """A folder's path; relative ones start at the file's folder, `~` is the home folder."""

    expected = "the path of a folder"

    def read_in(self, text: str, bases: Bases | None) -> Path:
        if not text:
            raise misfit("is empty")
        if text.startswith("~"):
            if text != "~" and not text.startswith("~/"):
                raise misfit("names another person's home; write the path out")
            if bases is None or bases.home is None:
                raise misfit("needs the variable HOME, which is not set")
            return bases.home / text[2:]
        return bases.folder / text if bases else Path(text)

    def check(self, value: Any) -> Path:
        if not isinstance(value, Path):
            raise misfit("is not a path")
        return value


class Many(Kind[tuple[Any, ...]]):
    """A list, each entry of one kind."""

    def __init__(self, item: Kind[Any]) -> None:
        self.item = item
        self.expected = f"a list; each entry {item.expected}"

    def schema(self) -> CoreSchema:
        return core_schema.tuple_schema([self.item.schema()], variadic_item_index=0)

    def show(self, value: Any) -> str:
        entries: Sequence[Any] = value
        return "[" + ", ".join(self.item.show(entry) for entry in entries) + "]"
