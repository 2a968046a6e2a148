"""Child that reads the text of a PDF or a Word document. The first frame is the question, answered
by null; the second is the file, answered by its text or by what is wrong with it.

It is a child because a file of a few kilobytes can unfold to gigabytes, or keep a reader busy for
hours. What it does not foresee ends it, which its parent takes for a broken file.
"""

import io
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

PIECE = 64 * 1024
MOST_UNFOLDED = 64 * 1024 * 1024
"""Bytes of XML in a Word document; a thousand pages have about ten million."""
WORDS = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
FALLBACK = "http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback"
"""What is written a second time for old programs."""
PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
HEADING = re.compile(r"(?:heading|berschrift|titre|t[ií]tulo|titolo|kop)\s*([1-6])", re.IGNORECASE)


class Unfit(Exception):
    """What is wrong: a word for the parent, and a number where there is one."""

    def __init__(self, problem: str, count: int = 0) -> None:
        super().__init__(problem)
        self.told = {"problem": problem, "count": count}


class Collected:
    """The text so far."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pieces: list[str] = []
        self._size = 0

    def add(self, text: str) -> None:
        self._size += len(text)
        if self._size > self._most:
            raise Unfit("characters", self._size)
        self._pieces.append(text)

    def text(self) -> str:
        lines = "".join(self._pieces).replace("\r", "").split("\n")
        whole = "\n".join(line.rstrip() for line in lines)
        return re.sub(r"\n{3,}", "\n\n", whole).strip()


def read_pdf(data: bytes, pages: int, most: int) -> str:
    """The text of every page, under its number."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        try:
            locked = reader.is_encrypted and not reader.decrypt("")
        except (DependencyError, NotImplementedError):
            locked = True  # a cipher that needs more than is here
        if locked:
            raise Unfit("locked")
        count = len(reader.pages)
        if count > pages:
            raise Unfit("pages", count)
        out, found = Collected(most), False
        for n, page in enumerate(reader.pages, 1):
            text = page.extract_text().strip()
            found = found or bool(text)
            out.add(f"[page {n}]\n{text}\n\n")
    except PyPdfError:
        raise Unfit("broken") from None
    if not found:
        raise Unfit("silent")
    return out.text()


class Word:
    """Collects the text of one part of a Word document, event by event."""

    def __init__(self, out: Collected) -> None:
        self._out = out
        self._lead = ""
        self._begun = False
        self._in_text = 0
        self._in_cell = 0
        self._skipping = 0
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._doctype
        self.feed = parser.Parse

    def _doctype(self, *_: Any) -> None:
        raise Unfit("broken")  # Word writes none, and entities of one may unfold without end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._skipping or name == FALLBACK:
            self._skipping += 1
            return
        space, _, tag = name.rpartition(" ")
        if space not in WORDS:
            return
        match tag:
            case "t":
                self._in_text += 1
            case "tab":
                self._say("\t")
            case "br" | "cr":
                self._say(" " if self._in_cell else "\n")
            case "noBreakHyphen":
                self._say("-")
            case "pStyle":
                found = HEADING.search(attributes.get(f"{space} val", ""))
                self._lead = "#" * int(found[1]) + " " if found else self._lead
            case "numPr":
                self._lead = self._lead or "- "
            case "tc":
                self._in_cell += 1

    def _end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
            return
        space, _, tag = name.rpartition(" ")
        if space not in WORDS:
            return
        match tag:
            case "t":
                self._in_text -= 1
            case "p":
                self._out.add(" " if self._in_cell else "\n" + "\n" * self._begun)
                self._lead, self._begun = "", False
            case "tc":
                self._in_cell -= 1
                self._out.add("| ")
            case "tr":
                self._out.add("\n")

    def _data(self, text: str) -> None:
        if self._in_text and not self._skipping:
            self._say(text)

    def _say(self, text: str) -> None:
        if self._lead and not self._begun and not self._in_cell:
            text = self._lead + text
        self._begun = True
        self._out.add(text)


def read_docx(data: bytes, most: int) -> str:
    """The text of the document with its notes."""
    out, left = Collected(most), MOST_UNFOLDED
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if PARTS[0] not in names:
                raise Unfit("broken")
            for part in PARTS:
                if part in names:
                    word = Word(out)
                    for piece in _pieces(archive, part):
                        left -= len(piece)
                        if left < 0:
                            raise Unfit("bomb")
                        word.feed(piece, False)
                    word.feed(b"", True)
                    out.add("\n")
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError):
        raise Unfit("broken") from None
    except RuntimeError:  # how `zipfile` says that a password is needed
        raise Unfit("locked") from None
    text = out.text()
    if not text:
        raise Unfit("silent")
    return text


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with archive.open(part) as opened:
        while piece := opened.read(PIECE):
            yield piece


def start() -> Callable[[bytes], Any]:
    asked: list[dict[str, Any]] = []

    def respond(frame: bytes) -> Any:
        if not asked:
            asked.append(json.loads(frame))
            return None
        question = asked.pop()
        try:
            if question["kind"] == "pdf":
                sys.path.append(question["library"])
                text = read_pdf(frame, question["pages"], question["characters"])
            else:
                text = read_docx(frame, question["characters"])
        except Unfit as problem:
            return problem.told
        except (MemoryError, RecursionError):
            return {"problem": "bomb", "count": 0}
        return {"text": text}

    return respond
