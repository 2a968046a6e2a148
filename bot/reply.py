"""Surface-neutral answers: what a command says, before any surface decides how it looks.

A `Reply` is a frozen value of a few kinds of parts. It crosses the socket between the running
swarm and the CLI as JSON, so every part is tagged with its kind. Only `Text` is markdown; every
other string is plain text which a surface escapes. Money, durations and times are text already.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Level = Literal["info", "ok", "warn", "error"]
Align = Literal["left", "right"]
Pair = tuple[str, str]
"""A label and its value."""


BLANK = "…"
"""In the command of a button, a value that a person fills in."""


class Button(msgspec.Struct, frozen=True):
    """A choice: what it is called, and the command line that does the same. A value that is
    `BLANK` is asked for first, `typed` holding what was filled in before; with `sure` a person is
    asked whether that was meant."""

    label: str
    command: str
    sure: bool = False
    typed: dict[str, str] = {}


class Text(msgspec.Struct, frozen=True, tag="text"):
    """Prose, lists, code: CommonMark with tables and strikethrough, of any length."""

    markdown: str


class Card(msgspec.Struct, frozen=True, kw_only=True, tag="card"):
    """The state of one thing. `level` only colours: what it means is said by `state`. `saying` is
    the markdown of an answer under way, of which a live card shows the end; `asks` the approval it
    shows, decided or not."""

    title: str
    state: str = ""
    level: Level = "info"
    fields: tuple[Pair, ...] = ()
    lines: tuple[str, ...] = ()
    buttons: tuple[Button, ...] = ()
    footer: str = ""
    saying: str = ""
    asks: str = ""


class Table(msgspec.Struct, frozen=True, kw_only=True, tag="table"):
    """A listing; `empty` is said instead when there are no rows.

    `align` is one entry a column, or () for all left. Raises ValueError when a row or `align`
    has not as many entries as there are columns.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = ()
    align: tuple[Align, ...] = ()
    empty: str = ""

    def __post_init__(self) -> None:
        wide = len(self.columns)
        if not wide or any(len(row) != wide for row in self.rows):
            raise ValueError(f"every row needs an entry for each of {wide} columns, one at least")
        if self.align and len(self.align) != wide:
            raise ValueError(f"{len(self.align)} alignments for {wide} columns")


class KeyValues(msgspec.Struct, frozen=True, kw_only=True, tag="values"):
    """Labelled values of one thing, in order."""

    pairs: tuple[Pair, ...]
    title: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True, tag="notice"):
    """One thing to know, and in `hint` what to do about it."""

    level: Level
    text: str
    hint: str = ""


class Buttons(msgspec.Struct, frozen=True, tag="buttons"):
    """Choices that stand by themselves. With `pick`, which says what is chosen, they are many of
    one sort: a list to pick from where there are such, and else left to the commands."""

    buttons: tuple[Button, ...]
    pick: str = ""


class File(msgspec.Struct, frozen=True, kw_only=True, tag="file"):
    """A file to hand over; `data` of a text file is UTF-8. In JSON the bytes are base64. `alt`
    says what a picture shows, `path` where the file is kept, which only its owner's machine shows.
    `told`: what it shows stands in the words before it, so that it may go with them as it is.
    """

    name: str
    data: bytes
    media_type: str = "text/plain"
    alt: str = ""
    path: str = ""
    told: bool = False

    @property
    def text(self) -> str | None:
        """The content when it is text, undecodable bytes replaced; None when it is not."""
        if self.media_type.startswith("text/") or self.media_type == "application/json":
            return self.data.decode("utf-8", "replace")
        return None


Part = Text | Card | Table | KeyValues | Notice | Buttons | File


class Reply(msgspec.Struct, frozen=True):
    """An answer, part by part. A `private` one is for the asker's eyes only.

    `receipt` is the task it acknowledges, `ending` one whose end it tells: whoever shows the
    reply says so afterwards, and no notice repeats it.
    """

    parts: tuple[Part, ...]
    private: bool = False
    receipt: int | None = None
    ending: int | None = None
    asks: str | None = None
    """The approval it asks about: a plain yes or no right after it is the answer."""
    follow: str = ""
    """The command line that a plain yes right after it stands for."""
    personal: bool = False
    """Private for what stands in it, and not only for being nobody else's business."""


_decoder = msgspec.json.Decoder(Reply)


def encode(reply: Reply) -> bytes:
    """`reply` as JSON on one line."""
    return msgspec.json.encode(reply)


def decode(data: bytes) -> Reply:
    """The reply in `data`. Raises msgspec.DecodeError when it holds none."""
    return _decoder.decode(data)
