from __future__ import annotations

import asyncio
import gzip
import hashlib
import ssl
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from swarm_core.kernel.errors import (
    BadCertificate,
    BadRedirect,
    BadToolArguments,
    BadUrl,
    EgressRefused,
    TooLarge,
    ToolTimeout,
    Unreachable,
)
from swarm_core.tools import Egress, EgressRules, Toolbox, ToolContext, ToolOutput
from swarm_core.tools.http import HttpGet
from swarm_core.tools.web import HttpLimits
from tests.tools.conftest import ANA
from tests.tools.servers import Names, Server, answer, serving

LOCAL = EgressRules(allow=("127.0.0.1",))
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Frozen:
    def now(self) -> datetime:
        return NOW


async def get(
    url: str,
    *,
    method: str = "GET",
    rules: EgressRules = LOCAL,
    names: Names | None = None,
    ca: trustme.CA | None = None,
    **limits: int,
) -> ToolOutput:
    def trust() -> ssl.SSLContext:
        context = ssl.create_default_context()
        if ca:
            ca.configure_trust(context)
        return context

    tool = HttpGet(Egress(rules, names), tls=trust, clock=Frozen(), limits=HttpLimits(**limits))
    box = Toolbox([tool], lambda *_: None)
    return await box.call("http_get", {"url": url, "method": method}, ToolContext(actor=ANA))


def at(server: Server, path: str = "/", scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{server.port}{path}"


async def test_an_answer_is_told_in_text_and_data() -> None:
    async with serving(answer(b"hello", Content_Type="text/plain; charset=utf-8")) as server:
        output = await get(at(server, "/a?b=c#d"))
    assert output.text == "hello"
    assert output.tainted
    latency = output.data.pop("latency_ms")
    assert isinstance(latency, int)
    assert output.data == {
        "status": 200,
        "reason": "OK",
        "url": at(server, "/a?b=c"),
        "final_url": at(server, "/a?b=c"),
        "redirects": [],
        "content_type": "text/plain",
        "title": "",
        "bytes": 5,
        "sha256": hashlib.sha256(b"hello").hexdigest(),
        "certificate": None,
    }
    assert server.requests[0].startswith("GET /a?b=c HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n" in server.requests[0]
    assert "ookie" not in server.requests[0]
    assert "uthorization" not in server.requests[0]


async def test_an_error_status_is_an_answer() -> None:
    async with serving(answer(b"", "503 Gone Fishing")) as server:
        output = await get(at(server))
    assert (output.data["status"], output.data["reason"]) == (503, "Gone Fishing")
    assert output.text == "503 Gone Fishing"


async def test_head_asks_for_no_body() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n") as server:
        output = await get(at(server), method="HEAD")
    assert output.data["bytes"] == 0
    assert server.requests[0].startswith("HEAD ")


async def test_no_other_method_is_taken() -> None:
    with pytest.raises(BadToolArguments):
        await get("http://127.0.0.1/", method="POST")


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with serving(answer(b"hello")) as server:
        assert (await get(at(server))).data["status"] == 200


# ── what comes back ──────────────────────────────────────────────────────────

PAGE = b"""<!doctype html><html><head><title>A  page</title><style>p{}</style>
<script>alert("</p>")</script></head><body><h1>Head</h1><p>One &amp; <b>two</b>
three</p><ul><li>a</li><li>b</li></ul><pre>  x = 1
  y</pre><table><tr><td>1</td><td>2</td></tr></table><noscript>no</noscript>
<p hidden>end<br>line</p></body></html>"""


async def test_a_page_is_reduced_to_what_is_read() -> None:
    async with serving(answer(PAGE, Content_Type="text/html")) as server:
        output = await get(at(server))
    assert output.data["title"] == "A page"
    assert output.text.split("\n") == [
        "A page",
        "# Head",
        "One & two three",
        "- a",
        "- b",
        "  x = 1",
        "  y",
        "1 | 2",
        "end",
        "line",
    ]
    assert output.data["bytes"] == len(PAGE)


@pytest.mark.slow
async def test_a_page_made_to_hang_its_reader_is_given_up() -> None:
    async with serving(answer(b"<a b='" * 100_000, Content_Type="text/html")) as server:
        output = await get(at(server))
    assert "too tangled" in output.text
    assert "too tangled" in output.truncated


async def test_json_is_given_as_it_is() -> None:
    async with serving(answer(b'{"a": 1.5}', Content_Type="application/json")) as server:
        assert (await get(at(server))).text == '{"a": 1.5}'


@pytest.mark.parametrize("kind", ["image/png", "text/plain"])
async def test_binary_bodies_are_described_not_dumped(kind: str) -> None:
    async with serving(answer(b"\x89PNG\x00\x01", Content_Type=kind)) as server:
        output = await get(at(server))
    assert output.text == f"[{kind}, 6 bytes]"
    assert output.truncated


@pytest.mark.parametrize("charset", ["iso-8859-1", "latin1", "windows-1252"])
async def test_the_charset_is_the_one_announced(charset: str) -> None:
    reply = answer("größe".encode("latin1"), Content_Type=f"text/plain; charset={charset}")
    async with serving(reply) as server:
        assert (await get(at(server))).text == "größe"


@pytest.mark.parametrize("charset", ["punycode", "idna", "zip", "no-such", "unicode_escape"])
async def test_a_charset_that_is_no_charset_is_taken_for_utf8(charset: str) -> None:
    reply = answer("größe".encode(), Content_Type=f"text/plain; charset={charset}")
    async with serving(reply) as server:
        assert (await get(at(server))).text == "größe"


async def test_terminal_escapes_of_a_page_do_not_come_through() -> None:
    async with serving(answer(b"a\x1b[2Jb", Content_Type="text/plain")) as server:
        assert (await get(at(server))).text == "ab"


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_packed_bodies_are_unpacked(coding: str) -> None:
    packed = gzip.compress(b"hello") if coding == "gzip" else zlib.compress(b"hello")
    async with serving(answer(packed, Content_Encoding=coding)) as server:
        output = await get(at(server))
    assert output.text == "hello"
    assert output.data["bytes"] == 5


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "compress", "zstd", "x" * 5000])
async def test_packings_that_were_not_asked_for_are_refused(coding: str) -> None:
    async with serving(answer(b"hello", Content_Encoding=coding)) as server:
        with pytest.raises(Unreachable, match="packed"):
            await get(at(server))


