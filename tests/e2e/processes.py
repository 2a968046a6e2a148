"""The processes of a round, and one queue for everything that they say."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from tests.womb import ROOT, Womb

Said = asyncio.Queue[tuple[str, str]]


class _Stdin(Protocol):
    def is_closing(self) -> bool: ...
    def write(self, data: bytes) -> None: ...
    def close(self) -> None: ...


class Forked:
    """A life from a womb, with the face of an asyncio process."""

    def __init__(
        self, pid: int, stdin: _Stdin, out: asyncio.StreamReader, told: asyncio.StreamReader
    ):
        self.pid = pid
        self.stdin = stdin
        self.stdout = out
        self.returncode: int | None = None
        self._told = told

    async def wait(self) -> int:
        if self.returncode is None:
            self.returncode = int(await self._told.read())
        return self.returncode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)


class Child:
    """A process that reads lines and says lines; its silence is said as `<name>-exit`."""

    def __init__(self, process: asyncio.subprocess.Process | Forked, said: Said, name: str) -> None:
        self.process = process
        self._said = said
        self._name = name
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            word, _, rest = line.decode().rstrip("\n").partition(" ")
            self._said.put_nowait((word, rest))
        await self.process.wait()
        self._said.put_nowait((f"{self._name}-exit", ""))

    def tell(self, line: str) -> None:
        """Nothing happens when it is gone."""
        assert self.process.stdin
        if not self.process.stdin.is_closing():
            self.process.stdin.write(f"{line}\n".encode())

    def kill(self) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # gone, and not yet heard of
                self.process.send_signal(signal.SIGKILL)

    async def gone(self) -> None:
        """Wait until it is gone and everything that it said is in the queue."""
        await self._reading
        assert self.process.stdin
        self.process.stdin.close()


@asynccontextmanager
async def child(
    said: Said,
    name: str,
    module: str,
    *args: object,
    log: Path | None = None,
    under: Sequence[str] = (),
) -> AsyncIterator[Child]:
    """Run `python -m module args`, `under` another program if given; it is killed on leaving if
    it still lives."""
    errors = log.open("ab") if log else None
    try:
        process = await asyncio.create_subprocess_exec(
            *under,
            sys.executable,
            "-m",
            module,
            *map(str, args),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    finally:
        if errors:
            errors.close()
    async with _living(process, said, name) as one:
        yield one


@asynccontextmanager
async def born(womb: Womb, said: Said, name: str, *args: object, log: Path) -> AsyncIterator[Child]:
    """The same from a womb of the module."""
    stdin, ours = os.pipe()
    out, stdout = os.pipe()
    told, tell = os.pipe()
    theirs = (stdin, stdout, os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), tell)
    try:
        womb.bear(tuple(map(str, args)), *theirs)
    finally:
        for end in theirs:
            os.close(end)
    loop = asyncio.get_running_loop()
    into, _ = await loop.connect_write_pipe(asyncio.Protocol, os.fdopen(ours, "wb", 0))
    about = await _reader(told)
    process = Forked(int(await about.readline()), into, await _reader(out), about)
    async with _living(process, said, name) as one:
        yield one


async def _reader(end: int) -> asyncio.StreamReader:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), os.fdopen(end, "rb", 0)
    )
    return lines


@asynccontextmanager
async def _living(
    process: asyncio.subprocess.Process | Forked, said: Said, name: str
) -> AsyncIterator[Child]:
    one = Child(process, said, name)
    try:
        yield one
    finally:
        one.kill()
        await one.gone()
