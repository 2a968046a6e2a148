"""Does a line of text mean an identity? Words against words, the same answer every time.

A line asks for an identity by name (`reviewer: …`, `@reviewer …`), or it holds its triggers,
skills and tags. Words count by their stems, so that "reviewing" finds "review"; a phrase counts
when its words stand side by side. What is longer than `LONGEST` is looked at up to there.
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

LONGEST = 2_000
NAMED = 1_000
"""How specific it is to ask for somebody by name: more than all words together can be."""
_TRIGGER, _SKILL, _TAG = 5, 3, 2
"""What one word of a trigger, a skill and a tag counts."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_SUFFIXES = (
    *("isation", "ization", "ation", "ating", "ated", "ator", "ate"),
    *("ing", "ion", "ity", "ed", "er", "or", "ly"),
)
_SHORTEST = 3


class Fit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How closely words fit, and which of the identity's own words they met."""

    specific: int
    words: tuple[str, ...]


class Matcher:
    """What an identity is called and its words, made ready once for all the lines to come."""

    def __init__(
        self,
        *,
        names: tuple[str, ...],
        skills: tuple[str, ...] = (),
        tags: tuple[str, ...] = (),
        triggers: tuple[str, ...] = (),
    ) -> None:
        self._names = tuple((name, _call(name), _hint(name)) for name in names)
        self._weights: dict[tuple[str, ...], tuple[int, str]] = {}
        for phrases, weight in ((tags, _TAG), (skills, _SKILL), (triggers, _TRIGGER)):
            for phrase in phrases:
                if wanted := stems(phrase):
                    self._weights[wanted] = (weight * len(wanted), phrase)
        self._beginning: dict[str, list[tuple[str, ...]]] = {}
        for wanted in self._weights:
            self._beginning.setdefault(wanted[0], []).append(wanted)

    def fit(self, text: str) -> Fit | None:
        """How `text` fits, or None."""
        text = text[:LONGEST]
        called = self._called(text)
        said = stems(text)
        found = sorted(
            (
                self._weights[wanted]
                for first in self._beginning.keys() & said
                for wanted in self._beginning[first]
                if _holds(said, wanted)
            ),
            key=lambda met: (-met[0], met[1]),
        )
        score = min(sum(weight for weight, _ in found), NAMED - 1)
        words = tuple(phrase for _, phrase in found)
        if called is not None:
            return Fit(specific=NAMED + score, words=(called, *words))
        return Fit(specific=score, words=words) if score else None

    def _called(self, text: str) -> str | None:
        """The first of its names that `text` calls. Most texts do not even hold one, which is
        seen at once where small letters are plain."""
        small = text.lower() if text.isascii() else None
        for name, call, hint in self._names:
            if (small is None or hint is None or hint in small) and call.search(text):
                return name
        return None


@lru_cache(maxsize=4_096)
def stems(text: str) -> tuple[str, ...]:
    """The words of `text` without their endings, in order."""
    return tuple(stem(word) for word in _WORD.findall(text.casefold()))


def stem(word: str) -> str:
    """`word` (small letters) without its ending: reviews, reviewer, reviewing → review."""
    if not word.isascii() or not word.isalpha():
        return word
    if word.endswith("ies") and len(word) > _SHORTEST + 1:
        word = word[:-3] + "y"
    elif word.endswith("s") and word[-2:-1] not in ("s", "u", "i") and len(word) > _SHORTEST:
        word = word[:-1]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST:
            word = word[: -len(suffix)]
            if word[-1] == word[-2] and word[-1] not in "aeiousl":
                word = word[:-1]
            break
    if word.endswith("e") and len(word) > _SHORTEST:
        return word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > _SHORTEST else word


def _holds(said: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether the words of `wanted` stand side by side in `said`."""
    if len(wanted) == 1:
        return wanted[0] in said
    size = len(wanted)
    return any(said[at : at + size] == wanted for at in range(len(said) - size + 1))


def _call(name: str) -> re.Pattern[str]:
    """Fits a text that begins with `name:`, `name,` or holds `@name`; `_`, `-` and a space in it
    are the same before the colon."""
    exact = re.escape(name)
    loose = "[-_ ]".join(re.escape(part) for part in re.split(r"[-_]", name))
    return re.compile(
        rf"\A\s*@?{loose}\s*[:,](?:\s|\Z)|(?<![\w@./-])@{exact}(?![\w-]|\.\w)", re.IGNORECASE
    )


def _hint(name: str) -> str | None:
    """What stands in every text that calls `name`, in small letters; None when that is not sure
    because letters beyond ASCII have more than one small form."""
    return re.split(r"[-_]", name)[0].lower() if name.isascii() else None
