"""Replies as Telegram messages: a pure function from a `Reply` to `Outgoing` values, one for each
call of the service. Their `content` is marked text, of which `entities` makes what is sent.

A card is a message as well: its name, how it stands, what else is known, its buttons below.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.messages import Messages
from bot.render import cards
from bot.render.dialect import Block, Line, Prose
from bot.render.entities import blank, marked, size
from bot.render.harmless import visible
from bot.render.layout import one_line
from bot.render.outgoing import Attached, Outgoing, Press
from bot.render.packing import fitted, pack
from bot.render.page import Page, arranged, file_name
from bot.render.runs import Run, Runs, code_spans
from bot.render.split import TELEGRAM as TEXT
from bot.render.telegram_tongue import NOTHING, TELEGRAM
from bot.reply import Button, Card, File, Notice, Part, Reply

CAPTION = 1024
MOST_ROWS = 25
_PHONE = 32
_ABREAST, _WIDE = 3, 30
"""Buttons of a row, and the letters of all of them that a phone shows."""
_LARGEST_PHOTO = 10 * 1024 * 1024
_PHOTOS = frozenset({"image/png", "image/jpeg", "image/webp"})


def render(reply: Reply, say: Messages) -> tuple[Outgoing, ...]:
    """The messages of `reply`, in order; empty when it has nothing to show."""
    page = _Page(say)
    for part in _once(arranged(reply, say)):
        page.add(part)
    return tuple(
        msgspec.structs.replace(message, ephemeral=reply.private) for message in page.finish()
    )


def photo(file: Attached) -> bool:
    """Whether it is shown as a picture; any other file is one to be opened."""
    return file.media_type in _PHOTOS and len(file.data) <= _LARGEST_PHOTO


def addressed(message: Outgoing, account: str, name: str) -> Outgoing:
    """`message` with a mention of somebody before it, where it has room; `name` is what stands
    there, since not everybody has a name behind `@`."""
    called = marked("text_mention", one_line(visible(name)) or NOTHING, account)
    content = f"{called}\n{message.content}".rstrip()
    if size(content) > (CAPTION if message.files else TEXT):
        return message
    return msgspec.structs.replace(message, content=content)


def _once(parts: Sequence[Part]) -> list[Part]:
    """What a picture shows stands below it, and so not a second time in what is told with it."""
    told = {part.alt for part in parts if isinstance(part, File) and part.alt}
    return [
        msgspec.structs.replace(part, hint="")
        if isinstance(part, Notice) and part.text and part.hint in told
        else part
        for part in parts
    ]


class _Page(Page):
    tongue = TELEGRAM
    limit = TEXT
    phone = _PHONE
    listed = True

    def __init__(self, say: Messages) -> None:
        super().__init__(say)
        self._cards = 0

    def finish(self) -> list[Outgoing]:
        self._flush()
        if rows := (*_picked(self._picks, self._say), *_rows(self._buttons, self._say, MOST_ROWS)):
            last = self._made[-1] if self._made else None
            if last is None or last.components:
                last = self._content(self._told("page.choose"))
                self._made.append(last)
            self._made[-1] = msgspec.structs.replace(last, components=rows)
        for n, file in enumerate(self._files, 1):
            if file.data:
                self._file(file, n)
            else:
                # Telegram takes none without a byte in it.
                told = self._told("page.empty", file=file_name(file.name, n))
                self._made.append(self._content(told))
        return self._made

    def _whole(self, card: Card) -> tuple[Outgoing, list[str]]:
        told = pack(_said(card, self._say), TEXT, TELEGRAM)
        message = Outgoing(
            content=told[0] if told else NOTHING,
            components=_rows(card.buttons, self._say, cards.BUTTONS),
            asks=card.asks,
        )
        return message, told[1:]

    def _content(self, text: str) -> Outgoing:
        return Outgoing(content=NOTHING if blank(text) else text)

    def _card(self, card: Card) -> None:
        super()._card(card)
        self._cards = len(self._made)

    def _file(self, file: File, n: int) -> None:
        """With the message before it as its caption, where that is short and has none yet; not
        with a card, for a message that has become a file can never be text again."""
        alt = "" if file.told else one_line(visible(file.alt))
        attached = Attached(file_name(file.name, n), file.data, file.media_type)
        last = self._made[-1] if len(self._made) > self._cards else None
        if last is None or last.files or alt or size(last.content) > CAPTION:
            told = fitted(self._spans(alt), CAPTION, TELEGRAM)
            self._made.append(Outgoing(content=told, files=(attached,), alt=(alt,)))
        else:
            self._made[-1] = msgspec.structs.replace(last, files=(attached,), alt=(alt,))


def _said(card: Card, say: Messages) -> list[Block]:
    title = Line((Run(one_line(visible(card.title)), "text", ("**",)),))
    state = ((say("field.state"), card.state),) if card.state else ()
    pairs = (*state, *card.fields)
    fields = [cards.pair(label, value, tongue=TELEGRAM) for label, value in pairs]
    told = [each for text in card.lines for each in cards.line(text, TELEGRAM).lines]
    made: list[Block] = [Prose((title, *fields))]
    if told:
        made.append(Prose(tuple(told)))
    if card.footer:
        made.append(Prose((Line(_spans(one_line(card.footer)), "-# ", "-# "),)))
    return made


def _spans(text: str) -> Runs:
    return code_spans(text, TELEGRAM.command)


def _rows(buttons: Sequence[Button], say: Messages, most: int) -> tuple[tuple[Press, ...], ...]:
    """Side by side where a phone has room for their words; those above `most` are under "More"."""
    flat = [press for row in cards.rows(buttons, say, most) for press in row]
    rows: list[list[Press]] = []
    for press in flat:
        wide = sum(len(each.label) for each in rows[-1]) + len(press.label) if rows else 0
        if rows and len(rows[-1]) < _ABREAST and wide <= _WIDE:
            rows[-1].append(press)
        else:
            rows.append([press])
    return tuple(tuple(row) for row in rows)


def _picked(lists: Sequence[Press], say: Messages) -> list[tuple[Press, ...]]:
    """A list to pick from, one below the other: Telegram has no other lists."""
    choices = [choice for press in lists for choice in press.lines]
    return list(_one_a_row(choices, say)) if choices else []


def _one_a_row(choices: Sequence[Button], say: Messages) -> tuple[tuple[Press, ...], ...]:
    flat = [press for row in cards.rows(choices, say, MOST_ROWS) for press in row]
    return tuple((press,) for press in flat)
