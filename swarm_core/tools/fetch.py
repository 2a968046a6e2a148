"""One request over a checked connection, without following redirects.

Everything the other side can make endless has a bound here: the headers, the body as it comes
and the body unpacked (read piece by piece, so a small packed body cannot fill the memory before
it is measured), connecting and each pause. The time of the whole is the tool's limit. There are
no proxies, cookies or credentials: nothing of ours but the address goes out.
"""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import httpcore2
import httpx2
import msgspec

from swarm_core.kernel.errors import BadCertificate, TooLarge, Unreachable, WaggleError
from swarm_core.kernel.text import clip
from swarm_core.tools.egress import Egress
from swarm_core.tools.web import HttpLimits

_HEADERS = [
    ("User-Agent", "waggle"),
    ("Accept", "text/html, application/json, text/*;q=0.9, */*;q=0.5"),
    ("Accept-Encoding", "gzip, deflate"),
    ("Connection", "close"),
]
_MOST_TRIED = 4
_H11_MOST = 100 * 1024
"""httpcore's own bound on headers, met before ours can be."""
_UNPACKED = frozenset({"", "identity", "gzip", "x-gzip", "deflate"})
_VERIFY = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is self-signed",
    19: "it is signed by an unknown authority",
    20: "it is signed by an unknown authority",
    21: "it is signed by an unknown authority",
    23: "it was revoked",
    62: "it is for another name",
    64: "it is for another address",
}
"""OpenSSL's X509_V_ERR_* (openssl x509_vfy.h) in words."""


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """An answer."""

    status: int
    reason: str
    headers: httpx2.Headers
    body: bytes
    charset: str
    certificate: dict[str, Any] | None
    """As `ssl.SSLSocket.getpeercert` gives it; None over http."""
    headers_at: float
    """When the headers were there, on the monotonic clock."""


class Fetcher:
    """Makes requests through the gate."""

    def __init__(self, egress: Egress, tls: ssl.SSLContext, limits: HttpLimits) -> None:
        self._backend = _Gate(egress)
        self._tls = tls
        self._limits = limits

    async def fetch(
        self,
        method: str,
        url: httpx2.URL,
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        content: bytes | None = None,
    ) -> Fetched:
        """The answer to one request, which brings `headers` besides the usual ones.

        Raises `EgressRefused`, `NoSuchHost`, `Unreachable`, `BadCertificate`, `TooLarge`.
        """
        limits = self._limits
        wait = {
            "connect": limits.connect_seconds,
            "read": limits.pause_seconds,
            "write": limits.pause_seconds,
        }
        async with httpcore2.AsyncConnectionPool(
            ssl_context=self._tls, network_backend=self._backend, max_keepalive_connections=0
        ) as pool:
            try:
                async with pool.stream(
                    method,
                    _core(url),
                    headers=[*_HEADERS, *headers.items(), *_length(content)],
                    content=content,
                    extensions={"timeout": wait},
                ) as response:
                    return await self._received(url.host, response, method)
            except (httpcore2.NetworkError, httpcore2.TimeoutException) as problem:
                raise _network(url.host, problem, limits) from problem
            except (httpcore2.ProtocolError, httpx2.DecodingError) as problem:
                raise _garbled(url.host, problem, limits) from problem

    async def _received(self, host: str, response: httpcore2.Response, method: str) -> Fetched:
        headers_at = time.monotonic()
        size = sum(len(name) + len(value) + 4 for name, value in response.headers)
        if size > self._limits.headers:
            raise TooLarge(what=f"headers of {host}", size=size, limit=self._limits.headers)
        tls = response.extensions["network_stream"].get_extra_info("ssl_object")
        unpacking = httpx2.Response(
            response.status, headers=response.headers, stream=_Body(response)
        )
        coding = unpacking.headers.get("content-encoding", "").strip().lower()
        if coding not in _UNPACKED:
            raise Unreachable(host=host, problem=f"it answers packed as {clip(coding, 40)}")
        return Fetched(
            status=response.status,
            reason=response.extensions.get("reason_phrase", b"").decode("ascii", "replace"),
            headers=unpacking.headers,
            body=b"" if method == "HEAD" else await self._body(host, unpacking),
            charset=unpacking.charset_encoding or "utf-8",
            certificate=None if tls is None else tls.getpeercert(),
            headers_at=headers_at,
        )

    async def _body(self, host: str, response: httpx2.Response) -> bytes:
        most = self._limits.body
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > most:
            raise TooLarge(what=f"body of {host}", size=int(announced), limit=most)
        body = bytearray()
        async with contextlib.aclosing(response.aiter_bytes()) as parts:
            async for part in parts:
                body += part
                if len(body) > most:
                    raise TooLarge(what=f"body of {host}", size=len(body), limit=most)
        return bytes(body)


class _Gate(httpcore2.AsyncNetworkBackend):
    """Connects to the checked address itself; the name is used for TLS and `Host` only."""

    def __init__(self, egress: Egress) -> None:
        self._egress = egress
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        last: Exception | None = None
        for address in (await self._egress.addresses(host, port))[:_MOST_TRIED]:
            try:
                return await self._inner.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as problem:
                last = problem
        raise last or httpcore2.ConnectError(host)


class _Body(httpx2.AsyncByteStream):
    """What httpcore receives, as httpx unpacks it."""

    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._response.aiter_stream():
            yield part


def _length(content: bytes | None) -> list[tuple[str, str]]:
    return [] if content is None else [("Content-Length", str(len(content)))]


def _core(url: httpx2.URL) -> httpcore2.URL:
    return httpcore2.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


def _causes(problem: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = problem
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _network(host: str, problem: Exception, limits: HttpLimits) -> WaggleError:
    if isinstance(problem, httpcore2.ConnectTimeout):
        return Unreachable(host=host, problem=f"no connection within {limits.connect_seconds} s")
    if isinstance(problem, httpcore2.TimeoutException):
        return Unreachable(host=host, problem=f"nothing came for {limits.pause_seconds} s")
    for cause in _causes(problem):
        match cause:
            case ssl.SSLCertVerificationError():
                words = _VERIFY.get(cause.verify_code, cause.verify_message)
                return BadCertificate(host=host, problem=words)
            case ssl.SSLError():
                return Unreachable(host=host, problem=f"no TLS: {cause.reason or cause}")
            case OSError() if cause.strerror:
                return Unreachable(host=host, problem=cause.strerror.lower())
    return Unreachable(host=host, problem="the connection broke")


def _garbled(host: str, problem: Exception, limits: HttpLimits) -> WaggleError:
    for cause in _causes(problem):
        if getattr(cause, "error_status_hint", 0) == 431:
            return TooLarge(what=f"headers of {host}", size=_H11_MOST, limit=limits.headers)
    if isinstance(problem, httpx2.DecodingError):
        return Unreachable(host=host, problem="its body cannot be unpacked")
    return Unreachable(host=host, problem="it broke off or does not speak HTTP")
