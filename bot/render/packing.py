"""Blocks into messages: each within the limit and complete in itself.

A block goes whole into the next message when it does not fit into what is left of this one; only
one that is longer than a message is cut: code between its lines, reopened with its language; a
list between its entries; prose between words, with its marks closed and opened again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.render.dialect import Block, Code, Line, Prose, Wide, Written
from bot.render.harmless import in_fence
from bot.render.runs import Run, words, written
from bot.render.split import split

_LANGUAGE = re.compile(r"[A-Za-z0-9_+\-.#]{1,20}")


def pack(blocks: Sequence[Block], limit: int) -> list[str]:
    """`blocks` in messages of at most `limit` UTF-16 units. A `Wide` block is not shown here.

    Discord counts code points, so a character beyond the first plane may count double here and
    never half (https://github.com/discord/discord-api-docs/issues/1315: "calculates length based
    on the number of codepoints"); no client and no library that counts units finds it too long.
    """
    made: list[str] = []
    parts: list[tuple[str, bool]] = []

    def close() -> None:
        if parts:
            made.append(_joined(parts))
            parts.clear()

    for block in blocks:
        heading = isinstance(block, Prose) and block.heading
        pieces = _pieces(block, limit)
        if len(pieces) > 1 and parts and parts[-1][1]:
            pieces = _pieces(block, limit - _size(parts[-1][0]) - 2)
        for text in pieces:
            taken = sum(_size(part) + 2 for part, _ in parts)
            if taken + _size(text) > limit:
                carried = [parts.pop()] if len(parts) > 1 and parts[-1][1] else []
                close()
                if sum(_size(part) + 2 for part, _ in carried) + _size(text) > limit:
                    parts += carried
                    close()
                else:
                    parts += carried
            parts.append((text, heading))
    close()
    return made


def _joined(parts: Sequence[tuple[str, bool]]) -> str:
    """With a blank line between, but where Discord leaves room by itself: around code and below a
    heading."""
    out = ""
    for n, (text, _) in enumerate(parts):
        close = n and (parts[n - 1][1] or "```" in (text[:3], parts[n - 1][0][-3:]))
        out += ("\n" if close else "\n\n") + text if n else text
    return out


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _pieces(block: Block, limit: int) -> list[str]:
    match block:
        case Code():
            return fenced(block, limit)
        case Prose():
            return list(_prose(block.lines, limit))
        case Written():
            return [block.text]
        case Wide():
            return []


def fitted(runs: Iterable[Run], limit: int) -> str:
    """One line of at most `limit`, an ellipsis marking what was left out."""
    runs = list(runs)
    whole = written(runs)
    if _size(whole) <= limit:
        return whole
    small = list(words(runs, longest=40))
    return written(small[: _most("", small, limit - 1)]) + "…"


def fenced(block: Code, limit: int) -> list[str]:
    """A code block, in several messages if it has to be."""
    return [chunk.text for chunk in split(_source(block), limit, utf16=True)]


def in_one(block: Code, limit: int) -> bool:
    """Whether a code block fits one message."""
    return _size(_source(block)) <= limit


def _source(block: Code) -> str:
    found = _LANGUAGE.fullmatch(block.language)
    return f"```{found[0] if found else ''}\n{in_fence(block.text)}\n```"


def _prose(lines: Sequence[Line], limit: int) -> Iterator[str]:
    text = ""
    for line in lines:
        for made in _line(line, limit):
            if text and _size(text) + 1 + _size(made) > limit:
                yield text
                text = made
            else:
                text = f"{text}\n{made}" if text else made
    if text.strip():
        yield text


def _line(line: Line, limit: int) -> Iterator[str]:
    """`line`, or the parts of one longer than a message."""
    text = line.front + written(line.runs)
    if _size(text) <= limit:
        yield text.rstrip()
        return
    front, taken = line.front, list(words(line.runs))
    while taken:
        count = _most(front, taken, limit)
        yield (front + written(taken[:count])).rstrip()
        del taken[:count]
        front = line.rest
        while taken and taken[0].kind == "text" and not taken[0].text.strip():
            del taken[0]


def _most(front: str, runs: Sequence[Run], limit: int) -> int:
    """How many of `runs` fit behind `front`; one at least."""
    high = 64
    while high < len(runs) and _size(front + written(runs[:high])) <= limit:
        high *= 2
    low, high = 1, min(len(runs), high)
    while low < high:
        middle = (low + high + 1) // 2
        if _size(front + written(runs[:middle])) <= limit:
            low = middle
        else:
            high = middle - 1
    while low > 1 and _size(front + written(runs[:low])) > limit:
        low -= 1
    return low
