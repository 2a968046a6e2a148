"""Whether an answer is written in another script than the request, without asking any model.

It sees scripts, not languages: English for German passes. It says so only when it is sure: much
text, nearly all of it in one script, nothing in that script before the model, and nobody who spoke
of languages. Code, quotations, addresses and names are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

import msgspec

_SCRIPTS: dict[str, re.Pattern[str]] = {
    name: re.compile(f"[{letters}]")
    for name, letters in {
        "Latin": "A-Za-z\u00c0-\u024f\u1e00-\u1eff",
        "Greek": "\u0370-\u03ff\u1f00-\u1fff",
        "Cyrillic": "\u0400-\u052f",
        "Armenian": "\u0530-\u058f",
        "Hebrew": "\u0590-\u05ff",
        "Arabic": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff",
        "Devanagari": "\u0900-\u097f",
        "Bengali": "\u0980-\u09ff",
        "Tamil": "\u0b80-\u0bff",
        "Thai": "\u0e00-\u0e7f",
        "Georgian": "\u10a0-\u10ff",
        "Korean": "\u1100-\u11ff\uac00-\ud7af",
        "Chinese or Japanese": "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff",
    }.items()
}
_DENSE = {"Chinese or Japanese": 3, "Korean": 2}
"""How many letters of an alphabet one character of these stands for."""
ASKED_LEAST, ANSWERED_LEAST = 12, 80
"""Letters below which a text is too short to tell."""
ASKED_SHARE, ANSWERED_SHARE = 90, 80
"""Percent of the letters that have to be of one script."""
SEEN = 5
"""Letters of a script before the model from which on its use is no surprise."""

_LEFT_OUT = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]*`"  # code
    r"|\"[^\"\n]*\"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|「[^」\n]*」|『[^』\n]*』"
    r"|\b[a-z][a-z0-9+.-]*://\S+|\S+@\S+|\S*[/\\]\S*",  # addresses, paths
    re.DOTALL,
)
_LEFT_OUT_LINES = re.compile(r"^(?: {4}|\t|\s*>)[^\n]*$", re.MULTILINE)


class Stray(msgspec.Struct, frozen=True, gc=False):
    """The scripts of a request and of an answer that left it."""

    asked: str
    answered: str


class Languages(msgspec.Struct, frozen=True, kw_only=True):
    """Parts of words, case-folded: by which somebody speaks of languages, and names of those that
    are written in Latin letters, and of the others."""

    words: tuple[str, ...]
    latin: tuple[str, ...]
    others: tuple[str, ...]


class Before(msgspec.Struct, frozen=True, kw_only=True):
    """What a model had before it: what was `asked` of it, all that people `said` besides,
    `material` of every kind, and `who` it is, which is written in some language itself."""

    asked: str
    said: tuple[str, ...] = ()
    material: tuple[str, ...] = ()
    who: str = ""


def stray(answer: str, before: Before, languages: Languages) -> Stray | None:
    """How `answer` left the script of what was asked; None when it did not, or may be right to."""
    answered = _script(answer, ANSWERED_LEAST, ANSWERED_SHARE)
    asked = _script(before.asked, ASKED_LEAST, ASKED_SHARE) if answered else None
    if answered is None or asked is None or asked == answered:
        return None
    said = (before.asked, *before.said)
    spoken = (*languages.words, *languages.latin, *languages.others)
    if any(_mentions(text, spoken) for text in said):
        return None
    given = (*said, *before.material)
    if answered != "Latin":
        if _mentions(before.who, languages.others):
            return None
        given = (*given, before.who)
    return None if any(_holds(text, answered) for text in given) else Stray(asked, answered)


def _mentions(text: str, words: Sequence[str]) -> bool:
    folded = text.casefold()
    return any(word in folded for word in words)


def _holds(text: str, script: str) -> bool:
    found = _SCRIPTS[script].finditer(text)
    return sum(1 for _ in islice(found, SEEN)) == SEEN


def _script(text: str, least: int, share: int) -> str | None:
    """The script nearly all of `text` is in."""
    prose = _LEFT_OUT.sub(" ", _LEFT_OUT_LINES.sub(" ", text))
    counts = {
        name: len(letters.findall(prose)) * _DENSE.get(name, 1)
        for name, letters in _SCRIPTS.items()
    }
    name = max(counts, key=lambda script: counts[script])
    enough = counts[name] >= least and counts[name] * 100 >= share * sum(counts.values())
    return name if enough else None
