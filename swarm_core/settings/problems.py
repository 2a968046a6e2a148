"""What is wrong with a file, in plain words: pydantic's findings → the tree of errors.

A value that came out of a variable may be a secret in the wrong place: it is named by its
reference, never quoted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from swarm_core.kernel.errors import BadValue, BadYaml, FixInput, MissingVariable, UnknownKey
from swarm_core.kernel.text import clip, nearest
from swarm_core.settings.gather import Gathered, Loc
from swarm_core.settings.kinds import Many
from swarm_core.settings.schema import Spot, keys, sections
from swarm_core.settings.tree import Flaw

Finding = tuple[int, FixInput]


def all_problems(
    file: str, flaws: Iterable[Flaw], gathered: Gathered, invalid: ValidationError | None
) -> list[FixInput]:
    """Every problem of `file`, in the order of its lines."""
    found: list[Finding] = [
        (flaw.line, BadYaml(file=file, line=flaw.line, problem=flaw.problem)) for flaw in flaws
    ]
    found += [_missing(file, gathered, m.loc, m.variable) for m in gathered.missing]
    found += [_broken(file, gathered, loc) for loc in dict.fromkeys(gathered.broken)]
    told = {m.loc for m in gathered.missing} | set(gathered.broken)
    for error in invalid.errors(include_url=False, include_input=False) if invalid else ():
        loc: Loc = error["loc"]
        if error["type"] == "extra_forbidden":
            found.append(_unknown(file, gathered, loc))
        elif loc not in told:
            found.append(_misfit(file, gathered, loc, error))
    return [error for _, error in sorted(found, key=lambda pair: pair[0])]


def _missing(file: str, gathered: Gathered, loc: Loc, variable: str) -> Finding:
    line = _line(gathered, loc)
    return line, MissingVariable(file=file, line=line, key=_dotted(loc), variable=variable)


def _broken(file: str, gathered: Gathered, loc: Loc) -> Finding:
    line = _line(gathered, loc)
    problem = f"{_quoted(gathered.spots[loc])} has ${{ without a variable's name and }}"
    return line, BadValue(
        file=file, line=line, key=_dotted(loc), problem=problem, expected="${NAME}, or $$ for $"
    )


def _unknown(file: str, gathered: Gathered, loc: Loc) -> Finding:
    line = _line(gathered, loc)
    section, dot, word = str(loc[-1]).partition(".")
    if dot and _dotted(loc) in {key.name for key in keys()}:
        problem, expected = (
            "the name is written with a dot",
            f"{section}: and, indented below it, {word}:",
        )
        return line, BadValue(
            file=file, line=line, key=_dotted(loc), problem=problem, expected=expected
        )
    return line, UnknownKey(file=file, line=line, key=_dotted(loc), near=_near(loc))


def _near(loc: Loc) -> tuple[str, ...]:
    """Close names in the same section first, then the same word in another section."""
    word, above = str(loc[-1]), _dotted(loc[:-1])
    every = [key.name for key in keys()]
    if above:
        siblings = {name.rpartition(".")[2]: name for name in every if name.startswith(above + ".")}
    else:
        siblings = {name: name for name in [*sections(), *every] if "." not in name}
    close = [siblings[name] for name in nearest(word, siblings)]
    elsewhere = [name for name in [*sections(), *every] if name.rpartition(".")[2] == word]
    return tuple(dict.fromkeys([*elsewhere, *close]))[:3]


def _misfit(file: str, gathered: Gathered, loc: Loc, error: Any) -> Finding:
    line, key = _line(gathered, loc), _dotted(loc)
    shown = _shown(gathered, loc)
    declared = next((k for k in keys() if k.name == key), None)
    if error["type"] == "misfit":
        problem = f"{shown} {error['ctx']['reason']}"
    elif declared:
        problem = f"{shown} is given where a list belongs"
    else:
        problem = f"{shown} is given where a group of keys belongs"
    if declared is None:
        names = list(sections()[key].model_fields if key else sections())
        expected = f"keys like {', '.join(names[:3])}, each on a line of its own"
    elif isinstance(declared.kind, Many) and len(loc) > 2:
        expected = declared.kind.item.wanted()
    else:
        expected = declared.kind.wanted()
    return line, BadValue(
        file=file, line=line, key=key or "the whole file", problem=problem, expected=expected
    )


def _shown(gathered: Gathered, loc: Loc) -> str:
    value = gathered.data
    for part in loc:
        value = value[part]
    match value:
        case None:
            return "an empty value"
        case dict():
            return "a group of keys"
        case list():
            return "a list"
    return _quoted(gathered.spots[loc])


def _quoted(spot: Spot) -> str:
    quoted = f'"{clip(spot.text, 60)}"'
    return f"{quoted}, as the environment has it," if spot.variable else quoted


def _line(gathered: Gathered, loc: Loc) -> int:
    return gathered.spots[loc].line or 1


def _dotted(loc: Loc) -> str:
    return ".".join(part for part in loc if isinstance(part, str))
