"""What the head of an identity file says, validated; nothing here knows of files."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

NAME = r"^[a-z][a-z0-9_-]{0,39}$"

TierWish = Literal["free", "cheap", "dear"]
Effort = Literal["none", "low", "medium", "high"]

OLD_NAMES = {
    "instance_name": "name",
    "description": "summary",
    "capabilities": "skills",
    "model": "models",
    "fallback_models": "fallbacks",
    "account": "accounts",
    "address": "addresses",
    "ha_address": "addresses",
}
"""Keys of older files, and what they are called now; both are read."""
OLD_LIMITS = {"max_tokens": "max_output", "max_steps": "steps"}


def _listed(value: Any) -> Any:
    """`a, b` is a list of two; so is a list."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _one(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    """Each value where it stands first."""
    return tuple(dict.fromkeys(values))


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\S{1,200}$")]
Names = Annotated[
    tuple[Word, ...], BeforeValidator(_listed), AfterValidator(_once), Field(max_length=50)
]
Phrases = Annotated[
    tuple[Short, ...], BeforeValidator(_listed), AfterValidator(_once), Field(max_length=100)
]
Lines = Annotated[
    tuple[Line, ...], BeforeValidator(_one), AfterValidator(_once), Field(max_length=30)
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Part):
    """`max_output` tokens of one answer, `steps` of one run; None leaves it to the settings."""

    max_output: Annotated[int, Field(ge=64, le=200_000)] | None = None
    steps: Annotated[int, Field(ge=1, le=1_000)] | None = None


class Head(_Part):
    """The head of one file as its author wrote it."""

    name: Annotated[str, StringConstraints(pattern=NAME)]
    role: Short
    summary: Line
    skills: Phrases = ()
    tags: Phrases = ()
    triggers: Lines = ()
    examples: Lines = ()
    tier: TierWish = "cheap"
    tools: Names = ()
    models: Names = ()
    fallbacks: Annotated[Names, Field(max_length=3)] = ()
    accounts: Names = ()
    addresses: Names = ()
    effort: Effort | None = None
    limits: Limits = Limits()
    extends: str | None = None
