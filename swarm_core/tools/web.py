"""Values of `http_get`, and which addresses it takes at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec
from pydantic import Field

from swarm_core.kernel.errors import BadUrl
from swarm_core.kernel.text import clip
from swarm_core.tools.model import Arguments

if TYPE_CHECKING:
    import httpx2

_HOST = re.compile(r"[a-z0-9_.-]{1,253}|[0-9a-f:.]{2,45}")
_LONGEST = 8000


class HttpArguments(Arguments):
    url: str = Field(max_length=_LONGEST, description="http or https address")
    method: Literal["GET", "HEAD"] = Field("GET", description="HEAD: headers only")


class HttpLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one `http_get`: bytes, seconds, and how many redirects are followed."""

    body: int = 1024 * 1024
    headers: int = 64 * 1024
    redirects: int = 5
    connect_seconds: int = 5
    pause_seconds: int = 10
    seconds: int = 30


def parsed(text: str) -> httpx2.URL:
    """`text` as an address that may be asked for, without fragment and trailing dot of the host.

    Raises `BadUrl`, which never repeats a password. Where the host leads is checked later, on
    the real addresses; here only what no honest address has is refused.
    """
    import httpx2

    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, ValueError) as problem:
        shown = "…" if "@" in text else clip(text, 100)
        why = "it cannot be read" if "@" in text else clip(str(problem), 100)
        raise BadUrl(url=shown, problem=why) from None
    if url.userinfo:
        raise BadUrl(url=f"{url.scheme}://…@{url.host}", problem="it carries credentials")
    host = url.raw_host.decode("ascii").removesuffix(".")
    wrong = _problem(url, host)
    if wrong:
        raise BadUrl(url=clip(text, 100), problem=wrong)
    return url.copy_with(host=host, fragment=None)


def _problem(url: httpx2.URL, host: str) -> str:
    if url.scheme not in ("http", "https"):
        return "only http and https are fetched"
    if not host:
        return "it names no host"
    if not _HOST.fullmatch(host) or ".." in host or host.startswith("."):
        return "its host is not a name or address"
    if url.port is not None and not 0 < url.port < 65536:
        return "there is no such port"
    return ""
