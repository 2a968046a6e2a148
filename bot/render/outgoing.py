"""Messages as Discord takes them, in plain frozen values; whoever sends them makes SDK objects.

The limits are those of Discord's reference; the ones of messages and embeds agree with
@sapphire/discord-utilities `limits.ts`. Lengths are UTF-16 units, see `packing.pack`.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bot.render.harmless import visible
from bot.render.layout import one_line
from bot.render.split import size
from bot.reply import Button

CONTENT = 2000
TITLE = 256
DESCRIPTION = 4096
FIELDS = 25
NAME = 256
VALUE = 1024
FOOTER = 2048
EMBED = 6000
"""All the text of all embeds of one message."""
EMBEDS = 10
ROWS = 5
ROW = 5
OPTIONS = 25
"""Of a list to pick from."""
OPTION = 100
FORM_TITLE = 45
BLANK_LABEL = 45
BLANK_TEXT = 4000
FILES = 10
FILE_NAME = 100
ID = 100
LABEL = 80
ALT = 1024

SUPPRESS_EMBEDS = 1 << 2
"""Nothing in the text is unfurled. It hides our own embeds too, so it is set on text alone."""


class Press(msgspec.Struct, frozen=True):
    """A button, or with `pick` a list to pick from, which takes a row. `lines` are the commands
    it stands for: one, or several labelled ones to choose from ("More"). Only `id`, which
    `with_ids` fills in, goes to Discord."""

    label: str
    lines: tuple[Button, ...]
    id: str = ""
    pick: bool = False


class Blank(msgspec.Struct, frozen=True, kw_only=True):
    """A text to be filled in, `value` what stands there at first."""

    name: str
    label: str
    value: str = ""
    long: bool = False


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """What a person fills in before something is done."""

    id: str
    title: str
    blanks: tuple[Blank, ...]


class Field(msgspec.Struct, frozen=True):
    name: str
    value: str
    inline: bool = True


class Embed(msgspec.Struct, frozen=True, kw_only=True):
    title: str = ""
    description: str = ""
    fields: tuple[Field, ...] = ()
    footer: str = ""
    color: int | None = None
    image: str = ""
    """The name of an attached file that is shown large."""


class Attached(msgspec.Struct, frozen=True):
    name: str
    data: bytes
    media_type: str


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `alt` has an entry for each of `files`. Whoever sends it allows no mentions."""

    content: str = ""
    embeds: tuple[Embed, ...] = ()
    components: tuple[tuple[Press, ...], ...] = ()
    files: tuple[Attached, ...] = ()
    ephemeral: bool = False
    flags: int = 0
    alt: tuple[str, ...] = ()
    asks: str = ""
    """The approval that its card shows."""


def presses(message: Outgoing) -> list[Press]:
    """Its buttons in order: for each an id has to be had before it can be sent."""
    return [press for row in message.components for press in row]


def with_ids(message: Outgoing, ids: Sequence[str]) -> Outgoing:
    """`message`, its buttons carrying `ids`, which are as many and in the same order."""
    given = iter([id_ for _, id_ in zip(presses(message), ids, strict=True)])
    rows = tuple(
        tuple(msgspec.structs.replace(press, id=next(given)) for press in row)
        for row in message.components
    )
    return msgspec.structs.replace(message, components=rows)


def in_rows(buttons: Sequence[Press]) -> tuple[tuple[Press, ...], ...]:
    return tuple(tuple(buttons[n : n + ROW]) for n in range(0, len(buttons), ROW))


def fitted(text: str, most: int) -> str:
    """`text` in `most` units, an ellipsis marking what was left out; cut at a space where there
    is one near."""
    if size(text, utf16=True) <= most:
        return text
    stop = most - 1
    while size(text[:stop], utf16=True) > most - 1:
        stop -= max(1, (size(text[:stop], utf16=True) - most + 1) // 2)
    short = text[:stop]
    space = short.rfind(" ")
    if space > len(short) * 3 // 4:
        short = short[:space]
    return short.rstrip("\\\u200b ") + "…"


def label(text: str) -> str:
    """A button's words; Discord takes none that are empty."""
    return fitted(one_line(visible(text)), LABEL) or "…"
