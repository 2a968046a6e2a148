"""Blocks into messages: each within the limit and complete in itself.

A block goes whole into the next message when it does not fit into what is left of this one; only
one that is longer than a message is cut: code between its lines, reopened with its language; a
list between its entries; prose between words, with its marks closed and opened again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from bot.render.dialect import Block, Code, Line, Prose, Wide, Written
from bot.render.runs import Run, words
from bot.render.tongue import DISCORD, Tongue


def pack(blocks: Sequence[Block], limit: int, tongue: Tongue = DISCORD) -> list[str]:
    """All of `packed`."""
    return list(packed(blocks, limit, tongue))


def packed(blocks: Iterable[Block], limit: int, tongue: Tongue = DISCORD) -> Iterator[str]:
    """`blocks` in messages of at most `limit` UTF-16 units. A `Wide` block is not shown here.

    Discord counts code points, so a character beyond the first plane may count double here and
    never half (https://github.com/discord/discord-api-docs/issues/1315: "calculates length based
    on the number of codepoints"); no client and no library that counts units finds it too long.
    """
    parts: list[tuple[str, bool]] = []
    taken = 0
    for block in blocks:
        heading = isinstance(block, Prose) and block.heading
        pieces = _pieces(block, limit, tongue)
        if parts and parts[-1][1]:
            first = list(islice(pieces, 2))
            pieces = chain(first, pieces)
            if len(first) > 1:
                pieces = _pieces(block, limit - tongue.size(parts[-1][0]) - 2, tongue)
        for text in pieces:
            size = tongue.size(text)
            if taken + size > limit:
                carried = [parts.pop()] if len(parts) > 1 and parts[-1][1] else []
                if parts:
                    yield _joined(parts, tongue)
                parts, taken = carried, sum(tongue.size(part) + 2 for part, _ in carried)
                if carried and taken + size > limit:
                    yield _joined(parts, tongue)
                    parts, taken = [], 0
            parts.append((text, heading))
            taken += size + 2
    if parts:
        yield _joined(parts, tongue)


def _joined(parts: Sequence[tuple[str, bool]], tongue: Tongue) -> str:
    """With a blank line between, but where there is room already, and below a heading."""
    out = ""
    for n, (text, _) in enumerate(parts):
        apart = n and not parts[n - 1][1] and tongue.apart(parts[n - 1][0], text)
        out += ("\n\n" if apart else "\n") + text if n else text
    return out


def _pieces(block: Block, limit: int, tongue: Tongue) -> Iterator[str]:
    match block:
        case Code():
            yield from tongue.fenced(block, limit)
        case Prose():
            yield from _prose(block.lines, limit, tongue)
        case Written():
            yield block.text
        case Wide():
            pass


def fitted(runs: Iterable[Run], limit: int, tongue: Tongue = DISCORD) -> str:
    """One line of at most `limit`, an ellipsis marking what was left out."""
    runs = list(runs)
    whole = tongue.written(runs)
    if tongue.size(whole) <= limit:
        return whole
    small = list(words(runs, longest=40))
    return tongue.written(small[: _most("", small, limit - 1, tongue)]) + "…"


def _prose(lines: Sequence[Line], limit: int, tongue: Tongue) -> Iterator[str]:
    text = ""
    for line in lines:
        for made in _line(line, limit, tongue):
            if text and tongue.size(text) + 1 + tongue.size(made) > limit:
                yield text
                text = made
            else:
                text = f"{text}\n{made}" if text else made
    if text.strip():
        yield text


def _line(line: Line, limit: int, tongue: Tongue) -> Iterator[str]:
    """`line`, or the parts of one longer than a message."""
    front, rest, back = tongue.around(line)
    text = front + tongue.written(line.runs)
    if tongue.size(text) <= limit:
        yield text.rstrip() + back
        return
    taken = list(words(line.runs))
    while taken:
        count = _most(front, taken, limit, tongue)
        yield (front + tongue.written(taken[:count])).rstrip() + back
        del taken[:count]
        front = rest
        while taken and taken[0].kind == "text" and not taken[0].text.strip():
            del taken[0]


def _most(front: str, runs: Sequence[Run], limit: int, tongue: Tongue) -> int:
    """How many of `runs` fit behind `front`; one at least."""

    def fits(count: int) -> bool:
        return tongue.size(front + tongue.written(runs[:count])) <= limit

    high = 64
    while high < len(runs) and fits(high):
        high *= 2
    low, high = 1, min(len(runs), high)
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    while low > 1 and not fits(low):
        low -= 1
    return low
