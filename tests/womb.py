"""Processes that need not import first.

A womb is a process that has imported a module and forks itself for each life it is asked for. A
life is a process like any other: its own id, its own streams and nothing else open, its own event
loop, threads and connections, all made after the fork; it runs the module's `main` and ends as
any program does. A womb has no threads, since a fork would leave their locks shut for good: with
one it ends at once and says so.

`python -m tests.womb FD MODULE` takes its orders from the socket FD.
"""

from __future__ import annotations

import gc
import importlib
import json
import logging
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_LONGEST = 1 << 16
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""numpy, which some of our packages import, starts threads when it is imported."""
_TASKS = Path("/proc/self/task")


class Womb:
    """The side of whoever asks for lives."""

    def __init__(self, module: str, env: Mapping[str, str] | None = None) -> None:
        self._door, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.womb", str(theirs.fileno()), module],
                cwd=ROOT,
                env={**(os.environ if env is None else env), **_ONE_THREAD},
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
            )

    def bear(self, args: tuple[str, ...], stdin: int, stdout: int, stderr: int, told: int) -> None:
        """Ask for a life with these streams. Its process id is written to `told` as a line, and
        its exit code (negative: the signal) as another when it is gone."""
        order = json.dumps(args).encode()
        if len(order) > _LONGEST:
            raise ValueError("a life cannot be told as much as this")
        socket.send_fds(self._door, [order], [stdin, stdout, stderr, told])

    def close(self) -> None:
        """Lives that are left read the end of their input."""
        self._door.close()
        self._process.wait()


@contextmanager
def womb(module: str) -> Iterator[Womb]:
    one = Womb(module)
    try:
        yield one
    finally:
        one.close()


class _Lives:
    """The side that forks."""

    def __init__(self, door: socket.socket, module: Any) -> None:
        self._door = door
        self._module = module
        self._told: dict[int, int] = {}
        self._wakened, self._wake = os.pipe()
        for end in (self._wakened, self._wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)

    def take_orders(self) -> list[str] | None:
        """Returns the arguments in each new life, and None in the womb when no more is asked."""
        while True:
            ready, _, _ = select.select([self._door, self._wakened], [], [])
            if self._wakened in ready:
                os.read(self._wakened, _LONGEST)
                self._bury()
            if self._door in ready:
                order, streams, _, _ = socket.recv_fds(self._door, _LONGEST, 4)
                if not order:
                    return None
                if self._bear(streams):
                    return list(json.loads(order))

    def _bear(self, streams: list[int]) -> bool:
        *three, told = streams
        child = os.fork()
        if child == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number, stream in enumerate(three):
                os.dup2(stream, number)
            self._door.detach()
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            return True
        for stream in three:
            os.close(stream)
        self._told[child] = told
        self._tell(child, child)
        return False

    def _bury(self) -> None:
        while self._told:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                return
            self._tell(child, os.waitstatus_to_exitcode(status))
            os.close(self._told.pop(child))

    def _tell(self, child: int, number: int) -> None:
        try:
            os.write(self._told[child], f"{number}\n".encode())
        except BrokenPipeError:
            return  # whoever asked for it is gone


def _threads() -> int:
    own = len(list(_TASKS.iterdir())) if _TASKS.exists() else 1
    return max(own, threading.active_count())


def main() -> int:
    door = socket.socket(fileno=int(sys.argv[1]))
    module = importlib.import_module(sys.argv[2])
    module.warm()
    if _threads() > 1:
        sys.stderr.write(f"{sys.argv[2]} starts threads when it is imported: no womb for it\n")
        return 1
    gc.collect()
    gc.freeze()
    args = _Lives(door, module).take_orders()
    if args is None:
        return 0
    try:
        code: int = module.main(args)
    except Exception:
        logging.exception("a life ended")
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
