"""A model server that does next to nothing, in a process of its own: it waits, then says the same.

It speaks Messages and chat completions as far as a bench needs, reads of a request only its length
and how many tool results are in it, and so is no bottleneck; `limit` says what it can do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.measure import ROOT, environment

MODEL = {"messages": "claude-haiku-5-5", "chat": "gpt-4.1-mini"}
PATHS = {"messages": "/v1/messages", "chat": "/v1/chat/completions"}
RESULT = {"messages": b'"tool_result"', "chat": b'"role":"tool"'}
ARGUMENTS = {"path": "notes.txt"}


def _message(tool: bool, n: int) -> dict[str, Any]:
    used = {"type": "tool_use", "id": f"toolu_{n}", "name": "read", "input": ARGUMENTS}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL["messages"],
        "content": [used] if tool else [{"type": "text", "text": "It is done."}],
        "stop_reason": "tool_use" if tool else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1500, "output_tokens": 20},
    }


def _completion(tool: bool, n: int) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None if tool else "It is done."}
    if tool:
        function = {"name": "read", "arguments": json.dumps(ARGUMENTS)}
        message["tool_calls"] = [{"id": f"call_{n}", "type": "function", "function": function}]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": MODEL["chat"],
        "choices": [
            {"index": 0, "message": message, "finish_reason": "tool_calls" if tool else "stop"}
        ],
        "usage": {"prompt_tokens": 1500, "completion_tokens": 20, "total_tokens": 1520},
    }


def _whole(value: dict[str, Any]) -> bytes:
    body = json.dumps(value).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    return f"{head}\r\n\r\n".encode() + body


class Connection(asyncio.Protocol):
    """One kept connection; requests on it come one after another."""

    def __init__(self, seconds: float, tools: int) -> None:
        self._seconds = seconds
        self._tools = tools
        self._data = bytearray()
        self._answers = {
            wire: [_whole(make(n < tools, n)) for n in range(tools + 1)]
            for wire, make in (("messages", _message), ("chat", _completion))
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._data[:end]).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._data) < end + 4 + length:
            return
        wire = "messages" if b"/v1/messages" in head else "chat"
        told = self._data.count(RESULT[wire], end)
        answer = self._answers[wire][min(told, self._tools)]
        self._data.clear()
        if self._seconds:
            asyncio.get_running_loop().call_later(self._seconds, self._say, answer)
        else:
            self._say(answer)

    def _say(self, answer: bytes) -> None:
        self._transport.write(answer)  # type: ignore[attr-defined]


async def _serve(seconds: float, tools: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(seconds, tools), "127.0.0.1", backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    await lines.read()


@contextmanager
def serving(seconds: float, tools: int) -> Iterator[int]:
    """The server in a process of its own, as long as the context lasts; its port."""
    command = [sys.executable, "-P", "-m", "tests.bench.lean", str(seconds), str(tools)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdin
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()


async def limit(port: int, requests: int, at_once: int) -> float:
    """Requests a second that the server answers to a client that only counts bytes."""
    body = b'{"x":"' + b"x" * 8_000 + b'"}'
    head = f"POST {PATHS['messages']} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n"
    left = iter(range(requests))

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in left:
            writer.write(head.encode() + body)
            said = await reader.readuntil(b"\r\n\r\n")
            length = int(said.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(at_once)))
    return requests / (time.perf_counter() - began)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("seconds", type=float)
    parser.add_argument("tools", type=int)
    given = parser.parse_args()
    asyncio.run(_serve(given.seconds, given.tools))
