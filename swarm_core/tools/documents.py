"""Files that come with a request, PDF and Word documents among them: their text is what is kept.

Documents are read in a process of their own that is ended at its limits of time and memory; see
`children.documents`. What a file is, its bytes say.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any, Literal

from swarm_core.kernel.errors import (
    BrokenDocument,
    LockedDocument,
    SilentDocument,
    TooLarge,
    TooManyPages,
    UnfoldingDocument,
    WaggleError,
)
from swarm_core.tasks.files import FileRules, recognise, shown_name
from swarm_core.tasks.model import Attached
from swarm_core.tools.child import Child, ChildFailed
from swarm_core.tools.threads import Stop, in_thread

_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_OLD_OR_LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a Word document begins that has a password, or is from before 2007."""

Document = Literal["pdf", "docx", "locked"]


async def taken(name: str, data: bytes, rules: FileRules) -> Attached:
    """`data` as it is kept. Raises what `take` raises."""
    return await in_thread(lambda stop: take(name, data, rules, stop))


def take(name: str, data: bytes, rules: FileRules, stop: Stop | None = None) -> Attached:
    """The same, blocking. Raises `TooLarge`, `UnfitFile`, and for a document `LockedDocument`,
    `BrokenDocument`, `SilentDocument`, `TooManyPages`, `UnfoldingDocument`."""
    kind = _kind(name, data)
    if kind is None:
        return recognise(name, data, rules)
    shown = shown_name(name)
    if kind == "locked":
        raise LockedDocument(name=shown)
    if len(data) > rules.document:
        raise TooLarge(what=shown, size=len(data), limit=rules.document)
    found = _read(kind, data, rules, stop or Stop())
    if "text" not in found:
        raise _problem(shown, found, rules)
    text = str(found["text"])
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > rules.text:
        raise TooLarge(what=shown, size=size, limit=rules.text)
    return Attached(
        name=shown,
        media_type=_TYPES[kind],
        content=text,
        size=len(data),
        digest=hashlib.sha256(data).hexdigest(),
    )


def _kind(name: str, data: bytes) -> Document | None:
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04") and b"word/document.xml" in data:
        return "docx"
    if data.startswith(_OLD_OR_LOCKED) and name.lower().endswith((".doc", ".docx")):
        return "locked"
    return None


def _read(kind: Document, data: bytes, rules: FileRules, stop: Stop) -> dict[str, Any]:
    question: dict[str, str | int] = {
        "kind": kind,
        "pages": rules.pages,
        "characters": rules.text,
    }
    if kind == "pdf":
        question["library"] = _library()
    try:
        with Child("documents", seconds=rules.seconds, stop=stop) as child:
            child.ask(json.dumps(question).encode())
            answer: dict[str, Any] = child.ask(data)
    except ChildFailed:
        stop.check()
        return {"problem": "bomb"}
    return answer


def _library() -> str:
    """Where the reader of PDF is installed: the child looks nowhere by itself."""
    found = importlib.util.find_spec("pypdf")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent.parent)


def _problem(name: str, found: dict[str, Any], rules: FileRules) -> WaggleError:
    match found["problem"]:
        case "locked":
            return LockedDocument(name=name)
        case "silent":
            return SilentDocument(name=name)
        case "pages":
            return TooManyPages(name=name, count=found["count"], most=rules.pages)
        case "characters":
            return TooLarge(what=name, size=found["count"], limit=rules.text)
        case "broken":
            return BrokenDocument(name=name)
        case _:
            return UnfoldingDocument(name=name, seconds=rules.seconds)
