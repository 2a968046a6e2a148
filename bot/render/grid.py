"""Tables in terminal cells: columns where they fit, else one block of labelled values a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.render.layout import Line, Span, indent, measure, widest_word, wrap

Cell = Sequence[Span]
GAP = 2
_NO_LIMIT = 1_000_000


def grid(
    head: Sequence[Cell],
    rows: Sequence[Sequence[Cell]],
    right: Sequence[bool],
    *,
    width: int,
    rule: str = "",
) -> list[Line]:
    """A table in at most `width` cells, nothing left out; `rule` is drawn under the head.

    Cells wrap between words. When a word, or a right-aligned cell, is wider than its column can
    be, every row becomes a block of `label: value` lines.
    """
    found = columns(head, rows, right, width=width, rule=rule)
    return list(_blocks(head, rows, width)) if found is None else found


def columns(
    head: Sequence[Cell],
    rows: Sequence[Sequence[Cell]],
    right: Sequence[bool],
    *,
    width: int,
    rule: str = "",
    deep: int = _NO_LIMIT,
) -> list[Line] | None:
    """As `grid`, None where it would need blocks or a row were deeper than `deep` lines."""
    cells = list(zip(head, *rows, strict=True))
    natural = [max(_widest(cell) for cell in column) for column in cells]
    room = width - GAP * (len(cells) - 1)
    widths = natural
    if sum(natural) > room:
        least = _least(cells, natural, right)
        if sum(least) > room:
            return None
        widths = _shrink(natural, least, room)
    lines: list[Line] = []
    for n, row in enumerate((head, *rows)):
        drawn = _row(row, widths, right)
        if len(drawn) > deep:
            return None
        lines += drawn
        if rule and not n:
            lines.append(_joined([[(rule * wide, "rule")] for wide in widths]))
    return lines


def labelled(label: Cell, value: Cell, width: int, pad: int = 0) -> list[Line]:
    """`label: value`, wrapped; the value begins after `pad` cells when the label is shorter."""
    if not measure(label):
        return wrap(value, width)
    front: Line = [*label, (":", "label")]
    taken = measure(front)
    if taken < pad:
        rest = wrap(value, width - pad)
        return [[*front, (" " * (pad - taken), ""), *rest[0]], *indent(rest[1:], (" " * pad, ""))]
    return wrap([*front, (" ", ""), *value], width, hang=2)


def _least(
    columns: Sequence[Sequence[Cell]], natural: Sequence[int], right: Sequence[bool]
) -> list[int]:
    return [
        wide if aligned else max(widest_word(cell) for cell in column)
        for column, wide, aligned in zip(columns, natural, right, strict=True)
    ]


def _widest(cell: Cell) -> int:
    return max(measure(line) for line in wrap(cell, _NO_LIMIT))


def _shrink(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """`natural` widths, the widest columns made narrower until their sum is within `room`."""
    widths = list(natural)
    while sum(widths) > room:
        over = sum(widths) - room
        slack = [n for n, wide in enumerate(widths) if wide > least[n]]
        widest = max(slack, key=lambda n: widths[n])
        others = [widths[n] for n in slack if widths[n] < widths[widest]]
        floor = max(least[widest], *others) if others else least[widest]
        widths[widest] -= max(1, min(over, widths[widest] - floor))
    return widths


def _row(row: Sequence[Cell], widths: Sequence[int], right: Sequence[bool]) -> list[Line]:
    wrapped = [wrap(cell, wide) for cell, wide in zip(row, widths, strict=True)]
    lines = []
    for n in range(max(len(cell) for cell in wrapped)):
        parts: list[Line] = []
        for cell, wide, aligned in zip(wrapped, widths, right, strict=True):
            line = cell[n] if n < len(cell) else []
            pad = (" " * (wide - measure(line)), "")
            parts.append([pad, *line] if aligned else [*line, pad])
        lines.append(_joined(parts))
    return lines


def _joined(parts: Sequence[Line]) -> Line:
    line: Line = []
    for n, part in enumerate(parts):
        line += [(" " * GAP, ""), *part] if n else part
    return line


def _blocks(head: Sequence[Cell], rows: Sequence[Sequence[Cell]], width: int) -> Iterator[Line]:
    for n, row in enumerate(rows):
        if n:
            yield []
        for label, value in zip(head, row, strict=True):
            if measure(value):  # an empty cell says nothing without its column
                yield from labelled(label, value, width)
    if not rows:
        yield from wrap([span for cell in head for span in (*cell, (" ", ""))], width)
