"""Writing the files of a configuration: whole or not at all, and never a reader's loss."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from swarm_core.kernel.errors import FileUnwritable

PRIVATE = 0o600


def replace(path: Path, text: str, *, mode: int) -> None:
    """Put `text` at `path` in one step, with `mode`; after it the old file or the new one is
    there, whatever happens in between. A link is followed, so that what it leads to changes.

    Raises `FileUnwritable`.
    """
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name}.new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
        opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(opened, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fchmod(opened, mode)
                os.fsync(opened)
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        folder = os.open(target.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise FileUnwritable(path=str(path), problem=error.strerror or str(error)) from None
