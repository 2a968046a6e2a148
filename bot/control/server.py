"""The control socket's server.

What can go wrong: somebody else on this machine connects; a client sends nonsense, too much, or
nothing for ever; a client goes away before it has read its answer; a dead swarm's socket is in the
way. So: the file is the owner's alone (0600) and the kernel is asked who connects, on every
connection; bodies have a limit in bytes and in seconds; a receipt counts as given only when its
answer has been written; an old socket is replaced only by whoever holds the state folder's lock.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import struct
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from bot.answers.tasks import ended, status_card
from bot.commands import views
from bot.commands.declared import find
from bot.commands.desk import Desk
from bot.commands.following import until_ended
from bot.commands.kinds import Misfit, Number
from bot.commands.programs import plain
from bot.control.exports import export
from bot.control.spoken import spoken, unspoken
from bot.reply import Reply
from bot.running import run, told, words
from bot.sockets import forget, point_to, where_to_listen
from bot.version import VERSION
from swarm_core import Action, Resource, TaskId, WaggleError, describe, errors, redact

log = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
BODY_SECONDS = 10.0
"""How long a client may take to send what it has to say."""
CLOSE_SECONDS = 2.0
EXPECTED_SECONDS = 5.0
"""How long after a command its client may come for the words of its task."""
JSON = "application/json"

_STATUS: tuple[tuple[type[WaggleError], HTTPStatus], ...] = (
    (errors.UnknownCommand, HTTPStatus.NOT_FOUND),
    (errors.TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (errors.FixInput, HTTPStatus.BAD_REQUEST),
    (errors.NotAllowed, HTTPStatus.FORBIDDEN),
    (errors.LockedOut, HTTPStatus.FORBIDDEN),
    (errors.NotFound, HTTPStatus.NOT_FOUND),
    (errors.Conflict, HTTPStatus.CONFLICT),
    (errors.Wait, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.TryAgain, HTTPStatus.SERVICE_UNAVAILABLE),
)


@asynccontextmanager
async def serve(desk: Desk, runtime: Path | None) -> AsyncIterator[Path]:
    """Serve `desk` on the state folder's socket, whose path is given; closed on leaving.

    The caller holds the state folder. Raises `UnsafeSocket`.
    """
    state = desk.swarm.store.folder
    path = where_to_listen(state, runtime)
    listening = _bind(path)
    runner = web.AppRunner(
        _application(desk),
        access_log=None,
        handle_signals=False,
        handler_cancellation=True,
        shutdown_timeout=CLOSE_SECONDS,
    )
    try:
        await runner.setup()
        await web.SockSite(runner, listening).start()
        point_to(state, path)
        yield path
    finally:
        await runner.cleanup()
        listening.close()
        forget(state, path)


def _bind(path: Path) -> socket.socket:
    """A listening socket at `path` that nobody else could open at any moment."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        path.unlink(missing_ok=True)
        listening.bind(str(path))
    except OSError as error:
        listening.close()
        problem = error.strerror or str(error)
        raise errors.UnsafeSocket(path=str(path), problem=problem) from None
    finally:
        os.umask(before)
    return listening


def peer_uid(connected: socket.socket) -> int:
    """The user at the other end, as the kernel knows it."""
    if hasattr(socket, "SO_PEERCRED"):
        packed = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", packed)[1])
    xucred = connected.getsockopt(0, 1, 76)  # macOS: SOL_LOCAL, LOCAL_PEERCRED
    return int(struct.unpack_from("2I", xucred)[1])


def _application(desk: Desk) -> web.Application:
    control = _Control(desk)
    application = web.Application(client_max_size=MOST_BYTES, middlewares=[_guarded])
    application.router.add_post("/v1/commands/{name}", control.command)
    application.router.add_get("/v1/tasks/{id}/wait", control.wait)
    application.router.add_get("/v1/export/{what}", control.export)
    application.router.add_get("/v1/health", control.health)
    application.router.add_post("/v1/end", control.end)
    application.on_shutdown.append(control.close)
    return application


@web.middleware
async def _guarded(request: web.Request, handler: Any) -> web.StreamResponse:
    """Only the owner passes; whatever goes wrong becomes an answer that says what."""
    try:
        connected = request.transport and request.transport.get_extra_info("socket")
        uid = peer_uid(connected) if connected else -1
        if uid != os.getuid():
            log.warning("refused a connection of uid %s to the control socket", uid)
            raise errors.LockedOut(uid=uid)
        return await handler(request)  # type: ignore[no-any-return]
    except WaggleError as error:
        return _refusal(error)
    except web.HTTPRequestEntityTooLarge:
        return _refusal(errors.TooLarge(what="the request", size=MOST_BYTES + 1, limit=MOST_BYTES))
    except web.HTTPException as error:
        problem = f"{request.method} {request.path} is not offered ({error.reason})"
        return _refusal(errors.BadRequest(problem=problem), HTTPStatus(error.status))
    except (ConnectionError, asyncio.CancelledError):
        raise
    except Exception as error:
        # The socket is the swarm's way out of trouble: a fault in one answer must not close it.
        log.exception("%s %s failed", request.method, request.path)
        return _refusal(errors.Internal(problem=describe(error)))


