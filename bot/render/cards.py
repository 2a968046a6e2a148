"""Cards as embeds: state first, in words; what has no room is told below, or left out visibly.

The text of one card stays within `_TITLE` + `_FIELDS` + `_ABOUT` + `_FOOTER`, which is below what
Discord allows an embed in all.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import Messages
from bot.render import outgoing as o
from bot.render.dialect import PHONE, Block, Line, Prose
from bot.render.harmless import bare, visible
from bot.render.layout import one_line
from bot.render.outgoing import Embed, Field, Outgoing, Press
from bot.render.packing import fitted, pack
from bot.render.runs import Run, code_spans
from bot.render.split import size
from bot.render.tongue import DISCORD, Tongue
from bot.reply import Button, Buttons, Card, Level, Pair

BUTTONS = 3
"""The rest are under "More"."""
_TITLE = o.TITLE
_ABOUT = 2000
_FIELDS = 2800
_VALUE = 600
_FOOTER = 400
_COLORS: dict[Level, int] = {
    "info": 0x5865F2,
    "ok": 0x248046,
    "warn": 0xB5760C,
    "error": 0xDA373C,
}


def whole(card: Card, say: Messages) -> tuple[Outgoing, list[str]]:
    """`card`, and as texts what of it has no room in an embed; not what it is saying."""
    fields, others = _fields(card, say)
    told = pack(_said(card, others), _ABOUT)
    return _message(card, fields, told[:1], say), told[1:]


def rows(
    buttons: Sequence[Button], say: Messages, most: int = o.ROWS * o.ROW
) -> tuple[tuple[Press, ...], ...]:
    """`buttons`, those above `most` in one that is called "More"."""
    shown = [Press(o.label(b.label), (b,)) for b in buttons]
    if len(shown) > most:
        keep = most if most < o.ROW else most - 1
        rest = tuple(choice for press in shown[keep:] for choice in press.lines)
        shown = [*shown[:keep], Press(o.label(say("button.more")), rest)]
    return o.in_rows(shown)


def picks(part: Buttons) -> list[Press]:
    """The lists in which the choices of `part` stand, as many as there have to be."""
    return [
        Press(o.label(part.pick), part.buttons[n : n + o.OPTIONS], pick=True)
        for n in range(0, len(part.buttons), o.OPTIONS)
    ]


def line(text: str, tongue: Tongue = DISCORD) -> Prose:
    """A plain sentence, or several on lines of their own."""
    rows = [row for row in visible(text).split("\n") if row.strip()]
    return Prose(tuple(Line(code_spans(row, tongue.command)) for row in rows))


def pair(label: str, value: str, front: str = "", tongue: Tongue = DISCORD) -> Line:
    name = Run(f"{one_line(visible(label))}: ", "text", ("**",))
    told = code_spans(one_line(value), tongue.command)
    return Line((name, *told), front, " " * len(front))


def _message(
    card: Card, fields: tuple[Field, ...], about: Sequence[str], say: Messages
) -> Outgoing:
    embed = Embed(
        title=o.fitted(bare(one_line(visible(card.title))), _TITLE),
        description="\n\n".join(about),
        fields=fields,
        footer=o.fitted(one_line(visible(card.footer)), _FOOTER),
        color=_COLORS[card.level],
    )
    buttons = rows(card.buttons, say, BUTTONS)
    return Outgoing(embeds=(embed,), components=buttons, asks=card.asks)


def _fields(card: Card, say: Messages) -> tuple[tuple[Field, ...], list[Pair]]:
    """The fields there is room for, and the pairs there is none for."""
    state = ((say("field.state"), card.state),) if card.state else ()
    pairs: list[Pair] = [*state, *card.fields]
    kept: list[Field] = []
    room = _FIELDS
    for label, value in pairs[: o.FIELDS]:
        shown = fitted(code_spans(one_line(value)), o.VALUE) or "-"
        name = o.fitted(bare(one_line(visible(label))), o.NAME) or "-"
        taken = size(shown, utf16=True) + size(name, utf16=True)
        if taken > room or size(shown, utf16=True) > _VALUE:
            break
        kept.append(Field(name, shown, inline=len(shown) <= PHONE // 2))
        room -= taken
    return tuple(kept), pairs[len(kept) :]


def _said(card: Card, others: Sequence[Pair]) -> list[Block]:
    lines = [pair(label, value) for label, value in others]
    lines += [each for text in card.lines for each in line(text).lines]
    return [Prose(tuple(lines))] if lines else []
