"""Text and its entities, whose offsets count UTF-16 code units: core.telegram.org/api/entities.

The words of refusals are those of tdlib/td, td/telegram/MessageEntity.cpp (fix_formatted_text).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fakes.telegram.errors import Json, Refused, told

# github.com/rubenlagus/TelegramBots/issues/854: those after the hundredth are passed over
MOST = 100
# github.com/tdlib/telegram-bot-api/issues/165: "a good approximation", of them all as JSON
LARGEST = 9500
SIMPLE = (
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "blockquote",
    "expandable_blockquote",
    "code",
)
# Client.cpp, get_text_entity_type: given ones are passed over, they are found in the text
FOUND = (
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bank_card_number",
)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"]+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|dev|io)\b")
_TAKEN = {"\r", "\u030a", "\u0333", "\u033f", *map(chr, range(0x2028, 0x202F))}
_EMPTY = re.compile("[\\s\u180e\u200b-\u200f\u202e\u2800\ufeff\ufffc\U000e0080-\U000e00ff]+")
_FINDING = (
    ("email", re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")),
    ("url", _URL),
    (
        "bot_command",
        re.compile(r"(?<![\w/<>])/[a-zA-Z0-9_]{1,64}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/])"),
    ),
    ("mention", re.compile(r"(?<![\w`])@[a-zA-Z][a-zA-Z0-9_]{3,31}\b")),
    ("hashtag", re.compile(r"(?<!\w)#\w*[^\W\d]\w*")),
)


@dataclass
class Formatted:
    text: str
    entities: list[Json]


def units(text: str) -> int:
    """How long it is in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def covered(text: str, entity: Json) -> str:
    """What an entity covers."""
    raw = text.encode("utf-16-le")
    start = entity["offset"] * 2
    return raw[start : start + entity["length"] * 2].decode("utf-16-le", "replace")


def read(given: Any, user: Callable[[int], Json | None]) -> list[Json]:
    """Entities as a request has them: Client.cpp, get_text_entity. `user` knows people by id."""
    if not isinstance(given, list):
        return []
    found = []
    for one in given:
        try:
            entity = _entity(one, user)
        except _Unreadable as problem:
            raise told(f"can't parse MessageEntity: {problem}") from None
        if entity is not None:
            found.append(entity)
    return found


class _Unreadable(Exception):
    pass


def _entity(one: Any, user: Callable[[int], Json | None]) -> Json | None:
    if not isinstance(one, dict):
        raise _Unreadable("expected an Object")
    made: Json = {"offset": _number(one, "offset"), "length": _number(one, "length")}
    kind = one.get("type")
    if kind is None:
        raise _Unreadable('Can\'t find field "type"')
    if kind in SIMPLE:
        return {"type": kind, **made}
    if kind == "pre":
        language = {"language": one["language"]} if one.get("language") else {}
        return {"type": kind, **made, **language}
    if kind == "text_link":
        if "url" not in one:
            raise _Unreadable('Can\'t find field "url"')
        url = link(str(one["url"]))
        if url is None:
            raise told(f"entity URL '{one['url']}' is invalid: Wrong HTTP URL")
        return {"type": kind, **made, "url": url}
    if kind == "text_mention":
        if not isinstance(one.get("user"), dict):
            raise _Unreadable('Can\'t find field "user"')
        # Who is not known to the bot is not mentioned: bots/api#formatting-options
        person = user(_number(one["user"], "id"))
        return {"type": kind, **made, "user": person} if person else None
    # Custom emoji need a username bought on Fragment: same page
    if kind in FOUND or kind in ("custom_emoji", "date_time"):
        return None
    raise _Unreadable("Unsupported type specified")


def _number(one: Json, name: str) -> int:
    if name not in one:
        raise _Unreadable(f'Can\'t find field "{name}"')
    try:
        return int(one[name])
    except (TypeError, ValueError):
        raise _Unreadable(f'Field "{name}" must be of type Number') from None


def link(url: str) -> str | None:
    """An address as it will stand; None for what is none: LinkManager.cpp, check_link."""
    if url.startswith(("tg://", "ton://")):
        return url
    found = re.fullmatch(r"(?:(https?)://)?([^/?#\s]+)(\S*)", url, re.IGNORECASE)
    if found is None or "." not in found[2]:
        return None
    path = found[3] if found[3].startswith("/") else f"/{found[3]}"
    return f"{(found[1] or 'http').lower()}://{found[2].lower()}{path}"


