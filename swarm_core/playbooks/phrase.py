"""Phrases: the patterns that make a line of chat fit a playbook.

`search [for] {text} [in {path}]`: words as they are (case does not matter), `[…]` may be missing,
`(a|b)` is one of several, `{name}` takes a parameter, `{name:word}` takes one word or something
in quotes. A phrase fits a whole line or it does not fit; "please" at either end never matters,
and neither does a mark at the end, unless the phrase takes free text, which is taken as it is.

What could go wrong here is time: a phrase is written by the owner, but the line it is held
against by anybody, and a regular expression with nested repeats can be made to run for years.
A phrase therefore cannot say "repeat": it becomes an anchored expression in which only the
places of parameters repeat, at most three of them, never inside one another, each after a space,
over a line of at most `LONGEST` characters. The worst case is the number of ways to cut a line
at three of its spaces (measured: 20 ms).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from swarm_core.playbooks.model import Param

LONGEST = 300
"""Characters of a line that phrases are held against; a longer one fits none of them."""
_PLACES = 3
_OPTIONS = 8
_NAME = re.compile(r"\{([a-z][a-z0-9_]*)(:word)?\}")
_GROUP = re.compile(r"\(\?P<\w+>")
_QUOTED = r"\"[^\"]+\"|'[^']+'|“[^”]+”|`[^`]+`"
_SHAPES = {
    "str": rf"(?:{_QUOTED}|.+?)",
    "word": rf"(?:{_QUOTED}|\S+?)",
    "path": rf"(?:{_QUOTED}|\S+?)",
    "url": r"<?(?=\S*[.:])\S+?>?",
    "duration": r"(?:\d+ [a-z]+|\S+?)",
}
_PUNCTUATION, _ENDS = "?!.,;:", ("", " ", "]", ")", "|")
_PLEASE, _THANKS = r"(?: please,?)?", r"(?:,? please)?"


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """How a line fits: the raw words for each parameter, and the literal characters matched."""

    values: dict[str, str]
    literal: int


class Phrase(msgspec.Struct, frozen=True, kw_only=True):
    """A compiled phrase; `preset` are parameter values that saying it this way implies."""

    source: str
    names: frozenset[str]
    preset: dict[str, Any]
    pattern: re.Pattern[str]

    def fit(self, line: str) -> Fit | None:
        """How `line` (single spaces, at most `LONGEST` characters) fits as a whole, or None."""
        found = self.pattern.fullmatch(f" {line}")
        if found is None:
            return None
        values = {name: value for name, value in found.groupdict().items() if value is not None}
        return Fit(values=values, literal=len(line) - sum(map(len, values.values())))


def tidy(text: str) -> str | None:
    """`text` as phrases want it, or None when it is too long to be held against any."""
    if len(text) > 4 * LONGEST:
        return None
    line = " ".join(text.split())
    return line if 0 < len(line) <= LONGEST else None


def compile_phrase(source: str, params: dict[str, Param], preset: dict[str, Any]) -> Phrase:
    """Raises ValueError with a sentence that names what is wrong and where."""
    reader = _Reader(source, params)
    pattern = reader.read()
    free_text = any(params[name].type == "str" for name in reader.names)
    end = "" if free_text else "[.!?]?"
    return Phrase(
        source=source,
        names=frozenset(reader.names),
        preset=preset,
        pattern=re.compile(_PLEASE + pattern + _THANKS + end, re.IGNORECASE),
    )


def any_of(phrases: Iterable[Phrase]) -> re.Pattern[str]:
    """Fits what one of `phrases` fits and nothing else: one look at a line instead of many."""
    patterns = [_GROUP.sub("(?:", phrase.pattern.pattern) for phrase in phrases]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or "(?!)", re.IGNORECASE)


class _Reader:
    """Reads a phrase once from left to right; a space belongs to what follows it, so that a part
    that may be missing takes its space along."""

    def __init__(self, source: str, params: dict[str, Param]) -> None:
        self._text = " ".join(source.split())
        self._params = params
        self._at = 0
        self._options = 0
        self.names: list[str] = []

    def read(self) -> str:
        if not self._text:
            raise ValueError("a phrase has at least one word")
        pattern = self._sequence(" ")
        if self._at < len(self._text):
            raise self._wrong(f"`{self._text[self._at]}` closes nothing")
        if not re.search(r"[^\W_]", _NAME.sub("", self._text)):
            raise ValueError("a phrase needs a word of its own, or it would fit everything")
        return pattern

    def _sequence(self, space: str) -> str:
        parts: list[str] = []
        while self._at < len(self._text) and (here := self._text[self._at]) not in "])|":
            if here == " ":
                space, self._at = " ", self._at + 1
                continue
            if here == "{":
                if not space:
                    raise self._wrong("a space stands before a parameter")
                parts.append(space + self._place())
            elif here == "[":
                parts.append(f"(?:{self._group(space, ']')})?")
            elif here == "(":
                parts.append(f"(?:{self._group(space, ')')})")
            else:
                mark = here in _PUNCTUATION and self._text[self._at + 1 :][:1] in _ENDS
                parts.append(("" if mark else space) + re.escape(here))
                self._at += 1
            space = ""
        return "".join(parts)

    def _group(self, space: str, closing: str) -> str:
        self._options += 1
        if self._options > _OPTIONS:
            raise self._wrong(f"more than {_OPTIONS} brackets in one phrase")
        opened, self._at = self._at, self._at + 1
        branches = [self._sequence(space)]
        while self._at < len(self._text) and self._text[self._at] == "|":
            self._at += 1
            branches.append(self._sequence(space))
        if self._at >= len(self._text) or self._text[self._at] != closing:
            self._at = opened
            raise self._wrong(f"`{self._text[opened]}` is never closed")
        self._at += 1
        if not all(branches):
            raise self._wrong("an empty choice: put what may be missing in [ ]")
        return "|".join(branches)

    def _place(self) -> str:
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise self._wrong("a parameter is written {name} or {name:word}")
        name = found.group(1)
        if name not in self._params:
            raise self._wrong(f"there is no parameter `{name}`")
        if name in self.names:
            raise self._wrong(f"`{name}` stands here twice")
        self.names.append(name)
        if len(self.names) > _PLACES:
            raise self._wrong(f"more than {_PLACES} parameters in one phrase")
        self._at = found.end()
        kind = "word" if found.group(2) else self._params[name].type
        return f"(?P<{name}>{_SHAPES.get(kind, _SHAPES['word'])})"

    def _wrong(self, problem: str) -> ValueError:
        return ValueError(f"{problem} (character {self._at + 1} of `{self._text}`)")
