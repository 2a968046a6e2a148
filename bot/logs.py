"""The log of a process: sentences on standard error for people, lines of JSON in a file.

A line of the file has `at, level, event, logger`, the ids of the work at hand, and for a fault
`error` with its traceback; whoever looks for one task's number finds its lines from every room.
Both pass the redactor as a whole, so nothing gets round it by being in a traceback.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import msgspec

from swarm_core import about, redact

LOG = "waggle.log"
"""The file, in the state folder; the one before it is `waggle.log.1`."""
LARGEST, KEPT = 10 * 1024 * 1024, 1
"""Bytes of a file, and how many older ones are kept."""
CHATTY = ("httpx", "httpx2", "httpcore", "httpcore2", "aiohttp", "asyncio", "anthropic", "openai")
"""Libraries that say at info what only their authors want to know."""
TOLD = {"told": True}
"""The `extra` of a record whose words a person was given on the terminal already."""
_FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class ForPeople(logging.Formatter):
    """A line, and a traceback under it, without secrets."""

    def __init__(self) -> None:
        super().__init__(_FORM)

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class ForPrograms(logging.Formatter):
    """One JSON object, without secrets. `extra={"fields": …}` adds to it."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            **about.at_hand(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = record.stack_info
        return redact(msgspec.json.encode(_storable(line)).decode())


def _storable(line: dict[str, Any]) -> dict[str, Any]:
    """Half surrogate pairs, which no file takes, are spelled out."""
    return {
        key: value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
        for key, value in line.items()
    }


def to_stderr(level: int) -> None:
    """Log to standard error from here on, `level` and above."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ForPeople())
    handler.setLevel(level)
    handler.addFilter(_news)
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(handler)
        root.setLevel(level)


def _news(record: logging.LogRecord) -> bool:
    """Whether it is not on the terminal already."""
    return not getattr(record, "told", False)


@contextmanager
def in_file(folder: Path, level: str = "info") -> Iterator[Callable[[str], None]]:
    """Meanwhile log to a file in `folder`, beside what is logged to; gives what sets another
    level. Raises OSError when the file cannot be opened."""
    root = logging.getLogger()
    handler = LogFile(folder / LOG)
    before = root.level

    def at(level: str) -> None:
        handler.setLevel(level.upper())
        others = (other.level for other in root.handlers if other is not handler)
        root.setLevel(min(handler.level, *others, before))

    chatty = {name: logging.getLogger(name) for name in CHATTY}
    levels = {name: logger.level for name, logger in chatty.items()}
    for logger in chatty.values():
        logger.setLevel(logging.WARNING)
    root.addHandler(handler)
    at(level)
    try:
        yield at
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        for name, logger in chatty.items():
            logger.setLevel(levels[name])
        handler.close()


@contextmanager
def quiet_terminal() -> Iterator[None]:
    """Meanwhile nothing but files is logged to: a line on the terminal would land in what a
    person is typing."""
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers[:] = [handler for handler in before if isinstance(handler, LogFile)]
    try:
        yield
    finally:
        root.handlers[:] = before


def only_files() -> None:
    """From here on nothing but files is logged to."""
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if isinstance(handler, LogFile)]


class LogFile(RotatingFileHandler):
    """A file that only its owner can read, and a new one when it grows large or is taken away."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", errors="backslashreplace"
        )
        self.setFormatter(ForPrograms())

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if self.stream is not None and self._is_gone():
                self.stream.close()
                self.stream = None
        except OSError:
            self.handleError(record)
        super().emit(record)

    def _is_gone(self) -> bool:
        try:
            there = os.stat(self.baseFilename)  # noqa: PTH116  on each line, and a path costs more
        except FileNotFoundError:
            return True
        assert self.stream is not None
        ours = os.fstat(self.stream.fileno())
        return (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)

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
