"""A program at a terminal of its own, and somebody who waits for its questions."""

from __future__ import annotations

import os
import pty
import re
import select
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.cli.lives import Life
from tests.cli.programs import TIMEOUT


class Talk:
    """What the program has said since the last answer is `said`."""

    def __init__(self, process: Life, line: int) -> None:
        self.process = process
        self.all = ""
        self._line = line
        self._from = 0

    def asked(self, question: str) -> None:
        """Wait until it has asked `question`, whatever the terminal's width does to its spaces."""
        wanted = re.compile(r"\s+".join(map(re.escape, question.split())))
        end = time.monotonic() + TIMEOUT
        while not (found := wanted.search(self.all, self._from)):
            left = end - time.monotonic()
            assert left > 0, self.all
            assert select.select([self._line], [], [], left)[0], self.all
            self.all += os.read(self._line, 65536).decode("utf-8", "replace")
        self._from = found.end()

    def answer(self, text: str) -> None:
        os.write(self._line, f"{text}\n".encode())

    def press(self, key: bytes) -> None:
        os.write(self._line, key)

    def ended(self) -> int:
        """Read to its end; the exit code."""
        while select.select([self._line], [], [], TIMEOUT)[0]:
            try:
                more = os.read(self._line, 65536)
            except OSError:  # the other side is closed
                break
            if not more:
                break
            self.all += more.decode("utf-8", "replace")
        return self.process.wait(TIMEOUT)


@contextmanager
def talking(folder: Path, *words: str, env: Mapping[str, str]) -> Iterator[Talk]:
    ours, theirs = pty.openpty()
    try:
        try:
            process = Life(folder, words, env, line=theirs)
        finally:
            os.close(theirs)  # or its end would never be read
        try:
            yield Talk(process, ours)
        finally:
            process.kill()
            process.wait(TIMEOUT)
    finally:
        os.close(ours)
