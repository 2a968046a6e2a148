"""Where in a line the phrase of time stands: at its start or its end, and what is beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from swarm_core.schedule.reading.grammar import Grammar, Matcher
from swarm_core.schedule.reading.joining import join
from swarm_core.schedule.reading.meaning import meaning
from swarm_core.schedule.reading.said import Joined, Wrong
from swarm_core.schedule.reading.tokens import Token
from swarm_core.schedule.reading.values import (
    Aside,
    Bad,
    Clocks,
    Moment,
    Months,
    Offset,
    Part,
    Piece,
    Step,
    Weekdays,
    Zone,
)

_MOST = 48
_REACH = 40
"""Tokens of a phrase at most, and how far into a line one is looked for."""
_BETWEEN = frozenset({",", "and", "und", "&"})
_PAUSE = frozenset({",", ":", ";", ".", "-", "\N{EN DASH}", "\N{EM DASH}", "!", "?", ")"})
_NAMED = ("weekday", "weekdays", "month")
_TIMELY = (*_NAMED, "unit", "part", "parts", "ordinal")
_FIGURES = frozenset({"number", "time", "date", "dotted", "slashed"})
_ON_THEIR_OWN = (Zone, Offset, Aside)
"""These say something about a schedule, but are none."""


class Phrase(msgspec.Struct, frozen=True):
    """Tokens `first` up to `last` read as time, and what they come to."""

    first: int
    last: int
    pieces: tuple[Piece, ...]
    joined: Joined | None = None
    wrong: Wrong | None = None

    @property
    def timely(self) -> bool:
        return self.joined is not None or self.wrong is not None

    @property
    def weak(self) -> bool:
        """A day that may as well be part of what is to be done: `what is due tomorrow`."""
        days = (Moment, Part, Months, Bad, *_ON_THEIR_OWN)
        return all(isinstance(piece, days) for piece in self.pieces)

    @property
    def adverb(self) -> bool:
        """`weekly` alone, which may describe what is to be done."""
        return len(self.pieces) == 1 and any(
            isinstance(piece, Step | Weekdays) and piece.adverb for piece in self.pieces
        )


class Line:
    """The tokens of a line in one language, and the phrases in it."""

    def __init__(self, tokens: tuple[Token, ...], known: Grammar, now: datetime, zone: str) -> None:
        self.tokens = tokens
        self.words = known.words
        self._matcher = Matcher(tokens, known, meaning)
        self._now, self._zone = now, zone
        self.end = len(tokens)
        while self.end and tokens[self.end - 1].text in _PAUSE - {")"}:
            self.end -= 1

    def starting(self, at: int) -> Phrase | None:
        """The longest phrase from `at` on."""
        runs = [run for run in self._runs(at) if self._may_start(run)]
        last = max((run[0] for run in runs), default=0)
        return self._best(at, [run for run in runs if run[0] == last])

    def ending(self, first: int) -> Phrase | None:
        """The longest phrase up to the line's end, after `first`."""
        for at in range(max(first, self.end - _REACH), self.end):
            if runs := [run for run in self._runs(at) if run[0] == self.end]:
                return self._best(at, runs)
        return None

    def inside(self, first: int) -> tuple[Phrase | None, str]:
        """One that has work before and after it; else what keeps one from being that."""
        beside = ""
        days: Phrase | None = None
        for at in range(first, min(self.end, first + _REACH)):
            found = self.starting(at)
            if not (found and found.joined):
                continue
            if at > first and self.tokens[at - 1].text in self.words["past"]:
                beside = beside or self.tokens[at - 1].text
            elif around := self.hangs_on(at, first) or self.goes_on(found.last):
                beside = beside or around
            elif not found.weak:
                return found, ""
            elif days is None and isinstance(found.pieces[0], Moment):
                days = found
        return days, beside

    def without_today(self, found: Phrase) -> Phrase | None:
        """`... happened today at 9 every Friday`: what comes every Friday is not today, so that is
        part of what is to be done."""
        rest = self.tokens[found.first : found.last]
        first = found.pieces[0]
        if not (isinstance(first, Moment) and first.ahead == 0 and not first.part and rest):
            return None
        for at in range(found.first + 1, found.last):
            runs = [run for run in self._runs(at) if run[0] == self.end]
            for _, pieces in runs:
                if not isinstance(pieces[0], Clocks):
                    tried = self._best(at, [(self.end, pieces)])
                    if tried and tried.joined and tried.joined.coarse:
                        return tried
        return None

    def shorter(self, found: Phrase) -> Phrase | None:
        """The longest end of a phrase that holds, where all of it does not."""
        for at in range(found.first + 1, found.last):
            tried = self._best(at, [run for run in self._runs(at) if run[0] == found.last])
            if tried and tried.joined and not tried.weak:
                return tried
        return None

    def merged(self, one: Phrase, other: Phrase) -> Phrase | None:
        """Both as one phrase."""
        return self._best(one.first, [(one.last, (*one.pieces, *other.pieces))])

    def colon(self, last: int) -> bool:
        """Whether all after token `last` is told apart by a colon: what is to be done, whatever it
        says of time."""
        return last < self.end and self.tokens[last].text == ":"

    def goes_on(self, last: int) -> str:
        """What after token `last` may belong to the phrase before it; '' for nothing."""
        if last >= self.end:
            return ""
        token = self.tokens[last]
        if token.text in _PAUSE:
            return ""
        if token.text in self.words["after"] or self._timely(last):
            return self.tokens[last].text
        small = token.text in self.words["before"] and last + 1 < self.end
        return token.text if small and self._dated(last + 1) else ""

    def hangs_on(self, first: int, begin: int) -> str:
        """What before token `first` may belong to the phrase after it; '' for nothing."""
        at = first - 1
        if at >= begin and self.tokens[at].text in {",", "-", "\N{EN DASH}", "\N{EM DASH}", ":"}:
            at -= 1
        if at < begin or self.tokens[at].text in self.words["past"]:
            return ""
        token = self.tokens[at]
        trap = token.text in self.words["before"] or self._dated(at)
        if not trap and at > begin and self._matcher.match("unit", at):
            before = self.tokens[at - 1]  # `plan the week` is work, `every week` is not
            trap = before.sort == "number" or before.text in self.words["every"]
        return token.text if trap else ""

    def roughly(self, first: int) -> str:
        """A word that is nearly one of time, or says that it is meant roughly; '' for none."""
        for at in range(first, min(self.end, first + _REACH)):
            token = self.tokens[at]
            soon = range(at + 1, min(at + 3, self.end))
            if token.text in self.words["vague"] and any(map(self._timely, soon)):
                return token.text
            open_ = [last for _, last in self._matcher.match("piece", at) if token.opened]
            if any(not self.tokens[last - 1].closed for last in open_):
                last = next(n for n in range(at, self.end) if self.tokens[n].closed)
                return "".join(one.text for one in self.tokens[at : last + 1])
        return ""

    def _timely(self, at: int) -> bool:
        return self._dated(at) or any(self._matcher.match(rule, at) for rule in _TIMELY)

    def _dated(self, at: int) -> bool:
        if self.tokens[at].sort in _FIGURES:
            return True
        return any(self._matcher.match(rule, at) for rule in _NAMED)

    def _may_start(self, run: tuple[int, tuple[Piece, ...]]) -> bool:
        last, pieces = run
        if not any(isinstance(piece, Aside) for piece in pieces):
            return True
        return last >= self.end or self.tokens[last].text in _PAUSE

    def _runs(self, at: int) -> list[tuple[int, tuple[Piece, ...]]]:
        found: list[tuple[int, tuple[Piece, ...]]] = []
        for run in self._pieces(at, ()):
            found.append(run)
            if len(found) == _MOST:
                break
        return found

    def _pieces(
        self, at: int, before: tuple[Piece, ...]
    ) -> Iterator[tuple[int, tuple[Piece, ...]]]:
        if at >= self.end or not self.tokens[at].opened or len(before) > 6:
            return
        for value, last in self._matcher.match("piece", at):
            if not self.tokens[last - 1].closed and self.tokens[last - 1].sort != "mark":
                continue
            pieces: tuple[Piece, ...] = (*before, value)  # type: ignore[arg-type]
            yield from self._pieces(last, pieces)
            after = last
            while after < self.end and self.tokens[after].text in _BETWEEN:
                after += 1
            if after > last:
                yield from self._pieces(after, pieces)
            yield last, pieces

    def _best(self, first: int, runs: list[tuple[int, tuple[Piece, ...]]]) -> Phrase | None:
        """The first of them that comes to something; else the first with what is wrong."""
        failed: Phrase | None = None
        for last, pieces in runs:
            try:
                joined = join(pieces, self._now, self._zone)
            except Wrong as wrong:
                failed = failed or Phrase(first, last, pieces, wrong=wrong)
                continue
            return Phrase(first, last, pieces, joined)
        return failed
