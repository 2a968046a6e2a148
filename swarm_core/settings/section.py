"""What every section of `waggle.yaml` is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from pydantic import BaseModel, ConfigDict

from swarm_core.settings.kinds import Kind


class About(msgspec.Struct, frozen=True):
    """What a key is for, for people, with its unit."""

    text: str


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """Why a value does not go together with others of its section, and what would."""

    key: str
    problem: str
    expected: str


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def clashes(self) -> Iterable[Clash]:
        """What no single key of it can be wrong about."""
        return ()


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """Where a value was written: its line, or the variable that overrides the file."""

    text: str
    """As written, with references to variables as references."""
    line: int | None = None
    variable: str | None = None


class Named(msgspec.Struct, frozen=True):
    """Marks a mapping from names the writer chooses to entries of one section."""

    section: type[Section]


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One key as the model declares it."""

    name: str
    """Dotted: `limits.task_time`."""
    kind: Kind[Any]
    about: str
    default: Any
    required: bool = False


def key_of(name: str, field: Any) -> Key:
    kind = next(mark for mark in field.metadata if isinstance(mark, Kind))
    about = next(mark for mark in field.metadata if isinstance(mark, About))
    return Key(
        name=name,
        kind=kind,
        about=about.text,
        default=None if field.is_required() else field.default,
        required=field.is_required(),
    )
