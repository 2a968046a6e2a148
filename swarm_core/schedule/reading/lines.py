"""Reading a line: when, and what is to be done."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from swarm_core.schedule.model import Action
from swarm_core.schedule.reading.fields import EDGE, at_end, at_start
from swarm_core.schedule.reading.grammar import grammar, languages
from swarm_core.schedule.reading.phrases import Line, Phrase
from swarm_core.schedule.reading.said import Joined, Wrong
from swarm_core.schedule.reading.tokens import tokens_of
from swarm_core.schedule.reading.values import Problem, Reading, Unsure

LONGEST = 10_000
"""Characters of a line; a longer one is not read."""


def read_schedule(text: str, now: datetime, zone: str, language: str = "en") -> Reading | Unsure:
    """When `text` is to be done, and what. `now` is aware; `zone` is an IANA name, that of who
    wrote it. What `language` says nothing of is tried in the others."""
    base = language.partition("-")[0]
    first = base if base in languages() else "en"
    if (fields := at_start(text, zone)) is not None:
        return fields
    known = (first, *(other for other in languages() if other != first))
    readers = [_Reader(text, now, zone, each) for each in known]
    if len(text) <= LONGEST and (fields := at_end(text, zone)) is not None:
        beside = next(filter(None, (reader.beside() for reader in readers)), "")
        if beside != "colon":
            return Unsure(problem="two") if beside else fields
    answers = []
    for reader in readers:
        answer = reader.read()
        if isinstance(answer, Reading) or answer.problem not in {"none", "leftover"}:
            return answer
        answers.append(answer)
    return next((answer for answer in answers if answer.reading), answers[0])


class _Reader:
    def __init__(self, text: str, now: datetime, zone: str, language: str) -> None:
        self.text = text if len(text) <= LONGEST else ""
        self.zone = zone
        self.known = grammar(language)
        self.tokens = tokens_of(self.text)
        self.line = Line(self.tokens, self.known, now, zone)
        self.action: Action | None = None

    def read(self) -> Reading | Unsure:
        begin = self._lead(0)
        start = self.line.starting(begin)
        end = None
        if not (start and start.timely and self.line.colon(start.last)):
            end = self.line.ending(start.last if start else begin)
        if end and not end.joined and (kept := self.line.without_today(end)):
            end = kept
            if not (start and start.timely):
                return self._reading(end, begin)
        if start and end:
            return self._both(start, end, begin)
        if start and start.timely:
            return self._alone(start, begin, self.line.goes_on(start.last))
        if end and end.timely:
            return self._alone(end, begin, self.line.hangs_on(end.first, begin))
        return self._neither(begin)

    def beside(self) -> Literal["", "phrase", "colon"]:
        """What stands at the start of a line at whose end are fields of cron."""
        start = self.line.starting(self._lead(0))
        if start is None or not start.timely:
            return ""
        return "colon" if self.line.colon(start.last) else "phrase"

    def _both(self, start: Phrase, end: Phrase, begin: int) -> Reading | Unsure:
        """A phrase at each end of the line."""
        if not start.timely or not end.timely:
            merged = self.line.merged(start, end)
            timely, other = (start, end) if start.timely else (end, start)
            if merged is None or not merged.timely:
                return self._neither(begin)
            whole = Phrase(timely.first, timely.last, merged.pieces, merged.joined, merged.wrong)
            beside = self._beside(timely, begin)
            return self._alone(whole, begin, beside, other)
        if start.adverb and end.joined and end.joined.coarse:
            return self._alone(end, begin, self.line.hangs_on(end.first, begin))
        if start.joined and end.weak:
            return self._alone(start, begin, self.line.goes_on(start.last))
        both = self.line.merged(start, end)
        found = [one for one in (start, end) if one.joined]
        said = [self._reading(one, begin) for one in found]
        if both and both.joined:
            said.insert(0, self._reading(both, begin, also=end))
        return Unsure(problem="two", suggestions=tuple(said))

    def _beside(self, phrase: Phrase, begin: int) -> str:
        at_start = phrase.first == begin
        if at_start:
            return self.line.goes_on(phrase.last)
        return self.line.hangs_on(phrase.first, begin)

    def _alone(
        self, phrase: Phrase, begin: int, beside: str, also: Phrase | None = None
    ) -> Reading | Unsure:
        if phrase.wrong:
            if phrase.wrong.problem == "two" and phrase.last >= self.line.end and not also:
                shorter = self.line.shorter(phrase)
                said = (self._reading(shorter, begin),) if shorter else ()
                return Unsure(problem="two", suggestions=said)
            return self._wrong(phrase, phrase.wrong, begin, also)
        reading = self._reading(phrase, begin, also)
        if not beside:
            return reading
        problem: Problem = "leftover"
        if beside in self.known.words["limit"] and phrase.first <= begin:
            problem = "limit"
        elif beside in self.known.words["vague"]:
            problem = "vague"
        traps = self.known.words["before"] | self.known.words["after"]
        return Unsure(
            problem=problem,
            data={"words": beside},
            reading=reading,
            suggestions=() if beside in traps else (reading,),
        )

    def _neither(self, begin: int) -> Unsure:
        if words := self.line.roughly(begin):
            return Unsure(problem="vague", data={"words": words})
        found, beside = self.line.inside(begin)
        if found:
            reading = self._reading(found, begin)
            return Unsure(problem="middle", reading=reading, suggestions=(reading,))
        if beside:
            return Unsure(problem="leftover", data={"words": beside})
        starts = [token.text for token in self.tokens if token.text in self.known.words["every"]]
        if starts:
            return Unsure(problem="leftover", data={"words": starts[0]})
        return Unsure(problem="none")

    def _wrong(
        self, phrase: Phrase, wrong: Wrong, begin: int, also: Phrase | None = None
    ) -> Unsure:
        zone = wrong.zone or self.zone
        choices = wrong.choices or tuple(
            Joined(other, zone, named=wrong.named, report=wrong.report) for other in wrong.others
        )
        told = [self._reading(phrase, begin, also, joined=choice) for choice in choices]
        data = {"words": wrong.words or self._said(phrase.first, phrase.last)}
        if wrong.near:
            data["near"] = ", ".join(wrong.near)
        return Unsure(problem=wrong.problem, data=data, suggestions=tuple(told))

    def _reading(
        self,
        phrase: Phrase,
        begin: int,
        also: Phrase | None = None,
        *,
        joined: Joined | None = None,
    ) -> Reading:
        found = joined or phrase.joined
        if found is None:
            raise ValueError("nothing was read")
        cut = sorted((one.first, one.last) for one in (phrase, also) if one)
        text = self._rest(begin, cut)
        return Reading(
            trigger=found.trigger,
            zone=found.zone,
            named=found.named,
            text=text,
            action=self.action or ("ask" if self._asks(text) else None),
            report=found.report,
            words=" … ".join(self._said(first, last) for first, last in cut),
            assumed=found.assumed,
        )

    def _said(self, first: int, last: int) -> str:
        return self.text[self.tokens[first].start : self.tokens[last - 1].end]

    def _rest(self, begin: int, cut: list[tuple[int, int]]) -> str:
        """What is to be done: the line without its phrases of time and what leads to it."""
        parts: list[str] = []
        at = begin
        for first, last in [*cut, (len(self.tokens), len(self.tokens))]:
            at = self._lead(at)
            if at < first:
                parts.append(self._said(at, first))
            at = last
        if not cut or cut[-1][1] >= self.line.end:  # the full stop was the phrase's
            marks = self.text[self.tokens[self.line.end - 1].end :] if self.line.end else ""
            parts = [part for part in parts if part.strip() != marks.strip() or not marks.strip()]
        return " ".join(part.strip(EDGE) for part in parts).strip(EDGE)

    def _lead(self, at: int) -> int:
        """The first token after `please` and `remind me to`."""
        at = self._skip(at, self.known.words["please"])
        for phrase in self.known.words["remind"]:
            words = phrase.split()
            if [token.text for token in self.tokens[at : at + len(words)]] == words:
                self.action = "remind"
                at = self._skip(at + len(words), frozenset({":", ","}))
                break
        if self.action == "remind":
            for skipped in (frozenset({","}), self.known.words["of"], frozenset({","})):
                at = self._skip(at, skipped)
        return at

    def _skip(self, at: int, words: frozenset[str]) -> int:
        return at + (at < len(self.tokens) and self.tokens[at].text in words)

    def _asks(self, text: str) -> bool:
        first = self.tokens[self._lead(0)].text if self.tokens else ""
        asks = self.text.rstrip().endswith("?") or text.endswith("?")
        return asks and first not in self.known.words["question"]
