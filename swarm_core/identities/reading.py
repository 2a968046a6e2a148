"""One file → its head as plain values that know their lines, and its prompt."""

from __future__ import annotations

import stat
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel

from swarm_core.identities.model import OLD_LIMITS, OLD_NAMES, Head, Limits
from swarm_core.kernel.errors import BadIdentity
from swarm_core.kernel.text import nearest, printable
from swarm_core.settings.document import read_document
from swarm_core.settings.tree import Flaw, Group, Items, Node, Scalar

LARGEST = 512 * 1024
FENCE = "---"
Loc = tuple[str | int, ...]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says. `written` is each key as its author called it."""

    file: Path
    values: dict[str, Any]
    lines: dict[Loc, int]
    written: dict[str, str]
    body: str
    body_line: int

    def bad(self, where: Loc | int, problem: str) -> BadIdentity:
        """What is wrong at a key (or the closest one round it), or on a line."""
        if not isinstance(where, int):
            while where and where not in self.lines:
                where = where[:-1]
            where = self.lines.get(where, 1)
        return bad(self.file, where, problem)

    def called(self, where: Loc) -> str:
        """The key at `where` as it is written in the file."""
        parts = [self.written.get(str(where[0]), str(where[0]))]
        parts += [str(part + 1) if isinstance(part, int) else part for part in where[1:]]
        return ".".join(parts)


def bad(file: Path, line: int, problem: str) -> BadIdentity:
    return BadIdentity(file=str(file), where=f"line {line}", problem=problem)


def read(file: Path) -> Source | list[BadIdentity]:
    """What `file` says, or everything that keeps it from being read."""
    try:
        # A pipe or a device could keep the start waiting for ever.
        if not stat.S_ISREG(file.stat().st_mode):
            return [bad(file, 1, "it is not a file")]
        with file.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
        if len(raw) > LARGEST:
            return [bad(file, 1, f"it is larger than {LARGEST // 1024} KB")]
        lines = raw.decode("utf-8-sig").splitlines()
    except OSError as error:
        return [bad(file, 1, f"it cannot be read ({error.strerror or error})")]
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return [bad(file, line, "this is not UTF-8 text; save the file as UTF-8")]
    if not lines or lines[0].rstrip() != FENCE:
        return [bad(file, 1, "the first line has to be ---, with name, role and summary below it")]
    ends = [n for n, line in enumerate(lines) if n and line.rstrip() == FENCE]
    if not ends:
        return [bad(file, 1, "the head that begins here is never closed with a line ---")]
    end = ends[0]
    root, flaws = _document("\n".join(lines[1:end]))
    if flaws:
        return [bad(file, flaw.line + 1, flaw.problem) for flaw in flaws]
    if not isinstance(root, Group):
        return [bad(file, 2, "the head holds keys, like `name: reviewer`, each on its line")]
    return _source(file, root, "\n".join(lines[end + 1 :]), end + 2)


@lru_cache(maxsize=256)
def _document(head: str) -> tuple[Node, list[Flaw]]:
    """Kept, since parsing YAML is what reading an identity takes its time for."""
    return read_document(head)


def _source(file: Path, root: Group, body: str, body_line: int) -> Source | list[BadIdentity]:
    values: dict[str, Any] = {}
    lines: dict[Loc, int] = {(): 2}
    written: dict[str, str] = {}
    problems: list[BadIdentity] = []
    for key, (line, node) in root.entries.items():
        name = OLD_NAMES.get(key, key)
        value = _plain(node, (name,), line + 1, lines)
        if name == "limits" and isinstance(value, dict):
            value = {OLD_LIMITS.get(inner, inner): v for inner, v in value.items()}
        if value is None:
            continue
        if name in values and values[name] != value:
            problem = f"`{key}` and `{written[name]}` are the same thing and say different ones"
            problems.append(bad(file, line + 1, problem))
        values[name], written[name] = value, key
    if problems:
        return problems
    text = printable(body)
    lead = len(text) - len(text.lstrip("\n"))
    return Source(
        file=file,
        values=values,
        lines=lines,
        written=written,
        body=text.strip(),
        body_line=body_line + lead,
    )


def _plain(node: Node, loc: Loc, line: int, lines: dict[Loc, int]) -> Any:
    """Plain values; those that are empty are as if they were not written."""
    lines[loc] = line
    match node:
        case Scalar():
            return (node.text or "").strip() or None
        case Items():
            found = [
                _plain(item, (*loc, n), at + 1, lines) for n, (at, item) in enumerate(node.items)
            ]
            return [value for value in found if value is not None]
        case Group():
            inner = {
                key: _plain(value, (*loc, OLD_LIMITS.get(key, key)), at + 1, lines)
                for key, (at, value) in node.entries.items()
            }
            return {key: value for key, value in inner.items() if value is not None}


def sentence(source: Source, found: Any) -> BadIdentity:
    """A complaint of pydantic's in the words of a file's author."""
    loc: Loc = found["loc"]
    key = source.called(loc)
    match found["type"]:
        case "extra_forbidden":
            model: type[BaseModel] = Limits if len(loc) > 1 else Head
            known = [*model.model_fields, *(OLD_NAMES if model is Head else OLD_LIMITS)]
            close = nearest(str(loc[-1]), known, 1)
            near = f"; near: {close[0]}" if close else ""
            return source.bad(loc, f"there is no key `{key}`{near}")
        case "missing":
            return source.bad((), f"`{key}` is missing")
        case "string_pattern_mismatch" if loc == ("name",):
            problem = "is written in small letters, digits, - and _, and begins with a letter"
            return source.bad(loc, f"`{key}` {problem}")
        case "string_pattern_mismatch":
            return source.bad(loc, f"`{key}` is one word without spaces")
        case "literal_error":
            expected = str(found["ctx"]["expected"]).replace("'", "")
            close = nearest(str(found["input"]), expected.replace(" or ", ", ").split(", "), 1)
            near = f"; near: {close[0]}" if close else ""
            return source.bad(loc, f"`{key}` is one of {expected}{near}")
        case "too_long" if loc == ("fallbacks",):
            return source.bad(loc, f"`{key}` are three at most")
        case _:
            said = str(found["msg"])
            return source.bad(loc, f"`{key}`: {said[:1].lower()}{said[1:]}")
