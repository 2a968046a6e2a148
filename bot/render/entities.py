"""Telegram's markup: text, and beside it entities that say what a stretch of it is.

Until a message is whole its marks stand in its text, as characters that Unicode keeps for inside a
program and that no text from outside has (`harmless.visible` takes them out). So text and marks
are cut and joined together, and nothing has to be escaped. `entities` takes them apart at the end.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import msgspec

Kind = Literal[
    "bold", "italic", "strikethrough", "code", "pre", "blockquote", "text_link", "text_mention"
]

MOST = 100
"""Entities of a message; those after it Telegram leaves out without a word
(https://github.com/rubenlagus/TelegramBots/issues/854)."""
_BYTES = 9_000
"""Of all entities of a message: with "about 9,500" it is refused as `ENTITIES_TOO_LONG`
(https://github.com/tdlib/telegram-bot-api/issues/165)."""
_EACH = 72
"""Of one without its address: its kind, its place and their names as JSON."""

_STOP = "\ufddf"
_END = "\ufdde"
_OPENING: dict[Kind, str] = {
    "bold": "\ufdd0",
    "italic": "\ufdd1",
    "strikethrough": "\ufdd2",
    "code": "\ufdd3",
    "pre": "\ufdd4",
    "blockquote": "\ufdd5",
    "text_link": "\ufdd6",
    "text_mention": "\ufdd7",
}
_KINDS = {mark: kind for kind, mark in _OPENING.items()}
_MARK = re.compile("([\ufdd0-\ufdd7])([^\ufddf]*)\ufddf|(\ufdde)")
_FOUND = re.compile(r"[#$]\w|[\w\u2060][.@][^\W\d_]|\+\d[\d ()-]{6,}|\d{13}")
"""Where Telegram may make an entity of its own, which counts with ours."""
_UNITS = 4096
_LIKE = {"\u030a": "\u0366", "\u0333": "\u0332", "\u033f": "\u0305"}
"""Accents that Telegram takes away, and what looks like them."""
_TAKEN = re.compile(f"[{''.join(_LIKE)}]")
_NOTHING = re.compile("[\\s\u180e\u200b-\u200f\u202e\u2800\ufeff\ufffc\U000e0080-\U000e00ff]+")
_QUIET = ("code", "pre", "text_link", "text_mention")


class Entity(msgspec.Struct, frozen=True, kw_only=True):
    """`offset` and `length` are in UTF-16 units. `about` is the address of a link, the language of
    code, the account of a mention."""

    kind: Kind
    offset: int
    length: int
    about: str = ""


def marked(kind: Kind, text: str, about: str = "") -> str:
    """`text` as one of `kind`; nothing stays nothing."""
    return f"{_OPENING[kind]}{about}{_STOP}{text}{_END}" if text else ""


def units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def size(text: str) -> int:
    """The room that marked `text` takes in a message: its units, or more where a message full of
    such text would have too many entities."""
    shown, marks = (text, 0) if text.isascii() else _MARK.subn("", text)
    theirs = len(_FOUND.findall(opaque(text).text if marks else text))
    if not (marks or theirs):
        return units(text)
    about = sum(_EACH + len(mark[2]) for mark in _MARK.finditer(text) if not mark[3])
    many = (marks // 2 + theirs) * _UNITS // (MOST - 2)
    large = (about + theirs * _EACH) * _UNITS // _BYTES
    return max(units(shown), many, large)


def kept(text: str) -> str:
    """`text` in the characters that Telegram keeps: of a tab it makes one space, and three accents
    it takes away (tdlib/td, td/telegram/misc.cpp, `clean_input_string`)."""
    text = text.replace("\t", " ")
    if not _TAKEN.search(text):
        return text
    return _TAKEN.sub(lambda found: _LIKE[found[0]], unicodedata.normalize("NFC", text))


def blank(text: str) -> bool:
    """Whether Telegram takes `text` for empty, and refuses a message of it
    (tdlib/td, td/telegram/misc.cpp, `strip_empty_characters`)."""
    return not _NOTHING.sub("", text)


class Opaque(msgspec.Struct, frozen=True):
    """What Telegram looks through in marked text for what it makes links of, `at` telling where in
    the marked text each character stands. In code and links it looks for nothing."""

    text: str
    at: tuple[int, ...]


def opaque(text: str) -> Opaque:
    shown: list[str] = []
    places: list[int] = []
    hidden, at = 0, 0
    closing: list[bool] = []

    def take(stop: int) -> None:
        shown.append("\xab" * (stop - at) if hidden else text[at:stop])
        places.extend(range(at, stop))

    for mark in _MARK.finditer(text):
        take(mark.start())
        at = mark.end()
        if mark[3]:
            hidden -= closing.pop()
        else:
            closing.append(_KINDS[mark[1]] in _QUIET)
            hidden += closing[-1]
    take(len(text))
    return Opaque("".join(shown), tuple(places))


def entities(text: str) -> tuple[str, tuple[Entity, ...]]:
    """Marked `text` as it is sent: without white space around it, for Telegram takes that away
    and moves what is behind it, and without entities of nothing else."""
    shown: list[str] = []
    opened: list[tuple[Kind, str, int, int]] = []
    found: list[Entity] = []
    at = length = 0
    for mark in _MARK.finditer(text):
        piece = text[at : mark.start()]
        shown.append(piece)
        length += units(piece)
        at = mark.end()
        if not mark[3]:
            opened.append((_KINDS[mark[1]], mark[2], length, len(shown)))
            continue
        kind, about, begin, first = opened.pop()
        if any(not each.isspace() for each in shown[first:] if each):
            found.append(Entity(kind=kind, offset=begin, length=length - begin, about=about))
    shown.append(text[at:])
    whole = "".join(shown)
    return _stripped(whole, _joined(found))


def _joined(found: list[Entity]) -> list[Entity]:
    """Quotes on lines that follow each other are one; what holds another comes before it."""
    made: list[Entity] = []
    quote: int | None = None
    for each in sorted(found, key=lambda e: (e.offset, -e.length, e.kind != "blockquote")):
        if each.kind != "blockquote":
            made.append(each)
        elif quote is None or each.offset - made[quote].offset - made[quote].length > 1:
            quote = len(made)
            made.append(each)
        else:
            length = each.offset + each.length - made[quote].offset
            made[quote] = msgspec.structs.replace(made[quote], length=length)
    return made


def _stripped(text: str, found: list[Entity]) -> tuple[str, tuple[Entity, ...]]:
    kept = text.lstrip()
    lead = units(text[: len(text) - len(kept)])
    kept = kept.rstrip()
    end = units(kept)
    made = []
    for each in found:
        begin = max(0, each.offset - lead)
        stop = min(end, each.offset + each.length - lead)
        if stop > begin:
            made.append(msgspec.structs.replace(each, offset=begin, length=stop - begin))
    return kept, tuple(made)
