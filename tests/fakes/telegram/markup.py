"""Text with a parse_mode: core.telegram.org/bots/api#formatting-options.

Refusals in the words of tdlib/td, td/telegram/MessageEntity.cpp; offsets are of bytes there.
"""

from __future__ import annotations

import html
import re

from tests.fakes.telegram.entities import Formatted, units
from tests.fakes.telegram.errors import Json, Refused, told

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-emoji": "",
    "tg-time": "",
}
_TAG = re.compile(r"<(/?)([^\s>]*)([^>]*)>")
_ATTRIBUTE = re.compile(r"([^\s=\"'/>]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([\w.-]+)))?")
# Only these are decoded: same page
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_ENTITY = re.compile(r"&(#\d+|#x[0-9a-fA-F]+|lt|gt|amp|quot);?")
_RESERVED = "_*[]()~`>#+-=|{}.!"
_STYLES = (("__", "underline"), ("||", "spoiler"), ("_", "italic"), ("*", "bold"))
_NAMES = {
    "*": "Bold",
    "_": "Italic",
    "`": "Code",
    "```": "Pre",
    "[": "TextUrl",
    "~": "Strikethrough",
}
_NAMES |= {"__": "Underline", "||": "Spoiler"}


def parsed(text: str, mode: str) -> Formatted:
    """The text without its marks, and the entities they make."""
    match mode.lower():
        case "html":
            return _html(text)
        case "markdownv2":
            return _Markdown(text, legacy=False).parsed()
        case "markdown":
            return _Markdown(text, legacy=True).parsed()
    raise told("unsupported parse_mode")


def _bad(text: str) -> Refused:
    return told(f"can't parse entities: {text}")


def _html(text: str) -> Formatted:
    out, entities, at, here = "", list[Json](), 0, 0
    nested: list[tuple[str, Json, int]] = []
    while (start := text.find("<", at)) >= 0:
        out += _decoded(text[at:start])
        byte = len(text[:start].encode())
        tag = _TAG.match(text, start)
        if tag is None:
            kind = "end" if text.startswith("</", start) else "start"
            raise _bad(f"Unclosed {kind} tag at byte offset {byte}")
        at = tag.end()
        name = tag[2].lower()
        here = units(out)
        if not tag[1]:
            if name not in TAGS:
                raise _bad(f'Unsupported start tag "{name}" at byte offset {byte}')
            nested.append((name, _told_by(name, tag[3], byte), here))
            continue
        if not nested:
            raise _bad(f"Unexpected end tag at byte offset {byte}")
        opened, more, begun = nested.pop()
        if name not in (opened, ""):
            raise _bad(
                f"Unmatched end tag at byte offset {byte}, "
                f'expected "</{opened}>", found "</{name}>"'
            )
        if here > begun:
            _closed(entities, opened, more, begun, here, out)
    out += _decoded(text[at:])
    if nested:
        raise _bad(f'Can\'t find end tag corresponding to start tag "{nested[-1][0]}"')
    for one in entities:
        if one["type"] == "code":
            one.pop("language", None)
    return Formatted(out, entities)


def _closed(entities: list[Json], name: str, more: Json, begun: int, here: int, out: str) -> None:
    span = {"offset": begun, "length": here - begun}
    if name == "pre" and entities and entities[-1].get("language"):
        last = entities[-1]
        if last["type"] == "code" and (last["offset"], last["length"]) == tuple(span.values()):
            last["type"] = "pre"
            return
    if name == "a" and not more.get("url"):
        more = {"url": out[-(here - begun) :]}
    kind = more.pop("kind", TAGS[name])
    if kind:
        entities.append({"type": kind, **span, **more})


