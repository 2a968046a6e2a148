"""Where tools may connect to.

A worker follows addresses that strangers wrote, so it must not become their way into this
machine or its network. What a name looks like proves nothing: it is what it resolves to that is
checked, every address of it, and the connection is then made to a checked address itself, never
to the name again, so that a second answer of the name service (rebinding) has no effect. Public
addresses are allowed; loopback, private, link-local, metadata and all other special ones only
where the owner's `allow` names them. A refused address refuses the whole name: a name that has
both kinds was made to be used this way.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

import msgspec

from swarm_core.kernel.errors import EgressRefused, NoSuchHost, Unreachable
from swarm_core.tools.addresses import NAMEABLE, Address, Network, kind_of, literal

_ENTRY = re.compile(r"(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>\d{1,5}))?")
_NAME = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_MOST_ADDRESSES = 32


class _Entry(msgspec.Struct, frozen=True):
    port: int | None
    network: Network | None = None
    name: str = ""

    def covers(self, host: str, port: int, address: Address, kind: str) -> bool:
        if self.port not in (None, port):
            return False
        if self.network is not None:
            return any(
                form.version == self.network.version and form in self.network
                for form in _forms(address)
            )
        return kind in NAMEABLE and self._is(host)

    def spells(self, host: str, port: int, spelled: Address | None) -> bool:
        if self.port not in (None, port):
            return False
        if spelled is None:
            return self.network is None and self._is(host)
        network = self.network
        return network is not None and any(
            form.version == network.version and form in network for form in _forms(spelled)
        )

    def _is(self, host: str) -> bool:
        if self.name.startswith("*."):
            return host.endswith(self.name[1:]) and host != self.name[2:]
        return host == self.name


class EgressRules(msgspec.Struct, frozen=True, kw_only=True):
    """What is allowed besides public addresses.

    An entry is an address, a network or a host name, with a port or for all ports:
    `127.0.0.1:8080`, `localhost`, `10.0.0.0/8`, `[::1]:9000`, `*.corp.example`. A name covers the
    private, carrier-NAT and loopback addresses it resolves to; link-local, metadata, multicast
    and reserved ones must be given as addresses. Raises ValueError naming a wrong entry.
    """

    allow: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for entry in self.allow:
            _parsed(entry)

    def names(self, host: str, port: int) -> bool:
        """Whether an entry covers `host` as it is written."""
        spelled = literal(host)
        return any(_parsed(entry).spells(host, port, spelled) for entry in self.allow)

    def refuses(self, host: str, port: int, address: Address) -> str | None:
        """The kind of `address` that `host` may not lead to, None when it may."""
        kind = kind_of(address)
        if kind is None:
            return None
        if any(_parsed(entry).covers(host, port, address, kind) for entry in self.allow):
            return None
        return kind


class Resolver(Protocol):
    """Names to addresses."""

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        """All addresses of `host`. Raises `NoSuchHost`, `Unreachable`."""
        ...


class SystemResolver:
    """What the machine's name service says."""

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as problem:
            if problem.errno == socket.EAI_AGAIN:
                text = "the name service does not answer"
                raise Unreachable(host=host, problem=text) from None
            raise NoSuchHost(host=host) from None
        except (UnicodeError, OSError):
            raise NoSuchHost(host=host) from None
        return [str(where[0]) for *_, where in found]


class Egress:
    """The gate in front of every connection."""

    def __init__(self, rules: EgressRules, resolver: Resolver | None = None) -> None:
        self._rules = rules
        self._resolver = resolver or SystemResolver()

    def names(self, host: str, port: int) -> bool:
        """Whether the operator's rules allow `host` by name; nothing is looked up for it."""
        return self._rules.names(_plain(host), port)

    def bars(self, host: str, port: int) -> bool:
        """Whether `host` spells an address that is refused."""
        spelled = literal(_plain(host))
        return spelled is not None and self._rules.refuses(host, port, spelled) is not None

    async def addresses(self, host: str, port: int) -> list[Address]:
        """The addresses `host` may be reached at, checked all, in the resolver's order.

        Raises `EgressRefused` when one of them is not allowed, `NoSuchHost`, `Unreachable`.
        """
        host = _plain(host)
        spelled = literal(host)
        if spelled is not None:
            found = [spelled]
        else:
            answers = await self._resolver.resolve(host, port)
            found = list(dict.fromkeys(ip_address(answer) for answer in answers))
        if not found:
            raise NoSuchHost(host=host)
        for address in found:
            kind = self._rules.refuses(host, port, address)
            if kind is not None:
                raise EgressRefused(host=host, address=str(address), rule=kind)
        return found[:_MOST_ADDRESSES]


def _plain(host: str) -> str:
    return host.lower().removesuffix(".")


def _forms(address: Address) -> tuple[Address, ...]:
    """An IPv4 address written as IPv6 is allowed by an entry for either."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address, address.ipv4_mapped
    return (address,)


def _parsed(entry: str) -> _Entry:
    text = entry.strip().lower()
    with contextlib.suppress(ValueError):
        return _Entry(port=None, network=ip_network(text))
    found = _ENTRY.fullmatch(text)
    if found is None:
        raise ValueError(f"not an address, network or host name: {entry!r}")
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port < 65536:
        raise ValueError(f"no such port in {entry!r}")
    host = (found["v6"] or found["host"]).removesuffix(".")
    try:
        return _Entry(port=port, network=ip_network(host))
    except ValueError:
        if found["v6"] or not _NAME.fullmatch(host) or "/" in host or literal(host):
            raise ValueError(f"not an address, network or host name: {entry!r}") from None
    return _Entry(port=port, name=host)
