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
from swarm_core.settings.contradictions import Contradiction
from swarm_core.settings.endpoints import FromVariable
from swarm_core.settings.gather import Gathered, Loc
from swarm_core.settings.kinds import Many
from swarm_core.settings.schema import entry_keys, keys, keys_of, named, sections
from swarm_core.settings.section import Key, Spot
from swarm_core.settings.tree import Flaw

Finding = tuple[int, FixInput]


def all_problems(
    file: str,
    flaws: Iterable[Flaw],
    gathered: Gathered,
    invalid: ValidationError | None,
    contradictory: Iterable[Contradiction] = (),
) -> list[FixInput]:
    """Every problem of `file`, in the order of its lines."""
    found: list[Finding] = [
        (flaw.line, BadYaml(file=file, line=flaw.line, problem=flaw.problem)) for flaw in flaws
    ]
    found += [_missing(file, gathered, m.loc, m.variable) for m in gathered.missing]
    found += [_broken(file, gathered, loc) for loc in dict.fromkeys(gathered.broken)]
    found += [
        (
            _line(gathered, c.loc),
            BadValue(
                file=file,
                line=_line(gathered, c.loc),
                key=_dotted(c.loc),
                problem=c.problem,
                expected=c.expected,
            ),
        )
        for c in contradictory
    ]
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
    every = [*sections(), *named(), *(key.name for key in (*keys(), *entry_keys()))]
    if len(loc) == 1:
        siblings = {name: name for name in every if "." not in name}
    else:
        siblings = {name: f"{above}.{name}" for name in _members(loc[:-1])}
    close = [siblings[name] for name in nearest(word, siblings)]
    elsewhere = [name for name in every if name.rpartition(".")[2] == word]
    return tuple(dict.fromkeys([*elsewhere, *close]))[:3]


def _members(loc: Loc) -> list[str]:
    """The keys that may stand in the group at `loc`."""
    match loc:
        case ():
            return [*sections(), *named()]
        case (str() as name,) if name in sections():
            return list(sections()[name].model_fields)
        case (str() as name, str()) if name in named():
            return list(named()[name].model_fields)
    return []


def _declared(loc: Loc) -> Key | None:
    """The key whose value, or a part of it, stands at `loc`."""
    match loc:
        case (str() as name, str() as entry, str(), *_) if name in named():
            every = keys_of(f"{name}.{entry}", named()[name])
        case _:
            every = keys()
    return next((key for key in every if key.name == _dotted(loc)), None)


def _misfit(file: str, gathered: Gathered, loc: Loc, error: Any) -> Finding:
    line, key = _line(gathered, loc), _dotted(loc)
    declared = _declared(loc)
    if error["type"] == "missing":
        problem = "it is not given"
    elif error["type"] == "misfit":
        problem = f"{_shown(gathered, loc, declared)} {error['ctx']['reason']}"
    else:
        sort = "a list" if declared else "a group of keys"
        problem = f"{_shown(gathered, loc, declared)} is given where {sort} belongs"
    if declared is None:
        names = _members(loc)
        if len(loc) == 1 and loc[0] in named():
            expected = "names of your choice and, indented below each, its keys"
        else:
            expected = f"keys like {', '.join(names[:3])}, each on a line of its own"
    elif isinstance(declared.kind, Many) and isinstance(loc[-1], int):
        expected = declared.kind.item.wanted()
    else:
        expected = declared.kind.wanted()
    return line, BadValue(
        file=file, line=line, key=key or "the whole file", problem=problem, expected=expected
    )


def _shown(gathered: Gathered, loc: Loc, declared: Key | None) -> str:
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
    if declared and isinstance(declared.kind, FromVariable):
        return "the value"
    return _quoted(gathered.spots[loc])


def _quoted(spot: Spot) -> str:
    quoted = f'"{clip(spot.text, 60)}"'
    return f"{quoted}, as the environment has it," if spot.variable else quoted


def _line(gathered: Gathered, loc: Loc) -> int:
    """The line of `loc`, or of what it would stand in."""
    while loc and loc not in gathered.spots:
        loc = loc[:-1]
    spot = gathered.spots.get(loc)
    return (spot.line if spot else None) or 1


def _dotted(loc: Loc) -> str:
    return ".".join(part for part in loc if isinstance(part, str))
