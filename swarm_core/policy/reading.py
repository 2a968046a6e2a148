"""Files of policies: their statements, and what is wrong with them by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from swarm_core.policy.model import Problem

SCHEMA = "schema.cedarschema"
_REMEMBERED = 512
"""Statements whose judgement is kept: whoever reads the same policies again, as a reload does,
waits for the new ones alone."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One policy as it is written, and where."""

    file: Path
    line: int
    text: str


def files_of(folders: Sequence[Path]) -> list[Path]:
    """The files of policies, those of the first folder first, by name."""
    return [file for folder in folders for file in sorted(folder.glob("*.cedar"))]


def statements(file: Path, text: str) -> Iterator[Statement]:
    """`text` cut at the end of each policy: at every `;` that is no part of a comment or a
    string."""
    return (Statement(file=file, line=line, text=part) for line, part in _parts(text))


@lru_cache(64)
def _parts(text: str) -> tuple[tuple[int, str], ...]:
    return tuple(_cut(text))


def _cut(text: str) -> Iterator[tuple[int, str]]:
    """Each with the line at which it begins."""
    start, at, line, begun = 0, 0, 1, 0
    while at < len(text):
        sign = text[at]
        if text.startswith("//", at):
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        if sign == '"':
            begun = begun or line
            at, line = _after_string(text, at, line)
            continue
        if not sign.isspace():
            begun = begun or line
        if sign == ";":
            yield begun, text[start : at + 1]
            start, begun = at + 1, 0
        line += sign == "\n"
        at += 1
    if begun:
        yield begun, text[start:]


def _after_string(text: str, at: int, line: int) -> tuple[int, int]:
    at += 1
    while at < len(text) and text[at] != '"':
        line += text[at] == "\n"
        at += 2 if text[at] == "\\" else 1
    return at + 1, line


def read(folders: Sequence[Path]) -> tuple[list[Statement], list[Problem]]:
    """Every policy there is; a file that cannot be read is a problem."""
    found: list[Statement] = []
    problems: list[Problem] = []
    for file in files_of(folders):
        try:
            found += statements(file, file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(file=str(file), line=1, problem=str(error)))
    problems += [
        Problem(file=str(folder), line=1, problem="there is no such folder")
        for folder in folders
        if not folder.is_dir()
    ]
    return found, problems


def check(folders: Sequence[Path], schema: str) -> list[Problem]:
    """What is wrong with the policies in `folders`, held against `schema`."""
    found, problems = read(folders)
    named: dict[str, Statement] = {}
    for each in found:
        told, marks = _judged(each.text, schema)
        problems += [Problem(file=str(each.file), line=each.line, problem=one) for one in told]
        if told:
            continue
        name = marks.get("id", "")
        missing = [mark for mark in ("id", "says") if not marks.get(mark)]
        if missing:
            wanted = " and ".join(f"`@{mark}(…)`" for mark in missing)
            problem = f"it needs {wanted}: a refusal names the rule and what is allowed instead"
            problems.append(Problem(file=str(each.file), line=each.line, problem=problem))
        elif name in named:
            first = named[name]
            problem = f"`{name}` is already the name of the policy in {first.file}:{first.line}"
            problems.append(Problem(file=str(each.file), line=each.line, problem=problem))
        named.setdefault(name, each)
    return problems


@lru_cache(_REMEMBERED)
def _judged(text: str, schema: str) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """What is wrong with a statement; with nothing wrong, its annotations."""
    import cedarpy

    try:
        parsed = cedarpy.policies_to_pst(text)
    except ValueError as error:
        return (str(error),), {}
    if parsed.templates:
        return ("it is a template; policies with slots are not used",), {}
    result = cedarpy.validate_policies(text, _shape(schema))
    if result.errors:
        return tuple(error.error for error in result.errors), {}
    (policy,) = parsed.static_policies.values()
    return (), policy.annotations


@lru_cache(1)
def _shape(schema: str) -> Any:
    import cedarpy

    return cedarpy.Schema.from_str(schema)
