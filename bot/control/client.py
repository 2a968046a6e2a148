"""The control socket's client, with nothing but the standard library and msgspec."""

from __future__ import annotations

import http.client
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from bot.reply import Reply
from bot.sockets import where_to_call
from swarm_core import WaggleError, errors

CONNECT_SECONDS = 5.0
_PIECE = 64 * 1024
ANSWER_SECONDS = 600.0
"""How long an answer may take; verifying a large store is the longest."""


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What a command answered: the view as plain data, and its words."""

    view: Any
    reply: Reply


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One line while waiting: progress, words, or the end, or why the waiting is over."""

    progress: Reply | None = None
    words: str | None = None
    """More of what is being said; `anew`: another answer begins with it."""
    anew: bool = False
    view: Any = None
    reply: Reply | None = None
    error: str | None = None
    data: dict[str, Any] = {}


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float | None) -> None:
        super().__init__("waggle", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(CONNECT_SECONDS)
        self.sock.connect(str(self._path))
        self.sock.settimeout(self.timeout)


class Client:
    """Talks to the swarm of one state folder. Every method raises `NotRunning` when there is
    none, `AnswerLost` when it went away in the middle, and whatever the swarm answered."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def run(self, name: str, given: Mapping[str, Any], *, words: bool = False) -> Answered:
        """Carry out a command; `words`: those of its task will be waited for."""
        body = msgspec.json.encode(given)
        path = f"/v1/commands/{quote(name, safe='')}{'?words=1' if words else ''}"
        connection, response = self._send("POST", path, body)
        try:
            return msgspec.json.decode(self._read(response, name), type=Answered)
        finally:
            connection.close()

    def health(self) -> dict[str, Any]:
        """Who is there: version and pid."""
        connection, response = self._send("GET", "/v1/health")
        try:
            found: dict[str, Any] = msgspec.json.decode(self._read(response, "the swarm"))
            return found
        finally:
            connection.close()

    def export(self, what: str, form: str, since: int) -> Iterator[bytes]:
        """The pieces of an export, as they come."""
        path = f"/v1/export/{quote(what, safe='')}?format={quote(form)}&since={since}"
        connection, response = self._send("GET", path)
        try:
            if response.status != http.client.OK:
                self._read(response, what)
            while piece := response.read(_PIECE):
                yield piece
        except (OSError, http.client.HTTPException) as error:
            raise errors.AnswerLost(what=what, problem=_problem(error)) from None
        finally:
            connection.close()

    def end(self, within: float | None) -> Iterator[dict[str, Any]]:
        """Have the swarm end: `within` seconds and the tasks that are `running`, then those that
        were `left`. Raises `AnswerLost` when it is gone before it has said that."""
        body = msgspec.json.encode({"within": within})
        connection, response = self._send("POST", "/v1/end", body, timeout=None)
        try:
            if response.status != http.client.OK:
                self._read(response, "the swarm")
            while line := response.readline():
                yield msgspec.json.decode(line, type=dict[str, Any])
            raise errors.AnswerLost(what="the swarm", problem="it has ended")
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise errors.AnswerLost(what="the swarm", problem=_problem(error)) from None
        finally:
            connection.close()

    def wait(self, task: int, *, progress: bool, words: bool = False) -> Iterator[Event]:
        """What happens to `task` until it has ended; the last one has its end. `words`: with
        what is said in it, as it comes."""
        asked = [f"{name}=1" for name, on in (("progress", progress), ("words", words)) if on]
        path = f"/v1/tasks/{task}/wait?{'&'.join(asked)}"
        connection, response = self._send("GET", path, timeout=None)
        try:
            if response.status != http.client.OK:
                self._read(response, f"#{task}")
            while line := response.readline():
                event = msgspec.json.decode(line, type=Event)
                if event.error:
                    raise known_error(event.error, event.data)
                yield event
                if event.reply:
                    return
            raise errors.AnswerLost(what=f"#{task}", problem="the swarm has ended")
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise errors.AnswerLost(what=f"#{task}", problem=_problem(error)) from None
        finally:
            connection.close()

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        timeout: float | None = ANSWER_SECONDS,
    ) -> tuple[_Connection, http.client.HTTPResponse]:
        where = where_to_call(self._state)
        if where is None:
            raise errors.NotRunning(folder=str(self._state))
        connection = _Connection(where, timeout)
        try:
            connection.connect()
        except PermissionError:
            connection.close()
            raise errors.LockedOut(uid=os.getuid()) from None
        except OSError:
            connection.close()
            raise errors.NotRunning(folder=str(self._state)) from None
        try:
            connection.request(method, path, body)
            return connection, connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise errors.AnswerLost(what="the request", problem=_problem(error)) from None

    def _read(self, response: http.client.HTTPResponse, what: str) -> bytes:
        """The body of a good answer; raises what a bad one says."""
        try:
            body = response.read()
            if response.status == http.client.OK:
                return body
            event = msgspec.json.decode(body, type=Event)
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise errors.AnswerLost(what=what, problem=_problem(error)) from None
        raise known_error(event.error or errors.Internal.code, event.data)


def known_error(code: str, data: Mapping[str, Any]) -> WaggleError:
    """The error a swarm answered with; one of another version becomes `Internal`."""
    kind = errors.type_names.get(code)
    if kind is None or kind is errors.BadSettings or set(kind.fields) != set(data):
        return errors.Internal(problem=code)
    return kind(**data)


def _problem(error: Exception) -> str:
    return str(error) or type(error).__name__
