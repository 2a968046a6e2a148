"""A line as tokens, each with its place in it, so that what is left keeps its own letters.

What a word is made of is taken apart where that helps (`9am`, `mon-fri`, `24.`); a word with
anything else in it (an address, a path, `#142`) and a stretch in quotes stay whole and say nothing
of time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

Sort = Literal["word", "number", "time", "date", "dotted", "slashed", "mark", "whole"]

_CLOSING = {
    '"': '"',
    "`": "`",
    "'": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{DOUBLE LOW-9 QUOTATION MARK}": "\N{LEFT DOUBLE QUOTATION MARK}",
    "«": "»",
    "»": "«",
    "\N{LEFT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}",
}
_OPENING = re.compile(rf"(?<!\w)[{''.join(_CLOSING)}]")
_SPACED = re.compile(r"\S+")
_BEFORE, _AFTER = "([{", ")]},.;:!?"
_PART = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"|(?P<dotted>\d{1,2}\.\d{1,2}\.(?:\d{4})?)"
    r"|(?P<slashed>\d{1,2}/\d{1,2}(?:/\d{4})?)"
    r"|(?P<time>\d{1,2}:\d{2}(?!\d))"
    r"|(?P<number>\d{1,9})"
    r"|(?P<word>[^\W\d_]+(?:['\u2019.][^\W\d_]+)*)"
    r"|(?P<mark>[-\u2013\u2014+.])"
)
_ZONE = re.compile(r"[A-Za-z_]+(?:/[A-Za-z_]+[A-Za-z0-9_+-]*)+|UTC[+-]\d{2}:\d{2}")


class Token(msgspec.Struct, frozen=True):
    """`text` is folded: no capitals, `ae` for `ä`. `closed`: a word of the line ends with it,
    `opened`: one begins. A zone's name is `whole`, as an address is."""

    sort: Sort
    text: str
    start: int
    end: int
    opened: bool = True
    closed: bool = True


def folded(text: str) -> str:
    """As words are compared: no capitals, umlauts written out, one sort of apostrophe and dash."""
    low = text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    low = low.replace("\N{EN DASH}", "-").replace("\N{EM DASH}", "-")
    return low.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")


def tokens_of(line: str) -> tuple[Token, ...]:
    found: list[Token] = []
    at = 0
    for first, last in _quoted(line):
        found += _words(line, at, first)
        found.append(Token("whole", line[first:last], first, last))
        at = last
    return (*found, *_words(line, at, len(line)))


def _quoted(line: str) -> Iterator[tuple[int, int]]:
    """Stretches in quotes, from the one mark to after the other."""
    at = 0
    open_for_good: set[str] = set()
    for opening in _OPENING.finditer(line):
        mark = opening[0]
        if opening.start() < at or mark in open_for_good:
            continue
        last = line.find(_CLOSING[mark], opening.end())
        if last < 0:
            open_for_good.add(mark)
        else:
            at = last + 1
            yield opening.start(), at


def _words(line: str, start: int, end: int) -> list[Token]:
    found: list[Token] = []
    for spaced in _SPACED.finditer(line, start, end):
        first, last = spaced.span()
        while first < last and line[first] in _BEFORE:
            found.append(Token("mark", line[first], first, first + 1))
            first += 1
        after: list[Token] = []
        while last > first and line[last - 1] in _AFTER:
            if _PART.fullmatch(line, first, last):  # 24.12. keeps its last dot
                break
            last -= 1
            after.insert(0, Token("mark", line[last], last, last + 1))
        if first < last:
            found += _parts(line, first, last)
        found += after
    return found


def _parts(line: str, first: int, last: int) -> list[Token]:
    """One word of the line taken apart, or whole where it holds what no phrase of time has."""
    parts: list[Token] = []
    at = first
    while at < last:
        part = _PART.match(line, at, last)
        if part is None or _ZONE.fullmatch(line, first, last):
            return [Token("whole", line[first:last], first, last)]
        sort: Sort = part.lastgroup  # type: ignore[assignment]
        at = part.end()
        parts.append(
            Token(sort, folded(part[0]), part.start(), at, part.start() == first, at == last)
        )
    return parts
