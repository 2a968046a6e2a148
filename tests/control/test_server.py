"""The control socket over real sockets: commands, waits, and clients that behave badly."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.control.client import Client
from bot.control.server import MOST_BYTES, serve
from bot.messages import Messages
from bot.render.terminal import render
from swarm_core import errors
from swarm_core.kernel.ids import TaskId
from swarm_core.testing import ScriptedModel
from tests.cli.programs import environment
from tests.commands.desks import desk
from tests.worlds import Gate, answer

FIRST = TaskId(1)


@asynccontextmanager
async def served(folder: Path, *workers: Any) -> AsyncIterator[tuple[Client, Path, Any]]:
    async with desk(folder, *workers) as (at, courier), serve(at, None) as path:
        yield Client(at.swarm.store.folder), path, courier


async def run(client: Client, name: str, **given: Any) -> Any:
    return await asyncio.to_thread(client.run, name, given)


async def raw(path: Path, data: bytes) -> tuple[int, dict[str, Any]]:
    """What is answered to these bytes: the status and the JSON."""
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(data)
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = next(
        int(x.split(":")[1]) for x in head.split("\r\n") if x.startswith("Content-Length")
    )
    body = await reader.readexactly(length)
    writer.close()
    await writer.wait_closed()
    return int(head.split()[1]), json.loads(body)


def post(path: str, body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"POST {path} HTTP/1.1\r\nHost: w\r\nContent-Length: {size}\r\n\r\n".encode() + body


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: w\r\n\r\n".encode()


async def test_a_command_brings_its_view_and_its_words(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, path, _):
        answered = await run(client, "task", text="standup")
        assert answered.view["id"] == 1
        assert render(answered.reply, width=80, styled=False).startswith("#1 accepted")
        assert (await asyncio.to_thread(client.health))["pid"] == os.getpid()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


async def test_errors_come_back_as_they_are(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, _, _):
        for name, given, kind in (
            ("show", {"number": 9}, errors.NotFound),
            ("show", {}, errors.MissingArgument),
            ("show", {"number": "x"}, errors.BadArgument),
            ("show", {"numbre": 1}, errors.UnknownOption),
            ("nothing", {}, errors.UnknownCommand),
            ("up", {}, errors.UnknownCommand),
            ("a/b?c", {}, errors.UnknownCommand),
        ):
            with pytest.raises(kind) as caught:
                await run(client, name, **given)
            assert Messages.load(strict=True).error(caught.value)


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (post("/v1/commands/status", b"{"), 400, "bad_request"),
        (post("/v1/commands/status", b"\xff\xfe"), 400, "bad_request"),
        (post("/v1/commands/status", b"[1]"), 400, "bad_request"),
        (post("/v1/commands/status", b"[" * 5000), 400, "bad_request"),
        (post("/v1/commands/status", b'{"x": 1}'), 400, "unknown_option"),
        (post("/v1/commands/show", b'{"number": 5}'), 404, "not_found"),
        (post("/v1/commands/nope", b"{}"), 404, "unknown_command"),
        (get("/v1/commands/status"), 405, "bad_request"),
        (get("/"), 404, "bad_request"),
        (get("/v1/tasks/x/wait"), 404, "not_found"),
        (get("/v1/tasks/7/wait"), 404, "not_found"),
    ],
)
async def test_what_cannot_be_understood_is_refused_with_a_code(
    sent: bytes, status: int, code: str, tmp_path: Path
) -> None:
    async with served(tmp_path) as (_, path, _):
        got, body = await raw(path, sent)
        assert (got, body["error"]) == (status, code)
        assert (await raw(path, post("/v1/commands/status", b"")))[0] == 200


async def test_a_body_that_is_too_large_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, path, _):
        sent = post("/v1/commands/task", b'{"text": "' + b"x" * MOST_BYTES + b'"}')
        status, body = await raw(path, sent)
        assert (status, body["error"]) == (413, "too_large")
        assert (await run(client, "tasks", all=True)).view["tasks"] == []


async def test_a_client_that_sends_half_and_leaves_changes_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as (client, path, _):
        _, writer = await asyncio.open_unix_connection(str(path))
        writer.write(post("/v1/commands/task", b'{"text": "sta', length=100))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        assert (await run(client, "tasks", all=True)).view["tasks"] == []


async def test_waiting_tells_each_change_and_then_the_end(tmp_path: Path) -> None:
    gate = Gate()

    async def play(_: Any, n: int) -> Any:
        await gate()
        return answer(f"ok {n}")

    async with served(tmp_path, ScriptedModel(play=play)) as (client, _, _):
        await run(client, "task", text="x")
        await gate.reached.wait()
        seen: list[Any] = []
        moved = asyncio.Event()
        loop = asyncio.get_running_loop()

        def follow() -> None:
            for event in client.wait(1, progress=True):
                seen.append(event)
                loop.call_soon_threadsafe(moved.set)

        following = asyncio.create_task(asyncio.to_thread(follow))
        await moved.wait()
        assert seen[0].progress.parts[0].state == "running"
        gate.open()
        await following
    assert seen[-1].view["result"] == "ok 1"
    assert seen[-1].reply.ending == 1
    assert all(event.progress for event in seen[:-1])


async def test_waiting_for_what_has_ended_ends_at_once_and_needs_no_progress(
    tmp_path: Path,
) -> None:
    async with served(tmp_path, ScriptedModel()) as (client, _, courier):
        await run(client, "task", text="x")
        await courier.ended(FIRST)
        (event,) = await asyncio.to_thread(lambda: list(client.wait(1, progress=False)))
        assert event.view["state"] == "done"
        with pytest.raises(errors.NotFound):
            await asyncio.to_thread(lambda: list(client.wait(2, progress=False)))


async def test_a_wait_that_is_left_does_not_keep_the_swarm_from_closing(tmp_path: Path) -> None:
    async with served(tmp_path, ScriptedModel()) as (client, path, _):
        await run(client, "stop", what="all")
        await run(client, "task", text="x")
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(get("/v1/tasks/1/wait?progress=1"))
        await reader.readuntil(b"ready")
        writer.close()
        await writer.wait_closed()


async def test_a_swarm_that_closes_ends_every_wait_with_the_reason(tmp_path: Path) -> None:
    waiting: asyncio.Task[Any] | None = None
    async with served(tmp_path, ScriptedModel()) as (client, _, _):
        await run(client, "stop", what="all")
        await run(client, "task", text="x")
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()

        def follow() -> None:
            for _ in client.wait(1, progress=True):
                loop.call_soon_threadsafe(begun.set)

        waiting = asyncio.create_task(asyncio.to_thread(follow))
        await begun.wait()
    with pytest.raises(errors.Closing):
        await waiting


async def test_a_receipt_counts_when_its_answer_was_written(tmp_path: Path) -> None:
    async with served(tmp_path, ScriptedModel()) as (client, _, _):
        await run(client, "stop", what="all")
        await run(client, "task", text="x")
    async with desk(tmp_path, ScriptedModel()) as (_, courier):
        assert courier.delivered == []


async def test_what_was_shown_is_not_unread_any_more(tmp_path: Path) -> None:
    async with desk(tmp_path, ScriptedModel()) as (at, _):
        await at.swarm.outbox.detach("terminal")
        async with serve(at, None):
            client = Client(at.swarm.store.folder)
            await run(client, "task", text="x")
            await asyncio.to_thread(lambda: list(client.wait(1, progress=False)))
            shown = await run(client, "show", number=1)
            assert shown.view["task"]["task"]["state"] == "done"
            await at.swarm.store.write(lambda _: None)  # behind what the last answer recorded
            status = await run(client, "status")
            assert status.view["status"]["unread"] == []


async def test_a_socket_that_a_dead_swarm_left_is_replaced(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(state / "waggle.sock"))
    left.close()
    with pytest.raises(errors.NotRunning):
        Client(state).health()
    async with served(tmp_path) as (client, _, _):
        assert (await asyncio.to_thread(client.health))["ok"]


def test_without_a_swarm_the_client_says_so(tmp_path: Path) -> None:
    with pytest.raises(errors.NotRunning):
        Client(tmp_path).run("status", {})
    with pytest.raises(errors.NotRunning):
        Client(tmp_path / ("x" * 120)).health()


async def test_a_swarm_that_dies_in_the_middle_leaves_a_clear_error(tmp_path: Path) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        writer.close()

    server = await asyncio.start_unix_server(cut, str(tmp_path / "waggle.sock"))
    async with server:
        client = Client(tmp_path)
        with pytest.raises(errors.AnswerLost):
            await asyncio.to_thread(client.run, "status", {})
        with pytest.raises(errors.AnswerLost):
            await asyncio.to_thread(lambda: list(client.wait(1, progress=False)))


STRANGER = """
import os, socket, sys
os.setgid(65534); os.setuid(65534)
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
s.sendall(b"GET /v1/health HTTP/1.1\\r\\nHost: w\\r\\n\\r\\n")
data = b""
while b"locked_out" not in data and b'"ok"' not in data:
    data += s.recv(4096) or sys.exit("closed")
