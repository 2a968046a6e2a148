"""Glob patterns over paths, in time that no pattern can blow up.

Patterns come from models and from files in the workspace, and a path is matched for every entry
of a tree. Translating a whole glob to one regular expression lets a few stars take exponential
time while holding the interpreter; here a name is matched by `fnmatch` (whose stars do not
backtrack into each other) and `**` by the two-pointer walk over names.

The rules are those of `.gitignore` (git-scm.com/docs/gitignore, PATTERN FORMAT): without a slash
a pattern matches a name at any depth, with one it is anchored; `**` spans folders.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence

import msgspec

MOST_RULES = 1000
_ANY = None


class Glob:
    """One pattern, compiled."""

    def __init__(self, pattern: str) -> None:
        anchored = "/" in pattern.rstrip("/")
        names = [name for name in pattern.split("/") if name not in ("", ".")]
        if not anchored:
            names.insert(0, "**")
        self._names: list[re.Pattern[str] | None] = [
            _ANY if name == "**" else _compiled(name) for name in names
        ]

    def matches(self, parts: Sequence[str]) -> bool:
        """Whether the path made of `parts` matches as a whole.

        A pattern that ends in `**` matches what is inside the folder, not the folder itself.
        """
        at = name = 0
        star = resume = -1
        while at < len(parts):
            if name < len(self._names) and self._names[name] is _ANY:
                star, resume = name, at
                name += 1
            elif name < len(self._names) and self._fits(name, parts[at]):
                name += 1
                at += 1
            elif star >= 0:
                resume += 1
                name, at = star + 1, resume
            else:
                return False
        return name == len(self._names)

    def _fits(self, index: int, name: str) -> bool:
        pattern = self._names[index]
        return pattern is not None and pattern.match(name) is not None


def _compiled(name: str) -> re.Pattern[str]:
    escaped = re.sub(
        r"\\(.)", lambda found: f"[{found[1]}]" if found[1] in "*?[" else found[1], name
    )
    return re.compile(fnmatch.translate(escaped.replace("[^", "[!")), re.DOTALL)


class Rule(msgspec.Struct, frozen=True):
    glob: Glob
    ignore: bool
    folders_only: bool


class IgnoreFile:
    """The rules of one `.gitignore`, for what lies below the folder it is in."""

    def __init__(self, text: str, folder: tuple[str, ...]) -> None:
        self._folder = folder
        self._rules = [rule for rule in map(_rule, text.split("\n")[:MOST_RULES]) if rule]

    def verdict(self, parts: tuple[str, ...], *, folder: bool) -> bool | None:
        """True: ignored. False: kept by a `!` rule. None: this file does not say."""
        below = parts[len(self._folder) :]
        for rule in reversed(self._rules):
            if (folder or not rule.folders_only) and rule.glob.matches(below):
                return rule.ignore
        return None


def ignored(files: Iterable[IgnoreFile], parts: tuple[str, ...], *, folder: bool) -> bool:
    """What the nearest file with a verdict says; `files` from the top down."""
    for file in reversed(tuple(files)):
        verdict = file.verdict(parts, folder=folder)
        if verdict is not None:
            return verdict
    return False


def _rule(line: str) -> Rule | None:
    line = line.rstrip("\r")
    while line.endswith(" ") and not line.endswith("\\ "):
        line = line[:-1]
    if not line or line.startswith("#"):
        return None
    keep = line.startswith("!")
    pattern = line[1:] if keep else line
    if not pattern.strip("/"):
        return None
    return Rule(Glob(pattern), not keep, pattern.endswith("/"))
