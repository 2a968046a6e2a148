"""Runs of prose: text with its marks, written in Discord's markup only when a whole line is known.

Runs keep what was written; markup is put around and escapes into them at the very end. So a line
can be cut at any word, each half with its own marks, and an escape never comes apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Literal

import msgspec
import wcwidth

from bot.commands.fields import filled
from bot.render.harmless import BREAK, address, escaped, host, in_code, visible

Mark = Literal["**", "*", "~~"]
Kind = Literal["text", "code", "link"]

_WORD = re.compile(r"\s+|[^\s]+")
_LONGEST_WORD = 200
_LONGEST_WORDS = 200
_SHORT = 20
"""Letters of a script without spaces that are kept together."""
_LIKE_AN_ADDRESS = re.compile(r"://|\w\.\w|@|[\[\]]")
_SEAM = re.compile(r"[`\u3000-\u30ff\u3400-\u9fff\uac00-\ud7af]")


class Run(msgspec.Struct, frozen=True):
    """`link` is where a run of kind "link" leads, already harmless."""

    text: str
    kind: Kind = "text"
    marks: tuple[Mark, ...] = ()
    link: str = ""


Runs = tuple[Run, ...]


def linked(words: str, link: str, marks: tuple[Mark, ...]) -> Runs:
    """`words` that lead to `link`: they never hide where. What may not be tapped is text."""
    words, shown = " ".join(words.split()), address(link)
    same = words in (link, link.removeprefix("mailto:"))
    if shown is not None:
        same = same or words == link.partition("://")[2].rstrip("/")
    if shown is None or len(words) > _LONGEST_WORDS:
        told = words if same or not link else f"{words} ({link})" if words else link
        return (Run(told, "text", marks),)
    if same or not words:
        return (Run("", "link", marks, shown),)
    # Between the brackets Discord knows no escapes, so words that need one stand outside.
    if _LIKE_AN_ADDRESS.search(words) or escaped(words) != words:
        return (
            Run(f"{words} (", "text", marks),
            Run("", "link", marks, shown),
            Run(")", "text", marks),
        )
    return (Run(words, "link", marks, shown),)


def code_spans(text: str, command: Callable[[str], str] = filled) -> Runs:
    """A plain sentence: what stands between backticks is code, all else just text. A `command`
    line is written as it is given there."""
    pieces = re.split(r"`([^`\n]+)`", visible(text))
    return tuple(
        Run(command(piece), "code") if n % 2 else Run(piece)
        for n, piece in enumerate(pieces)
        if piece
    )


def written(runs: Iterable[Run]) -> str:
    """One line of Discord's markup."""
    out: list[str] = []
    inside: tuple[Mark, ...] = ()
    for run in together(runs):
        marks = run.marks
        keep = _common(inside, marks)
        closing, opening = "".join(reversed(inside[keep:])), "".join(marks[keep:])
        text = _one(run.kind, run.text, run.link, line_start=not out)
        touching = out and out[-1][-1:] == "`" == text[:1] and not closing + opening
        seam = BREAK if (closing and opening) or touching else ""
        out.append(f"{closing}{seam}{opening}{text}")
        inside = marks
    return "".join(out) + "".join(reversed(inside))


def _one(kind: Kind, raw: str, link: str, *, line_start: bool) -> str:
    match kind:
        case "code":
            return in_code(raw)
        case "link":
            return f"[{escaped(raw)}](<{link}>) ({host(link)})" if raw else f"<{link}>"
        case "text":
            return escaped(raw, line_start=line_start)


def _common(one: Sequence[Mark], other: Sequence[Mark]) -> int:
    n = 0
    while n < min(len(one), len(other)) and one[n] == other[n]:
        n += 1
    return n


def together(runs: Iterable[Run]) -> Iterator[Run]:
    """`stripped` runs, those alike that follow each other as one; an address that stands for
    itself is one each time."""
    for (kind, marks, link, _), same in groupby(
        enumerate(stripped(runs)),
        key=lambda r: (r[1].kind, r[1].marks, r[1].link, r[1].link and not r[1].text and r[0]),
    ):
        yield Run("".join(run.text for _, run in same), kind, marks, link)


def stripped(runs: Iterable[Run]) -> list[Run]:
    """`runs` without white space at the ends of the line."""
    kept = [run for run in runs if run.text or run.link]
    while kept and kept[0].kind == "text" and not kept[0].text.strip():
        del kept[0]
    while kept and kept[-1].kind == "text" and not kept[-1].text.strip():
        del kept[-1]
    if kept and kept[-1].kind == "text":
        kept[-1] = msgspec.structs.replace(kept[-1], text=kept[-1].text.rstrip())
    return kept


def words(runs: Iterable[Run], longest: int = _LONGEST_WORD) -> Iterator[Run]:
    """The same in pieces small enough to cut between: words, and parts of very long ones."""
    for run in runs:
        if run.kind == "link":
            yield run
            continue
        for found in _WORD.finditer(run.text):
            for part in _parts(found[0], longest):
                yield msgspec.structs.replace(run, text=part)


def _parts(word: str, longest: int) -> Iterator[str]:
    if len(word) <= longest and (len(word) <= _SHORT or not _SEAM.search(word)):
        yield word
        return
    if word.isascii():
        yield from (word[n : n + longest] for n in range(0, len(word), longest))
        return
    part = ""
    for grapheme in wcwidth.iter_graphemes(word):
        part += grapheme
        if len(part) >= _SHORT:
            yield from (part[n : n + longest] for n in range(0, len(part), longest))
            part = ""
    if part:
        yield part
