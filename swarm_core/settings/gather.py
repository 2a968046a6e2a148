"""The tree of a file → plain data for validation, with variables filled in and places noted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from swarm_core.settings.endpoints import Filled
from swarm_core.settings.section import Spot
from swarm_core.settings.tree import Group, Items, Node, Scalar

Loc = tuple[str | int, ...]

_REFERENCE = re.compile(
    r"\$(?:(?P<escape>\$)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)\}|(?P<broken>\{))"
)


class Missing(msgspec.Struct, frozen=True):
    loc: Loc
    variable: str


class Gathered(msgspec.Struct):
    """`data` for pydantic; `spots` for each place in it; what could not be filled in."""

    data: Any = None
    spots: dict[Loc, Spot] = {}
    missing: list[Missing] = []
    broken: list[Loc] = []


def gather(root: Node, variables: Mapping[str, str]) -> Gathered:
    """`$NAME` and `${NAME}` become the variable's value, `$$` a dollar sign; `$5` is left."""
    gathered = Gathered()
    gathered.data = _walk(root, (), 1, variables, gathered)
    return gathered


def _walk(node: Node, loc: Loc, line: int, variables: Mapping[str, str], into: Gathered) -> Any:
    match node:
        case Scalar(text=None):
            into.spots[loc] = Spot(text="null", line=line)
            return None
        case Scalar(text=text):
            return _fill_in(text or "", loc, line, variables, into)
        case Items(items=items):
            value: Any = [
                _walk(item, (*loc, n), at, variables, into) for n, (at, item) in enumerate(items)
            ]
            spots = [into.spots[*loc, n] for n in range(len(items))]
            into.spots[loc] = Spot(
                text=f"[{', '.join(spot.text for spot in spots)}]",
                line=line,
                variable=next((spot.variable for spot in spots if spot.variable), None),
            )
            return value
        case Group(entries=entries):
            into.spots[loc] = Spot(text="a group of keys", line=line)
            return {
                name: _walk(entry, (*loc, name), at, variables, into)
                for name, (at, entry) in entries.items()
            }


def _fill_in(text: str, loc: Loc, line: int, variables: Mapping[str, str], into: Gathered) -> str:
    referred: list[str] = []

    def value(found: re.Match[str]) -> str:
        if found["escape"]:
            return "$"
        if found["broken"]:
            into.broken.append(loc)
            return found[0]
        name = found["name"] or found["braced"]
        referred.append(name)
        if name not in variables:
            into.missing.append(Missing(loc, name))
        return variables.get(name, "")

    filled = _REFERENCE.sub(value, text)
    into.spots[loc] = Spot(text=text, line=line, variable=referred[0] if referred else None)
    whole = _REFERENCE.fullmatch(text)
    return Filled(filled, referred[0]) if whole and referred else filled
