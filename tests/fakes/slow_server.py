"""A slow HTTP server in its own process that tells of every request.

It stands for a provider and for the web: what it has received it has served, whether or not the
answer arrives. Paths are `/<kind>/<key>/<run>/<n>`. Delays come from the seed and the path. Lines
on stdout: `port N`, `begin ID PATH`, `end ID`, and `held N` in answer to `hold` on stdin, after
which nothing is answered until `release`. It ends when stdin does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


class SlowServer:
    """Answers each request after a while; `lose` percent of the paid ones never."""

    def __init__(self, seed: int, slowest: float, lose: int) -> None:
        self._seed = seed
        self._slowest = slowest
        self._lose = lose
        self._count = 0
        self._in_flight = 0
        self._open = asyncio.Event()
        self._open.set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            await self._serve(head.split()[1].decode(), writer)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _serve(self, path: str, writer: asyncio.StreamWriter) -> None:
        self._count += 1
        number = self._count
        chance = random.Random(f"{self._seed} {path} {number}")
        self._in_flight += 1
        say(f"begin {number} {path}")
        try:
            await asyncio.sleep(chance.uniform(0.1, 1.0) * self._slowest)
            await self._open.wait()
        finally:
            self._in_flight -= 1
            say(f"end {number}")
        if path.startswith("/paid/") and chance.randrange(100) < self._lose:
            return
        body = f"served {path}".encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nContent-Type: text/plain\r\n"
        writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)
        await writer.drain()

    async def obey(self) -> None:
        """Do what stdin says until it ends."""
        lines = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
        async for line in lines:
            if line.strip() == b"hold":
                self._open.clear()
                say(f"held {self._in_flight}")
            else:
                self._open.set()


async def serve(seed: int, slowest: float, lose: int) -> None:
    server = SlowServer(seed, slowest, lose)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    say(f"port {listener.sockets[0].getsockname()[1]}")
    await server.obey()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slowest", type=float, default=0.02, help="seconds")
    parser.add_argument("--lose", type=int, default=0, help="percent of paid answers")
    given = parser.parse_args()
    asyncio.run(serve(given.seed, given.slowest, given.lose))
