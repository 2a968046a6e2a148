"""Filters on lists of records for playbook templates: choose, name, add up, show lines."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

Record = Mapping[str, Any]


def matching(rows: Iterable[Record], globs: Sequence[str], field: str = "path") -> list[Record]:
    """The rows whose path fits one of `globs`, ignoring case.

    A glob with a `/` is held against the whole path and against each of its tails
    (`tests/*` also finds `api/tests/x.py`); one without is held against the last name.
    """
    fits = _globs(globs)
    return [row for row in rows if fits(str(row[field]))]


def without(rows: Iterable[Record], globs: Sequence[str], field: str = "path") -> list[Record]:
    """The rows `matching` would not choose."""
    fits = _globs(globs)
    return [row for row in rows if not fits(str(row[field]))]


def classify(
    rows: Iterable[Record],
    table: Mapping[str, Sequence[str]],
    into: str = "class",
    other: str = "Other",
    field: str = "path",
) -> list[dict[str, Any]]:
    """Each row with one more field: the name in `table` under which its file ending
    (`.py`) or its whole file name (`Makefile`) stands, else `other`."""
    by_ending = {ending.casefold(): name for name, endings in table.items() for ending in endings}
    named = []
    for row in rows:
        path = PurePosixPath(str(row[field]).casefold())
        name = by_ending.get(path.name) or by_ending.get(path.suffix) or other
        named.append({**row, into: name})
    return named


def totals(rows: Iterable[Record], by: str, of: str) -> list[dict[str, Any]]:
    """`[{name, count, sum}]`: rows with the same `by`, their field `of` added up, largest first."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        total = found.setdefault(str(row[by]), {"name": str(row[by]), "count": 0, "sum": 0})
        total["count"] += 1
        total["sum"] += row[of]
    return sorted(found.values(), key=lambda total: (-total["sum"], total["name"]))


def listing(matches: Iterable[Record], width: int = 160) -> str:
    """Matches of one file as numbered lines: `>` marks a hit, overlapping context is merged,
    `⋮` stands where lines are left out. Lines are cut at `width` with an ellipsis."""
    lines: dict[int, tuple[str, str]] = {}
    for match in matches:
        number = int(match["line"])
        before, after = list(match.get("before") or []), list(match.get("after") or [])
        for place, text in enumerate([*before, *after]):
            where = number - len(before) + place + (1 if place >= len(before) else 0)
            lines.setdefault(where, (" ", str(text)))
        lines[number] = (">", str(match["text"]))
    digits = len(str(max(lines, default=0)))
    shown: list[str] = []
    previous: int | None = None
    for number, (mark, text) in sorted(lines.items()):
        if previous is not None and number > previous + 1:
            shown.append("⋮".rjust(digits + 2))
        line = text.rstrip().replace("\t", "    ")
        cut = line if len(line) <= width else line[: width - 1] + "…"
        shown.append(f"{mark} {number:>{digits}}  {cut}".rstrip())
        previous = number
    return "\n".join(shown)


class _globs:  # noqa: N801  (reads as the predicate it is)
    def __init__(self, globs: Sequence[str]) -> None:
        names = [glob for glob in globs if "/" not in glob]
        paths = [glob for glob in globs if "/" in glob]
        self._name = _any_of([fnmatch.translate(glob.casefold()) for glob in names])
        self._path = _any_of([f"(?:.*/)?{fnmatch.translate(glob.casefold())}" for glob in paths])

    def __call__(self, path: str) -> bool:
        path = path.casefold()
        return bool(self._path.match(path) or self._name.match(path.rpartition("/")[2]))


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns) if patterns else r"(?!)", re.DOTALL)


FILTERS = {f.__name__: f for f in (matching, without, classify, totals, listing)}
