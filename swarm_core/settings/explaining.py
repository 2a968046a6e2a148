"""Where each setting comes from, for `/config`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from swarm_core.settings.schema import Settings, keys, keys_of, named
from swarm_core.settings.section import Key


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
    """Every key in the order of the reference, with its value and origin; of the entries under
    chosen names, the keys that say something."""
    rows = [_row(settings, key, _value(settings, key)) for key in keys()]
    for name, section in named().items():
        for entry, chosen in getattr(settings, name).items():
            above = f"{name}.{entry}"
            for key in keys_of(above, section):
                value = getattr(chosen, key.name.removeprefix(f"{above}."))
                if key.name in settings.spots or value != key.default:
                    rows.append(_row(settings, key, value))
    return tuple(rows)


def _value(settings: Settings, key: Key) -> Any:
    first, *rest = key.name.split(".")
    value: Any = settings.section(first)
    for part in rest:
        value = getattr(value, part)
    return value


def _row(settings: Settings, key: Key, value: Any) -> Row:
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
