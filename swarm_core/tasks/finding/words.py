"""What people look for, as the index understands it. Pure.

Nothing a person types reaches SQLite as syntax: each word becomes a quoted string. A writing
without spaces is cut into single letters, in what is indexed and in what is looked for alike, so
that a word in it is found wherever it stands; so are emoji, which cling to words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import msgspec

TOKENIZER = "unicode61 remove_diacritics 2 categories 'L* N* M* Co So Sk'"
CUT = "\u200b"
"""Stands round each letter that is a word of its own: not seen, and no part of a word."""
MOST_WORDS = 16
MOST_INDEXED = 20_000
"""Characters of one text that can be found."""
SHORTEST_BEGINNING = 3
"""Letters a word needs to stand for all that begin with it."""

_COLUMNS = "{asked said answer}"
_SINGLE = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u2600-\u27bf\u2b00-\u2bff"  # symbols
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"  # CJK
    "\U0001f000-\U0001faff\U00020000-\U0003ffff]"  # emoji, rare CJK
)
_PIECE = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')
_QUOTES = str.maketrans("“”„«»", '"""""')


class Word(msgspec.Struct, frozen=True):
    """One word or quoted phrase. `begins`: words that begin so count, too; `forms` are those of
    the index that do."""

    text: str
    begins: bool = False
    forms: tuple[str, ...] = ()

    @property
    def term(self) -> str:
        quoted = [_quoted(text) for text in dict.fromkeys((self.text, *self.forms))]
        return f"({' OR '.join(quoted)})" if self.forms else quoted[0]


def _quoted(text: str) -> str:
    inner = cut(text).replace('"', " ")
    return f'"{inner}"'


class Words(msgspec.Struct, frozen=True):
    """All of `wanted` have to be there, none of `unwanted`."""

    wanted: tuple[Word, ...]
    unwanted: tuple[Word, ...] = ()

    def widened(self) -> Words:
        """The same, each word long enough standing for all that begin with it."""
        wider = tuple(
            Word(w.text, begins=w.begins or len(w.text) >= SHORTEST_BEGINNING) for w in self.wanted
        )
        return Words(wider, self.unwanted)

    def but_wanted(self) -> Words:
        """The same without those that must not be there."""
        return Words(self.wanted)

    def replaced(self, word: Word, by: str) -> Words:
        """The same with another word in the place of one."""
        return Words(tuple(Word(by) if w == word else w for w in self.wanted), self.unwanted)

    def line(self) -> str:
        """As one types it."""
        wanted = [_typed(word) for word in self.wanted]
        return " ".join([*wanted, *(f"-{_typed(word)}" for word in self.unwanted)])


def _typed(word: Word) -> str:
    quoted = f'"{word.text}"' if len(word.text.split()) > 1 else word.text
    return f"{quoted}*" if word.begins else quoted


def search_words(line: str) -> Words | None:
    """What to look for; None when there is nothing to be found by, or more than `MOST_WORDS`.

    A quoted text is one phrase, `-` before a word leaves out what has it, `*` after one stands
    for all that begin so. Everything else is only words, also AND, OR and NEAR.
    """
    wanted: list[Word] = []
    unwanted: list[Word] = []
    for minus, phrase, bare in _PIECE.findall(clean(line).translate(_QUOTES)):
        begins = not phrase and bare.endswith("*") and len(bare) > SHORTEST_BEGINNING
        text = " ".join((phrase or bare.strip("*")).split())
        if any(_counts(letter) for letter in text):
            (unwanted if minus else wanted).append(Word(text, begins=begins))
    wanted = list(dict.fromkeys(wanted))
    if not wanted or len(wanted) + len(unwanted) > MOST_WORDS:
        return None
    return Words(tuple(wanted), tuple(dict.fromkeys(unwanted)))


def _counts(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] in "LN" or category in ("Co", "So", "Sk")


def clean(text: str) -> str:
    """`text` without what SQLite's text functions stop at or do not take."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode()


def cut(text: str) -> str:
    """`text` with each letter that is a word of its own standing alone."""
    return _SINGLE.sub(f"{CUT}\\g<0>{CUT}", text)


def indexed(text: str | None) -> str:
    """The form in which a text stands in the index."""
    return cut(clean(text[:MOST_INDEXED])) if text else ""


def shown(excerpt: str) -> str:
    """An excerpt of the index as people wrote it."""
    return excerpt.replace(CUT, "")


def folded(word: str) -> str:
    """A word as the index knows it: small letters without accents."""
    parts = unicodedata.normalize("NFD", word.casefold())
    return unicodedata.normalize(
        "NFC", "".join(c for c in parts if unicodedata.category(c) != "Mn")
    )


def facet(person: str) -> str:
    """The word by which the index knows a person's tasks."""
    return f"p{person.encode('utf-8', 'replace').hex()}"


def any_of(words: Sequence[Word]) -> str:
    """The full-text expression for whatever has one of `words`."""
    return f"{_COLUMNS} : ({' OR '.join(word.term for word in words)})"


def expression(words: Words, person: str | None = None) -> str:
    """The full-text expression for `words`, in the tasks of `person` only when one is named."""
    wanted = " AND ".join(word.term for word in words.wanted)
    unwanted = "".join(f" NOT {word.term}" for word in words.unwanted)
    told = f"{_COLUMNS} : (({wanted}){unwanted})"
    return f'(who : "{facet(person)}") AND ({told})' if person is not None else told
