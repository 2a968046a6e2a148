"""Kinds for what lies outside: addresses of servers, keys to them, and days.

A key that goes to the wrong place or over an open wire is lost, so an address without
encryption is taken only where the wire is one's own, and a key only out of a variable.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationInfo

from swarm_core.kernel.secret import Secret
from swarm_core.settings.kinds import Kind, misfit

_NEAR_NAMES = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")


class Filled(str):
    """A text that is one reference to a variable, filled in."""

    __slots__ = ("variable",)

    def __new__(cls, value: str, variable: str) -> Filled:
        made = super().__new__(cls, value)
        made.variable = variable
        return made

    variable: str


class FromVariable(Kind[Secret]):
    """A secret, taken out of exactly one variable and knowing its name."""

    expected = "a variable of the environment that holds it, like $ANTHROPIC_API_KEY"
    none = "no key"

    def _validate(self, value: Any, _: ValidationInfo) -> Secret | None:
        if value is None or isinstance(value, Secret):
            return value
        if not isinstance(value, Filled):
            raise misfit("is written out here; a key belongs into a variable")
        key = value.strip()
        if not key or not key.isascii() or not key.isprintable():
            raise misfit("is nothing that can be a key")
        return Secret(key, value.variable)

    def show(self, value: Any) -> str:
        return f"${value.variable}" if value.variable else "…"


class Address(Kind[str]):
    """The address of a server, without a slash at its end."""

    expected = "an address like https://api.example.org/v1 or http://localhost:1234/v1"

    def __init__(self, none: str = "the vendor's own") -> None:
        self.none = none

    def read(self, text: str) -> str:
        try:
            parts = urlsplit(text)
            host, _ = parts.hostname, parts.port
        except ValueError:
            raise misfit("is not an address") from None
        if parts.scheme not in ("http", "https") or not host:
            raise misfit("is not an address that begins with https:// or http://")
        if parts.username is not None or parts.password is not None:
            raise misfit("holds a name or password; a key belongs into `key`")
        if parts.query or parts.fragment or any(c.isspace() or not c.isascii() for c in text):
            raise misfit("has more than a host and a path")
        if _ip(host) is None and not _HOST.fullmatch(host):
            raise misfit("names no host")
        if parts.scheme == "http" and not is_near(text):
            raise misfit("would send everything unencrypted; use https")
        return text.rstrip("/")


class Day(Kind[date]):
    """A day of the calendar."""

    expected = "a day like 2026-11-20"

    def __init__(self, none: str | None = None) -> None:
        self.none = none

    def read(self, text: str) -> date:
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise misfit("is no day")

    def check(self, value: Any) -> date:
        if type(value) is not date:
            raise misfit("is no day")
        return value


def is_near(address: str) -> bool:
    """Whether `address` by its look is this machine or a private network. Nothing is resolved: a
    name with dots counts as far unless its ending is kept for private use (RFC 6761, 6762, 8375;
    `.internal` by ICANN's resolution of 2024-07-29)."""
    host = (urlsplit(address).hostname or "").removesuffix(".")
    if (ip := _ip(host)) is not None:
        return ip.is_loopback or ip.is_private
    return "." not in host or host.endswith(_NEAR_NAMES)


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
