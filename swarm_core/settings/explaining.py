"""Where each setting comes from, for `/config`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from swarm_core.settings.schema import Settings, keys


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One key as it holds now. A value filled in from a variable shows the reference."""

    key: str
    value: str
    default: str
    about: str
    origin: Literal["default", "file", "environment"]
    line: int | None = None
    """The line in `settings.file`, when `origin` is file."""
    variable: str | None = None
    """The variable that gave the value, or a part of it."""


def explain(settings: Settings) -> tuple[Row, ...]:
    """Every key in the order of the reference, with its value and origin."""
    return tuple(_row(settings, key) for key in keys())


def _row(settings: Settings, key: Any) -> Row:
    value: Any = settings
    for part in key.name.split("."):
        value = getattr(value, part)
    spot = settings.spots.get(key.name)
    return Row(
        key=key.name,
        value=spot.text if spot and spot.variable else key.kind.shown(value),
        default=key.kind.shown(key.default),
        about=key.about,
        origin="default" if spot is None else "file" if spot.line else "environment",
        line=spot.line if spot else None,
        variable=spot.variable if spot else None,
    )
