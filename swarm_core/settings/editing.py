"""Changing `waggle.yaml` by command: comments stay, a copy of the old file is kept, and a change
that would not hold at the next start is refused before anything is written."""

from __future__ import annotations

import io
import stat
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from swarm_core.kernel.errors import (
    BadEdit,
    BadSettings,
    FileUnwritable,
    NotFound,
    UnreadableSettings,
)
from swarm_core.kernel.text import nearest
from swarm_core.settings.files import PRIVATE, replace
from swarm_core.settings.kinds import Many
from swarm_core.settings.loading import found_file, load, text_of
from swarm_core.settings.schema import Settings, entry_keys, keys, named
from swarm_core.settings.section import Key


class Edited(msgspec.Struct, frozen=True, kw_only=True):
    """A change that holds: `changed` keys, each as it now is written, None for taken out; the
    file's text before (None: it was not there) and after; the settings that come of it."""

    file: Path
    changed: dict[str, str | None]
    before: str | None
    after: str
    settings: Settings


def preview_edit(
    path: Path | None,
    changes: Mapping[str, str | None],
    *,
    environ: Mapping[str, str],
    cwd: Path,
    head: str = "",
) -> Edited:
    """What came of `changes` (dotted key → value as typed, None takes it out) to the
    configuration that `load` would take, or of a new `waggle.yaml` in `cwd` that begins with
    `head`. Nothing is written.

    Raises `NotFound` for a key that is none, `BadEdit` with what the new file would be refused
    for, `BadSettings` or `UnreadableSettings` for one that cannot be edited.
    """
    file, there = found_file(path, environ=environ, cwd=cwd)
    name = str(file.relative_to(cwd) if file.is_relative_to(cwd) else file)
    before = text_of(file, name) if there else None
    root = _tree(before or "", path, environ, cwd)
    changed = {key: _put(root, key, value) for key, value in changes.items()}
    after = _text(root) if root else before or ""
    if before is None and head:
        after = f"{head.rstrip()}\n\n{after}"
    if not any(changed.values()) and before is not None and not _differs(before, root):
        after = before
    try:
        settings = load(path, environ=environ, cwd=cwd, text=after)
    except BadSettings as error:
        raise BadEdit(name, error.problems) from None
    return Edited(file=file, changed=changed, before=before, after=after, settings=settings)


def write_edit(edited: Edited, now: datetime) -> Path | None:
    """Write it, in one step, and return the copy of the file as it was: None when there was
    none, or nothing changes. Raises `FileUnwritable`."""
    file, before = edited.file, edited.before
    if edited.after == before:
        return None
    backup = None if before is None else _keep(file, before, now)
    mode = PRIVATE if before is None else stat.S_IMODE(file.stat().st_mode)
    replace(file, edited.after, mode=mode)
    return backup


def key_named(name: str) -> Key:
    """The key called `name`, entries under chosen names included. Raises `NotFound`."""
    known = {key.name: key for key in keys()}
    if name in known:
        return known[name]
    section, _, rest = name.partition(".")
    entry, _, last = rest.rpartition(".")
    if section in named() and entry:
        for key in entry_keys():
            if key.name == f"{section}.<name>.{last}":
                return key
    raise NotFound(kind="setting", name=name, near=nearest(name, list(known)))


def _tree(text: str, path: Path | None, environ: Mapping[str, str], cwd: Path) -> CommentedMap:
    try:
        root = _yaml().load(text)
    except (YAMLError, IndexError):
        # The careful reader says in which line and what would do.
        load(path, environ=environ, cwd=cwd)
        raise UnreadableSettings(file=str(path), problem="it is no YAML") from None
    if root is None:
        made = CommentedMap()
        if text.strip():
            made.yaml_set_start_comment("\n".join(_bare(line) for line in text.splitlines()))
        return made
    if not isinstance(root, CommentedMap):
        load(path, environ=environ, cwd=cwd)
        raise UnreadableSettings(file=str(path), problem="it holds no settings")
    return root


def _bare(line: str) -> str:
    return line.strip().removeprefix("#").removeprefix(" ")


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _text(root: CommentedMap) -> str:
    written = io.StringIO()
    _yaml().dump(root, written)
    return written.getvalue()


def _differs(before: str, root: CommentedMap) -> bool:
    return bool(_yaml().load(before) != (root or None))


def _put(root: CommentedMap, name: str, value: str | None) -> str | None:
    key = key_named(name)
    parts = _parts(name)
    above = [root]
    for part in parts[:-1]:
        inner = above[-1].get(part)
        if not isinstance(inner, CommentedMap):
            if value is None:
                return None
            inner = above[-1][part] = CommentedMap()
        above.append(inner)
    if value is None:
        for part, holder in zip(reversed(parts), reversed(above), strict=True):
            holder.pop(part, None)
            if holder:
                break
        return None
    above[-1][parts[-1]] = _value(key, value)
    return value


def _parts(name: str) -> list[str]:
    """`models.gpt-5.2.input` has the entry `gpt-5.2`: names of entries may hold dots."""
    section, _, rest = name.partition(".")
    if section in named() and "." in rest:
        entry, _, last = rest.rpartition(".")
        return [section, entry, last]
    return name.split(".")


def _value(key: Key, text: str) -> Any:
    """`text` as it is to stand in the file: a list where the key holds one, else one value."""
    if isinstance(key.kind, Many):
        items = CommentedSeq(_one(entry) for entry in _entries(text))
        items.fa.set_flow_style()
        return items
    return _one(text)


def _entries(text: str) -> list[str]:
    inner = text.strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    return [entry.strip().strip("'\"") for entry in inner.split(",") if entry.strip()]


def _one(text: str) -> Any:
    """A number or a word stays bare as it was typed, anything YAML takes for more is quoted."""
    try:
        value = _yaml().load(text)
    except (YAMLError, ValueError, IndexError):
        return text  # the library's own mistake with what looks like a number: `-_`
    if value is None or isinstance(value, CommentedMap | CommentedSeq | str):
        return text
    written = io.StringIO()
    _yaml().dump({"value": value}, written)
    return value if written.getvalue() == f"value: {text}\n" else text


def _keep(file: Path, text: str, now: datetime) -> Path:
    """A copy of what is about to be changed, beside it, under a name that was not there."""
    stem = f"{file.name}.{now:%Y%m%d-%H%M%S}"
    for number in range(1_000):
        copy = file.with_name(f"{stem}{f'-{number}' if number else ''}.bak")
        if not copy.exists():
            replace(copy, text, mode=PRIVATE)
            return copy
    raise FileUnwritable(path=str(file), problem="there are too many copies of it")