async def test_a_body_that_is_not_what_it_is_packed_as_is_told() -> None:
    async with serving(answer(b"hello", Content_Encoding="gzip")) as server:
        with pytest.raises(Unreachable, match="unpacked"):
            await get(at(server))


# ── bounds ───────────────────────────────────────────────────────────────────


async def test_a_body_announced_too_large_is_not_read() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n") as server:
        with pytest.raises(TooLarge) as refused:
            await get(at(server))
    assert refused.value.data["size"] == 5_000_000_000


async def test_an_endless_body_is_stopped_at_the_limit() -> None:
    sent = 0

    async def endless(path: str, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536

    async with serving(endless) as server:
        with pytest.raises(TooLarge, match="limit=1000000"):
            await get(at(server), body=1_000_000)
    assert sent < 20_000_000


async def test_a_small_body_that_unpacks_to_a_large_one_is_stopped() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 60_000
    async with serving(answer(bomb, Content_Encoding="gzip")) as server:
        with pytest.raises(TooLarge) as refused:
            await get(at(server))
    assert int(str(refused.value.data["size"])) <= 2 * 1024 * 1024


@pytest.mark.parametrize("count", [100, 2000, 20_000])
async def test_huge_headers_are_refused(count: int) -> None:
    lines = "".join(f"X-{n}: {'y' * 1000}\r\n" for n in range(count))
    async with serving(f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode()) as server:
        with pytest.raises(TooLarge, match="headers"):
            await get(at(server))


@pytest.mark.slow
async def test_a_body_that_drips_for_ever_ends_at_the_total_limit() -> None:
    async def drip(path: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(drip) as server:
        with pytest.raises(ToolTimeout):
            await get(at(server), seconds=1, pause_seconds=5)


@pytest.mark.slow
async def test_a_server_that_says_nothing_is_given_up() -> None:
    async def silent(path: str, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with serving(silent) as server:
        with pytest.raises(Unreachable, match="nothing came for 1 s"):
            await get(at(server), pause_seconds=1)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"\x16\x03\x01\x00\x00",
    ],
)
async def test_a_server_that_closes_early_or_talks_nonsense_is_told(reply: bytes) -> None:
    async with serving(reply) as server:
        with pytest.raises(Unreachable):
            await get(at(server))


async def test_a_closed_port_is_unreachable() -> None:
    async with serving(answer()) as server:
        url = at(server)
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1"):
        await get(url)


# ── where it may go ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "017700000001",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "127。0。0。1",
        "localhost",
        "LOCALHOST.",
        "169.254.169.254",
        "10.0.0.1",
    ],
)
async def test_however_it_is_spelled_a_private_address_is_refused(host: str) -> None:
    async with serving(answer()) as server:
        with pytest.raises(EgressRefused):
            await get(f"http://{host}:{server.port}/", rules=EgressRules())
    assert server.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "//example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http:127.0.0.1/",
        "http://a b/",
        "http://exa%6dple.com/",
        "http://%31%32%37.0.0.1/",
        "http://0177.0.0.1/",
        "http://[fe80::1%25eth0]/",
        "http://[fe80::1%eth0]/",
        "http://[::1/",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://a..b/",
        "http://.example.com/",
        "http://①②⑦.⓪.⓪.①/",
        "http://x\n.example/",
        "http://x/\x00",
        f"http://{'a' * 300}/",
        "http://user@127.0.0.1/",
        "http://user:pass@127.0.0.1/",
        "http://example.com@127.0.0.1/",
        "http://127.0.0.1\\@example.com/",
        "http://a@b@127.0.0.1/",
    ],
)
async def test_an_address_no_honest_person_writes_is_refused(url: str) -> None:
    with pytest.raises(BadUrl):
        await get(url)


