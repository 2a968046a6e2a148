"""Child of `http_get`: turns a page into text that can be read. Standard library only.

It is a child because `html.parser` takes quadratic time on crafted pages: 90 KB of `<a ` kept it
busy for 70 s (Python 3.11.7).
"""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

SILENT = frozenset({"script", "style", "template", "noscript", "svg", "iframe", "object", "select"})
_BLOCKS = (
    "address article aside blockquote body caption dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table "
    "tbody tfoot thead title tr ul"
)
BLOCKS = frozenset(_BLOCKS.split())
LEAD = {"li": "- ", **{f"h{level}": "#" * level + " " for level in range(1, 7)}}
SPACE = re.compile(r"[ \t\r\n\f\v]+")


class Reader(HTMLParser):
    """Collects the text of blocks, one a line, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.lines: list[str] = []
        self._line: list[str] = []
        self._lead = ""
        self._silent: list[str] = []
        self._in_title = False
        self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent or tag in SILENT:
            self._silent.append(tag)
            return
        if tag in BLOCKS:
            self.end_line()
            self._lead = LEAD.get(tag, self._lead if tag == "p" else "")
        elif tag == "br":
            self.end_line()
        elif tag in ("td", "th") and self._line:
            self._line.append(" | ")
        elif tag == "img":
            self._line.append(dict(attrs).get("alt") or "")
        self._in_title = tag == "title"
        self._preformatted += tag == "pre"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._silent and tag not in SILENT:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag in self._silent:
                while self._silent.pop() != tag:
                    pass
            return
        if tag in BLOCKS:
            self.end_line()
        self._preformatted -= tag == "pre" and self._preformatted > 0

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._preformatted:
            *whole, rest = data.split("\n")
            for line in whole:
                self._line.append(line)
                self.end_line()
            self._line.append(rest)
        else:
            self._line.append(SPACE.sub(" ", data))

    def end_line(self) -> None:
        text = "".join(self._line)
        text = text.rstrip() if self._preformatted else SPACE.sub(" ", text).strip()
        self._line.clear()
        if not text.strip():
            return
        if self._in_title and not self.title:
            self.title = text
        else:
            self.lines.append(self._lead + text)
        self._lead = ""
        self._in_title = False


def read(page: str) -> dict[str, Any]:
    """The title of `page` and its text."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    reader.end_line()
    return {"title": reader.title, "text": "\n".join(reader.lines)}


def start() -> Callable[[bytes], Any]:
    return lambda frame: read(frame.decode("utf-8", "replace"))
