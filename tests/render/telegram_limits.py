"""What Telegram refuses or shows otherwise than it was meant, after
https://core.telegram.org/bots/api#sendmessage, #messageentity and #formatting-options, and what
its apps make of plain text by themselves. Written apart from what makes the messages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.render.entities import Entity, entities
from bot.render.outgoing import Outgoing

_ALONE = ("code", "pre")
_CALL = re.compile(r"(?<![\w.])@\w{3,32}")
_COMMAND = re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/<>])")
_DEEP = re.compile(r"(?i)\b(?:tg|ton)://|\b(?:t|telegram)\.(?:me|dog)/(?:\+|joinchat|proxy|socks)")


def sent(message: Outgoing) -> tuple[str, tuple[Entity, ...]]:
    return entities(message.content)


def covered(text: str, entity: Entity) -> str:
    """What `entity` is about. Raises UnicodeError where it cuts a character in two."""
    raw = text.encode("utf-16-le")
    return raw[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")


def refused(message: Outgoing) -> str:
    """Why `message` would be refused, or shown otherwise than it was meant; '' if neither."""
    text, found = sent(message)
    units = len(text.encode("utf-16-le")) // 2
    if not text.strip() and not message.files:
        return "message text is empty"
    if units > (1024 if message.files else 4096):
        return "message is too long"
    if len(message.files) > 1:
        return "one file a call"
    if text != text.strip() or re.search("[\ufdd0-\ufdef]", text):
        return "marks in the text, or space around it"
    if len(found) > 100 or sum(40 + len(each.about) for each in found) > 9_500:
        return "too many entities"
    for row in message.components:
        if not row or len(row) > 8 or any(not press.label.strip() for press in row):
            return "a row of buttons"
    if sum(len(row) for row in message.components) > 100:
        return "too many buttons"
    return next(_wrong(text, units, found), "")


def _wrong(text: str, units: int, found: tuple[Entity, ...]) -> Iterator[str]:
    for n, each in enumerate(found):
        end = each.offset + each.length
        if each.offset < 0 or each.length < 1 or end > units:
            yield f"an entity outside of the text: {each}"
        try:
            covered(text, each)
        except UnicodeError:
            yield f"an entity cuts a character in two: {each}"
        for other in found[n + 1 :]:
            inside = other.offset + other.length <= end
            if other.offset >= end:
                continue
            if not inside:
                yield f"entities cross: {each} and {other}"
            if each.kind in _ALONE or each.kind == other.kind == "blockquote":
                yield f"{other} in {each}"


def acts(message: Outgoing) -> str:
    """What in `message` would call somebody, send a command or act on Telegram; '' if nothing."""
    text, found = sent(message)
    raw = bytearray(text.encode("utf-16-le"))
    for each in found:
        if each.kind in (*_ALONE, "text_link"):
            raw[2 * each.offset : 2 * (each.offset + each.length)] = b"\xab\x00" * each.length
        # What stands in the path of an address is read by whoever is called there.
        where = each.about.partition("://")[2]
        leads = _DEEP.match(each.about) or _DEEP.match(where) or "@" in where.partition("/")[0]
        if each.kind == "text_link" and leads:
            return each.about
    for acting in (_CALL, _COMMAND, _DEEP):
        if hit := acting.search(raw.decode("utf-16-le")):
            return hit[0]
    return ""