def _decoded(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        return _NAMED.get(found[1]) or html.unescape(f"&{found[1]};")

    return _ENTITY.sub(one, text)


def _told_by(name: str, attributes: str, byte: int) -> Json:
    found = {
        hit[1].lower(): _decoded(hit[2] or hit[3] or hit[4] or "")
        for hit in _ATTRIBUTE.finditer(attributes)
    }
    if name == "span" and found.get("class") != "tg-spoiler":
        raise _bad(f'Tag "span" must have class "tg-spoiler" at byte offset {byte}')
    if name == "a" and "href" in found:
        return {"url": found["href"]}
    if name == "code" and found.get("class", "").startswith("language-"):
        return {"language": found["class"].removeprefix("language-")}
    if name == "blockquote" and "expandable" in found:
        return {"kind": "expandable_blockquote"}
    return {}


class _Markdown:
    """MarkdownV2, and of the older mode what it has: bold, italic, code, links, nothing nested."""

    def __init__(self, text: str, *, legacy: bool) -> None:
        self._text, self._legacy = text, legacy
        self._out = ""
        self._entities: list[Json] = []
        self._open: list[tuple[str, int, int]] = []
        self._at = 0
        self._language = ""

    def parsed(self) -> Formatted:
        while self._at < len(self._text):
            self._step()
        if quote := next((one for one in self._open if one[0] == ">"), None):
            self._open.remove(quote)
            self._close(("blockquote", {}), quote[1])
        if self._open:
            mark, _, begun = self._open[-1]
            byte = len(self._text[:begun].encode())
            if self._legacy:
                raise _bad(f"Can't find end of the entity starting at byte offset {byte}")
            raise _bad(f"Can't find end of {_NAMES[mark]} entity at byte offset {byte}")
        return Formatted(self._out, self._entities)

    def _step(self) -> None:
        text, at = self._text, self._at
        escaped = _RESERVED + "\\" if not self._legacy else "_*`["
        if text[at] == "\\" and text[at + 1 : at + 2] and text[at + 1] in escaped:
            self._take(text[at + 1], 2)
        elif not self._closing() and not self._opening():
            if not self._legacy and text[at] in _RESERVED:
                said = f"Character '{text[at]}' is reserved"
                raise _bad(f"{said} and must be escaped with the preceding '\\'")
            self._take(text[at], 1)

    def _take(self, shown: str, size: int) -> None:
        self._out += shown
        self._at += size

    def _starts(self, mark: str) -> bool:
        return self._text.startswith(mark, self._at)

    def _closing(self) -> bool:
        if not self._open:
            return False
        mark, begun, _ = self._open[-1]
        if mark == ">" and self._starts("\n") and not self._text.startswith(">", self._at + 1):
            self._open.pop()
            self._close(("blockquote", {}), begun)
            self._take("\n", 1)
            return True
        if mark in ("`", "```") and not self._starts(mark):
            self._take(self._text[self._at], 1)  # in code nothing else counts
            return True
        if mark == ">" or not self._starts("]" if mark == "[" else mark):
            return False
        if mark == "_" and self._starts("__") and not self._legacy:
            return False
        self._open.pop()
        self._at += 1 if mark == "[" else len(mark)
        self._close(self._made(mark, begun), begun)
        return True

    def _made(self, mark: str, begun: int) -> tuple[str, Json]:
        kinds = {"`": "code", "~": "strikethrough", **dict(_STYLES)}
        if mark == "[":
            return "text_link", {"url": self._url(begun)}
        if mark == "```":
            language, self._language = self._language, ""
            return "pre", {"language": language} if language else {}
        return kinds[mark], {}

    def _url(self, begun: int) -> str:
        if not self._starts("("):
            return self._out.encode("utf-16-le")[begun * 2 :].decode("utf-16-le")
        end = self._text.find(")", self._at)
        if end < 0:
            byte = len(self._text[: self._at + 1].encode())
            raise _bad(f"Can't find end of a URL at byte offset {byte}")
        url = self._text[self._at + 1 : end].replace("\\", "")
        self._at = end + 1
        return url

    def _close(self, made: tuple[str, Json], begun: int) -> None:
        if length := units(self._out) - begun:
            kind, more = made
            self._entities.append({"type": kind, "offset": begun, "length": length, **more})

    def _opening(self) -> bool:
        marks = ["```", "`", "[", *("_*" if self._legacy else "~")]
        if not self._legacy:
            marks += [mark for mark, _ in _STYLES]
            if self._starts(">") and (not self._out or self._out.endswith("\n")):
                if not any(one[0] == ">" for one in self._open):
                    self._open.append((">", units(self._out), self._at))
                self._at += 1
                return True
        mark = next((one for one in marks if self._starts(one)), None)
        if mark is None or (self._legacy and self._open):
            return False
        self._open.append((mark, units(self._out), self._at))
        self._at += len(mark)
        if mark == "```" and (found := re.match(r"([^\s`]*)\n", self._text[self._at :])):
            self._language = found[1]
            self._at += found.end()
        return True
