"""The words of the index themselves: which begin so, which is meant by a slip of the finger.

Each next word is sought out by itself. To walk from one to the next would read every place where
each stands, and a common word stands in every task.
"""

from __future__ import annotations

import msgspec
from rapidfuzz import fuzz, process

from swarm_core.store import Rows
from swarm_core.tasks.finding.words import Word, Words, cut, folded

MOST_BEGINNINGS = 50
"""Words that one beginning stands for, the first by the alphabet."""
MOST_COMPARED = 300
"""Words that are compared with a mistyped one."""
NEAR_PERCENT = 70


def resolved(rows: Rows, words: Words) -> Words:
    """The same, each beginning with the words of the index it stands for."""
    return Words(_resolved(rows, words.wanted), _resolved(rows, words.unwanted))


def _resolved(rows: Rows, words: tuple[Word, ...]) -> tuple[Word, ...]:
    return tuple(
        msgspec.structs.replace(
            word, forms=tuple(_beginning(rows, folded(word.text), MOST_BEGINNINGS))
        )
        if word.begins
        else word
        for word in words
    )


def closest(rows: Rows, word: Word) -> str | None:
    """The indexed word most like `word` among those that begin like it, or with its first two
    letters swapped."""
    text = folded(word.text)
    known: list[str] = []
    for begins in dict.fromkeys((text[:2], text[1::-1], text[:1])):
        known += _beginning(rows, begins, MOST_COMPARED)
        best = process.extractOne(text, known, scorer=fuzz.ratio, score_cutoff=NEAR_PERCENT)
        if best:
            return str(best[0])
    return None


def _beginning(rows: Rows, begins: str, most: int) -> list[str]:
    """Words of the index that begin so; none for what is no single word there."""
    if not begins.isalnum() or cut(begins) != begins:
        return []
    found: list[str] = []
    at, end = begins, begins[:-1] + chr(ord(begins[-1]) + 1)
    while len(found) < most:
        row = rows.execute(
            "select term from finding_words where term >= ? and term < ? limit 1", (at, end)
        ).fetchone()
        if row is None:
            break
        found.append(row[0])
        at = f"{row[0]}\x01"
    return found
