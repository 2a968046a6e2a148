"""Entries of the egress allow-list: what a worker's tools may reach.

An entry that means something else than it seems opens a hole, so only exact forms are taken:
a name, a name with a port, every name below a domain, an address, a network. Shorthand
addresses (`127.1`, `0x7f.1`, `2130706433`) are refused: readers disagree on what they are.
"""

from __future__ import annotations

import ipaddress
import re

from swarm_core.settings.kinds import Kind, misfit

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


class Host(Kind[str]):
    """Canonical text: lower case, no trailing dot, addresses and networks in short form."""

    expected = (
        "a host (example.org), host and port (example.org:443), all hosts below a domain "
        "('*.example.org', in quotes), an address ([2001:db8::1]:443) or a network (10.1.0.0/16)"
    )

    def read(self, text: str) -> str:
        if "://" in text:
            raise misfit("is a whole address; give the host alone")
        return _entry(text.lower())


def _entry(text: str) -> str:
    if "/" in text:
        return _network(text)
    if text.startswith("["):
        inside, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise misfit("is not an address in brackets")
        return f"[{_address(inside, 6)}]{_port(rest)}"
    if text.count(":") > 1:
        return f"[{_address(text, 6)}]"
    host = text.partition(":")[0]
    below = "*." if host.startswith("*.") else ""
    return f"{below}{_name(host.removeprefix(below))}{_port(text[len(host) :])}"


def _name(host: str) -> str:
    if not host.isascii():
        raise misfit("has letters outside ASCII; write its xn-- form")
    host = host.removesuffix(".")
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise misfit("is not a host")
    if _NUMBER.fullmatch(labels[-1]):
        return _address(host, 4)
    return host


def _port(text: str) -> str:
    if not text:
        return ""
    if not re.fullmatch(r":[0-9]{1,5}", text) or not 1 <= int(text[1:]) <= 65_535:
        raise misfit("has a port that is not a number from 1 to 65535")
    return f":{int(text[1:])}"


def _address(text: str, version: int) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise misfit("is not an address") from None
    if address.version != version or "%" in text:
        raise misfit("is not an address")
    return str(address)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise misfit("is not a network") from None
    raise misfit(f"has an address inside a network; the network is {meant}")
