from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm_core.kernel.errors import EgressRefused, NoSuchHost
from swarm_core.tools import Egress, EgressRules
from swarm_core.tools.addresses import kind_of, literal
from swarm_core.tools.egress import SystemResolver
from tests.tools.servers import Names


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert kind_of(ip_address(address)) is None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.0.9", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("100.64.0.1", "carrier NAT"),
        ("169.254.1.1", "link-local"),
        ("169.254.169.254", "cloud metadata"),
        ("168.63.129.16", "cloud metadata"),
        ("100.100.100.200", "cloud metadata"),
        ("fd00:ec2::254", "cloud metadata"),
        ("192.0.0.1", "reserved"),
        ("198.18.0.1", "reserved"),
        ("203.0.113.7", "reserved"),
        ("224.0.0.1", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("::7f00:1", "IPv4-compatible"),
        ("::ffff:127.0.0.1", "IPv4-mapped"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("64:ff9b::7f00:1", "NAT64"),
        ("64:ff9b:1::7f00:1", "NAT64"),
        ("2002:7f00:1::", "6to4"),
        ("2001:0:4136:e378::1", "Teredo"),
        ("2001:db8::1", "reserved"),
        ("fc00::1", "private"),
        ("fe80::1", "link-local"),
        ("fe80::1%1", "link-local"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
        ("100::1", "reserved"),
        ("4000::1", "reserved"),
    ],
)
def test_special_addresses_are_known_for_what_they_are(address: str, kind: str) -> None:
    assert kind_of(ip_address(address)) == kind


@given(st.ip_addresses())
def test_nothing_the_standard_library_calls_special_passes_as_public(address) -> None:
    if kind_of(address) is None:
        assert not address.is_private
        assert not address.is_loopback
        assert not address.is_link_local
        assert not address.is_multicast
        assert not address.is_reserved
        assert not address.is_unspecified


@given(
    st.lists(
        st.sampled_from(["0", "1", "127", "0x7f", "0177", "255", "08", "2130706433", "0x", "a"]),
        min_size=1,
        max_size=5,
    )
)
def test_odd_spellings_are_read_as_the_system_reads_them(parts: list[str]) -> None:
    host = ".".join(parts)
    try:
        system = socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        system = None
    ours = literal(host)
    if system is not None:
        assert str(ours) == system


@pytest.mark.parametrize(
    ("entry", "host", "port", "address", "allowed"),
    [
        ("127.0.0.1:8080", "127.0.0.1", 8080, "127.0.0.1", True),
        ("127.0.0.1:8080", "127.0.0.1", 8081, "127.0.0.1", False),
        ("127.0.0.1:8080", "evil.example", 8080, "127.0.0.1", True),
        ("localhost", "localhost", 1, "127.0.0.1", True),
        ("localhost", "evil.example", 1, "127.0.0.1", False),
        ("localhost:80", "localhost", 81, "::1", False),
        ("10.0.0.0/8", "x", 1, "10.9.9.9", True),
        ("10.0.0.0/8", "x", 1, "11.9.9.9", True),
        ("10.0.0.0/8", "x", 1, "192.168.0.1", False),
        ("[::1]:9000", "::1", 9000, "::1", True),
        ("[::1]:9000", "::1", 9001, "::1", False),
        ("::1", "::1", 9001, "::1", True),
        ("fd00::/8", "x", 1, "fd12::1", True),
        ("*.corp.example", "git.corp.example", 1, "10.0.0.1", True),
        ("*.corp.example", "a.git.corp.example", 1, "10.0.0.1", True),
        ("*.corp.example", "corp.example", 1, "10.0.0.1", False),
        ("*.corp.example", "evilcorp.example", 1, "10.0.0.1", False),
        ("*.corp.example", "git.corp.example", 1, "169.254.169.254", False),
        ("*.corp.example", "git.corp.example", 1, "::ffff:10.0.0.1", False),
        ("169.254.169.254", "x", 80, "169.254.169.254", True),
        ("127.0.0.1", "x", 80, "::ffff:127.0.0.1", True),
        ("Localhost.", "localhost", 80, "127.0.0.1", True),
    ],
)
def test_what_an_entry_allows(entry, host, port, address, allowed) -> None:
    rules = EgressRules(allow=(entry,))
    assert (rules.refuses(host, port, ip_address(address)) is None) is allowed


@pytest.mark.parametrize(
    "entry",
    ["", " ", "http://x", "a b", "x:0", "x:99999", "x:y", "[a]:1", "1.2.3", "0x7f.1", "*", "*.*",
     "10.0.0.1/8", "x/8", "[::1", "a..b", "*a.example"],
)  # fmt: skip
def test_an_entry_nobody_can_mean_is_refused_by_name(entry: str) -> None:
    with pytest.raises(ValueError, match=r"no such port|not an address"):
        EgressRules(allow=(entry,))


async def test_one_refused_address_refuses_the_name() -> None:
    names = Names(both_example=["93.184.216.34", "10.0.0.1"])
    with pytest.raises(EgressRefused) as refused:
        await Egress(EgressRules(), names).addresses("both.example", 80)
    assert refused.value.data == {"host": "both.example", "address": "10.0.0.1", "rule": "private"}


async def test_addresses_are_never_asked_for_by_name() -> None:
    names = Names()
    found = await Egress(EgressRules(), names).addresses("8.8.8.8.", 80)
    assert [str(address) for address in found] == ["8.8.8.8"]
    for host in ("2130706433", "0x7f.1", "127.1", "0177.0.0.01", "::1", "fe80::1%1"):
        with pytest.raises(EgressRefused):
            await Egress(EgressRules(), names).addresses(host, 80)
    assert names.asked == []


async def test_a_name_without_addresses_does_not_exist() -> None:
    with pytest.raises(NoSuchHost):
        await Egress(EgressRules(), Names(gone_example=[])).addresses("gone.example", 80)


async def test_the_system_knows_localhost() -> None:
    assert set(await SystemResolver().resolve("localhost", 80)) <= {"127.0.0.1", "::1"}


async def test_a_name_that_cannot_be_one_does_not_exist() -> None:
    with pytest.raises(NoSuchHost):
        await SystemResolver().resolve("a" * 70 + ".example", 80)
