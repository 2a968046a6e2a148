"""What an address is: public, or which kind of special.

Sources: the IANA IPv4 and IPv6 special-purpose address registries (2025). The standard library's
`is_global` differs between patch releases and calls forms that carry an IPv4 address inside
global, so the IPv6 rule here is the other way round: only 2000::/3 less its exceptions is public.
"""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_SPECIAL: tuple[tuple[str, Network], ...] = tuple(
    (kind, ip_network(network))
    for network, kind in (
        ("169.254.169.254/32", "cloud metadata"),
        ("168.63.129.16/32", "cloud metadata"),
        ("100.100.100.200/32", "cloud metadata"),
        ("192.0.0.192/32", "cloud metadata"),
        ("fd00:ec2::/64", "cloud metadata"),
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved"),
        ("192.88.99.0/24", "6to4"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "reserved"),
        ("198.51.100.0/24", "reserved"),
        ("203.0.113.0/24", "reserved"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "NAT64"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "reserved"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "reserved"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")

NAMEABLE = frozenset({"private", "carrier NAT", "loopback"})
"""Kinds that allowing a host by its name covers; the others must be allowed by address."""


def kind_of(address: Address) -> str | None:
    """None when `address` is public, else what it is."""
    for kind, network in _SPECIAL:
        if address.version == network.version and address in network:
            return kind
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "reserved"
    return None


def literal(host: str) -> Address | None:
    """The address `host` spells in any form a resolver takes: dotted, decimal, octal, hex, IPv6.

    None when it is a name.
    """
    try:
        return ip_address(host)
    except ValueError:
        pass
    numbers = host.split(".")
    if not 1 <= len(numbers) <= 4:
        return None
    try:
        *heads, last = [_number(number) for number in numbers]
    except ValueError:
        return None
    room = 256 ** (5 - len(numbers))
    if any(head > 255 for head in heads) or last >= room:
        return None
    value = last
    for index, head in enumerate(heads):
        value += head << (24 - 8 * index)
    return IPv4Address(value)


def _number(text: str) -> int:
    """As inet_aton reads it: 0x hexadecimal, leading 0 octal, else decimal."""
    if not text.isascii() or not text.isalnum():
        raise ValueError(text)
    if text.lower().startswith("0x"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") else 10)
