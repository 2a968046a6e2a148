"""One exchange with a provider over its vendor's SDK.

The SDK brings credentials, headers, pooled connections and TLS. What comes back is read here as
bytes and JSON, not as the SDK's types, because those are built without validation and a server
that errs would surface as a traceback far from here.

Money hangs on one question: was the request sent? Only what aiohttp raises while it makes the
connection says no. Whatever else goes wrong, a timeout or a connection that dies before the first
byte included, leaves the bill unknown. Redirects are not followed and nothing is tried again, so
that a call is one request.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from swarm_core.kernel.clock import SystemClock
from swarm_core.kernel.errors import ProviderRejected, ProviderUnreachable, WaggleError, WrongKey
from swarm_core.kernel.text import describe
from swarm_core.providers.failures import Caller
from swarm_core.providers.sse import payloads

if TYPE_CHECKING:
    import httpx2

STREAM_ABOVE = 4_096
"""An answer that may have more tokens is streamed though nobody watches: it could take longer
than connections stay open in silence."""

File = tuple[str, bytes, str]
"""A name, what is in it, and its media type."""

_MOST_BYTES = 64 * 1024 * 1024
_DRAIN = 0.1

# Two threads that import halves of one SDK can wait for each other's module locks, which Python
# resolves by handing out half-made modules. So one imports at a time.
_importing = threading.Lock()


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """In seconds: to connect, and between two pieces of an answer."""

    connect: float = 10.0
    read: float = 300.0


@cache
def tls() -> ssl.SSLContext:
    """One for all clients: reading the certificates takes tens of milliseconds."""
    import httpx2

    return httpx2.create_ssl_context()


class Opened(msgspec.Struct, frozen=True):
    """An SDK's client, and the class by which it says that an answer had a bad status."""

    client: Any
    status_error: type[Exception]


