"""Reading the files that a person at the terminal names for a request.

They may lie anywhere that person can read, and may be anything: so a link is not followed, what
is no regular file is not read, nothing is waited for, and no more is read than may be kept.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path

from swarm_core.kernel.errors import NotAFile, TooLarge, TooManyAttached, UnfitFile
from swarm_core.kernel.text import clip, printable
from swarm_core.tasks.files import FileRules
from swarm_core.tasks.model import Attached
from swarm_core.tools.documents import take
from swarm_core.tools.opening import FLAGS, kind_of

_LONGEST_PATH = 200


def read_attached(paths: Sequence[str], rules: FileRules) -> tuple[Attached, ...]:
    """The files at `paths`, all of them or none. It blocks, so call it beside the loop.

    Raises `TooManyAttached`, `NotAFile`, and what `documents.take` raises.
    """
    if len(paths) > rules.most:
        raise TooManyAttached(count=len(paths), most=rules.most)
    return tuple(_read(path, rules) for path in paths)


def _read(path: str, rules: FileRules) -> Attached:
    shown = clip(printable(path), _LONGEST_PATH)
    limit = rules.largest
    try:
        where = Path(path).expanduser()
        fd = os.open(where, FLAGS)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotAFile(path=shown, kind="link") from None
        raise UnfitFile(name=shown, problem=_because(error)) from None
    except (ValueError, RuntimeError) as error:  # a NUL in the name; nobody's home
        raise UnfitFile(name=shown, problem=str(error)) from None
    try:
        status = os.fstat(fd)
        if kind_of(status) != "file":
            raise NotAFile(path=shown, kind=kind_of(status))
        if status.st_size > limit:
            raise TooLarge(what=shown, size=status.st_size, limit=limit)
        data = _at_most(fd, limit + 1)
    except OSError as error:
        raise UnfitFile(name=shown, problem=_because(error)) from None
    finally:
        os.close(fd)
    if len(data) > limit:  # it has grown, or its size says nothing, as in /proc
        raise TooLarge(what=shown, size=len(data), limit=limit)
    return take(where.name, data, rules)


def _at_most(fd: int, most: int) -> bytes:
    pieces: list[bytes] = []
    while most > 0 and (piece := os.read(fd, min(most, 1 << 20))):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)


def _because(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