def _refusal(error: WaggleError, status: HTTPStatus | None = None) -> web.Response:
    fitting = (found for kind, found in _STATUS if isinstance(error, kind))
    status = status or next(fitting, HTTPStatus.INTERNAL_SERVER_ERROR)
    return web.Response(
        status=status, body=_said({"error": error.code, "data": error.data}), content_type=JSON
    )


class _Control:
    """The handlers; each answers from the desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._closing = asyncio.Event()

    async def close(self, _: web.Application) -> None:
        """End every wait, so that closing does not wait for them."""
        self._closing.set()

    async def health(self, _: web.Request) -> web.Response:
        life = self._desk.life
        service = msgspec.to_builtins(life.service) if life else {}
        body = {"ok": True, "version": VERSION, "pid": os.getpid(), **service}
        return web.Response(body=msgspec.json.encode(body), content_type=JSON)

    async def end(self, request: web.Request) -> web.StreamResponse:
        """End the process: a line with what is under way, and one with what was interrupted."""
        desk, given = self._desk, await _arguments(request)
        within = given.get("within")
        if not isinstance(within, int | float | None) or isinstance(within, bool):
            raise errors.BadRequest(problem="`within` is not a number of seconds")
        desk.swarm.policy.authorize(desk.actor, Action.END, Resource("command", "down"))
        if desk.life is None:
            raise errors.BadRequest(problem="this swarm is there for one task and ends with it")
        seconds, running = desk.life.end(within)
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        await _line(response, {"within": seconds, "running": running})
        left = await asyncio.shield(desk.life.left)
        await _line(response, {"left": left})
        await response.write_eof()
        return response

    async def command(self, request: web.Request) -> web.StreamResponse:
        command = find(request.match_info["name"])
        arguments = await _arguments(request)
        if request.query.get("words") == "1":
            self._desk.swarm.streams.expect(EXPECTED_SECONDS)
        # Shielded: a client that goes away must not leave a command half done.
        answer = await asyncio.shield(run(self._desk, command.name, arguments))
        view = plain(answer.view)
        body = _said({"view": view, "reply": answer.reply})
        response = web.Response(body=body, content_type=JSON)
        await response.prepare(request)
        await response.write_eof()
        await told(self._desk, answer.reply)
        return response

    async def export(self, request: web.Request) -> web.StreamResponse:
        return await export(self._desk, request)

    async def wait(self, request: web.Request) -> web.StreamResponse:
        """One line of JSON for each change when `progress` is asked for, what is said as it comes
        when `words` are, and one for the end."""
        task = _task(request.match_info["id"])
        await self._desk.swarm.views.task(task)
        progress = request.query.get("progress") == "1"
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        spoken_too = request.query.get("words") == "1"
        following = asyncio.create_task(self._follow(response, task, progress, spoken_too))
        closing = asyncio.create_task(self._closing.wait())
        try:
            await asyncio.wait((following, closing), return_when=asyncio.FIRST_COMPLETED)
            if not following.done():
                error = errors.Closing()
                await _line(response, {"error": error.code, "data": error.data})
        finally:
            closing.cancel()
            following.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await following
        await response.write_eof()
        return response

    async def _follow(
        self, response: web.StreamResponse, task: TaskId, progress: bool, spoken_too: bool
    ) -> None:
        desk = self._desk

        def tell(value: Any) -> Awaitable[None]:
            return _line(response, value)

        async with spoken(desk, task, tell) if spoken_too else unspoken() as all_said:
            async for seen in until_ended(desk, task):
                if isinstance(seen, views.Ended):
                    await all_said()
                    reply = ended(words(desk), seen)
                    await tell({"view": plain(seen), "reply": reply})
                    await told(desk, reply)
                elif progress:
                    await tell({"progress": Reply(parts=(status_card(words(desk), seen),))})


async def _line(response: web.StreamResponse, value: Any) -> None:
    await response.write(_said(value) + b"\n")


def _said(value: Any) -> bytes:
    """As JSON, without secrets: this is the door through which answers leave the process."""
    return redact(msgspec.json.encode(value).decode()).encode()


async def _arguments(request: web.Request) -> dict[str, Any]:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await request.read()
    except TimeoutError:
        raise errors.BadRequest(
            problem=f"it was not sent within {BODY_SECONDS:.0f} seconds"
        ) from None
    try:
        given = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.BadRequest(problem=f"it is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise errors.BadRequest(problem="the arguments have to be one JSON object")
    return given


def _task(text: str) -> TaskId:
    try:
        return Number().read(text)
    except Misfit:
        raise errors.NotFound(kind="task", name=text[:60], near=()) from None
