"""`waggle up --daemon`: a process of its own, and a command that returns when that is ready.

What can go wrong: the start fails after the command has gone; the terminal closes and takes the
service along; a file it writes can be read by others. So: the command stays until the new process
says that it is ready, or has ended, and passes on every word it said; the process has its own
session, no terminal, and a mask of 077. Whether one runs is never read from a file with a number:
the folder's lock and the socket say it.
"""

from __future__ import annotations

import os
import selectors
import signal
import sys
from pathlib import Path

from bot.program import DONE, FAILED, INTERRUPTED

_READY = b"1"


class Parent:
    """What the new process has of the command that started it."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def let_go(self, log: Path) -> None:
        """The process is ready: the command may return. What is written to the standard streams
        from here on, as by a crash of the interpreter, goes to `log`."""
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        os.dup2(file, 1)
        os.dup2(file, 2)
        os.close(file)
        os.write(self._pipe, _READY)
        os.close(self._pipe)


def leave() -> Parent | int:
    """Go on twice: in a process of its own with its parent, and here, with the exit code of the
    start once that is known. Call it before there is a second thread."""
    out, err, ready = os.pipe(), os.pipe(), os.pipe()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    child = os.fork()
    if child:
        for _, writing in (out, err, ready):
            os.close(writing)
        return _watch(child, out[0], err[0], ready[0])
    os.setsid()
    os.umask(0o077)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nowhere, 0), (out[1], 1), (err[1], 2)):
        os.dup2(source, target)
    for number in (nowhere, *out, *err, ready[0]):
        os.close(number)
    os.set_inheritable(ready[1], False)
    return Parent(ready[1])


def _watch(child: int, out: int, err: int, ready: int) -> int:
    """Pass on what the process says until it is ready or has ended; its exit code."""
    well = False
    with selectors.DefaultSelector() as selector:
        for source, target in ((out, 1), (err, 2), (ready, None)):
            selector.register(source, selectors.EVENT_READ, target)
        try:
            while selector.get_map():
                for key, _ in selector.select():
                    read = os.read(key.fd, 65536)
                    if not read:
                        selector.unregister(key.fd)
                        os.close(key.fd)
                    elif key.data is None:
                        well = read == _READY
                    else:
                        _pass_on(key.data, read)
        except KeyboardInterrupt:
            os.kill(child, signal.SIGTERM)
            os.waitpid(child, 0)
            return INTERRUPTED
    if well:
        return DONE
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code > 0 else FAILED


def _pass_on(target: int, read: bytes) -> None:
    try:
        os.write(target, read)
    except OSError:
        return  # nobody reads us any more; the start goes on all the same
