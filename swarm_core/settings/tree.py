"""What a configuration file says, as a tree of source texts with their lines."""

from __future__ import annotations

import msgspec


class Scalar(msgspec.Struct, frozen=True):
    """`text` is the source text; None is an empty or null value written without quotes."""

    text: str | None
    size: int = 1


class Items(msgspec.Struct, frozen=True):
    """A list: for each entry its line and value."""

    items: tuple[tuple[int, Node], ...]
    size: int


class Group(msgspec.Struct, frozen=True):
    """A mapping: for each key its line and value."""

    entries: dict[str, tuple[int, Node]]
    size: int


Node = Scalar | Items | Group


class Flaw(msgspec.Struct, frozen=True):
    """What is wrong with the YAML itself, and on which line, counted from 1."""

    line: int
    problem: str