def fixed(text: str, entities: list[Json]) -> Formatted:
    """The text as it will stand: checked, trimmed, with what is found in it."""
    whole, middles = units(text), _middles(text)
    for one in entities:
        for name in ("offset", "length"):
            if not 0 <= one[name] <= 1000000:
                raise told(f"receive an entity with incorrect {name} {one[name]}")
    kept = sorted((e for e in entities if e["length"]), key=lambda e: (e["offset"], -e["length"]))
    for one in kept:
        if one["offset"] > whole:
            raise told(f"entity begins after the end of the text at UTF-16 offset {one['offset']}")
        if one["offset"] + one["length"] > whole:
            raise told(
                f"entity beginning at UTF-16 offset {one['offset']} ends after the end of the text "
                f"at UTF-16 offset {one['offset'] + one['length']}"
            )
        if one["offset"] in middles:
            byte = middles[one["offset"]]
            raise told(f"entity begins in a middle of a UTF-16 symbol at byte offset {byte}")
        if one["offset"] + one["length"] in middles:
            raise told(
                f"entity beginning at UTF-16 offset {one['offset']} ends in a middle of a UTF-16 "
                f"symbol at byte offset {middles[one['offset'] + one['length']]}"
            )
    kept = [one for one in kept if covered(text, one).strip()]
    made = _trimmed(*_cleaned(text, kept))
    made.entities = _with_found(made)[:MOST]
    if len(str(made.entities)) > LARGEST:
        raise Refused("entities_long")
    return made


def _middles(text: str) -> dict[int, int]:
    """Where a symbol of two units would be cut, and at which byte that is noticed."""
    found, unit, byte = dict[int, int](), 0, 0
    for symbol in text:
        byte += len(symbol.encode())
        if ord(symbol) > 0xFFFF:
            found[unit + 1] = byte
            unit += 1
        unit += 1
    return found


def _cleaned(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Controls as blanks, and without what is taken away: misc.cpp, clean_input_string,
    strip_empty_characters; the entities move along, MessageEntity.cpp,
    clean_input_string_with_entities."""
    if not _EMPTY.sub("", text):
        return "", []
    places, out = [0], []
    for symbol in text:
        symbol_as = " " if symbol < " " and symbol not in "\n\r" else symbol
        out.append("" if symbol in _TAKEN else symbol_as)
        places += [places[-1] + units(out[-1])] * units(symbol)
    moved = []
    for one in entities:
        start, end = places[one["offset"]], places[one["offset"] + one["length"]]
        if end > start:
            moved.append({**one, "offset": start, "length": end - start})
    return "".join(out), moved


def _trimmed(text: str, entities: list[Json]) -> Formatted:
    """Without the blanks at its end, and those before its first word and first entity."""
    end = units(text.rstrip())
    first = entities[0]["offset"] if entities else units(text)
    blank = units(text) - units(text.lstrip())
    start = min(blank, first)
    raw = text.encode("utf-16-le")[start * 2 : end * 2]
    kept = []
    for one in entities:
        length = min(one["offset"] + one["length"], end) - one["offset"]
        if length > 0:
            kept.append({**one, "offset": one["offset"] - start, "length": length})
    return Formatted(raw.decode("utf-16-le"), kept)


def _with_found(made: Formatted) -> list[Json]:
    """Mentions, commands, addresses… are found by the server."""
    closed = [
        (e["offset"], e["offset"] + e["length"])
        for e in made.entities
        if e["type"] in ("code", "pre", "text_link", "text_mention")
    ]
    found = list(made.entities)
    for kind, pattern in _FINDING:
        for hit in pattern.finditer(made.text):
            words = hit[0].rstrip(".,:;!?)'\"") if kind == "url" else hit[0]
            start = units(made.text[: hit.start()])
            span = start, start + units(words)
            if any(span[0] < end and begin < span[1] for begin, end in closed):
                continue
            closed.append(span)
            found.append({"type": kind, "offset": span[0], "length": span[1] - span[0]})
    return sorted(found, key=lambda e: (e["offset"], -e["length"]))
