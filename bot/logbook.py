"""`waggle logs`: the log file for people, whether or not a swarm runs."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

import msgspec

from bot.logs import LOG
from bot.program import DONE, Program
from swarm_core import errors, printable, redact

LINES = 100
_LEVELS = ("debug", "info", "warning", "error", "critical")
_HEAD = ("at", "level", "event", "logger", "error", "stack")
_PAUSE = 0.25


def logs(program: Program, given: Mapping[str, Any]) -> int:
    """Show the last lines that fit, with `follow` those to come as well until interrupted.

    Raises `PathMissing` when nothing was ever logged there.
    """
    path = program.state() / LOG
    older = path.with_name(f"{LOG}.1")
    if not path.exists() and not older.exists():
        raise errors.NoLog(file=str(path))
    most = given.get("lines", LINES)
    last: deque[str] = deque(maxlen=most)
    follower = _Follower(path)
    for lines in (_lines(older), follower.lines()):
        last.extend(line for line in lines if _wanted(line, given))
    for line in last:
        _show(program, line)
    while given.get("follow"):
        for line in follower.lines():
            if _wanted(line, given):
                _show(program, line)
        time.sleep(_PAUSE)
    return DONE


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from (line.rstrip("\n") for line in file)
    except FileNotFoundError:
        return


class _Follower:
    """The lines of a file that grows, and of the one that takes its place."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None
        self._half = ""

    def lines(self) -> Iterator[str]:
        """Those that have come since the last time."""
        yield from self._rest()
        if self._replaced():
            if self._file:
                self._file.close()
            try:
                self._file = self._path.open(encoding="utf-8", errors="replace")
            except FileNotFoundError:
                self._file = None
            self._half = ""
            yield from self._rest()

    def _rest(self) -> Iterator[str]:
        for line in self._file or ():
            self._half += line
            if self._half.endswith("\n"):
                yield self._half.rstrip("\n")
                self._half = ""

    def _replaced(self) -> bool:
        if self._file is None:
            return True
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        ours = os.fstat(self._file.fileno())
        shorter = there.st_size < ours.st_size
        return shorter or (there.st_dev, there.st_ino) != (ours.st_dev, ours.st_ino)


def _read(line: str) -> dict[str, Any] | None:
    """A line as it was logged; None for words that came there in another way."""
    try:
        found = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None
    return found if isinstance(found, dict) else None


def _wanted(line: str, given: Mapping[str, Any]) -> bool:
    least, task = given.get("level"), given.get("task")
    if least is None and task is None:
        return True
    found = _read(line)
    if found is None:
        return False
    level = found.get("level")
    heavy = level in _LEVELS and _LEVELS.index(level) >= _LEVELS.index(least or "debug")
    return heavy and (task is None or found.get("task") == task)


def _show(program: Program, line: str) -> None:
    found = _read(line)
    if program.screen.as_json or found is None:
        program.screen.write(redact(line if found is not None else printable(line)))
        return
    ids = " ".join(
        f"{name}={value}"
        for name, value in found.items()
        if name not in _HEAD and value is not None
    )
    said = [str(found.get(name, "")) for name in ("at", "level", "logger", "event")]
    said[0], said[1] = said[0][:19].replace("T", " "), f"{said[1].upper():<7}"
    text = " ".join(filter(None, (*said, f"[{ids}]" if ids else "")))
    for name in ("error", "stack"):
        if name in found:
            text += f"\n{found[name]}"
    program.screen.write(printable(text))
