"""Starting, asking and ending the child processes in `children/`.

A regular expression or a crafted page can keep the interpreter busy for hours while holding its
lock: no timeout on the loop fires and no thread can be ended. So such work is done in a process
of its own that is killed at its limit: by the system when it has used its processor time, and by
whoever asked some time later, in case it was not busy but stuck. It is started without
environment, without site packages and in `/`, gets bytes and gives JSON, and never opens anything.
Used from threads only.
"""

from __future__ import annotations

import json
import math
import os
import select
import struct
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from swarm_core.tools.threads import Stop

_WORKER = str(Path(__file__).parent / "children" / "worker.py")
_MOST_ANSWER = 32 * 1024 * 1024
_SPARE = 15.0
"""Seconds of the clock beyond those of the processor, for a machine that is busy with others."""


class ChildFailed(Exception):
    """The child ended, or did not answer within its limit."""


class Child:
    """`with Child("matching", seconds=10, stop=stop) as child: child.ask(b"…")`."""

    def __init__(self, module: str, *, seconds: float, stop: Stop) -> None:
        """All answers together may take `seconds` of the processor."""
        self._module = module
        self._limit = math.ceil(seconds)
        self._seconds = self._limit + _SPARE
        self._stop = stop

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-I", "-S", _WORKER, self._module, str(self._limit)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={},
            cwd="/",
        )
        try:
            self._stop.ends(self._process.kill)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.ends(None)
        self._end()

    def ask(self, frame: bytes) -> Any:
        """Its answer to `frame`. Raises `ChildFailed`."""
        started = time.monotonic()
        try:
            self._write(struct.pack(">I", len(frame)) + frame)
            deadline = started + self._seconds
            (length,) = struct.unpack(">I", self._read(4, deadline))
            if length > _MOST_ANSWER:
                raise ChildFailed
            return json.loads(self._read(length, deadline))
        except OSError as problem:
            raise ChildFailed from problem
        finally:
            self._seconds -= time.monotonic() - started

    def _write(self, raw: bytes) -> None:
        """Does not block for long: between questions the child does nothing but read."""
        view = memoryview(raw)
        while view:
            view = view[os.write(self._fd(self._process.stdin), view) :]

    def _read(self, length: int, deadline: float) -> bytes:
        fd = self._fd(self._process.stdout)
        poll = select.poll()
        poll.register(fd, select.POLLIN | select.POLLHUP)
        raw = bytearray()
        while len(raw) < length:
            left = deadline - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise ChildFailed
            part = os.read(fd, length - len(raw))
            if not part:
                raise ChildFailed
            raw += part
        return bytes(raw)

    def _fd(self, pipe: Any) -> int:
        fd: int = pipe.fileno()
        return fd

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()
