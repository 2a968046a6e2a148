"""A program from a womb, with the face of a `subprocess.Popen[str]`."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TextIO

from tests.womb import Womb

_PIECE = 1 << 16


class Life:
    """`python -P -m bot.cli words`, forked; reads from `stdin`, which is its terminal and takes
    all it writes when it is one."""

    def __init__(
        self, folder: Path, words: Sequence[str], env: Mapping[str, str], line: int | None = None
    ) -> None:
        self.args = list(words)
        self.returncode: int | None = None
        self.stdout: TextIO | None = None
        self.stderr: TextIO | None = None
        told, tell = os.pipe()
        self._told = os.fdopen(told, "rb", 0)
        self._said: tuple[str, str] | None = None
        given = [tell]
        try:
            if line is None:
                given.append(os.open(os.devnull, os.O_RDONLY))
                out, into_out = os.pipe()
                err, into_err = os.pipe()
                given += [into_out, into_err]
                self.stdout, self.stderr = _text(out), _text(err)
                streams = given[1:]
            else:
                streams = [line] * 3
            order = (str(folder), json.dumps(dict(env)), "" if line is None else "yes", *words)
            _womb().bear(order, *streams, tell)
        finally:
            for end in given:
                os.close(end)
        self.pid = int(self._told.readline())

    def poll(self) -> int | None:
        return self._end(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._end(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def communicate(self, timeout: float = 60.0) -> tuple[str, str]:
        """What is left of both streams, when both have ended and the process with them."""
        if self._said is not None:
            return self._said
        until = time.monotonic() + timeout
        assert self.stdout
        assert self.stderr
        streams = self.stdout, self.stderr
        pieces: dict[int, list[bytes]] = {stream.fileno(): [] for stream in streams}
        left = set(pieces)
        while left:
            ready, _, _ = select.select(left, [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise subprocess.TimeoutExpired(self.args, timeout)
            for stream in ready:
                piece = os.read(stream, _PIECE)
                pieces[stream].append(piece)
                if not piece:
                    left.discard(stream)
        self.wait(max(0.0, until - time.monotonic()))
        out, err = (b"".join(all_of).decode("utf-8", "replace") for all_of in pieces.values())
        for text in streams:
            text.close()
        self._said = out, err
        return self._said

    def send_signal(self, number: int) -> None:
        """Nothing once it is gone: its number may be another's by then."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _end(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], timeout)[0]:
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode


def _text(end: int) -> TextIO:
    return open(end, encoding="utf-8", errors="replace")


@cache
def _womb() -> Womb:
    """One for all tests of a pytest process."""
    from tests.cli.programs import environment

    one = Womb("tests.cli.life", environment())
    atexit.register(one.close)
    return one
