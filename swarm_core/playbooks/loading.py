"""Folders of YAML files → a `Book`: the playbooks that are right, and what is wrong with others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarstring import FoldedScalarString, LiteralScalarString

from swarm_core.kernel.errors import BadPlaybook
from swarm_core.kernel.text import nearest
from swarm_core.playbooks import matching
from swarm_core.playbooks.compiling import Where, compile_playbook
from swarm_core.playbooks.model import PlaybookFile
from swarm_core.playbooks.ports import Tools
from swarm_core.playbooks.script import Playbook

LARGEST = 64 * 1024
_DEEPEST = 20
_MOST_VALUES = 5_000


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Playbook `name` of `file` is used in place of the one of `instead_of`."""

    name: str
    file: str
    instead_of: str


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """All playbooks by name, the files left out with the reason, and what replaced what."""

    playbooks: dict[str, Playbook]
    problems: tuple[BadPlaybook, ...] = ()
    overrides: tuple[Override, ...] = ()

    def find(self, text: str) -> matching.Match | None:
        """The playbook `text` means, or None. Raises `BadArgument` or `MissingArgument`."""
        return matching.find(self.playbooks, text)

    def near(self, text: str) -> tuple[matching.Near, ...]:
        """At most three playbooks that are close to `text`, best first."""
        return matching.near(self.playbooks, text)


def load_book(folders: Sequence[Path], tools: Tools) -> Book:
    """Read every `*.yaml` of `folders`, in this order; a later folder replaces a same name.

    A file that is wrong is left out and named with every problem found; nothing is raised.
    A folder that does not exist holds nothing.
    """
    playbooks: dict[str, Playbook] = {}
    problems: list[BadPlaybook] = []
    overrides: list[Override] = []
    for folder in folders:
        here: dict[str, Playbook] = {}
        for file in sorted(folder.glob("*.yaml")):
            loaded = load_file(file, tools)
            if isinstance(loaded, list):
                problems += loaded
            elif loaded.name in here:
                taken = f"`{loaded.name}` is already the name of {here[loaded.name].file}"
                problems.append(BadPlaybook(file=str(file), line=1, problem=taken))
            else:
                here[loaded.name] = loaded
        overrides += [
            Override(name=name, file=new.file, instead_of=playbooks[name].file)
            for name, new in here.items()
            if name in playbooks
        ]
        playbooks |= here
    return Book(
        playbooks=dict(sorted(playbooks.items())),
        problems=tuple(problems),
        overrides=tuple(overrides),
    )


def load_file(file: Path, tools: Tools) -> Playbook | list[BadPlaybook]:
    """One playbook, or everything that is wrong with its file."""

    def bad(line: int, problem: str) -> BadPlaybook:
        return BadPlaybook(file=str(file), line=line, problem=problem)

    try:
        if file.stat().st_size > LARGEST:
            return [bad(1, f"larger than {LARGEST // 1024} KB")]
        document = _document(file.read_text(encoding="utf-8"))
        plain = _Plain().of(document)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return [
            bad(mark.line + 1 if mark else 1, str(error.problem or error.context or "bad YAML"))
        ]
    except (OSError, UnicodeDecodeError, YAMLError, ValueError, RecursionError) as error:
        return [bad(1, str(error).splitlines()[0] if str(error) else type(error).__name__)]
    if not isinstance(document, CommentedMap):
        return [bad(1, "a playbook is a mapping of keys")]
    try:
        source = PlaybookFile.model_validate(plain)
    except ValidationError as error:
        return [
            bad(_line(document, _real(found["loc"])), _sentence(found)) for found in error.errors()
        ]
    compiled = compile_playbook(source, str(file), tools)
    if isinstance(compiled, Playbook):
        return compiled
    return [bad(_line(document, flaw.where, flaw.line), flaw.problem) for flaw in compiled]


@lru_cache(maxsize=64)
def _document(text: str) -> Any:
    """Only to be looked at: the same text gives the same object."""
    return YAML(typ="rt").load(text)


class _Plain:
    """Plain values of a YAML document; aliases cannot make them larger than a file should be."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES

    def of(self, value: Any, depth: int = 0) -> Any:
        self._left -= 1
        if self._left < 0 or depth > _DEEPEST:
            raise ValueError("too many values, or nested too deeply")
        match value:
            case Mapping():
                return {str(key): self.of(item, depth + 1) for key, item in value.items()}
            case list():
                return [self.of(item, depth + 1) for item in value]
            case bool() | None:
                return value
            case str():
                return str(value)
            case int():
                return int(value)
            case _:
                kind = "numbers with a fraction" if isinstance(value, float) else "dates"
                raise ValueError(f"a playbook holds no {kind}: put `{value}` in quotes")


def _real(where: tuple[str | int, ...]) -> Where:
    return tuple(part for part in where if part != "[key]")


def _line(document: CommentedMap, where: Where, into: int = 0) -> int:
    """The line (from 1) of the key `where`, or of the closest key round it that exists;
    `into` counts lines of the text that stands there."""
    node: Any = document
    line = 1
    for part in where:
        if isinstance(node, CommentedMap) and part in node:
            line = node.lc.key(part)[0] + 1
            child = node[part]
            if not isinstance(child, CommentedMap | CommentedSeq):
                line = node.lc.value(part)[0] + 1
        elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
            line = node.lc.item(part)[0] + 1
            child = node[part]
        else:
            break
        node = child
    if into and isinstance(node, LiteralScalarString | FoldedScalarString):
        return line + into
    return line + max(0, into - 1) if isinstance(node, str) else line


def _sentence(found: Any) -> str:
    """A pydantic complaint in the words of a playbook's author."""
    key = ".".join(str(part) for part in _real(found["loc"]))
    match found["type"]:
        case "extra_forbidden":
            known = [*PlaybookFile.model_fields, "id", "tool", "args", "when", "foreach", "most"]
            close = nearest(str(found["loc"][-1]), known, 1)
            return f"there is no key `{key}`" + "".join(f"; near: {name}" for name in close)
        case "missing":
            return f"`{key}` is missing"
        case "string_pattern_mismatch":
            return f"`{key}` is written in small letters, digits and - or _ (parts use _)"
        case _:
            return f"`{key}`: {str(found['msg'])[:1].lower()}{str(found['msg'])[1:]}"