async def test_a_password_in_an_address_is_not_repeated() -> None:
    for url in ("http://ana:hunter2@127.0.0.1/", "http://ana:hunter2@127.0.0.1:bad/"):
        with pytest.raises(BadUrl) as refused:
            await get(url)
        assert "hunter2" not in str(refused.value)


async def test_a_name_that_resolves_to_public_and_private_is_refused() -> None:
    names = Names(both_example=["93.184.216.34", "127.0.0.1"])
    async with serving(answer()) as server:
        with pytest.raises(EgressRefused) as refused:
            await get(f"http://both.example:{server.port}/", rules=EgressRules(), names=names)
    assert refused.value.data["address"] == "127.0.0.1"
    assert server.requests == []


async def test_a_name_is_resolved_once_and_the_checked_address_is_connected() -> None:
    names = Names(moving_example=[["127.0.0.1"], ["10.0.0.1"]])
    async with serving(answer(b"hello")) as server:
        output = await get(f"http://moving.example:{server.port}/", names=names)
    assert output.text == "hello"
    assert names.asked == ["moving.example"]
    assert "Host: moving.example" in server.requests[0]


async def test_a_name_that_moves_between_redirects_is_checked_again() -> None:
    names = Names(moving_example=[["127.0.0.1"], ["10.0.0.1"]])
    async with serving(answer(b"", "302 Found", Location="/again")) as server:
        with pytest.raises(EgressRefused, match=r"10\.0\.0\.1"):
            await get(f"http://moving.example:{server.port}/", names=names)


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    rules = EgressRules(allow=("127.0.0.0/8", "::1"))
    names = Names(two_example=["::1", "127.0.0.1"])
    async with serving(answer(b"hello")) as server:
        output = await get(f"http://two.example:{server.port}/", names=names, rules=rules)
    assert output.text == "hello"


# ── redirects ────────────────────────────────────────────────────────────────


async def test_redirects_are_followed_and_told() -> None:
    async def reply(path: str, writer: asyncio.StreamWriter) -> None:
        target = {"/": "/two", "/two": "three?x=1"}.get(path)
        found = answer(b"", "301 Moved", Location=target) if target else answer(b"here")
        writer.write(found)

    async with serving(reply) as server:
        output = await get(at(server))
    assert output.text == "here"
    assert output.data["url"] == at(server)
    assert output.data["final_url"] == at(server, "/three?x=1")
    assert output.data["redirects"] == [at(server), at(server, "/two")]


