"""Phrases of one language, as `data/schedule/<language>.toml` declares them, and how they match.

    [rule]
    key = ["one way to say it", "another"]

    word  a|b       one of these words (or marks)
    <rule>          what that rule matches; <rule+> some, with `and` or commas between them
    [ ... ]         may be there
    <#> <time> <date> <dotted> <slashed> <whole> <word>     one token of that sort

What a match means is `build(rule, key, captured)`; None takes it back.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import msgspec

from swarm_core.schedule.reading.tokens import Sort, Token, folded

FOLDER = Path(__file__).resolve().parents[3] / "data" / "schedule"
SORTS: dict[str, Sort] = {
    "#": "number",
    "time": "time",
    "date": "date",
    "dotted": "dotted",
    "slashed": "slashed",
    "whole": "whole",
    "word": "word",
}
_ITEM = re.compile(r"[\[\]]|<([^>+]+)(\+?)>|[^\s\[\]]+")

_MOST = 12
"""Of one sort in a list; more is no way to say when."""

Captured = dict[str, list[object]]
Build = Callable[[str, str, Captured], object]


class Words(msgspec.Struct, frozen=True):
    any_of: frozenset[str]


class Rule(msgspec.Struct, frozen=True):
    name: str
    many: bool


class Maybe(msgspec.Struct, frozen=True):
    items: tuple[Item, ...]


Item = Words | Rule | Maybe


class Grammar(msgspec.Struct, frozen=True):
    """`rules`: each with its keys and the ways to say them."""

    rules: dict[str, tuple[tuple[str, tuple[Item, ...]], ...]]
    words: dict[str, frozenset[str]]
    """Plain lists under `[words]`: which words are a trap beside a phrase, and the like."""


@lru_cache
def grammar(language: str) -> Grammar:
    """That of `language`. Raises FileNotFoundError where there is none."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        told = tomllib.load(file)
    words = {name: frozenset(map(folded, some)) for name, some in told.pop("words").items()}
    return Grammar(
        rules={
            rule: tuple((key, _pattern(way)) for key, ways in keys.items() for way in ways)
            for rule, keys in told.items()
        },
        words=words,
    )


@lru_cache
def languages() -> tuple[str, ...]:
    """Those whose phrases are known."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))


def _pattern(way: str) -> tuple[Item, ...]:
    open_: list[list[Item]] = [[]]
    for found in _ITEM.finditer(way):
        if found[0] == "[":
            open_.append([])
        elif found[0] == "]":
            inner = tuple(open_.pop())
            open_[-1].append(Maybe(inner))
        elif found[1]:
            open_[-1].append(Rule(found[1], bool(found[2])))
        else:
            open_[-1].append(Words(frozenset(map(folded, found[0].split("|")))))
    (items,) = open_
    return tuple(items)


class Matcher:
    """Matches rules in the tokens of one line, each rule at each place once."""

    def __init__(self, tokens: tuple[Token, ...], known: Grammar, build: Build) -> None:
        self.tokens = tokens
        self._grammar = known
        self._build = build
        self._found: dict[tuple[str, int], tuple[tuple[object, int], ...]] = {}

    def match(self, rule: str, at: int) -> tuple[tuple[object, int], ...]:
        """What `rule` may mean from token `at` on, each with where it ends; the longest first."""
        if (rule, at) not in self._found:
            found: dict[int, object] = {}
            for key, items in self._grammar.rules.get(rule, ()):
                first = items[0]
                if isinstance(first, Words) and not self._is(at, first):
                    continue
                for end, captured in self._sequence(items, at):
                    if end in found:
                        continue
                    if (value := self._build(rule, key, captured)) is not None:
                        found[end] = value
            ordered = sorted(found.items(), reverse=True)
            self._found[rule, at] = tuple((value, end) for end, value in ordered)
        return self._found[rule, at]

    def _is(self, at: int, words: Words) -> bool:
        return at < len(self.tokens) and self.tokens[at].text in words.any_of

    def _sequence(self, items: tuple[Item, ...], at: int) -> Iterator[tuple[int, Captured]]:
        if not items:
            yield at, {}
            return
        first, rest = items[0], items[1:]
        match first:
            case Words():
                if self._is(at, first):
                    yield from self._sequence(rest, at + 1)
            case Maybe(items=inner):
                yield from self._sequence((*inner, *rest), at)
                yield from self._sequence(rest, at)
            case Rule(name=name, many=many):
                for values, end in self._some(name, at) if many else self._one(name, at):
                    for last, captured in self._sequence(rest, end):
                        yield last, captured | {name: [*values, *captured.get(name, ())]}

    def _one(self, name: str, at: int) -> Iterator[tuple[list[object], int]]:
        if sort := SORTS.get(name):
            if at < len(self.tokens) and self.tokens[at].sort == sort:
                yield [self.tokens[at].text], at + 1
            return
        for value, end in self.match(name, at):
            yield [value], end

    def _some(self, name: str, at: int, most: int = _MOST) -> Iterator[tuple[list[object], int]]:
        for values, end in self._one(name, at):
            if most > 1:
                for _, between in self.match("also", end):
                    for more, last in self._some(name, between, most - 1):
                        yield [*values, *more], last
            yield values, end
