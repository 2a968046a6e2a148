"""The short form of a prompt: whole sentences of the long one, no model needed.

What may be left out is only help; what may never be left out is what the persona refuses. So
sentences are put into classes by their section's heading and their own words, and taken while
there is room: what it refuses, its role, when it is done, how it reports. The line made of the
head (name, role, summary) always fits, so the short form is never empty.

The limit counts bytes, because tokens follow bytes more closely than letters: it holds for
letters then, too. A prompt within the limit is its own short form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import IntEnum

import msgspec

MOST_BYTES = 1_000
"""UTF-8 bytes of a short form: one hundredth of a prompt of 100 KB, about 250 tokens."""
_BYTES_A_TOKEN = 4
_KEPT = 512
_cache: dict[str, str] = {}


class Class(IntEnum):
    """What a sentence is for, in the order in which sentences stand in the short form."""

    REFUSAL = 0
    ROLE = 1
    DONE = 2
    REPORT = 3
    REST = 4


_ROOM = {
    Class.REFUSAL: 600,
    Class.ROLE: 800,
    Class.DONE: MOST_BYTES,
    Class.REPORT: MOST_BYTES,
}
"""Up to how many bytes each class may fill at first, so that none crowds out the next."""

_TITLES = (
    (Class.REFUSAL, re.compile(r"\b(never|refus\w+|not do|must not|boundar\w+|forbidden)\b", re.I)),
    (Class.DONE, re.compile(r"\b(done|finish\w*|complete|accept\w*)\b", re.I)),
    (Class.REPORT, re.compile(r"\b(report\w*|answer\w*|output|deliver\w*)\b", re.I)),
    (Class.ROLE, re.compile(r"\b(who|role|purpose|mission|you are)\b", re.I)),
)
_REFUSES = re.compile(
    r"\b(never|must not|mustn['\u2019]t|do not|don['\u2019]t|may not|refuse|refuses|forbidden)\b",
    re.I,
)
_DONE = re.compile(r"\b(done (means|when)|(is|are) (done|finished|complete) when)\b", re.I)

_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*$")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+")
_END = re.compile(
    r"[.!?]+[\"'\u201d\u2019\u00bb)\]*_`]*(?=[ ]+[\"'\u201c\u2018\u00ab(\[*_`]*[^\W_a-z])"
    r"|[\u3002\uff01\uff1f]+[\u300d\u300f\u201d]?"
)
_SHORTENED = re.compile(r"(?:^|[\s(])(?:e\.g|i\.e|cf|vs|etc|approx|[A-Za-z])\.$", re.I)


class Sentence(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One sentence of a prompt. `sure`: its section says what it is for, not only its words."""

    text: str
    kind: Class
    sure: bool


def compact(key: str, head: str, name: str, full: Callable[[], str]) -> str:
    """The short form of the prompt `full()`, kept under `key`, which stands for all of it.

    `head` goes first; where it does not fit, `name` does.
    """
    if (known := _cache.get(key)) is not None:
        return known
    while len(_cache) >= _KEPT:
        _cache.pop(next(iter(_cache)))
    made = _cache[key] = shortened(full(), head if _size(head) <= MOST_BYTES else name)
    return made


def estimated_tokens(text: str) -> int:
    """About how many tokens `text` is: a quarter of its bytes, for people to compare."""
    return -(-_size(text) // _BYTES_A_TOKEN)


def shortened(prompt: str, head: str) -> str:
    """At most `MOST_BYTES` of whole sentences of `prompt`, after `head`."""
    if prompt and _size(prompt) <= MOST_BYTES:
        return prompt
    every = list(dict.fromkeys(sentences(prompt)))
    chosen: set[Sentence] = set()
    left = MOST_BYTES - _size(head)
    for kind, most in (*_ROOM.items(), (Class.REFUSAL, MOST_BYTES)):
        own = [s for s in every if s.kind is kind and s not in chosen]
        for sentence in sorted(own, key=lambda s: not s.sure):
            size = _size(sentence.text) + 1
            if size <= left and MOST_BYTES - left + size <= most:
                chosen.add(sentence)
                left -= size
            elif kind is not Class.REFUSAL:
                break  # a sentence may lean on the one before it; a refusal stands by itself
    if not chosen:
        for sentence in every:
            if _size(sentence.text) + 1 <= left:
                chosen.add(sentence)
                left -= _size(sentence.text) + 1
    told = sorted((s for s in every if s in chosen), key=lambda s: s.kind)
    return "\n".join([head, *(s.text for s in told)])


def sentences(prompt: str) -> Iterator[Sentence]:
    """The sentences of `prompt` with what they are for; code, tables and lead-ins left out."""
    for title, block in _blocks(prompt):
        section = next((kind for kind, words in _TITLES if words.search(title)), None)
        if not title:
            section = Class.ROLE
        for text in split(block):
            if text.endswith(":"):
                continue
            if section is Class.REFUSAL:
                yield Sentence(text=text, kind=section, sure=True)
            elif _REFUSES.search(text):
                yield Sentence(text=text, kind=Class.REFUSAL, sure=False)
            elif section is not Class.DONE and _DONE.search(text):
                yield Sentence(text=text, kind=Class.DONE, sure=False)
            elif section is not None:
                yield Sentence(text=text, kind=section, sure=True)
            else:
                yield Sentence(text=text, kind=Class.REST, sure=False)


def split(block: str) -> list[str]:
    """The sentences of a paragraph. Where it is not sure that one ends, it goes on."""
    found: list[str] = []
    start = 0
    for end in _END.finditer(block):
        if not _SHORTENED.search(block[start : end.end()]):
            found.append(block[start : end.end()].strip())
            start = end.end()
    found.append(block[start:].strip())
    return [text for text in found if text]


def _blocks(prompt: str) -> Iterator[tuple[str, str]]:
    """Each paragraph and list item on one line, under the heading it stands below ('' before the
    first one that is not the title)."""
    title, block, fence = "", "", ""
    for line in prompt.splitlines():
        mark = _FENCE.match(line)
        heading = None if fence else _HEADING.match(line)
        item = None if fence else _ITEM.match(line)
        if block and (mark or heading or item or not line.strip()):
            yield title, block
            block = ""
        if mark:
            fence = "" if mark[1] == fence else fence or mark[1]
        elif heading:
            title = heading[2] if len(heading[1]) > 1 else ""
        elif not fence and not line.lstrip().startswith("|"):
            words = " ".join((line[item.end() :] if item else line).lstrip("> \t").split())
            block = f"{block} {words}".strip()
    if block:
        yield title, block


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
