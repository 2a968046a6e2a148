"""What was typed before, in a file of the owner's. Without it the chat goes on all the same."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from prompt_toolkit.history import FileHistory

log = logging.getLogger(__name__)

MOST_LINES = 1000
LARGE = 1_000_000
"""Bytes from which on only the newest lines are kept."""


class History(FileHistory):
    """Lines kept in `file`, which only its owner can read. What cannot be read or written is
    logged once and does without."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self._file = file
        self._told = False

    def load_history_strings(self) -> Iterable[str]:
        try:
            newest = list(islice(super().load_history_strings(), MOST_LINES))
            if self._file.exists() and self._file.stat().st_size > LARGE:
                self._rewrite(newest)
        except OSError as problem:
            self._tell(problem)
            return []
        return newest

    def store_string(self, string: str) -> None:
        try:
            self._private()
            super().store_string(string)
        except OSError as problem:
            self._tell(problem)

    def _private(self) -> None:
        """See to it that the file is there and nobody else can read it."""
        opened = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.fchmod(opened, 0o600)
        finally:
            os.close(opened)

    def _rewrite(self, newest: list[str]) -> None:
        fresh = self._file.with_name(self._file.name + ".new")
        fresh.unlink(missing_ok=True)
        shorter = History(fresh)
        for string in reversed(newest):
            shorter.store_string(string)
        fresh.replace(self._file)

    def _tell(self, problem: OSError) -> None:
        if not self._told:
            log.warning("the history of typed lines does without its file: %s", problem)
        self._told = True
