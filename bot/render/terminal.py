"""Replies on a terminal: the same lines plain or styled.

Plain text is stable and has no line drawing; styles only add colour to words that say it all.
What came from outside passes `layout.clean` before it is measured, and is never read as console
markup: styles are names on spans, turned into colours at the very end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import assert_never

from bot.render.grid import grid, labelled
from bot.render.layout import Line, Span, cells, clean, clip_to, indent, measure, one_line, wrap
from bot.reply import (
    BLANK,
    Button,
    Buttons,
    Card,
    File,
    KeyValues,
    Level,
    Notice,
    Pair,
    Part,
    Reply,
    Table,
    Text,
)

NARROWEST = 20
STATUS_LINES = 3
_SAID: dict[Level, str] = {"info": "", "ok": "ok: ", "warn": "warning: ", "error": "error: "}
_STYLES = {
    "title": "bold",
    "strong": "bold",
    "emphasis": "italic",
    "heading": "bold underline",
    "label": "dim",
    "rule": "dim",
    "hint": "dim",
    "code": "cyan",
    "address": "underline",
    "command": "cyan",
    "info": "blue",
    "ok": "green",
    "warn": "yellow",
    "error": "bold red",
}


def render(reply: Reply, *, width: int, styled: bool) -> str:
    """`reply` for a terminal `width` cells wide (20 at least), without a line end at its end.

    Only code and files have lines wider than that. `styled` adds ANSI colours and rules; the
    caller decides it by the stream and NO_COLOR.
    """
    width = max(width, NARROWEST)
    lines: list[Line] = []
    for part in reply.parts:
        made = _part(part, width, styled)
        if made:
            lines += [[], *made] if lines else made
    return _written(lines, styled)


def status_card(card: Card, *, width: int, styled: bool, saying: int = 0) -> str:
    """`card` in at most three lines of `width` cells for a live bar: the state whole, then as
    many fields, then the newest line and the buttons; an ellipsis marks what is left out. Below
    them the last lines of what it is saying, at most so many."""
    width = max(width, NARROWEST)
    state = _state(card)
    room = max(width - measure(state), 0)
    lines = [clip_to([*clip_to([(one_line(card.title), "title")], room), *state], width)]
    lines.append(_filled([_pair(pair) for pair in card.fields], width))
    news = [[(one_line(line), "")] for line in card.lines[-1:]]
    lines.append(_filled([*news, *(_button(button) for button in typed(card.buttons))], width))
    lines += _end_of(card.saying, saying, width, styled)
    return _written([line for line in lines if line], styled)


def _end_of(markdown: str, most: int, width: int, styled: bool) -> list[Line]:
    """The last lines of an answer under way, of which only the end is read: this is drawn anew
    many times while it grows."""
    if not most or not markdown.strip():
        return []
    from bot.render.prose import prose

    at = max(0, len(markdown) - (most + 2) * width)
    at = markdown.rfind("\n", 0, at) + 1 if at else 0
    fences = [line for line in markdown[:at].splitlines() if line.lstrip().startswith("```")]
    # The end of code whose beginning is left out is code as well.
    text = f"```\n{markdown[at:]}" if len(fences) % 2 else markdown[at:]
    lines = [line for line in prose(text, width - 2, drawn=styled) if measure(line)]
    return [clip_to(line, width) for line in indent(lines[-most:], ("  ", ""))]


def _part(part: Part, width: int, styled: bool) -> list[Line]:
    match part:
        case Text():
            # Loaded here: a markdown parser is heavy and most answers have no markdown.
            from bot.render.prose import prose

            return prose(part.markdown, width, drawn=styled)
        case Card():
            return _card(part, width, styled)
        case Table():
            return _table(part, width, styled)
        case KeyValues():
            title = wrap([(one_line(part.title), "title")], width) if part.title else []
            return [*title, *_pairs(part.pairs, width, styled)]
        case Notice():
            said = [(_SAID[part.level], part.level), (clean(part.text), "")]
            hint = wrap([(clean(part.hint), "hint")], width - 2) if part.hint else []
            return [*wrap(said, width), *indent(hint, ("  ", ""))]
        case Buttons():
            # A list to pick from repeats what stands there already.
            return [] if part.pick else _buttons(part.buttons, width)
        case File():
            head = f"{one_line(part.name)} ({one_line(part.media_type)}, {len(part.data):,} bytes)"
            head += f": {clean(part.path)}" if part.path else ""
            text = part.text
            rows = clean(text).removesuffix("\n").split("\n") if text else []
            return [*wrap([(head, "label")], width), *([(row.expandtabs(4), "")] for row in rows)]
        case _:
            assert_never(part)


def _card(card: Card, width: int, styled: bool) -> list[Line]:
    bar = ("┃ ", card.level) if styled else ("  ", "")
    room = width - 2
    body = _pairs(card.fields, room, styled)
    for text in card.lines:
        body += wrap([(clean(text), "")], room)
    body += _buttons(card.buttons, room)
    if card.footer:
        body += wrap([(clean(card.footer), "hint")], room)
    title = wrap([(one_line(card.title), "title"), *_state(card)], room if styled else width)
    return [*(indent(title, bar) if styled else title), *indent(body, bar)]


def _table(table: Table, width: int, styled: bool) -> list[Line]:
    if not table.rows:
        return wrap([(clean(table.empty), "")], width) if table.empty else []
    head: list[Line] = [[(one_line(name), "label")] for name in table.columns]
    rows: list[list[Line]] = [[[(clean(cell), "")] for cell in row] for row in table.rows]
    right = [side == "right" for side in table.align] or [False] * len(head)
    return grid(head, rows, right, width=width, rule="─" if styled else "")


def _pairs(pairs: Sequence[Pair], width: int, aligned: bool) -> list[Line]:
    pad = 0
    if aligned:
        named = (cells(one_line(label)) + 2 for label, _ in pairs)
        pad = max((wide for wide in named if wide <= width // 3), default=0)
    lines: list[Line] = []
    for label, value in pairs:
        lines += labelled([(one_line(label), "label")], [(clean(value), "")], width, pad)
    return lines


def _buttons(buttons: Sequence[Button], width: int) -> list[Line]:
    return [line for button in typed(buttons) for line in wrap(_button(button), width)]


def typed(buttons: Sequence[Button]) -> list[Button]:
    """Those whose commands can be typed as they stand: nothing is filled in on a terminal."""
    return [each for each in buttons if not each.command.endswith(BLANK)]


def _button(button: Button) -> Line:
    return [(f"{one_line(button.label)}: ", "label"), (one_line(button.command), "command")]


def _pair(pair: Pair) -> Line:
    return [(f"{one_line(pair[0])}: ", "label"), (one_line(pair[1]), "")]


def _state(card: Card) -> Line:
    return [(" ", ""), (f"[{one_line(card.state)}]", card.level)] if card.state else []


def _filled(items: Iterable[Line], width: int) -> Line:
    """As many of `items` as fit on one line, an ellipsis for the others."""
    line: Line = []
    for item in items:
        longer = [*line, (" · ", "rule"), *item] if line else item
        if measure(longer) > width - 2 and line:
            return clip_to([*line, (" …", "")], width)
        line = longer
    return clip_to(line, width)


def _written(lines: Iterable[Line], styled: bool) -> str:
    if not styled:
        return "\n".join("".join(text for text, _ in line).rstrip() for line in lines)
    paint = _painter()
    return "\n".join("".join([paint(*span) for span in _merged(line)]).rstrip() for line in lines)


def _merged(line: Line) -> Iterator[Span]:
    for names, spans in groupby(line, key=lambda span: span[1]):
        yield "".join(text for text, _ in spans), names


@cache
def _painter() -> Callable[[str, str], str]:
    # Loaded here: plain output has no use for rich.
    from rich.color import ColorSystem
    from rich.style import Style

    styles = {name: Style.parse(style) for name, style in _STYLES.items()}

    def paint(text: str, names: str) -> str:
        style = Style.combine([Style(), *(styles[name] for name in names.split())])
        return style.render(text, color_system=ColorSystem.STANDARD)

    return paint
