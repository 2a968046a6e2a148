"""A line of text → the playbook it means, with typed parameters and the reason.

The order is fixed: a line that names a playbook (`run search x`, `search text=x`) means that
one; else the phrase with the most literal characters in the line wins, then the playbook's name,
then the phrase's place in its file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from rapidfuzz import fuzz

from swarm_core.kernel.errors import BadArgument
from swarm_core.kernel.text import clip, nearest, printable
from swarm_core.playbooks.phrase import tidy
from swarm_core.playbooks.script import Playbook
from swarm_core.playbooks.values import bind, unquote

_LONGEST_EXPLICIT = 4_000
_CLOSE = 62
_WORDS = re.compile(
    r"(?:(?P<key>[A-Za-z][A-Za-z0-9_-]*)=)?(?P<value>(?:\"[^\"]*\"|'[^']*'|“[^”]*”)(?=\s|$)|\S+)"
)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A line that fits one playbook; `why` is the phrase it fits, or the playbook's name."""

    given: dict[str, Any]
    why: str
    literal: int = 0


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """The playbook a line means, its typed parameters, and why this one."""

    playbook: Playbook
    params: dict[str, Any]
    why: str


class Near(msgspec.Struct, frozen=True, kw_only=True):
    """A playbook that is close to what was said, with a line that would have meant it."""

    playbook: str
    example: str


def find(playbooks: Mapping[str, Playbook], text: str) -> Match | None:
    """What `text` means, or None. Raises `BadArgument` or `MissingArgument` when it clearly
    means a playbook whose parameters it gets wrong."""
    named = _named(playbooks, text)
    if named is not None:
        playbook, said = named
    else:
        line = tidy(text)
        if line is None:
            return None
        fits = [
            (-fit.literal, name, fit)
            for name, candidate in playbooks.items()
            if (fit := _phrase(candidate, line)) is not None
        ]
        if not fits:
            return None
        _, name, said = min(fits, key=lambda fit: fit[:2])
        playbook = playbooks[name]
    params = bind(playbook.name, playbook.params, said.given, example=playbook.examples[0])
    return Match(playbook=playbook, params=params, why=said.why)


def read(playbook: Playbook, text: str) -> Said | None:
    """How `text` fits this one playbook. Raises `BadArgument`."""
    named = _named({playbook.name: playbook}, text)
    if named is not None:
        return named[1]
    line = tidy(text)
    return None if line is None else _phrase(playbook, line)


def near(playbooks: Mapping[str, Playbook], text: str, most: int = 3) -> tuple[Near, ...]:
    """The playbooks closest to `text`, best first, for saying what would have worked."""
    line = (tidy(text) or "").casefold()
    scored: list[tuple[float, str, str]] = []
    for name, playbook in playbooks.items():
        by_name = fuzz.ratio(line, name)
        score, example = max(
            (fuzz.token_sort_ratio(line, example.casefold()), example)
            for example in playbook.examples
        )
        scored.append((-max(score, by_name), name, example))
    return tuple(
        Near(playbook=name, example=example)
        for score, name, example in sorted(scored)[:most]
        if line and -score >= _CLOSE
    )


def _phrase(playbook: Playbook, line: str) -> Said | None:
    best: Said | None = None
    if playbook.any_phrase.fullmatch(f" {line}") is None:
        return best
    for phrase in playbook.phrases:
        fit = phrase.fit(line)
        if fit is not None and (best is None or fit.literal > best.literal):
            given = {name: unquote(value) for name, value in fit.values.items()}
            best = Said(given={**phrase.preset, **given}, why=phrase.source, literal=fit.literal)
    return best


def _named(playbooks: Mapping[str, Playbook], text: str) -> tuple[Playbook, Said] | None:
    """The playbook a line names, as `run <playbook> …` or `<playbook> key=value …`.

    Without `run` every further word must be a known `key=value`, so that an ordinary sentence
    which begins with a playbook's name is left to the phrases. Raises `BadArgument`.
    """
    head, rest = _head(text[:_LONGEST_EXPLICIT])
    run = head == "run"
    if run:
        head, rest = _head(rest)
    playbook = playbooks.get(head)
    if playbook is None or len(text) > _LONGEST_EXPLICIT:
        return None
    words = [(_key(found["key"]), found["value"]) for found in _WORDS.finditer(rest)]
    if not run and not all(key in playbook.params for key, _ in words):
        return None
    given: dict[str, Any] = {}
    for key, value in words:
        name = key or next((free for free in playbook.params if free not in given), "")
        if name not in playbook.params or name in given:
            raise _unknown(playbook, key or value)
        given[name] = unquote(value)
    return playbook, Said(given=given, why=f"named: {playbook.name}")


def _head(text: str) -> tuple[str, str]:
    head, _, rest = text.strip().partition(" ")
    return head.casefold(), rest


def _key(raw: str | None) -> str:
    return (raw or "").casefold().replace("-", "_")


def _unknown(playbook: Playbook, word: str) -> BadArgument:
    names = ", ".join(nearest(word, playbook.params, 1) or playbook.params)
    return BadArgument(
        command=playbook.name,
        name=clip(printable(word), 40),
        value=clip(printable(word), 40),
        expected=names or "no parameters",
        example=playbook.examples[0],
    )
