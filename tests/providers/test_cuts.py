"""A connection may end at any byte: what comes of it is the whole answer or `AnswerLost`."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

import pytest

from swarm_core.kernel.errors import AnswerLost, ProviderUnreachable
from swarm_core.providers.model import Completion, Provider
from swarm_core.providers.wire import Timeouts
from tests.fakes.models import serving
from tests.providers.benches import KINDS, ask, reach
from tests.worlds import LONGEST

STEP = 29
"""Between the cuts of the quick test; a prime, so that it meets all parts of events."""


@dataclass
class Player:
    """Answers each request with `answer`, and ends the connection, hard with `reset`."""

    answer: bytes = b""
    reset: bool = False
    silent: bool = False
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    requests: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            )
            self.requests.append(head + await reader.readexactly(length))
            self.asked.set()
            writer.write(self.answer)
            await writer.drain()
            if self.silent:
                await reader.read()
                self.gone.set()
            if self.reset:
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@asynccontextmanager
async def playing(player: Player) -> AsyncIterator[str]:
    server = await asyncio.start_server(player.serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def recorded(name: str, watched: bool) -> tuple[bytes, bytes]:
    """An answer of the fake service as it goes over the wire: its head and its body."""
    player = Player()
    async with serving() as fake, playing(player) as url:
        fake.script(default={"thinking": "hm", "text": "hello", "tools": [{"name": "read"}]})
        async with reached(name, url) as provider:
            await attempt(provider, watched)
        asked = player.requests[0].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        host, port = fake.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        with closing(writer):
            writer.write(asked)
            head = await reader.readuntil(b"\r\n\r\n")
            return head, await reader.read()


@asynccontextmanager
async def reached(name: str, url: str) -> AsyncIterator[Provider]:
    provider = reach(name, url, timeouts=Timeouts(connect=5, read=20))
    try:
        yield provider
    finally:
        await provider.close()


async def attempt(provider: Provider, watched: bool) -> Completion | None:
    """What came of a call, None when it was lost."""
    on_chunk = (lambda _: None) if watched else None
    try:
        return await provider.complete(ask(KINDS[provider.name][1]), on_chunk=on_chunk)
    except AnswerLost:
        return None


def unchunked(head: bytes, body: bytes) -> tuple[bytes, bytes]:
    """The same answer with no sign of its length but the end of the connection."""
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"transfer")]
    lines = [line for line in lines if not line.lower().startswith(b"content-length")]
    if b"chunked" in head.lower():
        plain = b""
        while body:
            size, _, rest = body.partition(b"\r\n")
            plain += rest[: int(size, 16)]
            body = rest[int(size, 16) + 2 :]
        body = plain
    return b"\r\n".join(lines), body


async def cut_everywhere(name: str, watched: bool, step: int, *, reset: bool, bare: bool) -> None:
    head, body = await recorded(name, watched)
    if bare:
        head, body = unchunked(head, body)
    whole = head + body
    player = Player(reset=reset)
    async with playing(player) as url, reached(name, url) as provider:
        player.answer = whole
        full = await attempt(provider, watched) if not reset else None
        assert full or reset
        outcomes = []
        for at in [*range(0, len(whole), step), len(whole) - 1]:
            player.answer = whole[:at]
            got = await attempt(provider, watched)
            assert got is None or full is None or got.parts == full.parts
            outcomes.append(got is None)
        assert outcomes[0]
        assert all(outcomes[: len(head) // step])
        assert sum(outcomes) > len(outcomes) // 2


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("name", KINDS)
async def test_a_cut_answer_is_lost_or_whole(name: str, watched: bool, bare: bool) -> None:
    await cut_everywhere(name, watched, STEP, reset=False, bare=bare)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("name", KINDS)
async def test_at_every_byte_it_is_lost_or_whole(name: str, watched: bool, reset: bool) -> None:
    await cut_everywhere(name, watched, 1, reset=reset, bare=False)
    await cut_everywhere(name, watched, 1, reset=reset, bare=True)


@pytest.mark.parametrize("name", KINDS)
async def test_a_silence_longer_than_the_timeout_is_lost(name: str) -> None:
    player = Player(silent=True)
    async with playing(player) as url:
        provider = reach(name, url, timeouts=Timeouts(connect=5, read=0.05))
        with pytest.raises(AnswerLost):
            await provider.complete(ask(KINDS[name][1]))
        await provider.close()


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"]
)
@pytest.mark.parametrize("name", KINDS)
async def test_cancelling_a_call_closes_its_connection(name: str, beginning: bytes) -> None:
    player = Player(silent=True, answer=beginning + b"\r\n" if beginning else b"")
    async with playing(player) as url:
        provider = reach(name, url)
        call = asyncio.create_task(provider.complete(ask(KINDS[name][1]), on_chunk=lambda _: None))
        await player.asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(player.gone.wait(), LONGEST)
        await provider.close()


@pytest.mark.parametrize("name", KINDS)
async def test_where_nobody_listens_nothing_was_served(name: str) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        provider = reach(name, f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(ProviderUnreachable):
            await provider.complete(ask(KINDS[name][1]))
        await provider.close()


@asynccontextmanager
async def plain_server() -> AsyncIterator[str]:
    """What a server without TLS says to the first words of TLS."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("name", KINDS)
async def test_where_no_tls_is_spoken_nothing_was_served(name: str) -> None:
    async with plain_server() as url, reached(name, url) as provider:
        with pytest.raises(ProviderUnreachable):
            await provider.complete(ask(KINDS[name][1]))


@pytest.mark.slow  # The resolver may take its time to say no.
async def test_where_a_name_is_nobodys_nothing_was_served() -> None:
    async with reached("chat", "http://nobody.invalid") as provider:
        with pytest.raises(ProviderUnreachable):
            await provider.complete(ask("any"))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {\xff}\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: nonsense\n\n",
        b'HTTP/1.1 200 OK\r\n\r\n{"content": 3, "choices": "a", "status": [], "error": 4}',
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 3\r\n\r\n<p>",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("watched", [False, True])
async def test_an_answer_that_cannot_be_read_is_lost(
    name: str, answer: bytes, watched: bool
) -> None:
    async with playing(Player(answer=answer)) as url, reached(name, url) as provider:
        assert await attempt(provider, watched) is None
