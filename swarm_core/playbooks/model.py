"""What a playbook file says, validated; nothing here is compiled or run."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

_NAME = r"^[a-z][a-z0-9_]{0,39}$"
_PLAYBOOK = r"^[a-z][a-z0-9-]{0,39}$"

Identifier = Annotated[str, StringConstraints(pattern=_NAME)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Template = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
ParamType = Literal["str", "int", "bool", "url", "path", "duration", "choice"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Param(_Part):
    """One typed parameter. `least` and `most` bound an int; `choices` belong to a choice."""

    type: ParamType
    description: Line
    required: bool = False
    default: str | int | bool | None = None
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None


class Trigger(_Part):
    """A phrase, and parameter values that saying it implies."""

    say: Line
    preset: dict[Identifier, str | int | bool] = Field(default={}, alias="with")


def _trigger(value: Any) -> Any:
    return {"say": value} if isinstance(value, str) else value


class StepSpec(_Part):
    """One tool call, or one for each of at most `most` values of `foreach`.

    `when` and `foreach` are bare expressions; `args` may hold templates at any depth.
    """

    id: Identifier
    tool: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    args: dict[Identifier, Any] = {}
    when: Template | None = None
    foreach: Template | None = None
    most: Annotated[int, Field(ge=1, le=50)] = 10
    on_error: Literal["fail", "continue"] = "fail"


class Remember(_Part):
    """What the next run with the same key finds as `before`; the key may use `params` only."""

    key: Template
    value: Any


class Limits(_Part):
    """`steps` tool calls in all, `seconds` for each of them, `output` characters of answer."""

    steps: Annotated[int, Field(ge=1, le=100)] = 20
    seconds: Annotated[int, Field(ge=1, le=600)] = 60
    output: Annotated[int, Field(ge=200, le=50_000)] = 6_000


class PlaybookFile(_Part):
    """One file as its author wrote it."""

    name: Annotated[str, StringConstraints(pattern=_PLAYBOOK)]
    summary: Line
    examples: Annotated[tuple[Line, ...], Field(min_length=1, max_length=8)]
    triggers: Annotated[
        tuple[Annotated[Trigger, BeforeValidator(_trigger)], ...], Field(max_length=30)
    ] = ()
    params: dict[Identifier, Param] = {}
    constants: dict[Identifier, Any] = {}
    steps: Annotated[tuple[StepSpec, ...], Field(min_length=1, max_length=30)]
    remember: Remember | None = None
    output: Template
    wrong: Template | None = None
    """A bare expression: true when what was looked at is not well."""
    limits: Limits = Limits()


RESERVED = frozenset({"run"})
"""Names no playbook may have: `run <playbook> …` is the explicit form."""
_DURATION = re.compile(r"(\d{1,4}) ?([a-z]+)", re.IGNORECASE)
_UNITS = {
    word: unit
    for unit, words in {
        "s": "s sec secs second seconds",
        "m": "m min mins minute minutes",
        "h": "h hr hrs hour hours",
        "d": "d day days",
        "w": "w wk week weeks",
    }.items()
    for word in words.split()
}


def duration(raw: str) -> str:
    """`7 days` → `7d`. Raises ValueError for anything that is not one number and one unit."""
    found = _DURATION.fullmatch(raw.strip())
    if found is None or found.group(2).casefold() not in _UNITS or int(found.group(1)) == 0:
        raise ValueError(raw)
    return f"{int(found.group(1))}{_UNITS[found.group(2).casefold()]}"