print(data.decode())
"""


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to become somebody else")
async def test_another_user_is_refused_by_the_kernels_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(tmp_path) as (_, path, _):
        for folder in (path.parent, *path.parent.parents):
            if not folder.stat().st_mode & stat.S_IXOTH:
                folder.chmod(0o755)
        path.chmod(0o666)
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", STRANGER, str(path)],
            cwd="/",
            capture_output=True,
            text=True,
            timeout=180,
        )
    assert done.stdout.startswith("HTTP/1.1 403"), done.stderr
    assert '"uid":65534' in done.stdout
    assert "refused a connection of uid 65534" in caplog.text


async def test_the_client_loads_nothing_heavy(tmp_path: Path) -> None:
    heavy = "pydantic aiohttp asyncio prompt_toolkit rich sqlite3 sqlite_utils ruamel markdown_it"
    code = (
        "import sys; from bot.cli import call; code = call(sys.argv[1:]);"
        f"print('loaded', code, [m for m in {heavy.split()!r} if m in sys.modules])"
    )
    async with served(tmp_path) as _:
        asked = [sys.executable, "-P", "-c", code, "--state", str(tmp_path / "state"), "status"]
        done = await asyncio.to_thread(
            subprocess.run, asked, cwd=tmp_path, env=environment(), capture_output=True, text=True
        )
    assert "Workers:" in done.stdout
    assert done.stdout.splitlines()[-1] == "loaded 0 []"
