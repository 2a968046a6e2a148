"""What is written for an author: a new file from the template, and addresses that were missing."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from swarm_core.identities.identity import Identity
from swarm_core.identities.model import NAME
from swarm_core.identities.reading import FENCE
from swarm_core.kernel.errors import AlreadyThere, BadArgument, FileUnwritable

TEMPLATE = Path(__file__).resolve().parents[2] / "data" / "templates" / "identity.md"
_PLACE = "{{name}}"
_ADDRESSES = re.compile(r"^(addresses|address|ha_address)[ \t]*:")


def create_identity(name: str, folder: Path) -> Path:
    """Write the template for an identity `name` into `folder`, which is made, and return the file.

    Raises `BadArgument` for a name it cannot have, `AlreadyThere`, `FileUnwritable`.
    """
    if re.fullmatch(NAME, name) is None:
        raise BadArgument(
            command="identity",
            name="name",
            value=name[:60],
            expected="small letters, digits, - and _, beginning with a letter",
            example="waggle identity new proofreader",
        )
    file = folder / f"{name}.md"
    text = TEMPLATE.read_text(encoding="utf-8").replace(_PLACE, name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with file.open("x", encoding="utf-8") as opened:
                opened.write(text)
        except FileExistsError:
            raise AlreadyThere(path=str(file)) from None
    except OSError as error:
        raise FileUnwritable(path=str(file), problem=error.strerror or str(error)) from None
    return file


def mend_identity(identity: Identity) -> bool:
    """Write the addresses that were filled in on reading into the identity's file; the rest of it
    stays as it is. False when there was nothing to do. Raises `FileUnwritable`."""
    if not identity.filled:
        return False
    file = Path(identity.file)
    line = f"addresses: [{', '.join(identity.filled)}]"
    try:
        lines = file.read_bytes().decode("utf-8").splitlines(keepends=True)
        _replace(file, "".join(_with_addresses(lines, line)))
    except OSError as error:
        raise FileUnwritable(path=str(file), problem=error.strerror or str(error)) from None
    return True


def _with_addresses(lines: list[str], line: str) -> list[str]:
    end = next(n for n, text in enumerate(lines) if n and text.rstrip() == FENCE)
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    head: list[str] = []
    empty = False
    for text in lines[:end]:
        # An empty list may go on below its key.
        empty = bool(_ADDRESSES.match(text)) or (empty and text[:1] in (" ", "\t", "-"))
        if not empty or not head:
            head.append(text)
    return [*head, line + ending, *lines[end:]]


def _replace(file: Path, text: str) -> None:
    """All of `text` or nothing of it, whatever happens on the way."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(text.encode("utf-8"))
            opened.flush()
            os.fsync(opened.fileno())
        made.chmod(file.stat().st_mode & 0o7777)
        made.replace(file)
    except BaseException:
        made.unlink(missing_ok=True)
        raise
