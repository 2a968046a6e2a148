"""`http_get`: one page or answer from the web, redirects followed, reduced to text.

What comes back was written by strangers: the output is marked tainted. Each hop of a redirect is
a new request through the gate of `egress`, so a public page cannot lead to a private address,
and none leads from https down to http.
"""

from __future__ import annotations

import asyncio
import codecs
import hashlib
import re
import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from swarm_core.kernel.clock import Clock, SystemClock
from swarm_core.kernel.errors import BadRedirect, BadUrl
from swarm_core.kernel.text import clip
from swarm_core.tools.child import Child, ChildFailed
from swarm_core.tools.content import decoded, is_binary
from swarm_core.tools.egress import Egress
from swarm_core.tools.model import Effect, Reach, ToolContext, ToolOutput
from swarm_core.tools.threads import Stop, in_thread
from swarm_core.tools.web import HttpArguments, HttpLimits, parsed

if TYPE_CHECKING:
    import httpx2

    from swarm_core.tools.fetch import Fetched

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TEXTUAL = re.compile(r"text/.*|.*[/+](?:json|xml|yaml|javascript|x-ndjson|toml|csv)|")
_CHARSETS = re.compile(
    r"ascii|utf-|iso8859|iso2022|cp\d|koi8|gb|hz|big5|euc_|shift_jis|mac-|tis-620|johab|ptcp"
)
"""Codecs of natural text. Python has others by name (punycode, idna) that take quadratic time."""
_REDUCE_SECONDS = 5
_PORTS = {"http": 80, "https": 443}


class HttpGet:
    """Status, headers' gist, certificate and text of an answer."""

    name = "http_get"
    summary = "Fetch a web address: status, time, certificate, and the page as text."
    effect: Effect = "pure"
    arguments = HttpArguments

    def __init__(
        self,
        egress: Egress,
        *,
        tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
        clock: Clock | None = None,
        limits: HttpLimits = HttpLimits(),  # noqa: B008
    ) -> None:
        self._egress = egress
        self._tls = tls
        self._clock = clock or SystemClock()
        self._limits = limits
        self._context: ssl.SSLContext | None = None

    @property
    def timeout(self) -> int:
        return self._limits.seconds

    def resource(self, args: HttpArguments) -> str:
        """Raises `BadUrl`."""
        return str(parsed(args.url))

    def reaches(self, args: HttpArguments) -> Reach:
        """Raises `BadUrl`. No name is looked up: that alone would tell somebody."""
        url = parsed(args.url)
        where = url.raw_host.decode("ascii"), url.port or _PORTS[url.scheme]
        egress = self._egress
        return Reach(str(url), allowed=egress.names(*where), barred=egress.bars(*where))

    async def run(self, args: HttpArguments, context: ToolContext) -> ToolOutput:  # noqa: ARG002
        """Raises `BadUrl`, `BadRedirect` and what `Fetcher.fetch` raises."""
        started = time.monotonic()
        url, final, answer, passed = await self._followed(args)
        kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
        text, title, note = await in_thread(lambda stop: _readable(answer, kind, stop))
        return ToolOutput(
            text=text,
            data={
                "status": answer.status,
                "reason": answer.reason,
                "url": str(url),
                "final_url": str(final),
                "redirects": passed,
                "latency_ms": int((answer.headers_at - started) * 1000),
                "content_type": clip(kind, 100),
                "title": clip(title, 300),
                "bytes": len(answer.body),
                "sha256": hashlib.sha256(answer.body).hexdigest(),
                "certificate": _certificate(answer.certificate, self._clock.now()),
            },
            truncated=note,
            tainted=True,
        )

    async def _followed(
        self, args: HttpArguments
    ) -> tuple[httpx2.URL, httpx2.URL, Fetched, list[str]]:
        from swarm_core.tools.fetch import Fetcher

        if self._context is None:
            self._context = await asyncio.to_thread(self._tls)
        fetcher = Fetcher(self._egress, self._context, self._limits)
        first = url = parsed(args.url)
        passed: list[str] = []
        while True:
            answer = await fetcher.fetch(args.method, url)
            to = answer.headers.get("location", "")
            if answer.status not in _REDIRECTS or not to:
                return first, url, answer, passed
            if len(passed) == self._limits.redirects:
                raise _refused(url, to, f"there are more than {self._limits.redirects} in a row")
            passed.append(str(url))
            url = _next(url, to)


def _next(url: httpx2.URL, to: str) -> httpx2.URL:
    import httpx2

    try:
        there = parsed(str(url.join(to)))
    except BadUrl as problem:
        raise _refused(url, "…" if "@" in to else to, str(problem.data["problem"])) from None
    except (httpx2.InvalidURL, ValueError):
        raise _refused(url, "…" if "@" in to else to, "it cannot be read") from None
    if url.scheme == "https" and there.scheme == "http":
        raise _refused(url, str(there), "it leads from https to http")
    return there


def _refused(url: httpx2.URL, to: str, problem: str) -> BadRedirect:
    return BadRedirect(url=clip(str(url), 100), to=clip(to, 100), problem=problem)


def _readable(answer: Fetched, kind: str, stop: Stop) -> tuple[str, str, str]:
    """Text, title, and what was left out."""
    if not answer.body:
        return f"{answer.status} {answer.reason}".strip(), "", ""
    if not _TEXTUAL.fullmatch(kind) or is_binary(answer.body):
        what = f"{kind or 'binary'}, {len(answer.body):,} bytes"
        return f"[{what}]", "", f"not text: {what}"
    text = _text(answer)
    if kind not in ("text/html", "application/xhtml+xml"):
        return text, "", ""
    try:
        with Child("readable", seconds=_REDUCE_SECONDS, stop=stop) as child:
            page: dict[str, str] = child.ask(text.encode("utf-8", "replace"))
    except ChildFailed:
        stop.check()
        note = f"the HTML of {len(answer.body):,} bytes is too tangled to read"
        return f"[{note}]", "", note
    return "\n".join(filter(None, (page["title"], page["text"]))), page["title"], ""


def _text(answer: Fetched) -> str:
    try:
        charset = codecs.lookup(answer.charset).name
    except LookupError:
        charset = "utf-8"
    if charset == "utf-8" or not _CHARSETS.match(charset):
        return decoded(answer.body)[0]
    return answer.body.decode(charset, "replace")


def _certificate(peer: dict[str, Any] | None, now: datetime) -> dict[str, Any] | None:
    if peer is None:
        return None
    until = datetime.fromtimestamp(ssl.cert_time_to_seconds(peer["notAfter"]), UTC)
    return {
        "subject": _holder(peer.get("subject", ())) or _first_name(peer),
        "issuer": _holder(peer.get("issuer", ())),
        "not_after": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "days_left": (until - now).days,
    }


def _holder(name: Any) -> str:
    fields = {key: value for part in name for key, value in part}
    return str(fields.get("commonName") or fields.get("organizationName") or "")


def _first_name(peer: dict[str, Any]) -> str:
    return next((str(value) for _, value in peer.get("subjectAltName", ())), "")