class Wire:
    """Requests to one provider, each made once. Its client is made at the first of them, in a
    thread: importing an SDK takes a second or two."""

    def __init__(self, caller: Caller, open_client: Callable[[str], Opened]) -> None:
        self.caller = caller
        self._open = open_client
        self._opened: Opened | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened:
            await opened.client.close()

    async def whole(
        self, path: str, body: dict[str, Any] | None, *, model: str = "", file: File | None = None
    ) -> Any:
        """The JSON answered to `body`, or to a plain GET when it is None. With a `file` it goes as
        the fields of a form."""
        async with self._response(path, body, model, file) as response:
            chunks = self._chunks(response, model)
            data = b"".join([chunk async for chunk in chunks])
        return self._json(data, model)

    @asynccontextmanager
    async def events(
        self, path: str, body: dict[str, Any], *, model: str
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """The events of the answer to `body`, as they come. An answer that is no stream is one
        event: some servers do not know how to."""
        async with self._response(path, body, model) as response:
            chunks = self._chunks(response, model)
            async with aclosing(chunks), aclosing(self._read(response, chunks, model)) as events:
                yield events
                await self._drain(chunks)

    async def _read(
        self, response: httpx2.Response, chunks: AsyncIterator[bytes], model: str
    ) -> AsyncGenerator[Any, None]:
        if "json" in response.headers.get("content-type", ""):
            yield self._json(b"".join([chunk async for chunk in chunks]), model)
            return
        async for data in payloads(chunks):
            if data.startswith(b"[DONE]"):
                return
            yield self._json(data, model)

    @asynccontextmanager
    async def _response(
        self, path: str, body: dict[str, Any] | None, model: str, file: File | None = None
    ) -> AsyncIterator[httpx2.Response]:
        opened = await self._client()
        response = await self._send(opened, path, body, model, file)
        try:
            yield response
        finally:
            await _close(response)

    async def _client(self) -> Opened:
        async with self._opening:
            if self._opened is None:
                key = self.caller.key.reveal() if self.caller.key else ""
                # A key that no header can carry would be shown by whoever tries.
                if not (key.isascii() and key.isprintable()):
                    raise WrongKey(provider=self.caller.provider, variable=self.caller.variable)
                self._opened = await asyncio.to_thread(self._import_and_open, key)
            return self._opened

    def _import_and_open(self, key: str) -> Opened:
        with _importing:
            return self._open(key)

    async def _send(
        self,
        opened: Opened,
        path: str,
        body: dict[str, Any] | None,
        model: str,
        file: File | None,
    ) -> httpx2.Response:
        import httpx2

        asked: dict[str, Any] = {"cast_to": httpx2.Response, "stream": True}
        try:
            if body is None:
                got = await opened.client.get(path, **asked)
            elif file is not None:
                headers = {"Content-Type": "multipart/form-data"}
                got = await opened.client.post(
                    path, body=body, files=[("file", file)], options={"headers": headers}, **asked
                )
            else:
                content = self._encoded(body)
                headers = {"Content-Type": "application/json"}
                got = await opened.client.post(
                    path, content=content, options={"headers": headers}, **asked
                )
        except WaggleError:
            raise
        except Exception as error:  # noqa: BLE001
            # Whatever it is, the caller has to know what it means for the bill.
            # Not chained: an SDK's error repeats what the server said, which may be our key.
            raise self._failed(opened, error, model) from None
        response: httpx2.Response = got
        return response

    def _encoded(self, body: dict[str, Any]) -> bytes:
        try:
            return msgspec.json.encode(body)
        except UnicodeEncodeError:
            problem = "a text in it is no Unicode (half of a surrogate pair)"
            raise ProviderRejected(provider=self.caller.provider, problem=problem) from None

    def _failed(self, opened: Opened, error: Exception, model: str) -> WaggleError:
        if isinstance(error, opened.status_error):
            response: httpx2.Response = error.response  # type: ignore[attr-defined]
            headers = {name.lower(): value for name, value in response.headers.items()}
            now = SystemClock().now()
            return self.caller.refused(model, response.status_code, headers, response.content, now)
        cause = _never_connected(error)
        if cause is not None:
            problem = self.caller.clean(str(cause) or type(cause).__name__)
            return ProviderUnreachable(provider=self.caller.provider, problem=problem)
        return self.caller.lost(model, describe(_root(error)))

    async def _chunks(self, response: httpx2.Response, model: str) -> AsyncGenerator[bytes, None]:
        size = 0
        try:
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > _MOST_BYTES:
                    break
                yield chunk
        except Exception as error:  # noqa: BLE001
            raise self.caller.lost(model, describe(_root(error))) from None
        if size > _MOST_BYTES:
            raise self.caller.lost(model, "the answer does not end")

    def _json(self, data: bytes, model: str) -> Any:
        try:
            return msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise self.caller.lost(model, f"no JSON: {error}") from None

    async def _drain(self, chunks: AsyncIterator[bytes]) -> None:
        """Read what stands after the end, a line end mostly, so that the connection can be used
        again. The answer is whole: nothing here can spoil it."""
        try:
            async with asyncio.timeout(_DRAIN):
                async for _ in chunks:
                    pass
        except (WaggleError, TimeoutError):
            return


async def _close(response: httpx2.Response) -> None:
    import aiohttp
    import httpx2

    try:
        await response.aclose()
    except (httpx2.HTTPError, aiohttp.ClientError, OSError):
        return


def _never_connected(error: BaseException) -> BaseException | None:
    """The error that says that no connection was made, when one among the causes does."""
    import aiohttp
    import httpx2

    never = (
        aiohttp.ClientConnectorError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.ClientHttpProxyError,
        aiohttp.InvalidURL,
        aiohttp.NonHttpUrlClientError,
        httpx2.UnsupportedProtocol,
        httpx2.InvalidURL,
    )
    return next((cause for cause in _causes(error) if isinstance(cause, never)), None)


def _root(error: BaseException) -> BaseException:
    return _causes(error)[-1]


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = [error]
    while (cause := found[-1].__cause__ or found[-1].__context__) and cause not in found:
        found.append(cause)
    return found
