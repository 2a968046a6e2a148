"""Text in terminal cells: cleaned, measured, wrapped, clipped.

A line is a list of spans; a span is text with the names of its styles, which only the last step
of rendering turns into colours. Whatever comes from outside becomes a span through `clean`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from swarm_core import printable

Span = tuple[str, str]
Line = list[Span]

_TOKEN = re.compile(r"\n|[ \t]+|[^ \t\n]+")
_SEPARATORS = str.maketrans({"\u2028": "\n", "\u2029": "\n"})


def clean(text: str) -> str:
    """`text` without anything that could repaint the screen or cannot be written to it."""
    if text.isprintable():
        return text  # the most by far: a letter for a letter costs a page its time
    text = printable(text.replace("\r\n", "\n").replace("\r", "\n").translate(_SEPARATORS))
    return text.encode("utf-8", "replace").decode() if not text.isascii() else text


def one_line(text: str) -> str:
    """`clean` text with every run of white space as one space."""
    return " ".join(clean(text).split())


def cells(text: str) -> int:
    """How many terminal cells `text`, clean and without tabs, takes."""
    if text.isascii():
        return len(text)
    import wcwidth  # Loaded here: 40 ms that plain ASCII, which most answers are, does without.

    return wcwidth.width(text)


def measure(line: Iterable[Span]) -> int:
    wide = 0
    for text, _ in line:
        wide += len(text) if text.isascii() else cells(text)
    return wide


def wrap(spans: Iterable[Span], width: int, *, hang: int = 0) -> list[Line]:
    """`spans` in lines of at most `width` cells, cut at spaces, or inside a word that is wider.

    Line ends in the text are kept, spaces at a cut are dropped. At least one line; all but the
    first are indented by `hang`.
    """
    if (whole := _in_one(spans, width)) is not None:
        return [whole]
    lines: list[Line] = [[]]
    used = 0
    gap: Line = []
    for token in _tokens(spans):
        if token[0][0] == "\n":
            lines.append([])
            used, gap = 0, []
            continue
        if token[0][0] == " ":
            gap += token
            continue
        room = width - (hang if len(lines) > 1 else 0)
        space, need = measure(gap), measure(token)
        if used + space + need <= room or (need > width - hang and used + space < room // 2):
            lines[-1] += gap
            used += space
        elif used:
            lines.append([])
            used, room = 0, width - hang
        gap = []
        for n, piece in enumerate(_pieces(token, room - used, width - hang)):
            if n:
                lines.append([])
                used = 0
            lines[-1] += piece
            used += measure(piece)
    return [lines[0], *indent(lines[1:], (" " * hang, ""))] if hang else lines


def _in_one(spans: Iterable[Span], width: int) -> Line | None:
    """Plain text that fits a line as it is, which most cells are."""
    match spans:
        case [(text, style)] if len(text) <= width and text.isascii() and text.isprintable():
            text = text.rstrip(" ")
            return [(text, style)] if text else []
    return None


def widest_word(spans: Iterable[Span]) -> int:
    return max((measure(token) for token in _tokens(spans)), default=0)


def clip_to(line: Sequence[Span], width: int) -> Line:
    """`line` in at most `width` cells, an ellipsis marking what was left out."""
    if measure(line) <= width:
        return list(line)
    first = next(_pieces(line, width - 1, width - 1), [])
    return [*first, ("…", "")]


def indent(lines: Iterable[Line], front: Span, first: Span | None = None) -> list[Line]:
    """`lines` with `front` before each, or `first` before the first."""
    return [[first or front if n == 0 else front, *line] for n, line in enumerate(lines)]


def _tokens(spans: Iterable[Span]) -> Iterator[Line]:
    """Words (of several spans where the style changes inside), spaces and line ends."""
    word: Line = []
    for text, style in spans:
        for token in _TOKEN.findall(text):
            if token[0] not in " \t\n":
                word.append((token, style))
                continue
            if word:
                yield word
                word = []
            yield [(token.replace("\t", " "), style)]
    if word:
        yield word


def _pieces(word: Iterable[Span], first: int, width: int) -> Iterator[Line]:
    """`word` in pieces of `first` and then `width` cells, cut between graphemes."""
    word = list(word)
    if measure(word) <= first:
        yield word
        return
    piece: Line = []
    room = first
    for text, style in word:
        run: list[str] = []
        for grapheme in text if text.isascii() else _graphemes(text):
            need = cells(grapheme)
            if need > room and (run or piece):
                yield [*piece, ("".join(run), style)]
                piece, run, room = [], [], width
            run.append(grapheme)
            room -= need
        piece.append(("".join(run), style))
    if piece:
        yield piece


def _graphemes(text: str) -> Iterator[str]:
    import wcwidth

    return wcwidth.iter_graphemes(text)
