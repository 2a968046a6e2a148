"""Where a process writes its log: standard error, or a file while a chat has the terminal."""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

LOG = "waggle.log"
"""The file, in the state folder; older ones are `waggle.log.1` and so on."""
LARGEST, KEPT = 1024 * 1024, 3
"""Bytes of a file, and how many older ones are kept."""
_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def to_stderr(level: int) -> None:
    """Log to standard error from here on, `level` and above."""
    logging.basicConfig(stream=sys.stderr, level=level, format=_FORM)


@contextmanager
def in_file(folder: Path) -> Iterator[None]:
    """Meanwhile log to a file in `folder` alone: a line on the terminal would land in what a
    person is typing. Raises OSError when the file cannot be opened."""
    root = logging.getLogger()
    handler = _PrivateFile(
        folder / LOG,
        maxBytes=LARGEST,
        backupCount=KEPT,
        encoding="utf-8",
        errors="backslashreplace",
    )
    handler.setFormatter(logging.Formatter(_FORM))
    before = root.handlers[:]
    root.handlers[:] = [handler]
    try:
        yield
    finally:
        root.handlers[:] = before
        handler.close()


class _PrivateFile(RotatingFileHandler):
    """Each of its files can be read by its owner alone."""

    def _open(self) -> io.TextIOWrapper:
        file = open(  # noqa: SIM115
            self.baseFilename, "a", encoding=self.encoding, errors=self.errors, opener=_private
        )
        os.fchmod(file.fileno(), 0o600)
        return file

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Nothing: the usual way is a traceback on the terminal, and a full disk is told to
        whoever asks for work."""


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