async def test_redirects_in_a_circle_end_at_the_limit() -> None:
    async with serving(answer(b"", "302 Found", Location="/")) as server:
        with pytest.raises(BadRedirect, match="more than 5"):
            await get(at(server))
    assert len(server.requests) == 6


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1/",
        "//169.254.169.254/latest/meta-data",
        "http://2130706433:1/",
        "http://[::1]/",
    ],
)
async def test_a_redirect_to_a_private_address_is_refused(target: str) -> None:
    names = Names(public_example=["127.0.0.1"])
    async with serving(answer(b"", "302 Found", Location=target)) as server:
        rules = EgressRules(allow=(f"127.0.0.1:{server.port}",))
        with pytest.raises(EgressRefused):
            await get(f"http://public.example:{server.port}/", names=names, rules=rules)


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "ftp://x/", "http://u:hunter2@127.0.0.1/", "http://[::1", "http://a b/"],
)
async def test_a_redirect_to_what_is_not_fetched_is_refused(target: str) -> None:
    async with serving(answer(b"", "307 Go", Location=target)) as server:
        with pytest.raises(BadRedirect) as refused:
            await get(at(server))
    assert "hunter2" not in str(refused.value)


async def test_a_redirect_without_a_place_is_an_answer() -> None:
    async with serving(answer(b"", "302 Found")) as server:
        assert (await get(at(server))).data["status"] == 302


# ── certificates ─────────────────────────────────────────────────────────────


def secure(ca: trustme.CA, *names: str, **more: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names, **more).configure_cert(context)
    return context


async def test_a_certificate_is_told_with_its_days_left() -> None:
    ca = trustme.CA(organization_name="The Hive")
    until = NOW + timedelta(days=10, hours=1)
    tls = secure(ca, "127.0.0.1", common_name="hive", not_after=until)
    async with serving(answer(b"hello"), tls) as server:
        output = await get(at(server, scheme="https"), ca=ca)
    assert output.data["certificate"] == {
        "subject": "hive",
        "issuer": "The Hive",
        "not_after": "2026-12-01T13:00:00Z",
        "days_left": 10,
    }


async def test_the_certificate_must_be_for_the_name_though_the_address_is_connected() -> None:
    ca = trustme.CA()
    names = Names(hive_example=["127.0.0.1"], other_example=["127.0.0.1"])
    async with serving(answer(b"hello"), secure(ca, "hive.example")) as server:
        output = await get(f"https://hive.example:{server.port}/", ca=ca, names=names)
        assert output.text == "hello"
        dotted = await get(f"https://hive.example.:{server.port}/", ca=ca, names=names)
        assert dotted.text == "hello"
        with pytest.raises(BadCertificate, match="for another name"):
            await get(f"https://other.example:{server.port}/", ca=ca, names=names)
        with pytest.raises(BadCertificate, match="for another address"):
            await get(at(server, scheme="https"), ca=ca)


@pytest.mark.parametrize(
    ("year", "problem"),
    [
        (2020, "expired"),
        (2090, "not valid yet"),
    ],
)
async def test_a_certificate_out_of_its_time_says_so(year: int, problem: str) -> None:
    ca = trustme.CA()
    first, last = datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, tzinfo=UTC)
    tls = secure(ca, "127.0.0.1", not_before=first, not_after=last)
    async with serving(answer(), tls) as server:
        with pytest.raises(BadCertificate, match=problem):
            await get(at(server, scheme="https"), ca=ca)


async def test_a_certificate_of_an_unknown_authority_says_so() -> None:
    async with serving(answer(), secure(trustme.CA(), "127.0.0.1")) as server:
        with pytest.raises(BadCertificate, match="unknown authority"):
            await get(at(server, scheme="https"))


async def test_https_does_not_lead_down_to_http() -> None:
    ca = trustme.CA()
    async with (
        serving(answer(b"plain")) as plain,
        serving(answer(b"", "302 Found", Location=at(plain)), secure(ca, "127.0.0.1")) as server,
    ):
        with pytest.raises(BadRedirect, match="from https to http"):
            await get(at(server, scheme="https"), ca=ca)
    assert plain.requests == []


async def test_a_server_without_tls_is_told() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ready\r\n")
        writer.close()

    listener = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with listener:
        with pytest.raises(Unreachable, match="no TLS"):
            await get(f"https://127.0.0.1:{port}/")
