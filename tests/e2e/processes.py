"""The processes of a round, and one queue for everything that they say."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Said = asyncio.Queue[tuple[str, str]]


class Child:
    """A process that reads lines and says lines; its silence is said as `<name>-exit`."""

    def __init__(self, process: asyncio.subprocess.Process, said: Said, name: str) -> None:
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
            self.process.kill()

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
    one = Child(process, said, name)
    try:
        yield one
    finally:
        one.kill()
        await one.gone()
