"""An address that somebody wrote is that very one, however it stands in what they wrote; and what
an operator names is named as it is written."""

from __future__ import annotations

import pytest

from swarm_core.kernel.errors import NotAllowed
from swarm_core.policy import Sending
from swarm_core.tools import Egress, EgressRules, Toolbox, ToolContext, read_only_tools
from swarm_core.tools.outward import wrote
from tests.tools.conftest import ANA


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("look at https://example.com/a?b=c", "https://example.com/a?b=c"),
        ("(https://example.com/a).", "https://example.com/a"),
        ("<https://example.com/a>, please", "https://example.com/a"),
        ("[this](https://example.com/a)", "https://example.com/a"),
        ("https://en.example.com/Bee_(insect)", "https://en.example.com/Bee_(insect)"),
        ("(https://en.example.com/Bee_(insect))", "https://en.example.com/Bee_(insect)"),
        ("`http://example.com`", "http://example.com/"),
        ("what is on example.com?", "https://example.com/"),
        ("what is on example.com/news!", "http://example.com/news"),
        ("EXAMPLE.com/News", "https://example.com/News"),
        ("https://example.com/a/", "https://example.com/a"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com/a#part", "https://example.com/a"),
        ("http://localhost:8321/x", "http://localhost:8321/x"),
        ("https://müller.example/", "https://xn--mller-kva.example/"),
        ("„https://example.com/a“ and 'https://example.com/b'", "https://example.com/b"),
    ],
)
def test_what_somebody_wrote_is_known_again(said: str, address: str) -> None:
    assert wrote(["nothing here", said], address)


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("look at https://example.com/a", "https://example.com/a?what=secret"),
        ("look at https://example.com/a", "https://example.com/a/secret"),
        ("look at https://example.com/a?b=c", "https://example.com/a"),
        ("look at https://example.com/a", "https://example.com/A"),
        ("look at https://example.com/a", "https://evil.example.com/a"),
        ("look at https://example.com/a", "https://example.com.evil.example/a"),
        ("look at https://example.com/a", "https://example.com:8443/a"),
        ("look at https://example.com/a", "https://examp1e.com/a"),
        ("look at example.com", "https://www.example.com/"),
        ("write to ana@example.com", "https://example.com/"),
        ("read notes/example.com", "https://example.com/"),
        ("https://example.com@evil.example/", "https://example.com/"),
        ("", "https://example.com/"),
        ("look at https://example.com/a", "no address"),
    ],
)
def test_what_only_looks_alike_was_not_written(said: str, address: str) -> None:
    assert not wrote([said], address)


@pytest.mark.parametrize(
    ("entry", "host", "port", "named"),
    [
        ("example.org", "example.org", 443, True),
        ("example.org", "EXAMPLE.org.", 443, True),
        ("example.org", "www.example.org", 443, False),
        ("example.org:443", "example.org", 80, False),
        ("*.example.org", "www.example.org", 443, True),
        ("*.example.org", "example.org", 443, False),
        ("10.0.0.0/8", "10.1.2.3", 80, True),
        ("10.0.0.0/8", "10.evil.example", 80, False),
        ("127.0.0.0/8", "127.1", 80, True),
        ("127.0.0.0/8", "localhost", 80, False),
        ("[::1]:9000", "::1", 9000, True),
        ("127.0.0.1", "::ffff:127.0.0.1", 80, True),
    ],
)
def test_the_operator_names_what_is_written_and_no_name_is_looked_up(
    entry: str, host: str, port: int, named: bool
) -> None:
    class Silent:
        async def resolve(self, host: str, port: int) -> list[str]:
            raise AssertionError(f"{host}:{port} was looked up")

    assert Egress(EgressRules(allow=(entry,)), Silent()).names(host, port) is named


def after(sending: Sending) -> bool:
    return not sending.tainted or sending.named or sending.agreed


def box(*allow: str) -> Toolbox:
    def authorize(actor: object, action: str, resource: str, sending: Sending) -> None:
        if not after(sending):
            raise NotAllowed(actor="1", action=action, resource=resource, rule="r", instead="")

    tools = read_only_tools(Egress(EgressRules(allow=allow)))
    return Toolbox(tools, authorize, allows=lambda *asked: after(asked[3]))


TAINTED = ToolContext(actor=ANA, taints=("room",), said=("see https://example.com/a",))
OTHER = "https://evil.example/?q=secret"


def test_a_question_is_asked_for_what_a_yes_would_let_through() -> None:
    asks = box("named.example").asks
    assert asks("http_get", {"url": OTHER}, TAINTED) == OTHER
    assert asks("http_get", {"url": "HTTPS://Evil.example/?q=secret#part"}, TAINTED) == OTHER
    assert asks("http_get", {"url": OTHER}, ToolContext(actor=ANA)) == ""
    assert asks("http_get", {"url": "https://example.com/a"}, TAINTED) == ""
    assert asks("http_get", {"url": "https://named.example/b"}, TAINTED) == ""
    assert asks("read", {"path": "a.txt"}, TAINTED) == ""


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("http_get", {"url": "http://169.254.169.254/"}),
        ("http_get", {"url": "http://2130706433/"}),
        ("http_get", {"url": f"https://evil.example/{'x' * 300}"}),
        ("http_get", {"url": "gopher://evil.example/"}),
        ("http_get", {"address": OTHER}),
        ("nonesuch", {"url": OTHER}),
    ],
)
def test_nobody_is_asked_in_vain(name: str, arguments: dict[str, str]) -> None:
    assert box().asks(name, arguments, TAINTED) == ""


async def test_a_call_without_that_yes_does_not_start() -> None:
    with pytest.raises(NotAllowed):
        await box().call("http_get", {"url": OTHER}, TAINTED)
